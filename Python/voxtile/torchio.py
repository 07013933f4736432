"""TorchIO's grid sampler and aggregator by this package: the same names, arguments and locations.

Replace ``import torchio as tio; tio.GridSampler`` by ``from voxtile.torchio import GridSampler, GridAggregator``. It needs
torch and TorchIO.

What differs on purpose: labels in int64 stay int64; voxels that no patch was added for are 0, not NaN; counts and weights are
32-bit floats whatever the patches are, so averages of uint8 do not overflow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torchio

from . import _native
from .errors import make_error

__all__ = ["GridAggregator", "GridSampler"]


class GridSampler(torchio.data.GridSampler):
    """TorchIO's sampler itself: its patches are views already, and its locations are what the aggregator needs.

    It is a dataset for torch's ``DataLoader``, for any number of workers.
    """


class GridAggregator:
    """Puts the patches of a `GridSampler` together.

    Parameters
    ----------
    sampler : GridSampler
        The sampler of this module or of TorchIO.
    overlap_mode : str
        ``"crop"`` takes each voxel from one patch, ``"average"`` takes the mean, ``"hann"`` a mean that is weighted toward
        the middle of a patch.
    downsampling_factor : int
        How many times smaller a network's output is, along each axis.
    """

    def __init__(self, sampler: Any, overlap_mode: str = "crop", downsampling_factor: int = 1) -> None:
        if overlap_mode not in ("crop", "average", "hann"):
            raise make_error(
                "invalidOption", f'Overlap mode must be "crop", "average" or "hann" but "{overlap_mode}" was passed',
                context={"found": str(overlap_mode)},
            )  # fmt: skip
        if downsampling_factor < 1:
            raise make_error("invalidOption", f"downsampling_factor is {downsampling_factor}, not at least 1")
        self.overlap_mode = overlap_mode
        self._factor = downsampling_factor
        self.volume_padded = sampler.padding_mode is not None
        self.patch_overlap = np.asarray(sampler.patch_overlap, int)
        self.patch_size = np.asarray(sampler.patch_size, int)
        self.spatial_shape = tuple(int(n) // self._factor for n in sampler.subject.spatial_shape)
        self._output: torch.Tensor | None = None
        self._totals: torch.Tensor | None = None
        self._dtype: torch.dtype | None = None
        self._window: torch.Tensor | None = None

    def add_batch(self, batch_tensor: torch.Tensor, locations: torch.Tensor) -> None:
        """Adds the outputs of a network.

        Parameters
        ----------
        batch_tensor : torch.Tensor of shape ``(n, channels, i, j, k)``
            The outputs, in the order of TorchIO's axes.
        locations : torch.Tensor of shape ``(n, 6)``
            Where they lie: first voxels and ends, as ``batch[torchio.LOCATION]`` says.
        """
        batch = batch_tensor.detach().cpu()
        places = locations.cpu().numpy().astype(int) // self._factor
        if batch.ndim != 5 or places.shape != (len(batch), 6):
            raise make_error(
                "shapeMismatch", f"a batch of shape {tuple(batch.shape)} and locations of shape {places.shape} are not "
                "(n, channels, i, j, k) and (n, 6)",
            )  # fmt: skip
        self._check(batch, places)
        if self._output is None:
            self._dtype = batch.dtype
            kept = batch.dtype if self.overlap_mode == "crop" else torch.float32
            self._output = torch.zeros(batch.shape[1], *self.spatial_shape, dtype=kept)
            if self.overlap_mode != "crop":
                self._totals = torch.zeros(self.spatial_shape)
        elif self._output.shape[0] != batch.shape[1]:
            raise make_error("shapeMismatch", f"a batch has {batch.shape[1]} channels, but those before {self._output.shape[0]}")
        for patch, place in zip(batch, places):
            if self.overlap_mode == "crop":
                self._put(patch, place)
            else:
                self._sum(patch.float().contiguous(), place)

    def get_output_tensor(self) -> torch.Tensor:
        """The whole volume, of shape ``(channels, i, j, k)``."""
        if self._output is None:
            raise make_error("missingPatch", "no batch was added")
        output = self._output
        if self._totals is not None:
            output = output.clone()
            totals = self._totals.clamp(min=torch.finfo(torch.float32).tiny)
            _native.call("sums_divide", output.shape[0], output.data_ptr(), totals.data_ptr(), totals.numel(), 0)
        if not self.volume_padded:
            return output
        border = [int(n) // 2 for n in self.patch_overlap]
        return output[(slice(None), *(slice(b, n - b) for b, n in zip(border, output.shape[1:])))]

    def _check(self, batch: torch.Tensor, places: np.ndarray) -> None:
        sizes = places[:, 3:] - places[:, :3]
        if len(sizes) and (sizes != sizes[0]).any():
            raise make_error("shapeMismatch", "the locations of a batch have several sizes")
        for size, place in zip(sizes, places):
            if tuple(size) != tuple(batch.shape[-3:]):
                raise make_error(
                    "shapeMismatch", f"The shape of the input batch, {tuple(batch.shape[-3:])}, does not match the shape of "
                    f"the target location, which is {tuple(int(n) for n in size)}",
                )  # fmt: skip
            if (place[:3] < 0).any() or (place[3:] > self.spatial_shape).any():
                raise make_error("shapeMismatch", f"location {place.tolist()} is not inside a volume of {self.spatial_shape}")

    def _put(self, patch: torch.Tensor, place: np.ndarray) -> None:
        """Overwrites all but half the overlap at each end inside the volume."""
        half = self.patch_overlap // 2
        first, last = half.copy(), half.copy()
        if not self.volume_padded:
            first = first * (place[:3] > 0)
            last = last * (place[3:] != self.spatial_shape)
        size = np.array(patch.shape[-3:])
        inner = tuple(slice(int(a), int(n - b)) for a, b, n in zip(first, last, size))
        outer = tuple(slice(int(s + a), int(e - b)) for s, e, a, b in zip(place[:3], place[3:], first, last))
        assert self._output is not None
        self._output[(slice(None), *outer)] = patch[(slice(None), *inner)]

    def _sum(self, patch: torch.Tensor, place: np.ndarray) -> None:
        window = self._weights(tuple(patch.shape[1:]))
        assert self._output is not None and self._totals is not None
        _native.call(
            "sums_add", _native.sizes(self.spatial_shape[::-1]), _native.sizes(place[:3][::-1]),
            _native.sizes(patch.shape[:0:-1]), patch.shape[0], patch.data_ptr(), patch.numel(), window.data_ptr(),
            window.numel(), self._output.data_ptr(), self._output.numel(), self._totals.data_ptr(), 0,
        )  # fmt: skip

    def _weights(self, shape: tuple[int, ...]) -> torch.Tensor:
        if self._window is None or tuple(self._window.shape) != shape:
            window = torch.ones(shape)
            if self.overlap_mode == "hann":
                for axis, size in enumerate(shape):
                    profile = torch.hann_window(size + 2, periodic=False)[1:-1]
                    window = window * profile.reshape([-1 if n == axis else 1 for n in range(3)])
            self._window = window.contiguous()
        return self._window
