#!/usr/bin/env python3
"""Train the tissue V-Net on patches of the MNI152 template that `voxtile sample` chose, on a CPU.

  prepare.py training-set                     # once: images and labels, a few minutes
  voxtile sample training-set/images --labels training-set/labels --patch 104 --count 64 --seed 0 \\
    --placement center --ratio 0:1,1:3,2:3,3:3 --min-foreground 5% --output patches
  train.py --data patches --run run           # about half an hour on two cores
  train.py --data patches --run run --resume  # continue from the last checkpoint
  train.py --smoke                            # two iterations on noise, to check the installation

Writes run/checkpoint.pt every --every iterations and, at the end, run/brain-tissue.onnx and run/training.json.
The length is set in iterations instead of time, so the result does not depend on the load of the machine. Seeds are
fixed, but a different CPU, PyTorch version or number of threads changes rounding, and the weights differ slightly.
"""

import argparse
import json
import math
import platform
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from contract import LABELS, PATCH
from data import AugmentedPatches, SampledSet
from export import export
from torch import nn
from torch.optim.swa_utils import update_bn
from torch.utils.data import DataLoader
from vnet import VNet

WARM_UP = 0.03
"""The fraction of the iterations in which the learning rate rises."""

GRADIENT_NORM = 5.0

CALIBRATION = 128
"""How many more patches give the means and variances of batch normalization, after the last iteration."""


def soft_dice(logits, labels):
    """The differentiable Dice coefficient of each class, computed from probabilities."""
    probabilities = logits.softmax(1)
    truth = F.one_hot(labels, len(LABELS)).movedim(-1, 1).to(probabilities.dtype)
    voxels = (0, 2, 3, 4)
    shared = (probabilities * truth).sum(voxels)
    total = (probabilities + truth).sum(voxels)
    # Adding 1 gives a class that is not in the batch a Dice of nearly 1 instead of 0.
    return (2 * shared + 1) / (total + 1)


def learning_rate(progress, peak):
    """A short linear warm-up, then cosine decay to nearly 0; `progress` runs from 0 to 1."""
    rise = min(1.0, 0.05 + progress / WARM_UP)
    return peak * rise * (1 + math.cos(math.pi * progress)) / 2 + 1e-6


class Training:
    """The state of a training run: the network, the optimizer, the patches and the progress."""

    def __init__(self, pairs, options):
        torch.manual_seed(options.seed)
        self.options = options
        self.network = VNet().to(memory_format=torch.channels_last_3d)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=options.rate, weight_decay=1e-3)
        self.last = options.iterations * options.batch
        self.patches = AugmentedPatches(pairs, self.last + CALIBRATION, options.seed, options.patch)
        self.done = 0
        self.seconds = 0.0
        self.dice = None

    def batches(self):
        """The batches that are left: images `[n, 1, p, p, p]` and label indices `[n, p, p, p]`."""
        return self._loader(range(self.done * self.options.batch, self.last), self.options.batch)

    def _loader(self, numbers, batch):
        return DataLoader(self.patches, batch, sampler=numbers, num_workers=self.options.workers)

    def step(self, images, labels):
        """Train on one batch and return its loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.done / self.options.iterations, self.options.rate)
        self.network.train()
        logits = self.network(images.to(memory_format=torch.channels_last_3d))
        dice = soft_dice(logits, labels)
        loss = F.cross_entropy(logits, labels) + 1 - dice.mean()
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_NORM)
        self.optimizer.step()
        self.done += 1
        self.dice = dice.detach() if self.dice is None else 0.97 * self.dice + 0.03 * dice.detach()
        return loss.item()

    def calibrate(self):
        """Measure the means and variances of batch normalization with the final weights, over `CALIBRATION` patches.

        Those that are kept while training come from the last forty patches or so, and the patches differ so much that
        chance decides much of the Dice on another scan.
        """
        start = time.process_time()
        batches = self._loader(range(self.last, len(self.patches)), 4)
        update_bn((images.to(memory_format=torch.channels_last_3d) for images, _ in batches), self.network)
        self.seconds += time.process_time() - start

    def save(self, path):
        state = {
            "network": self.network.state_dict(),
            # Older checkpoints use this spelling.
            "optimiser": self.optimizer.state_dict(),
            "dice": self.dice,
            "done": self.done,
            "seconds": self.seconds,
        }
        unfinished = path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def restore(self, path):
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimiser"])
        self.dice, self.done, self.seconds = state["dice"], state["done"], state["seconds"]


def train(training, run):
    """Train to the end. Print a line and save a checkpoint every `--every` iterations."""
    options = training.options
    # CPU time of all threads of this process, which does not count while it is paused. Workers are other processes.
    start = time.process_time()
    for images, labels in training.batches():
        loss = training.step(images, labels)
        training.seconds += time.process_time() - start
        start = time.process_time()
        if training.done % options.every == 0 or training.done == options.iterations:
            training.save(run / "checkpoint.pt")
            dice = "  ".join(f"{name} {value:.3f}" for name, value in zip(LABELS, training.dice.tolist()))
            print(f"{training.done:5d}  {training.seconds:6.0f} s CPU  loss {loss:.3f}  {dice}", flush=True)


def record(training, difference):
    """The facts that are needed to judge or repeat the run."""
    names = ("iterations", "batch", "patch", "rate", "seed", "threads", "workers")
    return {
        **{name: getattr(training.options, name) for name in names},
        "weights": sum(p.numel() for p in training.network.parameters()),
        "cpu_seconds": round(training.seconds),
        "soft_dice_of_training_patches": {k: round(v, 4) for k, v in zip(LABELS, training.dice.tolist())},
        "largest_difference_onnx": difference,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def noise_pair():
    """A small noise image with random labels, in place of a pair of the set."""
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(40, 40, 40, generator=generator)
    return image, torch.randint(len(LABELS), (40, 40, 40), generator=generator)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the patches, from voxtile sample")
    parser.add_argument("--run", default="run", type=Path, help="folder for checkpoint and result (default: run)")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint in --run")
    parser.add_argument("--smoke", action="store_true", help="two iterations on small patches of noise")
    parser.add_argument("--iterations", type=int, default=1300)
    parser.add_argument("--batch", type=int, default=2, help="patches per iteration (default: 2)")
    parser.add_argument("--patch", type=int, default=PATCH, help=f"patch width, voxels (default: {PATCH})")
    parser.add_argument("--rate", type=float, default=4e-3, help="largest learning rate (default: 0.004)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0, help="processes that make patches (default: 0, this one)")
    parser.add_argument("--every", type=int, default=25, help="iterations between checkpoints (default: 25)")
    options = parser.parse_args()
    if options.smoke:
        options.iterations, options.patch = 2, 16
    elif options.data is None:
        parser.error("--data is required; prepare.py and voxtile sample make it, see --help")
    return options


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    training = Training([noise_pair()] if options.smoke else SampledSet(options.data), options)
    options.run.mkdir(parents=True, exist_ok=True)
    if options.resume:
        training.restore(options.run / "checkpoint.pt")
    train(training, options.run)
    training.calibrate()
    output = options.run / "brain-tissue.onnx"
    report = record(training, export(training.network, str(output)))
    (options.run / "training.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"{output}: {output.stat().st_size / 1e6:.2f} MB; {json.dumps(report)}")


if __name__ == "__main__":
    main()
