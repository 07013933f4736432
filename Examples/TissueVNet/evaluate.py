#!/usr/bin/env python3
"""Compute the Dice coefficient of each tissue between label maps and a reference.

  evaluate.py STANDARD LABELS [LABELS ...] [--json]

All maps must have the same size and affine, and the labels 0 background, 1 CSF and other, 2 gray matter, 3 white matter.
Dice is 2 |A and B| / (|A| + |B|): 1 if both maps have a tissue in the same voxels, 0 if they share no voxel of it. Exits
with status 1 if sizes or affines differ. Needs numpy and nibabel.
"""
import argparse
import json

import nibabel as nib
import numpy as np
from contract import LABELS


def dice(found, standard):
    """A dictionary from label name to Dice coefficient; None for a label in neither map."""
    result = {}
    for k, name in enumerate(LABELS):
        ours, theirs = found == k, standard == k
        total = np.count_nonzero(ours) + np.count_nonzero(theirs)
        result[name] = round(2 * np.count_nonzero(ours & theirs) / total, 4) if total else None
    return result


def load(path, like=None):
    """Load a label map, which must have the size and affine of the image `like`."""
    image = nib.load(path)
    if like is not None and (image.shape != like.shape or not np.allclose(image.affine, like.affine, atol=1e-3)):
        raise SystemExit(f"{path} differs from the reference in size or affine ({image.shape}, {like.shape})")
    return image


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("standard", help="reference label map (NIfTI)")
    parser.add_argument("labels", nargs="+", help="label maps (NIfTI)")
    parser.add_argument("--json", action="store_true", help="print one JSON object: file, then tissue, then Dice")
    options = parser.parse_args()
    standard = load(options.standard)
    truth = np.asanyarray(standard.dataobj)
    table = {path: dice(np.asanyarray(load(path, standard).dataobj), truth) for path in options.labels}
    if options.json:
        print(json.dumps(table, indent=2))
        return
    width = max(map(len, table))
    print(" " * width, *(f"{name:>10}" for name in LABELS))
    for path, values in table.items():
        print(f"{path:{width}}", *(f"{'-' if v is None else f'{v:.4f}':>10}" for v in values.values()))


if __name__ == "__main__":
    main()
