"""Writes sampling.json: where MONAI, TorchIO and nnU-Net put training patches.

    python3 Tests/VoxtileTests/Fixtures/make_sampling_goldens.py

It needs monai 1.6.1, torchio 1.2.1 and nnunetv2 2.8.1, which are written into the fixture. Arrays are flat in C order of
(6, 6, 4), that is with the last axis as x.
"""

import json
import pathlib
import types
from importlib.metadata import version

import nnunetv2.training.dataloading.data_loader as nnunet
import numpy as np
import torch
import torchio
from monai.transforms.utils import (
    correct_crop_centers,
    generate_pos_neg_label_crop_centers,
    map_binary_to_indices,
)

SHAPE = (6, 6, 4)
labels = np.zeros((1, *SHAPE), np.uint8)
labels[0, 1, 1, 1] = 1
labels[0, 4, 4, 2:4] = 1
labels[0, 0, 5, 0] = 2


def monai_starts(length, patch):
    """The start of the patch for each voxel of an axis."""
    centers = [correct_crop_centers([voxel], [patch], [length])[0] for voxel in range(length)]
    return [int(center) - patch // 2 for center in centers]


def monai_centers():
    """The middles of twelve patches, half of them with foreground."""
    foreground, background = map_binary_to_indices(labels > 0)
    centers = generate_pos_neg_label_crop_centers(
        (3, 3, 3), 12, 0.5, SHAPE, foreground, background, np.random.RandomState(0)
    )
    return {
        "foreground": np.asarray(foreground).tolist(),
        "centers": [[int(value) for value in center] for center in centers],
    }


def nnunet_boxes(shape, patch, voxel, missing):
    """One entry an axis: the lower end of the box that holds a voxel."""
    loader = types.SimpleNamespace(
        need_to_pad=np.array(missing), patch_size=patch, has_ignore=False, annotated_classes_key=(-1, 0, 1)
    )
    lower, _ = nnunet.nnUNetDataLoader.get_bbox(
        loader, np.array(shape), True, {1: np.array([[0, *voxel]])}
    )
    keys = ["length", "patch", "voxel", "missing", "start"]
    rows = zip(shape, patch, voxel, missing, map(int, lower))
    return [dict(zip(keys, row)) for row in rows]


BOXES = [
    ([10, 10, 10], [4, 4, 4], [0, 5, 9], [0, 0, 0]),
    ([10, 10, 10], [5, 5, 5], [0, 5, 9], [0, 0, 0]),
    ([10, 10, 10], [4, 4, 4], [0, 5, 9], [3, 3, 3]),
    ([3, 10, 10], [6, 4, 4], [0, 5, 9], [0, 0, 0]),
    ([3, 10, 10], [5, 4, 4], [2, 5, 9], [0, 0, 0]),
]
RATIO = {0: 1, 1: 1, 2: 2}
probabilities = torchio.data.LabelSampler.get_probabilities_from_label_map(
    torch.from_numpy(labels.astype(np.float32)), RATIO, np.array([3, 3, 3])
)
fixture = {
    "versions": {name: version(name) for name in ["monai", "torchio", "nnunetv2"]},
    "monaiStarts": [
        {"length": length, "patch": patch, "starts": monai_starts(length, patch)}
        for length in range(1, 9)
        for patch in range(1, length + 1)
    ],
    "monaiCenters": monai_centers(),
    "nnunetBoxes": [entry for box in BOXES for entry in nnunet_boxes(*box)],
    "nnunetForeground": [
        {
            "batchSize": size,
            "percent": percent,
            "samples": [sample >= round(size * (1 - percent / 100)) for sample in range(size)],
        }
        for size in (1, 2, 3, 4, 5, 6, 8, 12)
        for percent in (33, 50)
    ],
    "torchio": {
        "shape": SHAPE,
        "patch": [3, 3, 3],
        "labels": labels[0].ravel().tolist(),
        "ratio": RATIO,
        "map": probabilities[0].ravel().tolist(),
    },
}
target = pathlib.Path(__file__).with_name("sampling.json")
target.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
