#!/usr/bin/env python3
"""Label the tissues of a brain-extracted T1 scan with a hidden Markov random field: the "silver standard".

  silver_standard.py T1 OUTPUT [--mask MASK]

The output is a label map with the size and affine of T1: 0 background, 1 CSF and other, 2 gray matter, 3 white matter.
Every voxel of the mask gets a label of at least 1.

The standard is called "silver" because an intensity model (dipy's TissueClassifierHMRF) computes the labels; no expert drew
them. A network that agrees with them is not necessarily right. A brain takes a minute or two.
"""
import argparse

import nibabel as nib
import numpy as np
from dipy.segment.tissue import TissueClassifierHMRF

CLASSES = 3
SMOOTHNESS = 0.1
"""The weight of neighboring voxels (dipy's beta). Dipy's examples use 0.1; larger values erase thin gyri."""


def bounding_box(mask):
    """The bounding box of the true voxels, as slices."""
    corners = np.argwhere(mask)
    return tuple(slice(low, high + 1) for low, high in zip(corners.min(0), corners.max(0)))


def tissue_labels(image, mask):
    """The label map (uint8, 0 to 3) of `image` inside the boolean `mask`."""
    box = bounding_box(mask)
    brain = np.where(mask, image, 0)[box].astype(np.float64)
    _, found, _ = TissueClassifierHMRF(verbose=False).classify(brain, CLASSES, SMOOTHNESS)
    labels = np.zeros(image.shape, np.uint8)
    # The classes are sorted by mean intensity, which on a T1 is CSF, gray matter, white matter.
    labels[box] = np.asarray(found)
    return np.where(mask, np.maximum(labels, 1), 0).astype(np.uint8)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("t1", help="brain-extracted T1 scan, or whole-head scan with --mask (NIfTI)")
    parser.add_argument("output", help="label map to write (NIfTI)")
    parser.add_argument("--mask", help="image of the same size; voxels above 0 are brain (default: T1 above 0)")
    return parser.parse_args()


def main():
    options = arguments()
    scan = nib.load(options.t1)
    image = np.asanyarray(scan.dataobj)
    mask = np.asanyarray(nib.load(options.mask).dataobj) > 0 if options.mask else image > 0
    if mask.shape != image.shape:
        raise SystemExit(f"the mask is {mask.shape}, the scan {image.shape}; they must have the same size")
    labels = tissue_labels(image, mask)
    nib.save(nib.Nifti1Image(labels, scan.affine), options.output)
    print(f"{options.output}: " + ", ".join(f"label {k} {np.count_nonzero(labels == k)}" for k in range(CLASSES + 1)))


if __name__ == "__main__":
    main()
