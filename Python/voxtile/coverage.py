"""What a grid covers, and what cutting and merging cost."""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ._arrays import check_whole
from .errors import make_error

if TYPE_CHECKING:
    from .grid import PatchGrid

__all__ = ["Coverage", "GridPlan"]


class Coverage:
    """How many patches hold each voxel.

    Attributes
    ----------
    axis_counts : tuple of numpy.ndarray
        For each axis, in the order of the array, how many patches hold each coordinate. A voxel's count is their product.
    covered_voxels, lost_voxels, patch_voxels : int
        Voxels in some patch, in none, and of all patches together.

    Examples
    --------
    >>> import voxtile
    >>> coverage = voxtile.PatchGrid((5, 5), patch=3, overlap=1).coverage
    >>> coverage.lost_voxels
    0
    >>> coverage.counts()
    array([[1, 1, 2, 1, 1],
           [1, 1, 2, 1, 1],
           [2, 2, 4, 2, 2],
           [1, 1, 2, 1, 1],
           [1, 1, 2, 1, 1]])
    """

    def __init__(self, axis_counts: tuple[np.ndarray, ...], *, covered_voxels: int, patch_voxels: int) -> None:
        self.axis_counts = axis_counts
        self.covered_voxels = covered_voxels
        self.patch_voxels = patch_voxels
        self.lost_voxels = prod(len(counts) for counts in axis_counts) - covered_voxels

    @property
    def redundancy(self) -> float:
        """How many times the image the patches are together; 1 without overlap."""
        return self.patch_voxels / prod(len(counts) for counts in self.axis_counts)

    def counts(self) -> np.ndarray:
        """The number of patches over each voxel, as an array of the shape of the image."""
        return reduce(np.multiply.outer, self.axis_counts)


class GridPlan(NamedTuple):
    """What cutting and merging cost; all numbers of bytes are those of the arrays alone.

    Attributes
    ----------
    patches : int
        How many there are.
    lost_voxels : int
        Voxels that no patch holds.
    redundancy : float
        How many times the image the patches are together.
    patch_bytes, all_patches_bytes : int
        One patch of the image, and all of them.
    result_bytes : int
        The merged array.
    held_bytes : int
        The patches of the result that a merger holds at most at a time, if they come in the order of the grid.
    peak_bytes : int
        The result, and those.
    """

    patches: int
    lost_voxels: int
    redundancy: float
    patch_bytes: int
    all_patches_bytes: int
    result_bytes: int
    held_bytes: int
    peak_bytes: int

    @classmethod
    def of(cls, grid: PatchGrid, dtype: np.dtype, channels: int, output_channels: int, memory: int | None) -> GridPlan:
        """The plan of a grid."""
        for name, number in (("channels", channels), ("output_channels", output_channels)):
            if check_whole(name, number) < 1:
                raise make_error("invalidOption", f"{name} is {number}, not at least 1")
        patch = prod(grid.patch) * dtype.itemsize
        result = prod(grid.shape) * dtype.itemsize * output_channels
        # In the other order, layers are complete at the end.
        measures = grid._measures
        held = len(grid) if grid._settings.order == "z" else min(measures.held_patches, len(grid))
        held *= patch * output_channels
        plan = cls(
            len(grid), prod(grid.shape) - measures.covered_voxels, measures.patch_voxels / prod(grid.shape), patch * channels,
            measures.patch_voxels * dtype.itemsize * channels, result, held, result + held,
        )  # fmt: skip
        if memory is not None and plan.peak_bytes > check_whole("memory", memory):
            raise make_error(
                "memoryTooLow", f"a merge takes {plan.peak_bytes} bytes, more than the {memory} that are allowed",
                "use a smaller patch or overlap, or merge from files", {"neededBytes": str(plan.peak_bytes)},
            )  # fmt: skip
        return plan
