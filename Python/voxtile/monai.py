"""MONAI's sliding window by this package: the same names, arguments and numbers, with less memory.

Replace ``from monai.inferers import SlidingWindowInferer`` by ``from voxtile.monai import SlidingWindowInferer``. It needs torch;
MONAI itself only where inputs are its ``MetaTensor``.

Images and predictions of whole numbers are refused, as MONAI does once the first window is predicted: results have the type of
the images, and a mean of labels is another label.

What differs on purpose: sums are of 32-bit floats on the CPU whatever the input is; the memory of a predictor's output is not
written to; ``buffer_steps`` and ``buffer_dim`` are taken and change nothing; where outputs have
several sizes, each gets weights of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from ._windows import Windows, WindowSums, repeated
from .errors import make_error, shown

__all__ = ["SlidingWindowInferer", "importance_map", "sliding_window_inference"]


def importance_map(
    patch: Sequence[int], mode: str = "constant", sigma_scale: float | Sequence[float] = 0.125
) -> torch.Tensor:
    """How much each voxel of a window counts, as MONAI's ``compute_importance_map`` says.

    Parameters
    ----------
    patch : sequence of int
        The size of a window.
    mode : str
        ``"constant"`` or ``"gaussian"``.
    sigma_scale : float or sequence of float
        The standard deviation as a part of the window.

    Returns
    -------
    torch.Tensor of shape ``patch``, float32
        At least 0.001 everywhere: MONAI raises smaller values to that.
    """
    name = str(getattr(mode, "value", mode)).lower()
    if name == "constant":
        return torch.ones(*patch)
    if name != "gaussian":
        raise make_error("invalidOption", f"mode is {shown(mode)}, not 'constant' or 'gaussian'", context={"found": str(mode)})
    weights = torch.ones(())
    for length, part in zip(patch, repeated(sigma_scale, len(patch), "sigma_scale")):
        places = torch.arange(length, dtype=torch.float32) - (length - 1) / 2
        weights = weights.unsqueeze(-1) * torch.exp(places**2 / (-2 * (length * part) ** 2))
    return weights.clamp(min=max(float(weights.min()), 1e-3))


def sliding_window_inference(
    inputs: torch.Tensor,
    roi_size: Sequence[int] | int,
    sw_batch_size: int,
    predictor: Callable[..., Any],
    overlap: Sequence[float] | float = 0.25,
    mode: str = "constant",
    sigma_scale: Sequence[float] | float = 0.125,
    padding_mode: str = "constant",
    cval: float = 0.0,
    sw_device: torch.device | str | None = None,
    device: torch.device | str | None = None,
    progress: bool = False,
    roi_weight_map: torch.Tensor | None = None,
    process_fn: Callable[..., Any] | None = None,
    buffer_steps: int | None = None,
    buffer_dim: int = -1,
    with_coord: bool = False,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Predicts an image window by window, as MONAI's function of this name does.

    Parameters
    ----------
    inputs : torch.Tensor of shape ``(batch, channels, ...)``
        The images, with any number of spatial axes.
    roi_size, sw_batch_size, predictor, overlap, mode, sigma_scale, padding_mode, cval, sw_device, device, progress, \
    roi_weight_map, process_fn, with_coord
        As MONAI has them.
    buffer_steps, buffer_dim
        Taken, and without effect.

    Returns
    -------
    torch.Tensor, tuple or dict
        What the predictor gives, for the whole image; in the type of the inputs.

    Raises
    ------
    VoxtileError
        ``shapeMismatch`` and ``invalidOption`` where the arguments do not fit each other, as ``ValueError``; ``typeMismatch`` for
        images and ``predictionFailed`` for predictions of whole numbers, as ``TypeError`` and ``RuntimeError``.
    """
    meta: Any = inputs if type(inputs).__name__ == "MetaTensor" else None
    plain = meta.as_tensor() if meta is not None else inputs
    if not isinstance(plain, torch.Tensor) or not plain.dtype.is_floating_point:
        kind = plain.dtype if isinstance(plain, torch.Tensor) else f"a {type(plain).__name__}"
        raise make_error(
            "typeMismatch", f"the images are {kind}, and results have the type of the images; give a tensor of floats, as by "
            ".float()", context={"expected": "a tensor of floats", "found": str(kind)},
        )  # fmt: skip
    windows = Windows(plain.shape, roi_size, overlap, padding_mode, cval)
    if buffer_steps is not None and buffer_steps > 0 and not -windows.axes <= buffer_dim <= windows.axes:
        raise make_error("invalidOption", f"buffer_dim must be in [{-windows.axes}, {windows.axes}], got {buffer_dim}")
    if sw_batch_size < 1:
        raise make_error("invalidOption", f"sw_batch_size is {sw_batch_size}, not at least 1")
    padded, condition = windows.padded(plain), kwargs.pop("condition", None)
    condition = None if condition is None else windows.padded(condition)
    if roi_weight_map is not None:
        weights = roi_weight_map.to(dtype=torch.float32)
    else:
        weights = importance_map(windows.roi, mode, sigma_scale)
    sums: list[WindowSums] = []
    keys: list[Any] | None = None
    home = sw_device or plain.device
    for places in windows.batches(plain.shape[0], sw_batch_size, progress):
        batch = torch.cat([padded[place] for place in places]) if len(places) > 1 else padded[places[0]]
        batch = batch.to(home)
        if condition is not None:
            kwargs["condition"] = torch.cat([condition[place] for place in places]).to(home)
        coordinates = ([list(place) for place in places],) if with_coord else ()
        keys, outputs = _flattened(predictor(batch, *coordinates, *args, **kwargs))
        for output in outputs:
            if not output.dtype.is_floating_point:
                raise make_error(
                    "predictionFailed", f"the predictor gave {output.dtype}, whose mean is no prediction; give the values from "
                    "which labels are taken, and take them of the result", context={"found": str(output.dtype)},
                )  # fmt: skip
        used = weights
        if process_fn is not None:
            outputs, used = process_fn(outputs, batch, weights.to(home, plain.dtype))
        for number, output in enumerate(outputs):
            if number == len(sums):
                sums.append(WindowSums(windows, plain.shape[0], output))
            sums[number].add(output, used, places)
    results = [each.finish(plain.dtype, device or plain.device) for each in sums]
    return _packed(results if meta is None else [_like(result, meta) for result in results], keys)


class SlidingWindowInferer:
    """MONAI's inferer of this name, around `sliding_window_inference`.

    Parameters are those of MONAI's class.
    """

    def __init__(
        self,
        roi_size: Sequence[int] | int,
        sw_batch_size: int = 1,
        overlap: Sequence[float] | float = 0.25,
        mode: str = "constant",
        sigma_scale: Sequence[float] | float = 0.125,
        padding_mode: str = "constant",
        cval: float = 0.0,
        sw_device: torch.device | str | None = None,
        device: torch.device | str | None = None,
        progress: bool = False,
        cache_roi_weight_map: bool = False,
        cpu_thresh: int | None = None,
        buffer_steps: int | None = None,
        buffer_dim: int = -1,
        with_coord: bool = False,
    ) -> None:
        self.roi_size, self.sw_batch_size, self.overlap = roi_size, sw_batch_size, overlap
        self.mode, self.sigma_scale, self.padding_mode, self.cval = mode, sigma_scale, padding_mode, cval
        self.sw_device, self.device, self.progress = sw_device, device, progress
        self.cpu_thresh, self.buffer_steps, self.buffer_dim, self.with_coord = cpu_thresh, buffer_steps, buffer_dim, with_coord
        self.roi_weight_map = None
        if cache_roi_weight_map and isinstance(roi_size, Sequence) and min(roi_size) > 0:
            self.roi_weight_map = importance_map(roi_size, mode, sigma_scale)

    def __call__(self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Predicts images of shape ``(batch, channels, ...)`` by a network."""
        condition = kwargs.get("condition")
        if condition is not None and condition.shape != inputs.shape:
            raise make_error(
                "shapeMismatch", f"`condition` must match shape of `inputs` ({inputs.shape}), but got {condition.shape}"
            )
        device = kwargs.pop("device", self.device)
        if device is None and self.cpu_thresh is not None and inputs.shape[2:].numel() > self.cpu_thresh:
            device = "cpu"
        buffer_steps, buffer_dim = kwargs.pop("buffer_steps", self.buffer_steps), kwargs.pop("buffer_dim", self.buffer_dim)
        return sliding_window_inference(
            inputs, self.roi_size, self.sw_batch_size, network, self.overlap, self.mode, self.sigma_scale,
            self.padding_mode, self.cval, self.sw_device, device, self.progress, self.roi_weight_map, None, buffer_steps,
            buffer_dim, self.with_coord, *args, **kwargs,
        )  # fmt: skip


def _flattened(outputs: Any) -> tuple[list[Any] | None, tuple[torch.Tensor, ...]]:
    if isinstance(outputs, torch.Tensor):
        return None, (outputs,)
    if isinstance(outputs, Mapping):
        keys = sorted(outputs)
        return keys, tuple(outputs[key] for key in keys)
    if isinstance(outputs, np.ndarray) or not isinstance(outputs, Sequence):
        raise make_error("predictionFailed", f"the predictor gave a {type(outputs).__name__}, not tensors")
    return None, tuple(outputs)


def _packed(results: list[torch.Tensor], keys: list[Any] | None) -> Any:
    if keys is not None:
        return dict(zip(keys, results))
    return results[0] if len(results) == 1 else tuple(results)


def _like(result: torch.Tensor, meta: Any) -> Any:
    """A MetaTensor with the metadata of the inputs."""
    from monai.data.meta_tensor import MetaTensor

    return MetaTensor(result).copy_meta_from(meta, copy_attr=False)
