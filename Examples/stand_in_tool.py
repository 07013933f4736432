#!/usr/bin/env python3
"""A stand-in for any tool that processes one patch file at a time.

  stand_in_tool.py PATCHES OUTPUTS

Reads every patch in a folder and writes a label map with the same name to another folder:
  .nii.gz, .nii   background, dark, gray and white matter of a brain by smoothed intensity (0 to 3)
  .png            dark, middle and light (0 to 2)

It does not use Voxtile, the manifest or the neighbors of a patch. As with a real network, labels near a patch border
are less accurate, because the smoothing sees only half of the neighborhood there.
Needs numpy, nibabel and Pillow.
"""
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image


def smooth(values, axes):
    """The mean over three voxels along each axis; border voxels are repeated."""
    for axis in axes:
        padded = np.pad(values, [(1, 1) if a == axis else (0, 0) for a in range(values.ndim)], mode="edge")
        size = values.shape[axis]
        values = sum(np.take(padded, range(k, k + size), axis) for k in range(3)) / 3
    return values


def label(values, thresholds, axes):
    return np.digitize(smooth(values.astype(np.float32), axes), thresholds).astype(np.uint8)


def main(patches, outputs):
    outputs = Path(outputs)
    outputs.mkdir(parents=True, exist_ok=True)
    count = 0
    for path in sorted(Path(patches).iterdir()):
        if path.name.endswith((".nii.gz", ".nii")):
            image = nib.load(path)
            labels = label(np.asanyarray(image.dataobj), [40, 78, 108], (0, 1, 2))
            nib.save(nib.Nifti1Image(labels, image.affine), outputs / path.name)
        elif path.suffix == ".png":
            gray = np.asarray(Image.open(path).convert("L"))
            Image.fromarray(label(gray, [40, 100], (0, 1))).save(outputs / path.name)
        else:
            continue
        count += 1
    print(f"{count} patches labeled in {outputs}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
