"""Where the patches of an image lie, and cutting them out."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy as np

from . import _native
from ._arrays import Image, as_array, check_whole, is_read_in_parts, native, restored
from ._grid_settings import GridMeasures, GridSettings, in_order
from ._padding import cut
from .coverage import Coverage, GridPlan
from .errors import make_error
from .patch import Patch

__all__ = ["PatchGrid"]

EdgeName = Literal["shift", "balance", "pad", "pad-both", "partial", "discard"]


class PatchGrid(Sequence[Patch]):
    """All patches over an image, computed when they are asked for.

    Parameters
    ----------
    shape : tuple of int
        The size of the image: ``(z, y, x)``, or ``(y, x)`` for a picture, as ``array.shape`` says it.
    patch : int or tuple of int
        The size of a patch; one number, or one for each axis.
    overlap : int, float or tuple of those
        What neighbors share: whole numbers are voxels, others (``0.5``) a part of the patch.
    edge : str or tuple of str
        What happens where the patches do not fit: ``"shift"`` moves the last one inward, ``"balance"`` spreads them evenly,
        ``"pad"`` and ``"pad-both"`` run over the border, ``"partial"`` makes the last one smaller, ``"discard"`` loses voxels.
    padding : str
        How voxels beyond the border are made: ``"constant"``, ``"constant:-1024"``, ``"edge"``, ``"reflect"``,
        ``"symmetric"`` or ``"wrap"``.
    order : str
        How patches are numbered: ``"x"`` runs fastest, or ``"z"``.

    Raises
    ------
    VoxtileError
        ``invalidGrid`` where image, patch and overlap do not make a grid.

    Examples
    --------
    >>> import numpy as np, voxtile
    >>> grid = voxtile.PatchGrid((10, 10), patch=3, overlap=1)
    >>> len(grid)
    25
    >>> grid[1].start, grid[1].shape
    ((0, 2), (3, 3))
    >>> image = np.arange(100).reshape(10, 10)
    >>> grid.crop(image, 1)
    array([[ 2,  3,  4],
           [12, 13, 14],
           [22, 23, 24]])
    """

    def __init__(
        self,
        shape: Sequence[int],
        patch: int | Sequence[int] = 96,
        overlap: float | Sequence[float] = 0.5,
        edge: EdgeName | Sequence[EdgeName] = "shift",
        *,
        padding: str = "constant",
        order: Literal["x", "z"] = "x",
    ) -> None:
        self._settings = GridSettings.of(shape, patch, overlap, edge, padding, order)
        self._handle = self._settings.make()
        weakref.finalize(self, _native.close, self._handle)
        self._measures = GridMeasures.of(self._handle, len(self._settings.shape))
        self._last: Patch | None = None  # Who cuts and adds a patch asks several times; threads may share it.

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of the image."""
        return self._settings.shape

    @property
    def patch(self) -> tuple[int, ...]:
        """The size of a patch; smaller than asked for where ``"partial"`` met a smaller image."""
        return self._measures.patch

    @property
    def stride(self) -> tuple[int, ...]:
        """Voxels from one regular patch to the next, along each axis."""
        return self._measures.stride

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of patches along each axis."""
        return self._measures.counts

    @property
    def coverage(self) -> Coverage:
        """How many patches hold each voxel, and what is lost."""
        counts = []
        if max(self.shape) > 1 << 26:
            raise make_error("memoryTooLow", f"a grid over {self.shape} is too long for a number for each coordinate")
        for axis, length in enumerate(self.shape):
            numbers = _native.sizes([0] * length)
            _native.call("grid_coverage", self._handle, len(self.shape) - 1 - axis, numbers, length)
            counts.append(np.array(numbers, dtype=np.int64))
        return Coverage(tuple(counts), covered_voxels=self._measures.covered_voxels, patch_voxels=self._measures.patch_voxels)

    def plan(
        self, *, dtype: Any = "float32", channels: int = 1, output_channels: int = 1, memory: int | None = None
    ) -> GridPlan:
        """What cutting and merging costs, before anything is computed.

        Parameters
        ----------
        dtype : numpy dtype
            The type of the values.
        channels, output_channels : int
            Values per voxel of the image and of the result.
        memory : int, optional
            The most bytes that a merge may take beside the image.

        Raises
        ------
        VoxtileError
            ``memoryTooLow`` where a merge takes more.

        Examples
        --------
        >>> import voxtile
        >>> plan = voxtile.PatchGrid((300, 512, 512), patch=96).plan()
        >>> plan.patches, plan.lost_voxels
        (600, 0)
        """
        return GridPlan.of(self, np.dtype(dtype), channels, output_channels, memory)

    def crop(self, array: Any, index: int, *, copy: bool = False) -> np.ndarray:
        """One patch of an image.

        Parameters
        ----------
        array : array of shape ``(z, y, x)`` or ``(channels, z, y, x)``
            The image, of any type of numbers: numpy, torch, ``__dlpack__``; of zarr, h5py and dask only this part is read.
        index : int
            The number of the patch.
        copy : bool
            Whether the patch gets memory of its own.

        Returns
        -------
        numpy.ndarray of shape ``patch`` or ``(channels, *patch)``
            A view of the image where the patch lies inside it, else a new array.

        Raises
        ------
        VoxtileError
            ``shapeMismatch`` for an array of another size, ``indexOutOfRange`` for a patch that is not there.
        """
        image, patch = self._image(array), self[index]
        if patch.is_inside:
            part = np.asarray(image[(Ellipsis, *patch.slices)])
            return part.copy() if copy else part
        if is_read_in_parts(image) or image.dtype.kind == "c":
            return cut(image, patch, self._settings.padding)
        values, dtype = native(image)
        source = Image(values, len(self.shape))
        target = np.empty(image.shape[: -len(self.shape)] + patch.shape, values.dtype)
        _native.call(
            "grid_cut", self._handle, patch.index, source.type, source.channels, source.address, source.count,
            _native.sizes(source.strides), target.ctypes.data, target.size,
        )  # fmt: skip
        return restored(target, dtype)

    def crop_all(self, array: Any, *, first: int = 0, count: int | None = None, threads: int = 0) -> np.ndarray:
        """Patches in one array.

        Parameters
        ----------
        array : array of shape ``(z, y, x)`` or ``(channels, z, y, x)``
            The image.
        first, count : int
            The number of the first patch, and how many; all that follow by default. They must have one size.
        threads : int
            How many threads copy; 0 for as many as there are cores.

        Returns
        -------
        numpy.ndarray of shape ``(count, *patch)`` or ``(count, channels, *patch)``

        Examples
        --------
        >>> import numpy as np, voxtile
        >>> grid = voxtile.PatchGrid((4, 6, 8), patch=4, overlap=0)
        >>> grid.crop_all(np.zeros((2, 4, 6, 8), np.uint8)).shape
        (4, 2, 4, 4, 4)
        """
        image = self._image(array)
        first = self._checked(check_whole("first", first))
        count = len(self) - first if count is None else check_whole("count", count)
        if not 1 <= count <= len(self) - first:
            raise make_error("indexOutOfRange", f"{count} patches from {first} on are not in a grid of {len(self)} patches")
        shape = self[first].shape
        if "partial" in self._settings.edge and any(self[index].shape != shape for index in range(first, first + count)):
            raise make_error(
                "shapeMismatch", "patches of several sizes (edge policy partial) do not make one array; cut them one at a time"
            )
        if is_read_in_parts(image):
            return np.stack([self.crop(image, index) for index in range(first, first + count)])
        values, dtype = native(image)
        source = Image(values, len(self.shape))
        target = np.empty((count, *image.shape[: -len(self.shape)], *shape), values.dtype)
        _native.call(
            "grid_cut_some", self._handle, first, count, source.type, source.channels, source.address, source.count,
            _native.sizes(source.strides), target.ctypes.data, target.size, check_whole("threads", threads),
        )  # fmt: skip
        return restored(target, dtype)

    def _image(self, array: Any) -> Any:
        image = array if is_read_in_parts(array) else as_array(array)
        axes = len(self.shape)
        if image.shape[-axes:] != self.shape or len(image.shape) not in (axes, axes + 1) or 0 in image.shape:
            raise make_error(
                "shapeMismatch", f"the array has shape {image.shape}, but the grid is over {self.shape} (z, y, x), with or "
                "without channels before it; lay the grid over the shape of the array",
                context={"expected": str(self.shape), "found": str(image.shape)},
            )  # fmt: skip
        return image

    def _checked(self, index: int) -> int:
        number = index + len(self) if index < 0 else index
        if not 0 <= number < len(self):
            raise make_error("indexOutOfRange", f"patch {index} is not in a grid of {len(self)} patches")
        return number

    def __len__(self) -> int:
        return self._measures.patches

    @overload
    def __getitem__(self, index: int) -> Patch: ...
    @overload
    def __getitem__(self, index: slice) -> list[Patch]: ...
    def __getitem__(self, index: int | slice) -> Patch | list[Patch]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number, last = self._checked(check_whole("index", index)), self._last
        if last is not None and last.index == number:
            return last
        numbers = _native.sizes([0] * 15)
        _native.call("grid_patch", self._handle, number, numbers, 15)
        place, start, shape, inside, size = (in_order(numbers[part : part + 3], len(self.shape)) for part in range(0, 15, 3))
        patch = Patch(
            number, start, shape, place, tuple(slice(a, a + n) for a, n in zip(inside, size)),
            tuple(slice(a - b, a - b + n) for a, b, n in zip(inside, start, size)),
        )  # fmt: skip
        self._last = patch
        return patch

    def __reduce__(self) -> tuple[Any, ...]:
        return _make_grid, self._settings

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PatchGrid) and self._settings == other._settings

    def __hash__(self) -> int:
        return hash(self._settings)

    def __repr__(self) -> str:
        shape, *others = (f"{name}={value!r}" for name, value in self._settings._asdict().items())
        return f"PatchGrid({shape.removeprefix('shape=')}, {', '.join(others)})  # {len(self)} patches"


def _make_grid(*settings: Any) -> PatchGrid:
    return PatchGrid(*settings[:4], padding=settings[4], order=settings[5])
