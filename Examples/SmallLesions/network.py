"""A small U-Net: two halvings, batch normalization, 8, 16 and 32 channels, 85,186 weights."""

import torch
from torch import nn


def block(inputs, outputs):
    """Two 3x3x3 convolutions, each followed by batch normalization and ReLU."""
    layers = []
    for channels in (inputs, outputs):
        layers += [nn.Conv3d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm3d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Maps `[n, 1, x, y, z]` to logits `[n, 2, x, y, z]`; x, y and z must be multiples of 4."""

    def __init__(self, width=8):
        super().__init__()
        full, half, quarter = width, 2 * width, 4 * width
        self.encode = nn.ModuleList([block(1, full), block(full, half), block(half, quarter)])
        self.pool = nn.MaxPool3d(2)
        self.to_half, self.to_full = (nn.ConvTranspose3d(c, c // 2, 2, stride=2) for c in (quarter, half))
        self.decode_half, self.decode_full = block(2 * half, half), block(2 * full, full)
        self.head = nn.Conv3d(full, 2, 1)

    def forward(self, x):
        full = self.encode[0](x)
        half = self.encode[1](self.pool(full))
        quarter = self.encode[2](self.pool(half))
        half = self.decode_half(torch.cat([half, self.to_half(quarter)], 1))
        return self.head(self.decode_full(torch.cat([full, self.to_full(half)], 1)))
