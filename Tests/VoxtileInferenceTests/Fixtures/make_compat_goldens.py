"""Writes compat.json and compat.f32: starts, windows and whole merges of other systems, by the systems.

    python3 -m venv peers
    peers/bin/pip install torch numpy scipy "torchio<2" patchly threadpoolctl scikit-image blosc2 pandas
    peers/bin/pip install --no-deps monai nnunetv2 acvl_utils batchgenerators batchgeneratorsv2 \\
        dynamic-network-architectures fft-conv-pytorch
    peers/bin/python Tests/VoxtileInferenceTests/Fixtures/make_compat_goldens.py

Every array is indexed [z, y, x] and written with x fastest; every list of sizes in the JSON is x, y, z.
compat.f32 holds little-endian float32; an entry of the JSON says where its values start and how many
there are. Merges have the shape [channel, z, y, x].

The systems run what a user of theirs would run: `sliding_window_inference`, `nnUNetPredictor`,
`GridSampler` with `GridAggregator`, and Patchly's `GridSampler` with `Aggregator`. The "network" adds
and multiplies a few numbers with short binary fractions, so that it makes no rounding error and any
difference comes from the merge.
"""

import importlib.metadata
import itertools
import json
import pathlib
import types
import warnings

import numpy as np
import torch
import torchio
from acvl_utils.cropping_and_padding.padding import pad_nd_image
from monai.data.utils import compute_importance_map, dense_patch_slices
from monai.inferers.utils import _get_scan_interval, sliding_window_inference
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.inference.sliding_window_prediction import compute_gaussian, compute_steps_for_sliding_window
from patchly import Aggregator, GridSampler, SamplingMode

warnings.filterwarnings("ignore")

OVERLAPS = [0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.625, 0.7, 0.75, 0.9]
AXES = [
    *itertools.product([1, 2, 3, 5, 8, 9, 12, 13, 16, 17, 20, 23, 31, 40], [1, 2, 3, 4, 5, 7, 8, 10, 16]),
    (64, 64), (65, 64), (100, 32), (110, 64), (300, 128), (301, 96), (181, 96), (217, 96), (512, 160), (511, 112),
]
WINDOWS = [
    [5, 1, 1], [8, 1, 1], [16, 1, 1], [33, 1, 1], [7, 10, 1], [12, 9, 1], [3, 4, 5], [8, 8, 8], [9, 6, 10],
    [16, 12, 8],
]
# name, image, patch, overlap as a fraction, overlap in voxels
MERGES = [
    ("fits", [16, 12, 8], [8, 6, 4], 0.5, [4, 2, 2]),
    ("does not fit", [23, 17, 14], [10, 8, 6], 0.25, [4, 2, 2]),
    ("plane", [29, 18, 1], [9, 10, 1], 0.5, [4, 6, 0]),
    ("much overlap", [11, 7, 9], [5, 6, 4], 0.6, [4, 4, 2]),
    ("smaller than the patch", [5, 12, 7], [8, 8, 10], 0.5, None),
]


def array_order(sizes):
    return tuple(reversed(sizes))


def without_leading_ones(shape):
    kept = list(itertools.dropwhile(lambda size: size == 1, shape))
    return tuple(kept) if kept else (1,)


# Starts, relative to the unpadded image.


def monai_starts(length, patch, overlap):
    padded = max(length, patch)
    interval = _get_scan_interval([padded], [patch], 1, [overlap])
    before = max(patch - length, 0) // 2
    return [window[0].start - before for window in dense_patch_slices([padded], [patch], interval)]


def nnunet_starts(length, patch, overlap):
    padded, slicer = pad_nd_image(np.zeros(length), (patch,), "constant", None, True)
    steps = compute_steps_for_sliding_window(padded.shape, (patch,), round(1 - overlap, 10))[0]
    return [step - int(slicer[0].start) for step in steps]


def torchio_starts(length, patch, overlap):
    try:
        torchio.GridSampler._parse_sizes((length,) * 3, (patch,) * 3, (overlap,) * 3)
    except ValueError:
        return None
    locations = torchio.GridSampler._get_patches_locations((length, 1, 1), (patch, 1, 1), (overlap, 0, 0))
    return locations[:, 0].tolist()


def patchly_starts(length, patch, overlap):
    try:
        sampler = GridSampler(None, (length,), (patch,), (patch - overlap,), mode=SamplingMode.SAMPLE_SQUEEZE)
    except RuntimeError:
        return None
    return [int(sampler.get_bbox(index)[0][0]) for index in range(len(sampler))]


def fractions(starts):
    return [[length, patch, o, starts(length, patch, o)] for length, patch in AXES for o in OVERLAPS]


def voxels(starts):
    return [
        [length, patch, v, starts(length, patch, v)]
        for length, patch in AXES
        for v in sorted({0, 1, 2, patch // 4, patch // 2, patch - 2, patch - 1})
        if 0 <= v < patch
    ]


# Windows.


def monai_window(shape):
    return compute_importance_map(shape, mode="gaussian", sigma_scale=0.125).numpy()


def nnunet_window(shape):
    return compute_gaussian(shape, value_scaling_factor=10, device=torch.device("cpu")).float().numpy()


def nnunet_checksum(patch):
    """A number that changes with any bit and any order of a window that is too large to keep."""
    window = compute_gaussian(array_order(patch), value_scaling_factor=10, device=torch.device("cpu"))
    bits = window.numpy().ravel().view(np.uint16).astype(np.uint64)
    return {"patch": patch, "sum": int((bits * (np.arange(bits.size, dtype=np.uint64) % 65521 + 1)).sum())}


def torchio_window(shape):
    return torchio.GridAggregator._get_hann_window(np.array(shape)).numpy()


def patchly_window(shape):
    from patchly.utils import gaussian_kernel_numpy

    return gaussian_kernel_numpy(np.array(shape), dtype="float32")


# Merges.


def image(shape):
    z, y, x = np.indices(shape)
    return (((37 * x + 101 * y + 59 * z + 7 * x * y + 13 * y * z) % 256 - 128) / 128).astype(np.float32)


def network(patches):
    """Two channels from one, of the value and of its place in the patch; the last three axes are z, y, x."""
    z, y, x = (torch.from_numpy(place) for place in np.indices(patches.shape[-3:]).astype(np.float32))
    first = patches * (0.5 + (x + 2 * y + 3 * z) / 64)
    second = 1 - patches + (3 * x + y - 2 * z) / 128
    return torch.cat([first, second], dim=1)


def monai_merge(mode):
    def merge(shape, patch, fraction, _):
        data = torch.from_numpy(image(shape))[None, None]
        return sliding_window_inference(data, patch, 1, network, overlap=fraction, mode=mode)[0].numpy()

    return merge


class Network(torch.nn.Module):
    def forward(self, patches):
        # The planar configuration hands over [batch, channel, y, x].
        return network(patches[:, :, None])[:, :, 0] if patches.ndim == 4 else network(patches)


def nnunet_merge(buffer):
    def merge(shape, patch, fraction, _):
        predictor = nnUNetPredictor(
            tile_step_size=1 - fraction, use_gaussian=True, use_mirroring=False, device=torch.device("cpu"),
            perform_everything_on_device=False, allow_tqdm=False)
        predictor.network = Network()
        predictor.allowed_mirroring_axes = None
        predictor.configuration_manager = types.SimpleNamespace(patch_size=patch[1:] if patch[0] == 1 else patch)
        predictor.label_manager = types.SimpleNamespace(num_segmentation_heads=2)
        # Its buffers are of the type that this name stands for; the window stays float16.
        half, torch.half = torch.half, buffer
        try:
            with torch.no_grad():
                data = torch.from_numpy(image(shape))[None]
                return predictor.predict_sliding_window_return_logits(data).float().numpy()
        finally:
            torch.half = half

    return merge


def torchio_merge(mode):
    def merge(shape, patch, _, overlap):
        data = torchio.ScalarImage(tensor=torch.from_numpy(image(shape))[None])
        sampler = torchio.GridSampler(torchio.Subject(image=data), patch, overlap)
        aggregator = torchio.GridAggregator(sampler, overlap_mode=mode)
        for batch in torchio.SubjectsLoader(sampler, batch_size=3):
            aggregator.add_batch(network(batch["image"][torchio.DATA]), batch[torchio.LOCATION])
        return aggregator.get_output_tensor().numpy()

    return merge


def patchly_merge(shape, patch, _, overlap):
    step = np.array(patch) - np.array(overlap)
    sampler = GridSampler(image(shape), shape, patch, step, mode=SamplingMode.SAMPLE_SQUEEZE)
    aggregator = Aggregator(sampler, output_size=(2, *shape), weights="gaussian", spatial_first=False)
    for values, box in sampler:
        aggregator.append(network(torch.from_numpy(values)[None, None])[0].numpy(), box)
    return aggregator.get_output()


values = []


def stored(array):
    flat = np.ascontiguousarray(array, dtype="<f4").ravel()
    assert np.isfinite(flat).all()
    entry = {"offset": sum(part.size for part in values), "count": int(flat.size)}
    values.append(flat)
    return entry


def windows():
    makers = {
        "monai": monai_window, "nnunet": nnunet_window, "torchio-hann": torchio_window, "patchly": patchly_window,
    }
    for (mode, make), patch in itertools.product(makers.items(), WINDOWS):
        shape = array_order(patch)
        yield {"mode": mode, "patch": patch, **stored(make(without_leading_ones(shape)))}


def merges():
    makers = {
        "monai": monai_merge("gaussian"), "monai-constant": monai_merge("constant"),
        "nnunet": nnunet_merge(torch.float32), "nnunet float16": nnunet_merge(torch.float16),
        "torchio-crop": torchio_merge("crop"), "torchio-average": torchio_merge("average"),
        "torchio-hann": torchio_merge("hann"), "patchly": patchly_merge,
    }
    for (mode, merge), (name, size, patch, fraction, overlap) in itertools.product(makers.items(), MERGES):
        in_voxels = mode.startswith("torchio") or mode == "patchly"
        if in_voxels and overlap is None:
            continue
        shape = array_order(size)
        result = merge(shape, array_order(patch), fraction, overlap and array_order(overlap))
        assert result.shape == (2, *shape), (mode, name, result.shape)
        yield {
            "mode": mode.split(" ")[0], "half": mode.endswith("float16"), "name": name, "image": size, "patch": patch,
            "fraction": None if in_voxels else fraction, "voxels": overlap if in_voxels else None, **stored(result),
        }


packages = ["torch", "numpy", "scipy", "monai", "nnunetv2", "acvl_utils", "torchio", "patchly"]
fixture = {
    "versions": {name: importlib.metadata.version(name) for name in packages},
    "starts": {
        "monai": fractions(monai_starts), "nnunet": fractions(nnunet_starts), "torchio": voxels(torchio_starts),
        "patchly": voxels(patchly_starts),
    },
    "windows": list(windows()),
    "nnunet_checksums": [nnunet_checksum(patch) for patch in [[48, 64, 40], [128, 128, 1], [320, 1, 1]]],
    "merges": list(merges()),
}
folder = pathlib.Path(__file__).parent
(folder / "compat.json").write_text(json.dumps(fixture, separators=(",", ":"), default=int) + "\n")
(folder / "compat.f32").write_bytes(np.concatenate(values).tobytes())
