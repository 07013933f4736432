"""The windows of MONAI: where they lie, and the sums of what a network gives for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any

import torch
import torch.nn.functional as F

from . import _native
from .errors import make_error
from .grid import PatchGrid

__all__ = ["WindowSums", "Windows", "repeated"]


class Windows:
    """Where MONAI's windows lie, and how it pads."""

    def __init__(self, shape: Sequence[int], roi_size: Any, overlap: Any, padding_mode: str, cval: float) -> None:
        self.axes = len(shape) - 2
        self.image = tuple(shape[2:])
        if self.axes < 1:
            raise make_error("shapeMismatch", f"inputs have shape {tuple(shape)}, not a batch, channels, and axes")
        if isinstance(roi_size, Sequence) and len(roi_size) != self.axes:
            raise make_error(
                "shapeMismatch", f"Inputs must have {len(roi_size) + 2} dimensions for {len(roi_size)}D roi_size, but got "
                f"inputs shape {tuple(shape)}",
            )  # fmt: skip
        sizes = repeated(roi_size, self.axes, "roi_size")
        self.roi = tuple(int(n) if n is not None and n > 0 else m for n, m in zip(sizes, self.image))
        shared = repeated(overlap, self.axes, "overlap")
        if any(not 0 <= part < 1 for part in shared):
            raise make_error("invalidOption", f"overlap must be >= 0 and < 1, got {overlap}")
        self.size = tuple(max(n, m) for n, m in zip(self.roi, self.image))
        missing = [n - m for n, m in zip(self.size, self.image)]
        self.before = [n // 2 for n in missing]
        self.padding = [n for each, half in zip(missing[::-1], self.before[::-1]) for n in (half, each - half)]
        self.mode, self.cval = str(getattr(padding_mode, "value", padding_mode)), cval
        steps = [n if n == m else max(1, int(n * (1 - part))) for n, m, part in zip(self.roi, self.size, shared)]
        # A grid for each axis, since there may be more axes than a grid has.
        grids = [PatchGrid((1, n), (1, m), (0, m - step)) for n, m, step in zip(self.size, self.roi, steps)]
        self.slices = list(product(*([patch.slices[1] for patch in grid] for grid in grids)))

    def padded(self, inputs: torch.Tensor) -> torch.Tensor:
        """The images, not smaller than a window."""
        if not any(self.padding):
            return inputs
        if self.mode == "constant":
            return F.pad(inputs, self.padding, self.mode, self.cval)
        return F.pad(inputs, self.padding, self.mode)

    def batches(self, images: int, count: int, progress: bool) -> Iterator[list[tuple[slice, ...]]]:
        """The windows of all images, some at a time."""
        every = [(slice(n, n + 1), slice(None), *place) for n in range(images) for place in self.slices]
        starts: Any = range(0, len(every), count)
        if progress:
            try:
                from tqdm import tqdm

                starts = tqdm(starts)
            except ImportError:
                pass
        for start in starts:
            yield every[start : start + count]


class WindowSums:
    """The weighted sums of one output, in 32-bit floats."""

    def __init__(self, windows: Windows, images: int, output: torch.Tensor) -> None:
        self.windows = windows
        self.patch = tuple(output.shape[2:])
        scale = [n / m for n, m in zip(self.patch, windows.roi)]
        self.is_scaled = self.patch != windows.roi
        self.scale = scale
        self.shape = tuple(int(n * part) for n, part in zip(windows.size, scale)) if self.is_scaled else windows.size
        self.sums = torch.zeros(images, output.shape[1], *self.shape)
        # The library has neither gradients nor a fourth axis.
        self.is_in_torch = windows.axes > 3 or output.requires_grad
        self.window: torch.Tensor | None = None

    def add(self, output: torch.Tensor, weights: torch.Tensor, places: list[tuple[slice, ...]]) -> None:
        """Adds the outputs of a batch."""
        values = (output if self.is_in_torch else output.detach()).to("cpu", torch.float32).contiguous()
        window = self._window(weights)
        if self.window is None:
            # The sums are divided by those of the first weights, for all windows, as in MONAI.
            self.window = window
        for number, place in enumerate(places):
            if values.shape[2:] != window.shape:
                raise make_error(
                    "predictionFailed", f"the predictor gave windows of {tuple(values.shape[2:])} after {tuple(window.shape)}"
                )
            self._add(values[number], window, self._start(place[2:]), self.sums[place[0].start])

    def finish(self, dtype: torch.dtype, device: Any) -> torch.Tensor:
        """The means, without what was padded."""
        result = self._divided() if self.is_in_torch else self._divide()
        if any(self.windows.padding):
            cut = [
                slice(round(first * part), round((first + length) * part))
                for first, length, part in zip(self.windows.before, self.windows.image, self._zoom())
            ]
            result = result[(slice(None), slice(None), *cut)].contiguous()
        return result.to(device, dtype)

    def _divided(self) -> torch.Tensor:
        assert self.window is not None
        totals = torch.zeros(self.shape)
        for place in self.windows.slices:
            self._add(torch.ones(1, *self.patch), self.window, self._start(place), totals[None])
        return self.sums / totals

    def _divide(self) -> torch.Tensor:
        """Divides by the sums of the weights, of some slices at a time, which never exist as a whole image."""
        assert self.window is not None
        ones = torch.ones(1, *self.patch)
        starts = [self._start(place) for place in self.windows.slices]
        thickness = max(1, (4 << 20) // max(1, prod(self.shape[1:])))
        for first in range(0, self.shape[0], thickness):
            last = min(first + thickness, self.shape[0])
            totals = torch.zeros(1, last - first, *self.shape[1:])
            for start in starts:
                low, high = max(first, start[0]), min(last, start[0] + self.patch[0])
                if low < high:
                    part = slice(low - start[0], high - start[0])
                    self._add(ones[:, part], self.window[part], [low - first, *start[1:]], totals)
            for image in self.sums:
                for channel in image:
                    _native.call(
                        "sums_divide", 1, channel[first:last].data_ptr(), totals.data_ptr(), totals.numel(), 0
                    )  # fmt: skip
        return self.sums

    def _start(self, place: Sequence[slice]) -> list[int]:
        """The first voxel of a window in the output."""
        return [int(s.start * part) if self.is_scaled else s.start for s, part in zip(place, self.scale)]

    def _zoom(self) -> list[float]:
        return [n / m for n, m in zip(self.shape, self.windows.size)]

    def _window(self, weights: torch.Tensor) -> torch.Tensor:
        """The weights in the size of the output, without channels."""
        weights = weights.detach().to("cpu", torch.float32)
        axes = self.windows.axes
        if weights.ndim > axes and weights.shape[:-axes].numel() != 1:
            raise make_error("shapeMismatch", f"the weights have shape {tuple(weights.shape)}; one for each voxel is used")
        weights = weights.reshape(weights.shape[-axes:])
        if tuple(weights.shape) != self.patch:
            weights = F.interpolate(weights[None, None], self.patch, mode="nearest-exact")[0, 0]
        return weights.contiguous()

    def _add(self, values: torch.Tensor, weights: torch.Tensor, start: Sequence[int], sums: torch.Tensor) -> None:
        """Adds values of shape ``(channels, ...)`` times their weights to sums from a voxel on."""
        shape = weights.shape
        if self.is_in_torch:
            sums[(slice(None), *(slice(s, s + n) for s, n in zip(start, shape)))] += values * weights
            return
        flat = 3 - len(start)
        _native.call(
            "sums_add", _native.sizes([*sums.shape[:0:-1], *[1] * flat]), _native.sizes([*start[::-1], *[0] * flat]),
            _native.sizes([*shape[::-1], *[1] * flat]), values.shape[0], values.data_ptr(), values.numel(),
            weights.data_ptr(), weights.numel(), sums.data_ptr(), sums.numel(), None, 0,
        )  # fmt: skip


def repeated(value: Any, count: int, name: str) -> list[Any]:
    """One value for each axis."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        return [value] * count
    if len(value) != count:
        raise make_error("invalidOption", f"{name} has {len(value)} values for {count} axes: {tuple(value)}")
    return list(value)
