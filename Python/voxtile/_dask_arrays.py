"""Predictions of arrays of Dask, as arrays of Dask: nothing is computed before a block is asked for."""

from __future__ import annotations

import itertools
import os
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Literal

import dask.array
import numpy as np
from dask.highlevelgraph import HighLevelGraph

from ._arrays import check_whole, in_native_order, per_axis
from ._jobs import Path
from ._onnx import OnnxModel
from ._padding import padded, span
from ._predict import _batches, checked_output, default_blend
from .box import merge_box, patches_over
from .errors import make_error, shown
from .grid import PatchGrid

__all__ = ["from_array"]


def from_array(
    array: Any,
    model: Callable[[np.ndarray], Any] | Path,
    *,
    patch: Any = None,
    overlap: Any = 0.5,
    edge: Any = "shift",
    padding: str = "constant",
    blend: str | None = None,
    nan: Literal["propagate", "ignore", "error"] = "propagate",
    batch: int = 1,
    grid: PatchGrid | None = None,
    chunks: int | Sequence[int] | None = None,
    outputs: int | None = None,
    dtype: Any = None,
    threads: int = 1,
    is_prepared: bool = False,
) -> dask.array.Array:
    """An array of Dask with what a model predicts of an image, patch by patch, merged where patches overlap.

    The values are those of `voxtile.predict` over the whole image, to the bit. There are two kinds of tasks: one predicts a batch
    of patches, one merges a block of the result from the patches over it. Dask frees a prediction as soon as the blocks that need
    it are done, so the memory does not grow with the image.

    Parameters
    ----------
    array : dask array, or anything that ``dask.array.from_array`` takes
        The image, of shape ``(z, y, x)`` or ``(channels, z, y, x)`` (``(y, x)`` and, with a grid of two axes,
        ``(channels, y, x)``); of numpy, Zarr, HDF5 and so on.
    model : callable or path
        As in `voxtile.predict`; for processes and clusters it must pickle. An ONNX network is given by its path and runs with
        onnxruntime; each worker loads it once. Where its file carries settings for the image (``voxtile.normalize``,
        ``voxtile.orientation``, ``voxtile.axes``, ``voxtile.spacing``), it is refused unless ``is_prepared`` is True.
    patch : int or tuple of int, optional
        The size of a patch; by default that which an ONNX file carries (``voxtile.patch``), else 96.
    overlap, edge, padding, grid
        The grid, as in `voxtile.predict`.
    blend, nan : str
        How predictions are merged, as in `Merger`; without a blend, as in `voxtile.predict`.
    batch : int
        How many patches the model gets at a time.
    chunks : int or sequence of int, optional
        The size of the blocks of the result along each axis of the image; the size of a patch by default.
    outputs, dtype : int and numpy dtype, optional
        How many channels the model gives (0 where it gives none) and their type. Where one of them is left out, the model is
        tried at once with a patch of zeros.
    threads : int
        How many threads merge a block.
    is_prepared : bool
        Whether the image is already as the file of an ONNX network asks: normalized, turned, and with voxels of that size.
        Nothing of that is done here; `voxtile.dask.predict` does it with files.

    Returns
    -------
    dask.array.Array of shape ``(outputs, z, y, x)`` or ``(z, y, x)``

    Raises
    ------
    VoxtileError
        ``invalidOption`` for other arguments than these, and for a network whose file asks for a prepared image; while it is
        computed, what `voxtile.predict` raises.

    Examples
    --------
    >>> import dask.array, voxtile.dask
    >>> scan = dask.array.ones((40, 50, 60), chunks=20, dtype="float32")
    >>> result = voxtile.dask.from_array(scan, lambda batch: batch * 2, patch=16, overlap=0.25)
    >>> result.shape, float(result[0, 20, 20, 20].compute())
    ((1, 40, 50, 60), 2.0)
    """
    image = dask.array.asarray(array)
    if isinstance(model, (str, os.PathLike)):
        model = OnnxModel(os.path.abspath(os.fspath(model)))
        model.check_image(is_prepared)
        patch = model.patch if patch is None else patch
    if grid is None:
        axes = 2 if image.ndim == 2 else 3
        patch = 96 if patch is None else patch
        grid = PatchGrid(image.shape[-axes:], patch, overlap, edge, padding=padding)
    axes = len(grid.shape)
    if image.shape[-axes:] != grid.shape or image.ndim not in (axes, axes + 1):
        raise make_error(
            "shapeMismatch", f"the array has shape {image.shape}, but the grid is over {grid.shape}",
            context={"expected": str(grid.shape), "found": str(image.shape)},
        )  # fmt: skip
    if not callable(model):
        raise make_error("invalidOption", f"the model is a {type(model).__name__}, which cannot be called")
    batch, threads = check_whole("batch", batch), check_whole("threads", threads)
    if batch < 1:
        raise make_error("invalidOption", f"batch is {batch}, not at least 1")
    # All channels of a voxel are in one block.
    image = image.rechunk({0: -1}) if image.ndim > axes else image
    job = _Job(grid, model, tuple(_bounds(image, axes)), image.ndim > axes)
    if outputs is None or dtype is None:
        found = job.tried(image)
        outputs = (found.shape[1] if found.ndim > axes + 1 else 0) if outputs is None else outputs
        dtype = found.dtype if dtype is None else dtype
    blocks = _blocks(grid, chunks)
    dtype = np.dtype(dtype)
    merging = (blend or default_blend(dtype), nan, threads)
    return _graph(image, job, batch, blocks, merging, check_whole("outputs", outputs), dtype)


def _graph(
    image: Any, job: _Job, batch: int, blocks: list[list[slice]], merging: tuple[str, str, int], outputs: int, dtype: np.dtype
) -> dask.array.Array:
    grid = job.grid
    mark = uuid.uuid4().hex
    name, predicted, model = (f"voxtile-{part}-{mark}" for part in ("merge", "predict", "model"))
    layer: dict[Any, Any] = {model: job}
    batch_of: dict[int, tuple[str, int]] = {}
    for first, count in _batches(grid, batch):
        places = job.blocks_under(first, count)
        keys = [(image.name, *([0] if job.has_channels else []), *place) for place in places]
        layer[(predicted, first)] = (_predicted, model, first, count, [list(place) for place in places], keys)
        batch_of.update(dict.fromkeys(range(first, first + count), (predicted, first)))
    lead = [0] if outputs else []
    for place in itertools.product(*(range(len(parts)) for parts in blocks)):
        box = [parts[number] for parts, number in zip(blocks, place)]
        needed = patches_over(grid, box)
        keys = sorted({batch_of[index] for index in needed})
        limits = [[part.start, part.stop] for part in box]
        layer[(name, *lead, *place)] = (
            _merged, model, limits, needed, [key[1] for key in keys], keys, list(merging), outputs, dtype.str,
        )  # fmt: skip
    sizes = tuple(tuple(part.stop - part.start for part in parts) for parts in blocks)
    graph = HighLevelGraph.from_collections(name, layer, dependencies=[image])
    return dask.array.Array(graph, name, ((outputs,),) * len(lead) + sizes, dtype=dtype)


class _Job:
    """What all tasks share: it is one value of the graph, so that the model is sent once."""

    def __init__(
        self, grid: PatchGrid, model: Callable[[np.ndarray], Any], bounds: tuple[tuple[int, ...], ...], has_channels: bool
    ) -> None:
        self.grid, self.model, self.bounds, self.has_channels = grid, model, bounds, has_channels
        self.padding = grid._settings.padding

    def window(self, first: int, count: int) -> list[tuple[int, int]]:
        """The voxels that patches are cut from: more than theirs where padding mirrors or repeats others."""
        patches = self.grid[first : first + count]
        parts = [
            [span(patch.start[axis], patch.shape[axis], length, self.padding) for patch in patches]
            for axis, length in enumerate(self.grid.shape)
        ]
        return [(min(begin for begin, _ in spans), max(end for _, end in spans)) for spans in parts]

    def blocks_under(self, first: int, count: int) -> list[tuple[int, ...]]:
        """The blocks of the image that the patches are cut from."""
        parts = []
        for (begin, end), bounds in zip(self.window(first, count), self.bounds):
            parts.append([k for k in range(len(bounds) - 1) if bounds[k] < end and begin < bounds[k + 1]])
        return list(itertools.product(*parts))

    def cut(self, first: int, count: int, places: list[list[int]], blocks: list[np.ndarray]) -> np.ndarray:
        """Patches of shape ``(count, channels, *patch)``."""
        window = self.window(first, count)
        lead = blocks[0].shape[:1] if self.has_channels else (1,)
        values = np.empty(lead + tuple(end - begin for begin, end in window), blocks[0].dtype)
        for place, block in zip(places, blocks):
            inside, source = [slice(None)], [slice(None)]
            for number, bounds, (begin, end) in zip(place, self.bounds, window):
                low, high = max(begin, bounds[number]), min(end, bounds[number + 1])
                inside.append(slice(low - begin, high - begin))
                source.append(slice(low - bounds[number], high - bounds[number]))
            values[tuple(inside)] = (block if self.has_channels else block[None])[tuple(source)]
        origin = [begin for begin, _ in window]
        patches = self.grid[first : first + count]
        return np.stack([padded(values, origin, patch.start, patch.shape, self.padding) for patch in patches])

    def predict(self, patches: np.ndarray, first: int) -> np.ndarray:
        return checked_output(self.model(in_native_order(patches)), patches.shape[0], self.grid[first])

    def tried(self, image: Any) -> np.ndarray:
        """What the model gives of a patch of zeros."""
        lead = image.shape[:1] if self.has_channels else (1,)
        return self.predict(np.zeros((1, *lead, *self.grid[0].shape), image.dtype), 0)


def _predicted(job: _Job, first: int, count: int, places: list[list[int]], blocks: list[Any]) -> np.ndarray:
    return job.predict(job.cut(first, count, places, [np.asarray(block) for block in blocks]), first)


def _merged(
    job: _Job, limits: list[list[int]], needed: list[int], firsts: list[int], batches: list[np.ndarray], merging: list[Any],
    outputs: int, dtype: str,
) -> np.ndarray:  # fmt: skip
    blend, nan, threads = merging
    axes = len(job.grid.shape)
    patches: dict[int, np.ndarray] = {}
    for first, batch in zip(firsts, batches):
        found = batch.shape[1] if batch.ndim > axes + 1 else 0
        if found != outputs:
            raise make_error(
                "predictionFailed", f"the model gave {found} channels, but {outputs} were expected (outputs)",
                context={"expected": str(outputs), "found": str(found)},
            )  # fmt: skip
        patches.update({first + number: batch[number] for number in range(batch.shape[0])})
    box = [slice(begin, end) for begin, end in limits]
    if not needed:
        lead = (outputs,) if outputs else ()
        return np.zeros(lead + tuple(end - begin for begin, end in limits), dtype)
    return merge_box(job.grid, box, patches, blend, nan=nan, dtype=dtype, threads=threads)


def _bounds(image: Any, axes: int) -> list[tuple[int, ...]]:
    """Where the blocks of the image begin along each axis, and where the last one ends."""
    return [(0, *itertools.accumulate(sizes)) for sizes in image.chunks[-axes:]]


def _blocks(grid: PatchGrid, chunks: int | Sequence[int] | None) -> list[list[slice]]:
    """The blocks of the result along each axis."""
    sizes = list(grid.patch) if chunks is None else per_axis("chunks", chunks, len(grid.shape), check_whole)
    if any(size < 1 for size in sizes):
        raise make_error("invalidOption", f"chunks is {shown(chunks)}, not at least 1 along each axis")
    return [
        [slice(begin, min(begin + size, length)) for begin in range(0, length, size)]
        for size, length in zip(sizes, grid.shape)
    ]
