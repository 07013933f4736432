"""Writes resampling.json: what nnU-Net, MONAI, TorchIO and TotalSegmentator make of small arrays.

    python3 Tests/VoxtileTests/Fixtures/make_resampling_goldens.py

It needs nnunetv2, torch, monai, torchio, SimpleITK, scipy and scikit-image; the file names the versions that made it. Arrays are
stored flattened, in C order.
"""

import json
import pathlib
from importlib.metadata import version

import monai.transforms
import numpy as np
import torch
import torchio
from monai.data import MetaTensor
from nnunetv2.preprocessing.resampling.default_resampling import (
    compute_new_shape,
    determine_do_sep_z_and_axis,
    resample_data_or_seg_to_shape,
)
from nnunetv2.preprocessing.resampling.resample_torch import resample_torch_fornnunet
from scipy import ndimage

PACKAGES = ["numpy", "scipy", "scikit-image", "torch", "nnunetv2", "batchgenerators", "monai", "torchio", "SimpleITK"]
SHAPES = [
    ([300, 512, 512], [1.5, 0.8, 0.8], [1.5, 1.5, 1.5]),
    ([5, 7, 3], [1, 1, 1], [2, 2, 2]),
    ([25, 15, 10], [0.5, 0.5, 0.5], [1, 1, 1]),
    ([181, 217, 181], [1, 1, 1], [1.5, 1.5, 1.5]),
]
SPACINGS = [
    ([1, 1, 1], [1, 1, 1]),
    ([3, 1, 1], [1, 1, 1]),
    ([3.01, 1, 1], [1, 1, 1]),
    ([1, 1, 1], [5, 1, 1]),
    ([1, 4, 4], [1, 1, 1]),
    ([0.8, 0.8, 5], [0.8, 0.8, 5]),
    ([5, 5, 5], [1, 1, 5]),
]
cases = []


def array(values):
    values = np.asarray(values)
    return {"shape": list(values.shape), "dtype": str(values.dtype), "data": [x.item() for x in values.ravel()]}


def add(name, values, result, **more):
    cases.append({"name": name, "input": array(values), "output": array(result), **more})


def nnunet(values, shape, is_seg, order, spacing=(1, 1, 1), new_spacing=(1, 1, 1), separate=None):
    values = values.copy()[None]
    return resample_data_or_seg_to_shape(values, np.array(shape), spacing, new_spacing, is_seg, order, 0, separate)[0]


def add_nnunet(rng):
    lines = {
        "ramp": np.arange(8, dtype=np.float32),
        "impulse": (np.arange(9) == 4).astype(np.float32),
        "step": np.where(np.arange(8) < 4, 0, 10).astype(np.float32),
        "random": rng.standard_normal(11).astype(np.float32),
    }
    for name, line in lines.items():
        for new in (5, 13, 16):
            column = line.reshape(-1, 1, 1)
            size = f"1d-{name}-{len(line)}to{new}"
            for order in (1, 3):
                result = nnunet(column, [new, 1, 1], False, order, separate=False)
                add(f"nnunet-default-{size}-order{order}", line, result[:, 0, 0], order=order)
            result = resample_torch_fornnunet(column[None], [new, 1, 1], [1, 1, 1], [1, 1, 1], False)
            add(f"nnunet-torch-{size}", line, result[0, :, 0, 0])
    box = rng.standard_normal((1, 7, 6, 5)).astype(np.float32)[0]
    for order in (3, 1):
        add(f"nnunet-default-3d-order{order}", box, nnunet(box, [5, 9, 8], False, order), order=order)
    thick = ([5, 1, 1], [3.5, 0.7, 0.6])
    add("nnunet-default-3d-separate-z", box, nnunet(box, [10, 9, 8], False, 3, *thick), order=3)
    add("nnunet-torch-3d-separate-z", box, resample_torch_fornnunet(box.copy()[None], [10, 9, 8], *thick, False)[0])
    labels = rng.integers(0, 4, (1, 6, 6, 5)).astype(np.int16)[0]
    add("nnunet-default-seg-order1", labels, nnunet(labels, [9, 4, 7], True, 1), order=1)
    result = resample_torch_fornnunet(labels.copy()[None], [9, 4, 7], [1, 1, 1], [1, 1, 1], True)
    add("nnunet-torch-seg", labels, result[0])


def add_spacings(rng):
    affine = np.diag([0.8, 0.8, 2.5, 1.0])
    affine[:3, 3] = [10, -20, 30]
    box = rng.standard_normal((1, 7, 6, 5)).astype(np.float32)
    kinds = [
        ("bilinear", {}),
        ("bilinear", {"align_corners": True}),
        ("nearest", {}),
        (3, {"padding_mode": "nearest"}),
        ("bilinear", {"align_corners": True, "scale_extent": True}),
    ]
    for mode, options in kinds:
        image = MetaTensor(torch.from_numpy(box), affine=torch.from_numpy(affine))
        result = monai.transforms.Spacing(pixdim=(1.5, 1.5, 1.5), mode=mode, **options)(image)
        affines = {"affine_in": affine.tolist(), "affine_out": result.affine.numpy().tolist()}
        add(f"monai-spacing-{mode}-{options}", box[0], result[0].numpy(), **affines)
    images = [(name, torchio.ScalarImage, box[0], name) for name in ("linear", "bspline", "nearest")]
    images.append(("label", torchio.LabelMap, (box[0] > 0.3).astype(np.uint8), "linear"))
    for name, kind, values, interpolation in images:
        image = kind(tensor=torch.from_numpy(values[None]), affine=affine)
        result = torchio.Resample((1.5, 1.5, 1.5), image_interpolation=interpolation)(image)
        affines = {"affine_in": affine.tolist(), "affine_out": result.affine.tolist()}
        add(f"torchio-resample-{name}", values, result.data[0].numpy(), **affines)
    for order in (0, 1, 3):
        # As TotalSegmentator resamples images.
        result = ndimage.zoom(box[0], np.array([0.8, 0.8, 2.5]) / 1.5, order=order, mode="nearest")
        add(f"totalsegmentator-change_spacing-order{order}", box[0], result)


def main():
    rng = np.random.default_rng(0)
    add_nnunet(rng)
    add_spacings(rng)
    shapes = [
        {"old": old, "spacing": a, "new_spacing": b, "new": [int(x) for x in compute_new_shape(old, a, b)]}
        for old, a, b in SHAPES
    ]
    decisions = []
    for current, new in SPACINGS:
        separate, axis = determine_do_sep_z_and_axis(None, current, new)
        decisions.append({"cur": current, "new": new, "result": [bool(separate), None if axis is None else int(axis)]})
    versions = {name: version(name) for name in PACKAGES}
    fixture = {"versions": versions, "cases": cases, "shapes": shapes, "separate_z": decisions}
    pathlib.Path(__file__).with_name("resampling.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
