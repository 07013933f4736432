"""A model over a whole image, patch by patch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

from ._arrays import as_array, check_whole, in_native_order
from .errors import make_error
from .grid import PatchGrid
from .merge import Merger
from .patch import Patch

__all__ = ["predict"]


def predict(
    array: Any,
    model: Callable[[np.ndarray], Any],
    *,
    patch: Any = None,
    overlap: Any = None,
    edge: Any = None,
    padding: str | None = None,
    blend: str | None = None,
    sigma: float = 0.125,
    fill: float = 0.0,
    nan: Literal["propagate", "ignore", "error"] = "propagate",
    batch: int = 1,
    grid: PatchGrid | None = None,
    threads: int = 0,
    progress: bool | Callable[[int, int], None] = False,
) -> np.ndarray:
    """Predicts a whole image patch by patch, and merges the predictions.

    Parameters
    ----------
    array : array of shape ``(z, y, x)`` or ``(channels, z, y, x)``
        The image (or ``(y, x)`` and ``(channels, y, x)`` with a grid of two axes).
    model : callable
        Takes an array of shape ``(n, channels, *patch)`` and gives one of shape ``(n, outputs, *patch)`` or ``(n, *patch)``;
        of numpy, torch or anything with ``__dlpack__``. What it takes is in the byte order of this machine.
    patch, overlap, edge, padding
        The grid, as in `PatchGrid` (by default 96 voxels, 0.5 of them shared); it is laid over the last three axes, or the last
        two where the array has only two.
    blend : str, optional
        How predictions are merged, as in `Merger`. By default floats are weighted by a Gaussian, and whole numbers and bools are
        taken for labels and voted on, since a mean of two labels is a third one.
    sigma, fill, nan
        As in `Merger`.
    batch : int
        How many patches the model gets at a time; the last time perhaps fewer.
    grid : PatchGrid, optional
        A grid that is there already, without those options.
    threads : int
        How many threads cut and merge; 0 for as many as there are cores.
    progress : bool or callable
        True shows a bar by tqdm, where it is installed; a callable is told how many patches of how many are done.

    Returns
    -------
    numpy.ndarray of shape ``(outputs, z, y, x)`` or ``(z, y, x)``
        In the type that the model gives.

    Raises
    ------
    VoxtileError
        ``predictionFailed`` where the model gives another number of patches, or no array, ``invalidOption`` for a grid beside the
        options of another one. What the model raises goes through.

    Examples
    --------
    >>> import numpy as np, voxtile
    >>> scan = np.random.default_rng(0).random((20, 30, 40), np.float32)
    >>> result = voxtile.predict(scan, lambda batch: batch * 2, patch=16, overlap=0.25)
    >>> result.shape
    (1, 20, 30, 40)
    >>> bool(np.allclose(result[0], scan * 2))
    True
    """
    image = as_array(array)
    asked = {"patch": patch, "overlap": overlap, "edge": edge, "padding": padding}
    laid = {name: value for name, value in asked.items() if value is not None}
    if grid is not None and laid:
        raise make_error("invalidOption", f"there is a grid, which says {', '.join(laid)}; leave that out")
    if grid is None:
        axes = 2 if image.ndim == 2 else 3
        grid = PatchGrid(image.shape[-axes:], **laid)
    if not callable(model):
        raise make_error("invalidOption", f"the model is a {type(model).__name__}, which cannot be called")
    if check_whole("batch", batch) < 1:
        raise make_error("invalidOption", f"batch is {batch}, not at least 1")
    lead = image.ndim - len(grid.shape)
    tell = _teller(progress, len(grid))
    merging = {"sigma": sigma, "fill": fill, "nan": nan, "threads": threads}
    merger = Merger(grid, blend or "average", **merging)
    try:
        for first, count in _batches(grid, batch):
            cut = in_native_order(grid.crop_all(image, first=first, count=count, threads=threads))
            output = checked_output(model(cut if lead else cut[:, None]), count, grid[first])
            if first == 0 and blend is None:
                merger = Merger(grid, default_blend(output.dtype), **merging)
            for number in range(count):
                merger.add(output[number], first + number)
            tell(first + count)
        return merger.finish()
    finally:
        merger.close()


def _batches(grid: PatchGrid, batch: int) -> Iterator[tuple[int, int]]:
    """Runs of patches of one size."""
    first = 0
    while first < len(grid):
        shape, count = grid[first].shape, 1
        while count < batch and first + count < len(grid) and grid[first + count].shape == shape:
            count += 1
        yield first, count
        first += count


def default_blend(dtype: np.dtype) -> str:
    """How predictions of a type are merged where nobody says it: whole numbers are labels."""
    return "vote" if dtype.kind in "biu" else "gaussian"


def checked_output(output: Any, count: int, patch: Patch) -> np.ndarray:
    """What a model gave, as an array."""
    if not hasattr(output, "shape"):
        raise make_error("predictionFailed", f"the model gave a {type(output).__name__}, not one array")
    output, axes = as_array(output), len(patch.shape)
    if output.ndim not in (axes + 1, axes + 2) or output.shape[0] != count or output.shape[-axes:] != patch.shape:
        raise make_error(
            "predictionFailed", f"the model gave shape {output.shape} for {count} patches of {patch.shape}; it should give "
            f"({count}, outputs, *{patch.shape}) or ({count}, *{patch.shape})",
            context={"expected": str((count, *patch.shape)), "found": str(output.shape)},
        )  # fmt: skip
    return output


def _teller(progress: bool | Callable[[int, int], None], total: int) -> Callable[[int], None]:
    if callable(progress):
        return lambda done: progress(done, total)
    if not progress:
        return lambda done: None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return lambda done: None
    bar = tqdm(total=total, unit="patch")

    def tell(done: int) -> None:
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return tell
