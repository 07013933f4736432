#!/usr/bin/env python3
"""Make the training set: the MNI152 template in several degrees of sharpness, each with its labels.

  prepare.py FOLDER

Writes images/mni152-0.nii.gz and labels/mni152-0.nii.gz (the unchanged template), mni152-1 (sharper), and so on, as
`voxtile sample` takes them. The labels of each image are computed separately with silver_standard.py, because in a sharper
image the thin CSF of a sulcus is dark enough to be separated from the gray matter next to it. Images are normalized here,
because that needs the whole scan and a patch is only a part of it. Takes a few minutes.
"""

import argparse
from pathlib import Path

import nibabel as nib
import numpy as np
from contract import normalize
from silver_standard import tissue_labels
from templates import mni152, sharpened

AMOUNTS = (0, 0.75, 1.5)

MARGIN = 52
"""Voxels of background that are added on each side, so that a patch can have any brain voxel in its middle."""


def save(volume, affine, path):
    """Write the array `[x, y, z]` with `MARGIN` voxels of 0 around it. `affine` is that of the array without them."""
    moved = affine.copy()
    moved[:3, 3] -= affine[:3, :3] @ np.full(3, MARGIN)
    nib.save(nib.Nifti1Image(np.pad(volume, MARGIN), moved), path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    template = mni152()
    for k, amount in enumerate(AMOUNTS):
        image = sharpened(np.asanyarray(template.dataobj), amount)
        labels = tissue_labels(image, image > 0)
        save(normalize(image), template.affine, folder / "images" / f"mni152-{k}.nii.gz")
        save(labels, template.affine, folder / "labels" / f"mni152-{k}.nii.gz")
        voxels = np.bincount(labels.ravel(), minlength=4)
        print(f"sharpened by {amount}: CSF {voxels[1]}, gray {voxels[2]}, white {voxels[3]} voxels", flush=True)


if __name__ == "__main__":
    main()
