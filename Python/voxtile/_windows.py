"""The windows of MONAI: where they lie, and the sums of what a network gives for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
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
    """The weighted sums of one output, in 32-bit floats, and the sums of the weights."""

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
        self.totals: torch.Tensor | None = None

    def add(self, output: torch.Tensor, weights: torch.Tensor, places: list[tuple[slice, ...]]) -> None:
        """Adds the outputs of a batch."""
        values = (output if self.is_in_torch else output.detach()).to("cpu", torch.float32).contiguous()
        window = self._window(weights)
        if self.totals is None:
            # Of the first weights, for all windows, as MONAI does.
            self.totals = torch.zeros(self.shape)
            for place in self.windows.slices:
                self._add(window[None], torch.ones(self.patch), place, self.totals[None])
        for number, place in enumerate(places):
            self._add(values[number], window, place[2:], self.sums[place[0].start])

    def finish(self, dtype: torch.dtype, device: Any) -> torch.Tensor:
        """The means, without what was padded."""
        assert self.totals is not None
        result = self.sums / self.totals if self.is_in_torch else self.sums
        for image in [] if self.is_in_torch else self.sums:
            _native.call(
                "sums_divide", image.shape[0], image.data_ptr(), self.totals.data_ptr(), self.totals.numel(), 0
            )  # fmt: skip
        if any(self.windows.padding):
            cut = [
                slice(round(first * part), round((first + length) * part))
                for first, length, part in zip(self.windows.before, self.windows.image, self._zoom())
            ]
            result = result[(slice(None), slice(None), *cut)].contiguous()
        return result.to(device, dtype)

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

    def _add(self, values: torch.Tensor, weights: torch.Tensor, place: Sequence[slice], sums: torch.Tensor) -> None:
        start = [int(s.start * part) if self.is_scaled else s.start for s, part in zip(place, self.scale)]
        if values.shape[1:] != weights.shape:
            raise make_error(
                "predictionFailed", f"the predictor gave windows of {tuple(values.shape[1:])} and {tuple(weights.shape)}"
            )
        if self.is_in_torch:
            sums[(slice(None), *(slice(s, s + n) for s, n in zip(start, self.patch)))] += values * weights
            return
        flat = [0] * (3 - len(start)), [1] * (3 - len(start))
        _native.call(
            "sums_add", _native.sizes([*self.shape[::-1], *flat[1]]), _native.sizes([*start[::-1], *flat[0]]),
            _native.sizes([*self.patch[::-1], *flat[1]]), values.shape[0], values.data_ptr(), values.numel(),
            weights.data_ptr(), weights.numel(), sums.data_ptr(), sums.numel(), None, 0,
        )  # fmt: skip


def repeated(value: Any, count: int, name: str) -> list[Any]:
    """One value for each axis."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        return [value] * count
    if len(value) != count:
        raise make_error("invalidOption", f"{name} has {len(value)} values for {count} axes: {tuple(value)}")
    return list(value)
