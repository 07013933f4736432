"""Resamples volumes with other programs: reads cases from a JSON file and prints their results as JSON.

    python3 resample_with_peers.py CASES.json

A case has peer, data (in C order), shape, spacing, new_spacing, new_shape and order, the slowest axis first.
"""

import json
import pathlib
import sys

import numpy as np


def skimage(values, case):
    from skimage.transform import resize

    return resize(values, case["new_shape"], case["order"], mode="edge", anti_aliasing=False)


def scipy(values, case):
    from scipy import ndimage

    zoom = np.array(case["spacing"]) / np.array(case["new_spacing"])
    return ndimage.zoom(values, zoom, order=case["order"], mode="nearest")


def torch(values, case):
    import torch

    tensor = torch.from_numpy(values.astype(np.float32))[None, None]
    return torch.nn.functional.interpolate(tensor, case["new_shape"], mode="trilinear")[0, 0].numpy()


def monai(values, case):
    import torch
    from monai.data import MetaTensor
    from monai.transforms import Spacing

    affine = torch.diag(torch.tensor([*case["spacing"], 1.0], dtype=torch.float64))
    image = MetaTensor(torch.from_numpy(values.astype(np.float32))[None], affine=affine)
    mode = {0: "nearest", 1: "bilinear", 3: 3}[case["order"]]
    return Spacing(case["new_spacing"], mode=mode, padding_mode="border" if case["order"] < 3 else "nearest")(image)[0].numpy()


def torchio(values, case):
    import torch
    import torchio

    affine = np.diag([*case["spacing"], 1.0])
    image = torchio.ScalarImage(tensor=torch.from_numpy(values.astype(np.float32))[None], affine=affine)
    kind = {0: "nearest", 1: "linear", 3: "bspline"}[case["order"]]
    return torchio.Resample(tuple(case["new_spacing"]), image_interpolation=kind)(image).data[0].numpy()


def simpleitk(values, case):
    """TorchIO's grid, by ITK."""
    import SimpleITK

    image = SimpleITK.GetImageFromArray(values.astype(np.float32))
    spacing, new_spacing = case["spacing"][::-1], case["new_spacing"][::-1]
    image.SetSpacing(spacing)
    size, new_size = values.shape[::-1], case["new_shape"][::-1]
    filter = SimpleITK.ResampleImageFilter()
    filter.SetSize(new_size)
    filter.SetOutputSpacing(new_spacing)
    filter.SetOutputOrigin([(n - 1) / 2 * a - (m - 1) / 2 * b for n, m, a, b in zip(size, new_size, spacing, new_spacing)])
    kinds = {0: SimpleITK.sitkNearestNeighbor, 1: SimpleITK.sitkLinear, 3: SimpleITK.sitkBSpline}
    filter.SetInterpolator(kinds[case["order"]])
    return SimpleITK.GetArrayFromImage(filter.Execute(image))


def main():
    results = []
    for case in json.loads(pathlib.Path(sys.argv[1]).read_text()):
        values = np.array(case["data"], np.float64).reshape(case["shape"])
        result = np.asarray(globals()[case["peer"]](values, case))
        results.append({"shape": list(result.shape), "data": result.astype(float).ravel().tolist()})
    print(json.dumps(results))


if __name__ == "__main__":
    main()
