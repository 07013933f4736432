#!/usr/bin/env python3
"""Merge a folder of NIfTI patches made by `voxtile crop`, without Voxtile.

    merge_patches.py FOLDER OUTPUT

This example shows how to read the manifest. It supports images with one channel, and keeps the whole image in
memory.
"""

import json
import os
import sys
import zlib

import nibabel as nib
import numpy as np


def merge(folder, output):
    """Average the patches of a folder into one image."""
    with open(os.path.join(folder, "voxtile.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    if manifest["version"] != 1:
        raise ValueError(f"manifest version {manifest['version']}, expected 1")
    extent = manifest["source"]["extent"]
    total = np.zeros(extent)
    count = np.zeros(extent)
    for patch in manifest["patches"]:
        path = os.path.join(folder, patch["file"])
        with open(path, "rb") as file:
            checksum = f"crc32:{zlib.crc32(file.read()):08x}"
        if checksum != patch["checksum"]:
            raise ValueError(f"{path}: checksum {checksum}, expected {patch['checksum']}")
        # nibabel indexes voxels [x, y, z], as the manifest does.
        voxels = np.reshape(nib.load(path).get_fdata(), patch["extent"])
        start = patch["origin"]
        inside = [slice(max(s, 0), min(s + e, n)) for s, e, n in zip(start, patch["extent"], extent)]
        cut = tuple(slice(i.start - s, i.stop - s) for i, s in zip(inside, start))
        total[tuple(inside)] += voxels[cut]
        count[tuple(inside)] += 1
    merged = np.divide(total, count, out=np.zeros(extent), where=count > 0)
    affine = np.vstack([manifest["source"]["affine"], [0, 0, 0, 1]])
    nib.save(nib.Nifti1Image(merged, affine), output)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: merge_patches.py FOLDER OUTPUT")
    merge(sys.argv[1], sys.argv[2])
