#!/usr/bin/env python3
"""Label a brain-extracted T1 scan with the ONNX model, patch by patch, as `voxtile infer` does.

  predict.py MODEL SCAN OUTPUT [--mask MASK] [--patch 64] [--overlap 0.5] [--threads 2]

This is a simple, slow reference implementation: scan and result are in memory, and the network processes one patch at a
time. Logits are averaged with Gaussian weights, and the largest wins. The output is a label map with the size and affine of
SCAN, which can have any orientation. Needs numpy, nibabel and onnxruntime.
"""
import argparse
import itertools

import nibabel as nib
import numpy as np
import onnxruntime
from contract import MULTIPLE, PATCH, normalize


def starts(size, patch, overlap):
    """The start of each patch along an axis. The last patch is shifted so that it ends at the border."""
    stride = max(1, round(patch * (1 - overlap)))
    return [*range(0, size - patch, stride), size - patch]


def gaussian(patch):
    """Gaussian weights of a patch, `[p, p, p]`: 1 at the center, standard deviation one eighth of the width."""
    offset = (np.arange(patch) - (patch - 1) / 2) / (patch / 8)
    profile = np.exp(-(offset**2) / 2)
    return (profile[:, None, None] * profile[:, None] * profile).astype(np.float32)


def sliding_window(run, image, patch, overlap):
    """Apply `run` to every patch and blend the results.

    `run` maps `[1, 1, p, p, p]` to `[1, classes, p, p, p]`. Returns logits `[classes, x, y, z]`. An axis shorter than
    the patch is padded with background, and the padding is removed at the end.
    """
    extent = image.shape
    image = np.pad(image, [(0, max(0, patch - size)) for size in extent])
    weight = gaussian(patch)
    total = None
    weights = np.zeros(image.shape, np.float32)
    for corner in itertools.product(*(starts(size, patch, overlap) for size in image.shape)):
        box = tuple(slice(start, start + patch) for start in corner)
        logits = run(image[box][None, None])[0]
        if total is None:
            total = np.zeros((len(logits), *image.shape), np.float32)
        total[:, *box] += weight * logits
        weights[box] += weight
    return (total / weights)[:, : extent[0], : extent[1], : extent[2]]


def predict(model, scan, patch=PATCH, overlap=0.5, threads=2):
    """Predict the label map of a brain-extracted scan with the ONNX file `model`, in the orientation of the scan."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    upright = nib.as_closest_canonical(scan)
    image = normalize(np.asanyarray(upright.dataobj))
    logits = sliding_window(lambda x: session.run(None, {name: x})[0], image, patch, overlap)
    labels = nib.Nifti1Image(logits.argmax(0).astype(np.uint8), upright.affine)
    # Turns the labels from RAS back to the orientation of the scan.
    back = nib.orientations.ornt_transform(nib.io_orientation(upright.affine), nib.io_orientation(scan.affine))
    return labels.as_reoriented(back)


def masked(scan, mask):
    """Set the scan to background outside the mask, an image of the same size whose voxels above 0 are brain."""
    inside = np.asanyarray(mask.dataobj) > 0
    if inside.shape != scan.shape:
        raise SystemExit(f"the mask is {inside.shape}, the scan {scan.shape}; they must have the same size")
    return nib.Nifti1Image(np.where(inside, np.asanyarray(scan.dataobj), 0).astype(np.float32), scan.affine)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="ONNX file")
    parser.add_argument("scan", help="T1 scan (NIfTI), brain-extracted or with --mask")
    parser.add_argument("output", help="label map to write (NIfTI)")
    parser.add_argument("--mask", help="image of the same size; voxels above 0 are brain")
    parser.add_argument("--patch", type=int, default=PATCH, help=f"patch width, a multiple of {MULTIPLE} (default: {PATCH})")
    parser.add_argument("--overlap", type=float, default=0.5, help="fraction of the patch width, below 1 (default: 0.5)")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.patch < MULTIPLE or options.patch % MULTIPLE != 0:
        parser.error(f"--patch is {options.patch}, but must be a positive multiple of {MULTIPLE}")
    if not 0 <= options.overlap < 1:
        parser.error(f"--overlap is {options.overlap}, but must be at least 0 and less than 1")
    return options


def main():
    options = arguments()
    scan = nib.load(options.scan)
    if options.mask:
        scan = masked(scan, nib.load(options.mask))
    labels = predict(options.model, scan, options.patch, options.overlap, options.threads)
    nib.save(labels, options.output)
    print(f"{options.output}: {' x '.join(map(str, labels.shape))} voxels labeled")


if __name__ == "__main__":
    main()
