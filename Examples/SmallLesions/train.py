#!/usr/bin/env python3
"""Train a small U-Net to find lesions, for so many seconds of CPU time, from patches chosen in one of two ways.

  train.py SCANS --sampling cover|posneg --seed 0 --seconds 90 --output network.pt

SCANS is a folder that phantoms.py made. CPU time counts all that is needed to train once the scans are in memory: preparing
to sample, choosing and cutting patches, augmentation and optimization, in this process and in `voxtile`. One thread.
"""

import argparse
import math
import os
from pathlib import Path

import torch
from monai.losses import DiceCELoss
from network import UNet
from sampling import CoverSampling, PosNegSampling, load_scans

BATCH = 2
RATE = 5e-3
WARM_UP = 0.05
"""The part of the time in which the learning rate rises to `RATE`. Then it falls to 0 like a cosine."""


def cpu_seconds():
    """The CPU time of this process and of the programs that it ran."""
    return sum(os.times()[:4])


def learning_rate(progress):
    """The learning rate at a part of the time, 0 to 1."""
    return RATE * min(1, progress / WARM_UP + 0.01) * (1 + math.cos(math.pi * min(1, progress))) / 2


def augmented(images, labels, generator):
    """A batch `[n, 1, p, p, p]`, mirrored along some axes, with another gain and offset of each image."""
    axes = [axis for axis in (2, 3, 4) if torch.rand((), generator=generator) < 0.5]
    gain, offset = (torch.randn(2, len(images), 1, 1, 1, 1, generator=generator) * 0.1).unbind()
    return (images * (1 + gain) + offset).flip(axes), labels.flip(axes)


def train(folder, sampling, seed, seconds, program="voxtile"):
    """Train for so many CPU seconds. Returns the network and the facts of the run."""
    scans = load_scans(folder)
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = UNet().to(memory_format=torch.channels_last_3d)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-3)
    loss_of = DiceCELoss(to_onehot_y=True, softmax=True, include_background=False, batch=True)
    start, choosing, epochs, iterations = cpu_seconds(), 0.0, 0, 0
    source = CoverSampling(folder, scans, seed, program) if sampling == "cover" else PosNegSampling(scans, seed)
    choosing = cpu_seconds() - start
    while True:
        began = cpu_seconds()
        pairs = source.epoch(epochs)
        choosing += cpu_seconds() - began
        epochs += 1
        order = torch.randperm(len(pairs), generator=generator).tolist()
        for first in range(0, len(order) - BATCH + 1, BATCH):
            progress = (cpu_seconds() - start) / seconds
            if progress >= 1:
                facts = {"sampling": sampling, "seed": seed, "seconds": progress * seconds, "seconds_of_choosing": choosing}
                return network, {**facts, "epochs": epochs, "iterations": iterations}
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(progress)
            images, labels = (torch.stack(part) for part in zip(*(pairs[k] for k in order[first : first + BATCH])))
            images, labels = augmented(images, labels, generator)
            loss = loss_of(network(images.to(memory_format=torch.channels_last_3d)), labels.long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            iterations += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scans", type=Path, help="the folder of training scans")
    parser.add_argument("--sampling", choices=["cover", "posneg"], required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=90, help="CPU time (default: 90)")
    parser.add_argument("--output", default="network.pt", help="the weights (default: network.pt)")
    parser.add_argument("--voxtile", default="voxtile", help="the program (default: the one on the path)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network, facts = train(options.scans, options.sampling, options.seed, options.seconds, options.voxtile)
    torch.save(network.state_dict(), options.output)
    print(facts)


if __name__ == "__main__":
    main()
