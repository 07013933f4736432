"""Merging patches back into an image."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from . import _native
from ._arrays import NATIVE, Image, as_array, check_name, check_whole, merged_type, native, restored
from .errors import make_error
from .grid import PatchGrid

__all__ = ["Merger"]


class Merger:
    """Merges patches that come in any order and from any thread.

    Values are merged as soon as no later patch can touch them, into the result itself; the bits do not depend on the order
    or on the number of threads. A patch is copied when it is added, so its memory may be used again.

    Parameters
    ----------
    grid : PatchGrid
        The grid that the patches were cut on.
    blend : str
        How several patches become one value: ``"average"``, ``"gaussian"``, ``"hann"``, ``"triangular"``, ``"center"``,
        ``"last"``, ``"maximum"``, for labels ``"vote"``, ``"vote:plain"``, ``"vote:gaussian"`` and so on.
    sigma : float
        For Gaussians, the standard deviation as a part of the patch.
    fill : float
        The value of voxels that no patch holds; where there may be some, the type of the result has to hold it, rounded.
    nan : str
        What NaN in a patch does: ``"propagate"``, ``"ignore"`` or ``"error"``.
    absent : iterable of int
        The numbers of patches that will not come.
    dtype : numpy dtype, optional
        The type of the result; that of the patches by default. ``bool`` says where whole numbers are not 0.
    out : numpy.ndarray, optional
        Takes the result: C-contiguous, of shape ``grid.shape`` or ``(channels, *grid.shape)``.
    threads : int
        How many threads merge; 0 for as many as there are cores.

    Raises
    ------
    VoxtileError
        ``invalidArgument`` for a blend or another name that is not there.

    Examples
    --------
    >>> import numpy as np, voxtile
    >>> image = np.arange(100, dtype=np.float32).reshape(10, 10)
    >>> grid = voxtile.PatchGrid(image.shape, patch=4, overlap=2)
    >>> with voxtile.Merger(grid) as merger:
    ...     for patch in grid:
    ...         merger.add(grid.crop(image, patch.index), patch.index)
    >>> bool((merger.result == image).all())
    True
    """

    def __init__(
        self,
        grid: PatchGrid,
        blend: str = "average",
        *,
        sigma: float = 0.125,
        fill: float = 0.0,
        nan: Literal["propagate", "ignore", "error"] = "propagate",
        absent: Iterable[int] = (),
        dtype: Any = None,
        out: np.ndarray | None = None,
        threads: int = 0,
    ) -> None:
        self.grid = checked_grid(grid)
        self._absent = [grid._checked(check_whole("absent", index)) for index in absent]
        self._options = (check_name("blend", blend).encode(), float(sigma), float(fill), check_name("nan", nan).encode())
        self._threads = check_whole("threads", threads)
        self._dtype = None if dtype is None else np.dtype(dtype)
        self._out = None if out is None else _checked_out(out, grid, self._dtype)
        self._lock = threading.Lock()
        self._handle = 0
        self._close: Any = None
        self._memory: np.ndarray | None = None
        self._lead: tuple[int, ...] = ()
        self._restored: np.dtype | None = None
        self._given: np.dtype | None = None  # The type of the patches as they came.
        self._result: np.ndarray | None = None
        self._is_closed = False
        # A wrong name is said here, not with the first patch.
        self._make(np.zeros(0, np.float32), probe=True)

    def add(self, patch: Any, index: int) -> None:
        """Adds one patch.

        Parameters
        ----------
        patch : array of shape ``patch`` or ``(channels, *patch)``
            Its values, of the patch's full size; all patches have one type and number of channels.
        index : int
            The number of the patch.

        Raises
        ------
        VoxtileError
            ``shapeMismatch`` and ``typeMismatch`` for other patches than before, ``duplicatePatch`` for a second time.
        """
        index = self.grid._checked(check_whole("index", index))
        shape, axes = self.grid[index].shape, len(self.grid.shape)
        values, dtype = patch_values(self.grid, index, patch)
        source = Image(values, axes)
        with self._lock:
            if self._is_closed:
                raise make_error("mergerFinished", "the merger is finished or closed; start another one")
            if self._handle == 0:
                self._lead, self._restored = values.shape[:-axes], self._dtype or dtype
                self._make(values)
                self._given = dtype
            elif self._given != dtype:
                raise make_error(
                    "typeMismatch", f"patch {index} holds {dtype}, but the patches before it {self._given}; all patches must "
                    "hold the same", context={"expected": str(self._given), "found": str(dtype)},
                )  # fmt: skip
            elif self._lead != values.shape[:-axes]:
                raise make_error(
                    "shapeMismatch", f"patch {index} has shape {values.shape}, but those before it have "
                    f"{self._lead + shape}", context={"expected": str(self._lead), "found": str(values.shape[:-axes])},
                )  # fmt: skip
            # Held while the library writes to it, whatever another thread closes meanwhile.
            handle, held = self._handle, self._memory
        _native.call(
            "merger_add", handle, index, source.type, source.channels, source.address, source.count,
            _native.sizes(source.strides),
        )  # fmt: skip
        del held

    def finish(self) -> np.ndarray:
        """The merged array.

        Returns
        -------
        numpy.ndarray of shape ``grid.shape`` or ``(channels, *grid.shape)``

        Raises
        ------
        VoxtileError
            ``missingPatch`` where patches were never added; they can still be.
        """
        with self._lock:
            if self._result is not None:
                return self._result
            if self._is_closed:
                raise make_error("mergerFinished", "the merger is closed; start another one")
            if self._handle == 0 or self._memory is None or self._restored is None:
                raise make_error("missingPatch", f"{len(self.grid)} of {len(self.grid)} patches were never added")
            _native.call("merger_check", self._handle)
            self._result = restored(self._memory, self._restored)
        self.close()
        return self._result

    @property
    def result(self) -> np.ndarray:
        """What ``finish`` gives."""
        return self.finish()

    def close(self) -> None:
        """Lets all memory go, but for the result. It may be called again."""
        with self._lock:
            self._is_closed = True
            self._memory = None
            if self._close is not None:
                self._close()

    def __enter__(self) -> Merger:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.finish()
        else:
            self.close()

    def _make(self, values: np.ndarray, probe: bool = False) -> None:
        """Makes the merger of the library; to probe, one that is closed at once."""
        blend, sigma, fill, nan = self._options
        if probe:
            grid, memory = PatchGrid((1, 1), patch=1), np.empty(1, np.float32)
        else:
            grid, memory = self.grid, self._target(values)
        absent = [] if probe else self._absent
        result = _native.sizes([0])
        _native.call(
            "merger_new", grid._handle, memory.dtype.name.encode(), 1 if probe or not self._lead else self._lead[0],
            memory.ctypes.data, memory.size, blend, sigma, fill, nan, _native.sizes(absent or [0]), len(absent),
            self._threads, result,
        )  # fmt: skip
        if probe:
            return _native.close(result[0])
        self._handle, self._memory = result[0], memory
        # The array stays as long as the library may write to it.
        self._close = weakref.finalize(self, _release, self._handle, memory)

    def _target(self, values: np.ndarray) -> np.ndarray:
        shape = self._lead + self.grid.shape
        if self._out is not None:
            if self._out.shape != shape:
                raise make_error(
                    "shapeMismatch", f"out has shape {self._out.shape}, but the result {shape}",
                    context={"expected": str(shape), "found": str(self._out.shape)},
                )  # fmt: skip
            check_fill(self._options[2], self._out.dtype, self.grid, self._absent)
            self._restored = self._out.dtype
            return self._out
        memory = np.empty(shape, merged_type(self._restored or values.dtype, values.dtype))
        check_fill(self._options[2], memory.dtype, self.grid, self._absent)
        return memory


def patch_values(grid: PatchGrid, index: int, patch: Any) -> tuple[np.ndarray, np.dtype]:
    """The values of a patch in a type of the library, and the type to give results back in."""
    values = as_array(patch)
    shape, axes = grid[index].shape, len(grid.shape)
    if values.shape[-axes:] != shape or values.ndim not in (axes, axes + 1) or values.size == 0:
        raise make_error(
            "shapeMismatch", f"patch {index} should have shape {shape}, with or without channels before it, but it has "
            f"{values.shape}", context={"expected": str(shape), "found": str(values.shape)},
        )  # fmt: skip
    return native(values)


def _release(handle: int, _memory: np.ndarray) -> None:
    _native.close(handle)


def check_fill(fill: float, dtype: np.dtype, grid: PatchGrid, absent: Sequence[int] = ()) -> None:
    """Refuses a value that the type of the result does not hold, where there may be voxels that get it."""
    has_gaps = bool(absent) or grid._measures.covered_voxels < math.prod(grid.shape)
    if dtype.kind == "f" or not has_gaps:
        return
    limits = np.iinfo(dtype)
    if not (np.isfinite(fill) and limits.min <= round(fill) <= limits.max):
        raise make_error(
            "invalidOption", f"some voxels may be in no patch, and {dtype} cannot hold their fill value {fill:g}; use another "
            "fill or dtype", context={"expected": str(dtype), "found": str(fill)},
        )  # fmt: skip


def checked_grid(grid: Any) -> PatchGrid:
    """A grid, and nothing else."""
    if not isinstance(grid, PatchGrid):
        raise make_error("invalidOption", f"grid is a {type(grid).__name__}, not a PatchGrid")
    return grid


def _checked_out(out: Any, grid: PatchGrid, dtype: np.dtype | None) -> np.ndarray:
    if not isinstance(out, np.ndarray) or out.dtype.name not in NATIVE or not out.dtype.isnative:
        kind = getattr(out, "dtype", type(out).__name__)
        raise make_error("typeMismatch", f"out is {kind}, not a numpy array of {', '.join(sorted(NATIVE))}")
    if dtype is not None and dtype != out.dtype:
        raise make_error("typeMismatch", f"out is {out.dtype}, but dtype {dtype}; leave one of them out")
    if not (out.flags.c_contiguous and out.flags.writeable and out.flags.aligned):
        raise make_error("invalidOption", "out is not contiguous, not aligned or not writeable; use numpy.empty")
    if out.shape[-len(grid.shape) :] != grid.shape or out.ndim > len(grid.shape) + 1:
        raise make_error("shapeMismatch", f"out has shape {out.shape}, but the grid is over {grid.shape}")
    return out
