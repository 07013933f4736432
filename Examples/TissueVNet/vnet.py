"""A small V-Net: the encoder-decoder of Milletari, Navab and Ahmadi (2016) with fewer channels and 3x3x3 kernels.

As in the paper: volumes in and out, residual stages, strided convolutions instead of pooling, concatenating skip
connections, PReLU. Different from the paper: smaller kernels, batch normalization, three halvings instead of four, and
8 channels at full resolution. 0.6 million weights.

Batch normalization suits patches: at prediction time it is a fixed scale and shift, so the result at a voxel depends only
on its neighborhood. With instance normalization, it would also depend on the rest of the patch.
"""
import torch
from torch import nn

MOMENTUM = 0.05
"""Momentum of the running statistics; small, because a batch has only a few patches."""


def resample(inputs, outputs, layer):
    """Halve (`nn.Conv3d`) or double (`nn.ConvTranspose3d`) all three axes."""
    return nn.Sequential(
        layer(inputs, outputs, kernel_size=2, stride=2, bias=False),
        nn.BatchNorm3d(outputs, momentum=MOMENTUM),
        nn.PReLU(outputs),
    )


class Residual(nn.Module):
    """A residual stage: `depth` convolutions, whose input is added before the last activation.

    If the input has a single channel, it is added to all channels, as in the paper.
    """

    def __init__(self, channels, depth, inputs=None):
        super().__init__()
        layers = []
        for k in range(depth):
            if k > 0:
                layers.append(nn.PReLU(channels))
            arriving = (inputs or channels) if k == 0 else channels
            layers.append(nn.Conv3d(arriving, channels, kernel_size=3, padding=1, bias=False))
            layers.append(nn.BatchNorm3d(channels, momentum=MOMENTUM))
        self.body = nn.Sequential(*layers)
        self.activation = nn.PReLU(channels)

    def forward(self, x):
        return self.activation(self.body(x) + x)


class VNet(nn.Module):
    """Maps `[n, 1, d, h, w]` to logits `[n, classes, d, h, w]`; d, h and w must be multiples of 8."""

    def __init__(self, classes=4, width=8):
        super().__init__()
        levels = [width * 2**k for k in range(4)]
        self.entry = Residual(width, depth=1, inputs=1)
        self.down = nn.ModuleList(resample(c, 2 * c, nn.Conv3d) for c in levels[:-1])
        self.encode = nn.ModuleList(Residual(c, depth=2) for c in levels[1:])
        # In the decoder, a level receives c channels from its skip connection and c from below: 2c together.
        self.up = nn.ModuleList(
            resample(below, c, nn.ConvTranspose3d) for below, c in zip((4 * width, 8 * width, 8 * width), levels)
        )
        self.decode = nn.ModuleList(Residual(2 * c, depth=1 if c == width else 2) for c in levels[:-1])
        self.head = nn.Conv3d(2 * width, classes, kernel_size=1)

    def forward(self, x):
        skips = [self.entry(x)]
        for down, encode in zip(self.down, self.encode):
            skips.append(encode(down(skips[-1])))
        y = skips.pop()
        for up, decode in zip(reversed(self.up), reversed(self.decode)):
            y = decode(torch.cat([up(y), skips.pop()], dim=1))
        return self.head(y)
