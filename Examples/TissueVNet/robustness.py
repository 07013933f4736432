#!/usr/bin/env python3
"""Compare how well the network and two fixed thresholds find the tissues of a degraded scan.

  robustness.py MODEL SCAN STANDARD

SCAN is a brain-extracted T1 and STANDARD its labels. The scan is used unchanged, with shading (a bias field from 0.85 at
the back to 1.15 at the front), with noise (normal, standard deviation 0.05 of the 99th percentile, seed 0), and with both.
The thresholds separate the tissues of the training image. Prints the Dice coefficient of each tissue.
"""
import argparse

import nibabel as nib
import numpy as np
from contract import LABELS, PERCENTILE, normalize
from evaluate import dice
from predict import predict

THRESHOLDS = (0.66, 0.838)
"""Between CSF and gray matter, and between gray and white matter, in the normalized template."""


def degraded_scans(image):
    """Yield the name and image of each degraded scan. Brain voxels stay at least 1, because 0 is background."""
    brain = image > 0
    shading = np.linspace(0.85, 1.15, image.shape[1], dtype=np.float32)[:, None]
    deviation = 0.05 * np.percentile(image[brain], PERCENTILE)
    noise = np.random.default_rng(0).normal(0, deviation, image.shape).astype(np.float32)
    for name, degraded in (
        ("unchanged", image),
        ("shading", image * shading),
        ("noise", image + noise),
        ("both", image * shading + noise),
    ):
        yield name, np.where(brain, np.maximum(degraded, 1), 0).astype(np.float32)


def by_thresholds(image):
    """Labels from the normalized intensity alone."""
    return np.where(image > 0, 1 + np.digitize(normalize(image), THRESHOLDS), 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="ONNX file")
    parser.add_argument("scan", help="brain-extracted T1 scan (NIfTI)")
    parser.add_argument("standard", help="its label map (NIfTI)")
    options = parser.parse_args()
    scan = nib.as_closest_canonical(nib.load(options.scan))
    standard = np.asanyarray(nib.as_closest_canonical(nib.load(options.standard)).dataobj)
    image = np.asanyarray(scan.dataobj).astype(np.float32)
    print(f"{'':22}", *(f"{name:>10}" for name in LABELS[1:]))
    for name, degraded in degraded_scans(image):
        network = predict(options.model, nib.Nifti1Image(degraded, scan.affine))
        for method, labels in (("thresholds", by_thresholds(degraded)), ("network", np.asanyarray(network.dataobj))):
            values = dice(labels, standard)
            print(f"{name:10}{method:12}", *(f"{values[label]:10.3f}" for label in LABELS[1:]), flush=True)


if __name__ == "__main__":
    main()
