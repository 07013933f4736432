"""Merging one box of an image from the patches over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from . import _native
from ._arrays import Image, check_box, check_name, check_whole, merged_type, restored
from .errors import make_error
from .grid import PatchGrid
from .merge import check_fill, checked_grid, patch_values

__all__ = ["merge_box", "patches_over"]


def patches_over(grid: PatchGrid, box: Sequence[slice]) -> list[int]:
    """The numbers of the patches that hold a voxel of a box.

    Parameters
    ----------
    grid : PatchGrid
        The grid.
    box : sequence of slice
        The box, a slice for each axis, as ``patch.slices``.

    Raises
    ------
    VoxtileError
        ``invalidOption`` for a box that is empty or outside the image.

    Examples
    --------
    >>> import voxtile
    >>> grid = voxtile.PatchGrid((10, 10), patch=4, overlap=1)
    >>> voxtile.patches_over(grid, (slice(0, 4), slice(0, 5)))
    [0, 1, 3, 4]
    """
    start, size = _checked(grid, box)
    places = [
        [place for place, (begin, end) in enumerate(spans) if begin < first + length and first < end]
        for spans, first, length in zip(_spans(grid), start, size)
    ]
    return sorted(int(number) for number in _numbers(grid)[np.ix_(*places)].ravel())


def merge_box(
    grid: PatchGrid,
    box: Sequence[slice],
    patches: Mapping[int, Any],
    blend: str = "average",
    *,
    sigma: float = 0.125,
    fill: float = 0.0,
    nan: Literal["propagate", "ignore", "error"] = "propagate",
    dtype: Any = None,
    threads: int = 0,
) -> np.ndarray:
    """Merges one box of an image: the same values as those of `Merger` over the whole image, to the bit.

    Boxes need nothing of each other, so each may be merged by another process, in any order.

    Parameters
    ----------
    grid : PatchGrid
        The grid that the patches were cut on.
    box : sequence of slice
        The box, a slice for each axis.
    patches : mapping of int to array
        The patches of `patches_over` by their numbers, of shape ``patch`` or ``(channels, *patch)``. Others may be there too.
    blend, sigma, fill, nan, dtype, threads
        As in `Merger`.

    Returns
    -------
    numpy.ndarray of the shape of the box, or ``(channels, *box)``

    Raises
    ------
    VoxtileError
        ``missingPatch`` where a patch over the box is not there, ``shapeMismatch`` and ``typeMismatch`` for patches that do not
        fit, ``invalidOption`` for a box that is empty or outside the image.

    Examples
    --------
    >>> import numpy as np, voxtile
    >>> image = np.arange(100, dtype=np.float32).reshape(10, 10)
    >>> grid = voxtile.PatchGrid(image.shape, patch=4, overlap=1)
    >>> box = (slice(2, 5), slice(0, 10))
    >>> patches = {index: grid.crop(image, index) for index in voxtile.patches_over(grid, box)}
    >>> bool((voxtile.merge_box(grid, box, patches) == image[box]).all())
    True
    """
    start, size = _checked(grid, box)
    needed = patches_over(grid, box)
    for index in needed:
        if index not in patches:
            raise make_error("missingPatch", f"patch {index} lies over the box, but it is not there")
    axes = len(grid.shape)
    images: list[Image] = []
    kinds: set[tuple[tuple[int, ...], np.dtype]] = set()
    # Where no patch lies, one that is there says the type and the channels.
    chosen = needed or list(patches)[:1]
    for index in chosen:
        values, kind = patch_values(grid, index, patches[index])
        kinds.add((values.shape[:-axes], kind))
        images.append(Image(values, axes))
    if not images:
        raise make_error("missingPatch", "there is no patch, so the type of the values is not known")
    if len(kinds) > 1:
        found = ", ".join(sorted(f"{kind} with channels {lead}" for lead, kind in kinds))
        raise make_error("typeMismatch", f"patches have several types or numbers of channels: {found}")
    lead, kind = kinds.pop()
    wanted = kind if dtype is None else np.dtype(dtype)
    result = np.empty(lead + tuple(size), merged_type(wanted, images[0].array.dtype))
    check_fill(float(fill), result.dtype, grid)
    flat = 3 - axes
    strides = [stride for image in images for stride in image.strides]
    _native.call(
        "grid_merge_box", grid._handle, _native.sizes([*start[::-1], *[0] * flat]),
        _native.sizes([*size[::-1], *[1] * flat]), images[0].type, images[0].channels, len(images), _native.sizes(chosen),
        _native.sizes(image.address for image in images), _native.sizes(image.count for image in images),
        _native.sizes(strides), result.dtype.name.encode(), result.ctypes.data, result.size,
        check_name("blend", blend).encode(), float(sigma), float(fill), check_name("nan", nan).encode(),
        check_whole("threads", threads),
    )  # fmt: skip
    return restored(result, wanted)


def _checked(grid: PatchGrid, box: Sequence[slice]) -> tuple[list[int], list[int]]:
    """The start and the size of a box."""
    return check_box(box, checked_grid(grid).shape)


def _numbers(grid: PatchGrid) -> np.ndarray:
    """The numbers of the patches at their places in the grid, in the order of the axes of the array."""
    if grid._settings.order == "z":
        return np.arange(len(grid)).reshape(grid.counts[::-1]).T
    return np.arange(len(grid)).reshape(grid.counts)


def _spans(grid: PatchGrid) -> list[list[tuple[int, int]]]:
    """The voxels of the image that patches hold along each axis."""
    spans = []
    numbers = _numbers(grid)
    for axis in range(len(grid.shape)):
        first = numbers[tuple(slice(None) if other == axis else 0 for other in range(len(grid.shape)))]
        parts = [grid[int(number)].slices[axis] for number in first]
        spans.append([(part.start, part.stop) for part in parts])
    return spans
