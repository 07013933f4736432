"""Patches that run over the border of an image, from the part of it that they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .patch import Patch

__all__ = ["cut", "padded", "span"]


def cut(array: Any, patch: Patch, padding: str) -> np.ndarray:
    """A patch of an array, with its channels, of which only the part that it needs is read.

    Parameters
    ----------
    array : array of any type
        The image, perhaps on disk.
    patch : Patch
        The patch, which may run over the border.
    padding : str
        As in `PatchGrid`.
    """
    lead = len(array.shape) - len(patch.shape)
    spans = [span(*axis, padding) for axis in zip(patch.start, patch.shape, array.shape[lead:])]
    part = np.asarray(array[(Ellipsis, *(slice(*each) for each in spans))])
    result = padded(part if lead else part[None], [first for first, _ in spans], patch.start, patch.shape, padding)
    return result if lead else result[0]


def span(start: int, length: int, size: int, padding: str) -> tuple[int, int]:
    """The voxels of an axis that a patch is made of: more than its own where padding mirrors or repeats others.

    Parameters
    ----------
    start, length : int
        Where the patch begins, perhaps before the image, and its size.
    size : int
        The size of the image.
    padding : str
        As in `PatchGrid`.
    """
    is_near = padding == "edge" or padding.startswith("constant")
    if not is_near and (start < 0 or start + length > size):
        return 0, size
    begin = min(max(start, 0), size - 1)
    return begin, max(begin + 1, min(start + length, size))


def padded(
    values: np.ndarray, origin: Sequence[int], start: Sequence[int], shape: Sequence[int], padding: str, fill: Any = None
) -> np.ndarray:
    """A patch, with its channels.

    Parameters
    ----------
    values : numpy.ndarray of shape ``(channels, ...)``
        A part of the image, which holds what `span` says.
    origin : sequence of int
        Where it begins in the image.
    start, shape : sequence of int
        Where the patch begins, and its size.
    padding : str
        As in `PatchGrid`.
    fill : number, optional
        What constant padding gives, instead of the number in its name.
    """
    steps, part = [(0, 0)], [slice(None)]
    for begin, length, first, size in zip(start, shape, origin, values.shape[1:]):
        before, after = max(0, first - begin), max(0, begin + length - first - size)
        steps.append((before, after))
        part.append(slice(begin - first + before, begin - first + before + length))
    if any(step != (0, 0) for step in steps):
        mode, _, number = padding.partition(":")
        value = float(number or 0) if fill is None else fill
        extra = {"constant_values": np.asarray(value).astype(values.dtype)} if mode == "constant" else {}
        values = np.pad(values, steps, mode=mode, **extra)  # type: ignore[call-overload]
    return values[tuple(part)]
