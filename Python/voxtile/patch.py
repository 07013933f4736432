"""One box of a grid."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Patch"]


@dataclass(frozen=True, slots=True)
class Patch:
    """One box of a grid; all sizes and places in the order of the array, z, y, x.

    Attributes
    ----------
    index : int
        The number of the patch.
    start : tuple of int
        The first voxel; negative where the patch begins before the image.
    shape : tuple of int
        The size.
    place : tuple of int
        The place in the grid, counted in patches.
    slices : tuple of slice
        The part of the image that the patch holds: ``image[patch.slices]``.
    within : tuple of slice
        Where that part lies in the patch.
    """

    index: int
    start: tuple[int, ...]
    shape: tuple[int, ...]
    place: tuple[int, ...]
    slices: tuple[slice, ...]
    within: tuple[slice, ...]

    @property
    def is_inside(self) -> bool:
        """Whether the whole patch lies inside the image."""
        return all(part.stop - part.start == length for part, length in zip(self.slices, self.shape))
