#!/usr/bin/env python3
"""Make the training set: the MNI152 template in several degrees of sharpness, each with its labels.

  prepare.py FOLDER

Writes image-0.nii.gz and labels-0.nii.gz (the unchanged template), image-1 and labels-1 (sharper), and so on. The labels
of each image are computed separately with silver_standard.py, because in a sharper image the thin CSF of a sulcus is dark
enough to be separated from the gray matter next to it. Takes a few minutes.
"""
import argparse
from pathlib import Path

import nibabel as nib
import numpy as np
from silver_standard import tissue_labels
from templates import mni152, sharpened

AMOUNTS = (0, 0.75, 1.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    template = mni152()
    for k, amount in enumerate(AMOUNTS):
        image = sharpened(np.asanyarray(template.dataobj), amount)
        labels = tissue_labels(image, image > 0)
        nib.save(nib.Nifti1Image(image, template.affine), folder / f"image-{k}.nii.gz")
        nib.save(nib.Nifti1Image(labels, template.affine), folder / f"labels-{k}.nii.gz")
        voxels = np.bincount(labels.ravel(), minlength=4)
        print(f"sharpened by {amount}: CSF {voxels[1]}, gray {voxels[2]}, white {voxels[3]} voxels", flush=True)


if __name__ == "__main__":
    main()
