#!/usr/bin/env python3
"""Disturb a scan and see who still finds the tissues: the network, or two thresholds.

  robustness.py MODEL SCAN STANDARD

SCAN is a brain-extracted T1, STANDARD its labels. The scan is taken as it is; with a coil's shading (times 0.85 at
the back to 1.15 at the front); with noise (normal, standard deviation 0.05 of the 99th percentile, seed 0); with both.
The thresholds are those between the tissues of the training image. Prints the Dice coefficient of each tissue.
"""
import argparse

import nibabel as nib
import numpy as np
from contract import LABELS, PERCENTILE, normalise
from evaluate import dice
from predict import predict

THRESHOLDS = (0.66, 0.838)
"""Between CSF and grey, and grey and white matter, of the normalised template."""


def disturbances(image):
    """Name and image of each disturbed scan. Voxels of the brain stay at least 1, since 0 is background."""
    brain = image > 0
    shading = np.linspace(0.85, 1.15, image.shape[1], dtype=np.float32)[:, None]
    deviation = 0.05 * np.percentile(image[brain], PERCENTILE)
    noise = np.random.default_rng(0).normal(0, deviation, image.shape).astype(np.float32)
    for name, disturbed in (
        ("as it is", image),
        ("shading", image * shading),
        ("noise", image + noise),
        ("both", image * shading + noise),
    ):
        yield name, np.where(brain, np.maximum(disturbed, 1), 0).astype(np.float32)


def by_thresholds(image):
    """Labels from the normalised grey value alone."""
    return np.where(image > 0, 1 + np.digitize(normalise(image), THRESHOLDS), 0)


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
    for name, disturbed in disturbances(image):
        network = predict(options.model, nib.Nifti1Image(disturbed, scan.affine))
        for method, labels in (("thresholds", by_thresholds(disturbed)), ("network", np.asanyarray(network.dataobj))):
            values = dice(labels, standard)
            print(f"{name:10}{method:12}", *(f"{values[label]:10.3f}" for label in LABELS[1:]), flush=True)


if __name__ == "__main__":
    main()
