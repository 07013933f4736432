"""Cropping and merging in memory, compared with every peer that supports it."""

import sys

from measure import attempt, in_turns
from workers import Worker

# The tutorial drops the border of 512x512x300: its 196 patches cover 480x480x288. patchify can merge only grids that fit
# exactly, so its volume has that size. TorchIO and MONAI cover the whole volume with 320 patches.
BRAIN, FITTING_BRAIN = [512, 512, 300], [480, 480, 288]
SLIDE, FITTING_SLIDE = [8192, 8192, 1], [8128, 8128, 1]
QUICK = {512: 256, 300: 192, 480: 224, 288: 160, 8192: 2048, 8128: 1856}

# name: (work, type, blend, [(peer, edge, extent)])
CASES = {
    "crop-float32": ("crop", "float32", "average", [
        ("numpy", "discard", BRAIN), ("patchify", "discard", BRAIN), ("scikit-image", "discard", BRAIN),
        ("TorchIO", "shift", BRAIN)]),
    "crop-int16": ("crop", "int16", "average", [
        ("numpy", "discard", BRAIN), ("patchify", "discard", BRAIN), ("scikit-image", "discard", BRAIN)]),
    "crop-rgb": ("crop", "uint8", "average", [
        ("numpy", "discard", SLIDE), ("patchify", "discard", SLIDE), ("scikit-image", "discard", SLIDE)]),
    "merge-average-float32": ("merge", "float32", "average", [
        ("numpy", "discard", BRAIN), ("patchify", "discard", FITTING_BRAIN), ("TorchIO", "shift", BRAIN),
        ("MONAI", "shift", BRAIN)]),
    "merge-average-int16": ("merge", "int16", "average", [
        ("numpy", "discard", BRAIN), ("patchify", "discard", FITTING_BRAIN)]),
    "merge-average-rgb": ("merge", "uint8", "average", [
        ("numpy", "discard", SLIDE), ("patchify", "discard", FITTING_SLIDE)]),
    "merge-gaussian-float32": ("merge", "float32", "gaussian", [
        ("MONAI", "shift", BRAIN), ("voxtile average", "shift", BRAIN)]),
    "merge-gaussian-int16": ("merge", "int16", "gaussian", [("voxtile average", "shift", BRAIN)]),
    "merge-gaussian-rgb": ("merge", "uint8", "gaussian", [("voxtile average", "shift", SLIDE)]),
    "merge-hann-float32": ("merge", "float32", "hann", [
        ("TorchIO", "shift", BRAIN), ("voxtile average", "shift", BRAIN)]),
    "merge-hann-int16": ("merge", "int16", "hann", [("voxtile average", "shift", BRAIN)]),
    "merge-hann-rgb": ("merge", "uint8", "hann", [("voxtile average", "shift", SLIDE)]),
    "merge-center-float32": ("merge", "float32", "center", [("TorchIO", "shift", BRAIN)]),
    "roundtrip-average-float32": ("roundtrip", "float32", "average", [("MONAI", "shift", BRAIN)]),
    "roundtrip-gaussian-float32": ("roundtrip", "float32", "gaussian", [("MONAI", "shift", BRAIN)]),
}


def task(work, kind, blend, edge, extent, jobs=2):
    """The task for both sides."""
    planar = extent[2] == 1
    return {
        "work": work, "type": kind, "blend": blend, "edge": edge, "extent": extent, "jobs": jobs,
        "channels": 3 if planar else 1,
        "patch": [512, 512, 1] if planar else [96, 96, 96],
        "overlap": [64, 64, 0] if planar else [32, 32, 32],
    }


class Ours(Worker):
    """A worker that runs voxtile."""

    def __init__(self, context, task, name="voxtile"):
        super().__init__([context.worker], context.toucher)
        self.name = name
        self.facts = self.ask("prepare", task=task)

    def copy(self):
        self.ask("drop")
        if self.toucher:
            self.toucher.touch(2 * self.facts["patchBytes"])
        return self.ask("copy")["seconds"]

    def floor(self):
        self.ask("drop")
        if self.toucher:
            self.toucher.touch(self.facts["volumeBytes"])
        return self.ask("floor")["seconds"]

    def check(self):
        return self.ask("check")


class Theirs(Worker):
    """A worker that runs a Python peer."""

    def __init__(self, context, task, name):
        super().__init__([sys.executable, f"{context.peers}/worker.py"], context.toucher)
        self.name = name
        self.ask("prepare", task=task, peer=name)

    def check(self):
        return self.ask("check")


def run(context, name):
    """Measures one case and returns its rows."""
    work, kind, blend, peers = CASES[name]
    rows = []
    for peer, edge, extent in peers:
        if context.quick:
            extent = [QUICK.get(size, size) for size in extent]
        ours_task = task(work, kind, blend, edge, extent)
        rows += attempt(f"{name}/{peer}", lambda: [pair(context, f"{name}/{peer}", ours_task, peer)])
    return rows


def pair(context, key, ours_task, peer):
    workers = []
    try:
        workers.append(Ours(context, ours_task))
        if peer == "voxtile average":
            workers.append(Ours(context, ours_task | {"blend": "average"}, peer))
        elif peer:
            # MONAI crops and merges in a single step.
            workers.append(Theirs(context, ours_task, peer))
        row = in_turns(key, workers[0], workers[1] if peer else None, context.rounds, copy=True,
            floor=ours_task["work"] == "merge")
        return row | {"task": ours_task}
    finally:
        for worker in workers:
            worker.quit()
