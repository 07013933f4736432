"""Two ways to choose the training patches of an epoch: `voxtile sample`, and MONAI's RandCropByPosNegLabel.

Each is a class with a method `epoch(number)`, which gives a list of pairs: an image float32 `[1, p, p, p]` and its labels
uint8 `[1, p, p, p]`. Both cut patches from the same scans in memory.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np
import torch
from monai.data import set_track_meta
from monai.transforms import FgBgToIndices, RandCropByPosNegLabel

# MONAI then gives plain tensors, which is faster.
set_track_meta(False)

PATCH = 32
"""The width of a patch in voxels."""

PATCHES_OF_SCAN = 24
"""How many patches of each scan an epoch has."""

COVER_OPTIONS = ["--cover", "lesions", "--margin", "4", "--balance", "lesions", "--negatives", "30%"]

EPOCHS_OF_SEED = 100_000
"""Epoch e of a run with seed s is drawn with seed `s * EPOCHS_OF_SEED + e`, so that no two runs share a list."""


def load_scans(folder):
    """The scans of a folder that phantoms.py made: a dictionary from name to image and labels, both `[1, x, y, z]`."""
    scans = {}
    for path in sorted(Path(folder, "images").glob("*.nii")):
        pair = (np.asarray(nib.load(file).dataobj) for file in (path, Path(folder, "labels", path.name)))
        scans[path.stem] = tuple(torch.from_numpy(np.ascontiguousarray(volume))[None] for volume in pair)
    if not scans:
        raise SystemExit(f"{folder} has no images/*.nii; make them with: phantoms.py {folder}")
    return scans


class CoverSampling:
    """Patches that `voxtile sample` lists anew for each epoch: every lesion lies whole in one, or is tiled."""

    def __init__(self, folder, scans, seed, program="voxtile"):
        self.folder, self.scans, self.seed, self.program = Path(folder), scans, seed, program

    def epoch(self, number):
        with tempfile.TemporaryDirectory() as parent:
            output = Path(parent, "list")
            seed = self.seed * EPOCHS_OF_SEED + number
            words = [
                self.program, "sample", self.folder / "images", "--labels", self.folder / "labels", "--list-only",
                "--patch", str(PATCH), "--count", str(PATCHES_OF_SCAN), "--seed", str(seed), *COVER_OPTIONS,
                "--jobs", "1", "--output", output,
            ]  # fmt: skip
            finished = subprocess.run(words, capture_output=True, text=True)
            if finished.returncode != 0:
                raise SystemExit(finished.stderr)
            listed = json.loads((output / "voxtile-samples.json").read_text())["patches"]
        return [self.cut(patch["scan"], patch["start"]) for patch in listed]

    def cut(self, name, start):
        box = (slice(None), *(slice(first, first + PATCH) for first in start))
        return tuple(volume[box] for volume in self.scans[name])


class PosNegSampling:
    """Patches around a random voxel, which is one of a lesion or one of the background with the same probability.

    The lists of these voxels are made once, which is the fast way to use it.
    """

    def __init__(self, scans, seed):
        to_indices = FgBgToIndices()
        self.scans = [(image, labels, *to_indices(labels)) for image, labels in scans.values()]
        self.crop = RandCropByPosNegLabel(spatial_size=PATCH, pos=1, neg=1, num_samples=PATCHES_OF_SCAN)
        self.crop.set_random_state(seed)

    def epoch(self, number):
        pairs = []
        for image, labels, lesion, background in self.scans:
            self.crop.randomize(labels, lesion, background)
            pairs += zip(*(self.crop(volume, randomize=False) for volume in (image, labels)))
        return pairs
