"""How well a network finds lesions: the recall of lesions by size, false positives, and Dice."""

import numpy as np
import torch
from monai.inferers import sliding_window_inference
from scipy.ndimage import label

SMALL = 64
"""A lesion of fewer voxels is small."""

SHARE = 0.25
"""A lesion is found if at least this share of its voxels is predicted."""

THRESHOLDS = tuple(round(0.1 * k, 1) for k in range(1, 10))
"""The probabilities from which on a voxel is predicted to be of a lesion. 0.5 is the usual one."""

WINDOW, OVERLAP = 64, 0.25
TOUCHING = np.ones((3, 3, 3))
"""Voxels that share a corner are of one component."""


def probabilities(network, image):
    """The probability `[x, y, z]` of a lesion in each voxel of an image `[1, x, y, z]`, by a sliding window."""
    network.eval()
    with torch.inference_mode():
        logits = sliding_window_inference(image[None], WINDOW, 2, network, OVERLAP, mode="gaussian")
    return logits.softmax(1)[0, 1].numpy()


def compared(found, truth):
    """Compare two masks `[x, y, z]`: the sizes of the true lesions, which are found, false components, and Dice."""
    lesions, count = label(truth, TOUCHING)
    sizes = np.bincount(lesions.ravel(), minlength=count + 1)[1:]
    predicted = np.bincount(lesions[found], minlength=count + 1)[1:]
    components, parts = label(found, TOUCHING)
    false = parts - np.count_nonzero(np.unique(components[truth]))
    dice = 2 * np.count_nonzero(found & truth) / max(np.count_nonzero(found) + np.count_nonzero(truth), 1)
    return sizes, predicted >= SHARE * sizes, false, dice


def evaluate(network, scans):
    """The measures over all scans, for each threshold: a dictionary from the threshold, as text, to the measures."""
    predictions = [(probabilities(network, image), labels[0].numpy() > 0) for image, labels in scans.values()]
    measures = {}
    for threshold in THRESHOLDS:
        results = [compared(predicted >= threshold, truth) for predicted, truth in predictions]
        sizes, hits = (np.concatenate([result[k] for result in results]) for k in (0, 1))
        measures[str(threshold)] = {
            "recall_small": float(hits[sizes < SMALL].mean()),
            "recall_all": float(hits.mean()),
            "false_positives": float(np.mean([result[2] for result in results])),
            "dice": float(np.mean([result[3] for result in results])),
        }
    return measures
