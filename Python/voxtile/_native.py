"""The library in Swift, loaded once: its functions with the types of their arguments, and its errors as exceptions."""

from __future__ import annotations

import ctypes
import json
import os
from ctypes import POINTER, c_char_p, c_double, c_int32, c_ssize_t, c_void_p
from typing import Any

from .errors import make_error

# The meaning of the functions' arguments; the library has the same number.
ABI = 2

_text = c_char_p
_size = c_ssize_t
_sizes = POINTER(c_ssize_t)

# Is told the patches done and to do; gives something other than 0 to stop a job.
FOLLOWER = ctypes.CFUNCTYPE(c_int32, c_ssize_t, c_ssize_t)
_result = POINTER(c_void_p)

# The arguments of each function, but for the last one of all, which takes the error.
_FUNCTIONS: dict[str, list[Any]] = {
    "version": [c_char_p, _size],
    "grid_new": [_sizes, _sizes, POINTER(c_double), POINTER(ctypes.c_uint8), _text, _text, _text, _sizes],
    "grid_info": [_size, _sizes, _size],
    "grid_patch": [_size, _size, _sizes, _size],
    "grid_coverage": [_size, c_int32, _sizes, _size],
    "grid_cut": [_size, _size, _text, _size, c_void_p, _size, _sizes, c_void_p, _size],
    "grid_cut_some": [_size, _size, _size, _text, _size, c_void_p, _size, _sizes, c_void_p, _size, _size],
    "merger_new": [
        _size, _text, _size, c_void_p, _size, _text, c_double, c_double, _text, _sizes, _size, _size, _sizes,
    ],
    "merger_add": [_size, _size, _text, _size, c_void_p, _size, _sizes],
    "merger_check": [_size],
    "grid_merge_box": [
        _size, _sizes, _sizes, _text, _size, _size, _sizes, _sizes, _sizes, _sizes, _text, c_void_p, _size, _text, c_double,
        c_double, _text, _size,
    ],
    "sums_add": [
        _sizes, _sizes, _sizes, _size, c_void_p, _size, c_void_p, _size, c_void_p, _size, c_void_p, _size,
    ],
    "sums_divide": [_size, c_void_p, c_void_p, _size, _size],
    "file_info": [_text, _result],
    "file_read": [_text, _sizes, _sizes, _text, c_void_p, _size],
    "file_convert": [_text, _text, _text, FOLLOWER, _result],
    "file_crop": [_text, _text, _text, FOLLOWER, _result],
    "file_merge": [_text, _text, _text, FOLLOWER, _result],
    "file_verify": [_text, _text, FOLLOWER, _result],
    "program": [_size, POINTER(c_char_p)],
}  # fmt: skip


def _load() -> ctypes.CDLL:
    path = os.path.join(os.path.dirname(__file__), "libVoxtilePython.so")
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise make_error(
            "notInThisBuild", f"the library of voxtile cannot be loaded: {error}", "reinstall the package voxtile"
        ) from error
    library.voxtile_abi.restype = c_int32
    found = library.voxtile_abi()
    if found != ABI:
        raise make_error(
            "notInThisBuild", f"this package needs interface {ABI} of the library, but it has {found}",
            "reinstall the package voxtile", {"expected": str(ABI), "found": str(found)},
        )  # fmt: skip
    error_place = POINTER(c_void_p)
    for name, arguments in _FUNCTIONS.items():
        function = getattr(library, f"voxtile_{name}")
        function.argtypes = [*arguments, error_place]
        function.restype = c_int32
    library.voxtile_free.argtypes = [c_void_p]
    library.voxtile_free.restype = None
    library.voxtile_close.argtypes = [_size]
    library.voxtile_close.restype = None
    library.voxtile_open_count.restype = _size
    library.voxtile_begin.restype = None
    library.voxtile_begin()
    return library


_library = _load()


def call(name: str, *arguments: Any) -> None:
    """Calls a function of the library, which raises what it reports."""
    function = getattr(_library, f"voxtile_{name}")
    place = c_void_p()
    if function(*arguments, ctypes.byref(place)) == 0:
        return
    fields = json.loads(taken(place) or "{}")
    raise make_error(
        fields.get("code", "other"), fields.get("message", "no message"), fields.get("remedy"), fields.get("context")
    )


def taken(text: c_void_p) -> str:
    """A text that the library gave, which is freed."""
    try:
        return ctypes.string_at(text.value).decode("utf-8", "replace") if text.value else ""
    finally:
        _library.voxtile_free(text)


def close(handle: int) -> None:
    """Lets an object of the library go."""
    _library.voxtile_close(handle)


def open_count() -> int:
    """The number of objects of the library that are not closed."""
    return int(_library.voxtile_open_count())


def sizes(values: Any) -> Any:
    """An array of sizes for the library."""
    values = list(values)
    return (c_ssize_t * len(values))(*values)


def version() -> str:
    """The version of the library."""
    text = ctypes.create_string_buffer(64)
    call("version", text, len(text))
    return text.value.decode()


__all__ = ["FOLLOWER", "call", "close", "open_count", "sizes", "taken", "version"]
