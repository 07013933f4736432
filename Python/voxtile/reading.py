"""Reading image files, or boxes of them, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _native
from ._arrays import check_box, restored
from ._jobs import Path, as_path
from .files import info

__all__ = ["read"]


def read(path: Path, box: Sequence[slice] | None = None, *, dtype: Any = None) -> np.ndarray:
    """Reads an image file of any format, or a box of it.

    A file that is not compressed, and one in tiles or chunks, is read only where the box is; a compressed stream is read from
    its beginning each time.

    Parameters
    ----------
    path : path
        The file (or folder).
    box : sequence of slice, optional
        A slice for each axis, z, y, x; all of the image by default.
    dtype : numpy dtype, optional
        ``float32`` or ``float64``, or the type that is stored, in any byte order. By default the stored one, or where the file
        scales its values ``float32``, which is ``float64`` for values of more than 16 bits.

    Returns
    -------
    numpy.ndarray of shape ``(z, y, x)`` or ``(channels, z, y, x)``, or without z for a picture
        Real values: the scaling of the file is applied.

    Raises
    ------
    VoxtileError
        ``invalidOption`` for a box that is empty or outside the image, and what is wrong with the file.

    Examples
    --------
    >>> import numpy as np, os, tempfile, voxtile
    >>> path = os.path.join(tempfile.mkdtemp(), "scan.npy")
    >>> np.save(path, np.arange(24).reshape(2, 3, 4).astype("int16"))
    >>> voxtile.read(path, (slice(1, 2), slice(None), slice(0, 2)))
    array([[[12, 13],
            [16, 17],
            [20, 21]]], dtype=int16)
    """
    return read_known(path, info(path), box, dtype)


def read_known(path: Path, found: Mapping[str, Any], box: Sequence[slice] | None, dtype: Any) -> np.ndarray:
    """Does what `read` does, for a file of which the caller has the `info` already."""
    shape = found["shape"]
    start, size = ([0] * len(shape), list(shape)) if box is None else check_box(box, shape)
    stored = np.dtype(found["dtype"])
    if dtype is not None:
        wanted = np.dtype(dtype)
    elif "scaling" in found:
        wanted = np.dtype("float32" if stored.itemsize <= 2 else "float64")
    else:
        wanted = stored
    lead = (found["channels"],) if found["channels"] > 1 else ()
    result = np.empty(lead + tuple(size), wanted.newbyteorder("="))
    flat = 3 - len(shape)
    _native.call(
        "file_read", as_path(path), _native.sizes([*start[::-1], *[0] * flat]), _native.sizes([*size[::-1], *[1] * flat]),
        wanted.name.encode(), result.ctypes.data, result.size,
    )  # fmt: skip
    return restored(result, wanted)
