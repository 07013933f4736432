"""Arrays of others as arrays of numpy, and as the library reads them: types, strides, memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import make_error, shown

# The types that the library has itself.
NATIVE = frozenset(
    ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
)  # fmt: skip


def as_array(values: Any) -> np.ndarray:
    """An array of numpy over the memory of another one, where that can be; else a copy.

    Arrays of torch, cupy and jax are taken as they are; those on a GPU are copied, bfloat16 of torch becomes float32.

    Raises
    ------
    VoxtileError
        ``typeMismatch`` for what is no array, and for a masked one, whose mask would be lost.
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise make_error("typeMismatch", "some values of the array are masked, which would be lost; fill them, as by .filled(0)")
    if isinstance(values, np.ndarray):
        return values
    if values is None or isinstance(values, (str, bytes, dict, os.PathLike)):
        hint = "; read the file with voxtile.read" if isinstance(values, (str, os.PathLike)) else ""
        raise make_error("typeMismatch", f"a {type(values).__name__} is no array{hint}", context={"found": type(values).__name__})
    if hasattr(values, "detach") and hasattr(values, "cpu"):  # torch
        values = values.detach().cpu()
        return (values.float() if str(values.dtype) == "torch.bfloat16" else values).numpy()
    if hasattr(values, "__cuda_array_interface__") and hasattr(values, "get"):  # cupy
        return np.asarray(values.get())
    if hasattr(values, "__dlpack__"):
        try:
            return np.from_dlpack(values)
        except (BufferError, RuntimeError, TypeError, ValueError):
            pass  # such as read-only ones; the slower way reads them
    return np.asarray(values)


def is_read_in_parts(values: Any) -> bool:
    """Whether an array reads what it is indexed with, as those of zarr, h5py and dask do."""
    in_memory = ("detach", "__dlpack__", "__array_interface__", "__cuda_array_interface__")
    is_array = hasattr(values, "shape") and hasattr(values, "__getitem__")
    return is_array and not isinstance(values, np.ndarray) and not any(hasattr(values, name) for name in in_memory)


def native(array: np.ndarray) -> tuple[np.ndarray, np.dtype]:
    """The array in a type of the library, and the type to give results back in.

    Raises
    ------
    VoxtileError
        ``typeMismatch`` for complex numbers, texts, objects and the like.
    """
    dtype = array.dtype
    if dtype.name in NATIVE and dtype.isnative:
        return array, dtype
    if dtype == np.bool_:
        return array.view(np.uint8), dtype
    if dtype.name in NATIVE:
        return in_native_order(array), dtype
    if dtype.name in ("float16", "bfloat16"):
        return array.astype(np.float32), dtype
    raise make_error(
        "typeMismatch", f"arrays of {dtype} are not cut or merged; use one of {', '.join(sorted(NATIVE))}, float16 or bool",
        context={"found": str(dtype)},
    )  # fmt: skip


def in_native_order(array: np.ndarray) -> np.ndarray:
    """The values in the byte order of this machine, which torch and the library need."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def merged_type(wanted: np.dtype, given: np.dtype) -> np.dtype:
    """The type of the library for a result that is given back in another one.

    Raises
    ------
    VoxtileError
        ``typeMismatch`` where the library has none, and where floats would become bool by rounding.
    """
    if wanted == np.bool_ and given.kind == "f":
        raise make_error("typeMismatch", f"patches of {given} do not become bool; merge them, and compare the result")
    return native(np.empty(0, wanted))[0].dtype


def restored(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Values of the library in the type in which they came. The array may be changed."""
    if array.dtype == dtype:
        return array
    # A byte of a bool that is neither 0 nor 1 would be another number to whoever looks at the bytes.
    return np.minimum(array, 1, out=array).view(np.bool_) if dtype == np.bool_ else array.astype(dtype)


def element_strides(array: np.ndarray) -> list[int] | None:
    """From one value to the next along each axis, or None where the library does not read such an array."""
    size = array.dtype.itemsize
    if not array.flags.aligned:
        return None
    strides = []
    for length, stride in zip(array.shape, array.strides):
        if length == 1:
            strides.append(1)
        elif stride < 0 or stride % size:
            return None
        else:
            strides.append(stride // size)
    return strides if not strides or strides[-1] >= 1 else None


class Image:
    """An array as the library reads it: memory, and strides x first. It keeps the array alive."""

    def __init__(self, array: np.ndarray, spatial: int) -> None:
        strides = element_strides(array)
        if strides is None:
            array = np.array(array, order="C")
            strides = element_strides(array)
        assert strides is not None
        self.array = array
        lead = array.ndim - spatial
        self.channels = array.shape[0] if lead else 1
        spatial_strides = strides[lead:][::-1] + [0] * (3 - spatial)
        self.strides = [*spatial_strides, strides[0] if lead else 0]
        self.count = 1 + sum((length - 1) * stride for length, stride in zip(array.shape, strides))
        self.type = array.dtype.name.encode()
        self.address = array.ctypes.data


def check_whole(name: str, value: Any) -> int:
    """A whole number; True and 3.0 are none."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise make_error("invalidOption", f"{name} is {shown(value)}, not a whole number", context={"found": shown(value)})
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise make_error("invalidOption", f"{name} is {number}, which does not fit 64 bits", context={"found": str(number)})
    return number


def per_axis(name: str, value: Any, count: int, convert: Callable[[str, Any], Any]) -> list[Any]:
    """One value for each axis, from one for all of them or a sequence; in the order of the array."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        return [convert(name, value)] * count
    values = [convert(name, item) for item in value]
    if len(values) != count:
        raise make_error(
            "invalidOption", f"{name} has {len(values)} values for {count} axes: {shown(tuple(value))}; give one, or one an axis",
            context={"expected": str(count), "found": str(len(values))},
        )  # fmt: skip
    return values


def check_overlap(name: str, value: Any) -> int | float:
    """Voxels, as a whole number, or a part of a patch."""
    if isinstance(value, (float, np.floating)):
        return float(value)
    return check_whole(name, value)


def check_name(name: str, value: Any) -> str:
    """A name without a 0 in it."""
    if not isinstance(value, str) or "\0" in value:
        raise make_error("invalidOption", f"{name} is {shown(value)}, not a name", context={"found": shown(value)})
    return value


def check_box(box: Sequence[slice], shape: Sequence[int]) -> tuple[list[int], list[int]]:
    """The start and the size of a box."""
    parts = list(box) if isinstance(box, (tuple, list)) else [box]
    if len(parts) != len(shape) or not all(isinstance(part, slice) for part in parts):
        raise make_error("invalidOption", f"box is {shown(box)}, not a slice for each of {len(shape)} axes")
    start, size = [], []
    for part, length in zip(parts, shape):
        begin = 0 if part.start is None else check_whole("the start of the box", part.start)
        end = length if part.stop is None else check_whole("the end of the box", part.stop)
        if part.step not in (None, 1) or not 0 <= begin < end <= length:
            raise make_error(
                "invalidOption", f"the box has {part} along an axis of {length} voxels; it should be slice(a, b) with "
                f"0 <= a < b <= {length}", context={"expected": f"0 <= a < b <= {length}", "found": str(part)},
            )  # fmt: skip
        start.append(begin)
        size.append(end - begin)
    return start, size
