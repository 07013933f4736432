"""Patches as a dataset of torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ._arrays import as_array
from .errors import make_error
from .grid import PatchGrid

__all__ = ["PatchDataset"]


class PatchDataset(torch.utils.data.Dataset):
    """The patches of an image, for a ``DataLoader`` with any number of workers, forked or spawned.

    Parameters
    ----------
    array : array of shape ``(z, y, x)`` or ``(channels, z, y, x)``
        The image, or a path to an array that ``numpy.load`` maps into memory, so that workers share it.
    grid : PatchGrid
        The grid.
    transform : callable, optional
        What is done to each patch, as a tensor of shape ``(channels, *patch)``.

    Examples
    --------
    >>> import numpy as np, torch, voxtile
    >>> from voxtile.torch import PatchDataset
    >>> scan = np.zeros((20, 20, 20), np.float32)
    >>> grid = voxtile.PatchGrid(scan.shape, patch=8)
    >>> loader = torch.utils.data.DataLoader(PatchDataset(scan, grid), batch_size=4)
    >>> patches, indices = next(iter(loader))
    >>> patches.shape, indices
    (torch.Size([4, 1, 8, 8, 8]), tensor([0, 1, 2, 3]))
    """

    def __init__(self, array: Any, grid: PatchGrid, transform: Callable[[torch.Tensor], Any] | None = None) -> None:
        self.path = str(array) if isinstance(array, str) or hasattr(array, "__fspath__") else None
        self.array = np.load(self.path, mmap_mode="r") if self.path is not None else as_array(array)
        self.grid = grid
        self.transform = transform
        grid._image(self.array)
        if self.array.dtype.kind not in "fiub":
            raise make_error("typeMismatch", f"arrays of {self.array.dtype} are no tensors")

    def __len__(self) -> int:
        return len(self.grid)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        """A patch as a tensor of shape ``(channels, *patch)`` with memory of its own, and its number."""
        cut = self.grid.crop(self.array, index, copy=True)
        if not cut.dtype.isnative:
            cut = cut.astype(cut.dtype.newbyteorder("="))
        tensor = torch.from_numpy(np.ascontiguousarray(cut))
        if self.array.ndim == len(self.grid.shape):
            tensor = tensor[None]
        return (tensor if self.transform is None else self.transform(tensor)), int(self.grid._checked(index))

    def __getstate__(self) -> dict[str, Any]:
        # A mapped file is opened again, not sent.
        return {**self.__dict__, "array": None if self.path is not None else self.array}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.path is not None:
            self.array = np.load(self.path, mmap_mode="r")
