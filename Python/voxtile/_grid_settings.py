"""What a grid was made of, and what the library says of it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, NamedTuple

from . import _native
from ._arrays import check_name, check_overlap, check_whole, per_axis
from .errors import make_error, shown

__all__ = ["GridMeasures", "GridSettings", "in_order"]


class GridSettings(NamedTuple):
    """What makes a grid, each in the order of the axes of the array."""

    shape: tuple[int, ...]
    patch: tuple[int, ...]
    overlap: tuple[int | float, ...]
    edge: tuple[str, ...]
    padding: str
    order: str

    @classmethod
    def of(cls, shape: Any, patch: Any, overlap: Any, edge: Any, padding: Any, order: Any) -> GridSettings:
        """The settings for what a caller says."""
        if isinstance(shape, (str, bytes)) or not hasattr(shape, "__len__") or len(shape) not in (2, 3):
            found = shown(shape)
            raise make_error("invalidOption", f"shape is {found}, not (z, y, x) or (y, x)", context={"found": found})
        sizes = tuple(check_whole("shape", size) for size in shape)
        axes = len(sizes)
        patches = per_axis("patch", patch, axes, check_whole)
        for name, each in (("shape", sizes), ("patch", tuple(patches))):
            if min(each) < 0:
                raise make_error("invalidGrid", f"{name} is {each}; no size can be negative", context={"found": str(each)})
        shared = per_axis("overlap", overlap, axes, check_overlap)
        if not hasattr(overlap, "__len__"):
            # One voxel has nothing to share.
            shared = [0 if size == 1 else value for size, value in zip(patches, shared)]
        edges = per_axis("edge", edge, axes, check_name)
        return cls(
            sizes, tuple(patches), tuple(shared), tuple(edges), check_name("padding", padding), check_name("order", order)
        )

    def make(self) -> int:
        """The handle of a grid of the library, to which a picture is one slice."""
        flat = 3 - len(self.shape)
        fractions = [isinstance(value, float) for value in self.overlap[::-1]] + [False] * flat
        result = _native.sizes([0])
        _native.call(
            "grid_new", _native.sizes(self.shape[::-1] + (1,) * flat), _native.sizes(self.patch[::-1] + (1,) * flat),
            (ctypes.c_double * 3)(*self.overlap[::-1], *[0] * flat), (ctypes.c_uint8 * 3)(*fractions),
            ",".join(self.edge[::-1] + ("shift",) * flat).encode(), self.padding.encode(), self.order.encode(), result,
        )  # fmt: skip
        return result[0]


class GridMeasures(NamedTuple):
    """What the library says of a grid; sizes in the order of the axes of the array."""

    patches: int
    counts: tuple[int, ...]
    patch: tuple[int, ...]
    stride: tuple[int, ...]
    covered_voxels: int
    patch_voxels: int
    # The most patches that a merger holds, if they come in the order of the grid.
    held_patches: int

    @classmethod
    def of(cls, handle: int, axes: int) -> GridMeasures:
        """The measures of a grid of the library."""
        numbers = _native.sizes([0] * 13)
        _native.call("grid_info", handle, numbers, 13)
        counts, patch, stride = (in_order(numbers[first : first + 3], axes) for first in (1, 4, 7))
        return cls(numbers[0], counts, patch, stride, *numbers[10:])


def in_order(sizes: Sequence[int], axes: int) -> tuple[int, ...]:
    """Numbers of the library, x first, in the order of the axes of the array."""
    return tuple(sizes[:axes][::-1])
