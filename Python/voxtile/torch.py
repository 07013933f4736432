"""Patches as a dataset of torch."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from ._arrays import as_array, check_whole, in_native_order
from ._jobs import Path
from ._padding import padded, span
from .errors import make_error, shown
from .files import info
from .grid import PatchGrid
from .reading import read_known
from .sampling import MANIFEST, sample

__all__ = ["PatchDataset", "SampledPatches"]


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
        cut = in_native_order(self.grid.crop(self.array, index, copy=True))
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


class SampledPatches(torch.utils.data.Dataset):
    """Training patches that ``voxtile.sample`` chose, for a ``DataLoader`` with any number of workers.

    Each item is a pair: the image as ``float32`` of shape ``(channels, *patch)``, and the labels as ``int64`` of shape ``patch``.

    Parameters
    ----------
    folder : path
        The set. Where it is a list only, patches are cut from the scans, which are read where the patch is if they are not
        compressed.
    split : str, optional
        ``"training"`` or ``"validation"``: the patches of the scans of that part; all by default.
    transform : callable, optional
        What is done to the image and the labels of a patch: takes both, and gives the item.

    Examples
    --------
    >>> import numpy as np, os, tempfile, torch, voxtile
    >>> from voxtile.torch import SampledPatches
    >>> folder = tempfile.mkdtemp()
    >>> for name, type in [("scan.npy", "float32"), ("labels.npy", "uint8")]:
    ...     np.save(os.path.join(folder, name), (np.arange(27000).reshape(30, 30, 30) % 7 == 0).astype(type))
    >>> scan, labels, output = (os.path.join(folder, name) for name in ["scan.npy", "labels.npy", "set"])
    >>> report = voxtile.sample(scan, output, labels=labels, patch=8, count=4)
    >>> image, labels = SampledPatches(output)[0]
    >>> image.shape, labels.shape, bool((image[0] == labels).all())
    (torch.Size([1, 8, 8, 8]), torch.Size([8, 8, 8]), True)
    """

    def __init__(
        self, folder: Path, *, split: str | None = None, transform: Callable[[torch.Tensor, torch.Tensor], Any] | None = None
    ) -> None:
        if split not in (None, "training", "validation"):
            raise make_error("invalidOption", f"split is {shown(split)}, not 'training', 'validation' or None")
        self.split, self.transform = split, transform
        self._source: tuple[Any, Any, dict[str, Any]] | None = None
        self._load(os.path.abspath(os.fspath(folder)))

    @classmethod
    def fresh(
        cls,
        scans: Path | Sequence[Path],
        labels: Path,
        *,
        transform: Callable[[torch.Tensor, torch.Tensor], Any] | None = None,
        **options: Any,
    ) -> SampledPatches:
        """Patches that are chosen anew for each epoch, and cut from the scans.

        Parameters
        ----------
        scans, labels
            As in `voxtile.sample`.
        **options
            Those of `voxtile.sample`, such as ``patch=96, cover="lesions", count=20, seed=1``.

        Returns
        -------
        SampledPatches
            The patches of epoch 0; ``set_epoch`` chooses those of another one.
        """
        chosen = cls.__new__(cls)
        chosen.split, chosen.transform = None, transform
        chosen._source = (scans, labels, options)
        chosen.set_epoch(0)
        return chosen

    def set_epoch(self, epoch: int) -> None:
        """Chooses other patches: those of the seed plus the number of the epoch, the same wherever it is called.

        Raises
        ------
        VoxtileError
            Where the patches are those of a folder.
        """
        if self._source is None:
            raise make_error("invalidOption", "these patches are those of a folder; use SampledPatches.fresh for other ones")
        scans, labels, options = self._source
        seed = check_whole("seed", options.get("seed", 0)) + check_whole("epoch", epoch)
        with tempfile.TemporaryDirectory(prefix="voxtile-epoch-") as folder:
            sample(scans, os.path.join(folder, "set"), labels=labels, list_only=True, **{**options, "seed": seed})
            self._load(os.path.join(folder, "set"))

    def _load(self, folder: str) -> None:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
            found = json.load(file)
        settings = found["settings"]
        self.patch: tuple[int, ...] = tuple(settings["patch"][::-1])
        self._padding, self._label_padding = settings["padding"], settings["labelPadding"]
        self._label_map = {int(old): new for old, new in (settings.get("labelMap") or {}).items()}
        scans = {scan["name"]: scan for scan in found["scans"]}
        self._items: list[tuple[list[str], str, tuple[int, ...] | None]] = []
        # What is known of the scans that were cut.
        self._scans: dict[str, dict[str, Any]] = {}
        for one in found["patches"]:
            scan = scans[one["scan"]]
            if self.split not in (None, scan.get("split", "training")):
                continue
            images, labels, start = one.get("images"), one.get("labels"), None
            if labels is None:
                images, labels = [image["path"] for image in scan["images"]], scan["labels"]["path"]
                start = tuple(one["start"][::-1])
            paths = [os.path.normpath(os.path.join(folder, path)) for path in [*images, labels]]
            self._items.append((paths[:-1], paths[-1], start))

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Any:
        """A patch: its image and its labels, or what ``transform`` makes of them."""
        images, labels, start = self._items[index]
        parts = [self._part(path, start, self._padding, None, "float32") for path in images]
        image = torch.from_numpy(np.ascontiguousarray(np.concatenate(parts)))
        values = self._part(labels, start, "constant", self._label_padding, None)[0].astype(np.int64)
        if start is not None and self._label_map:
            old = values.copy()
            for label, new in self._label_map.items():
                values[old == label] = new
        pair = image, torch.from_numpy(np.ascontiguousarray(values))
        return pair if self.transform is None else self.transform(*pair)

    def _part(self, path: str, start: tuple[int, ...] | None, padding: str, fill: Any, dtype: Any) -> np.ndarray:
        """The values of a patch, with an axis of channels."""
        if start is None:
            found = info(path)
            values = read_known(path, found, None, dtype)
            return values if values.ndim > len(found["shape"]) else values[None]
        # A scan is cut many times.
        if path not in self._scans:
            self._scans[path] = info(path)
        found = self._scans[path]
        size, axes = found["shape"], len(found["shape"])
        begin, shape = start[-axes:], self.patch[-axes:]
        window = [span(first, length, whole, padding) for first, length, whole in zip(begin, shape, size)]
        values = read_known(path, found, [slice(*part) for part in window], dtype)
        if values.ndim == axes:
            values = values[None]
        return padded(values, [first for first, _ in window], begin, shape, padding, fill)
