"""How jobs over files are run: options as lines, and an interrupt that reaches them."""

from __future__ import annotations

import ctypes
import json
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _native
from .errors import make_error, shown

Path = str | os.PathLike[str]
Progress = Callable[[int, int], None]


def run(name: str, arguments: Sequence[bytes], progress: Progress | None = None) -> dict[str, Any]:
    """Runs a job on a thread of its own, so that an interrupt reaches this one, which then stops the job."""
    result = ctypes.c_void_p()
    stopped = threading.Event()
    failures: list[BaseException] = []

    @_native.FOLLOWER
    def follow(done: int, total: int) -> int:
        try:
            if progress is not None and not stopped.is_set():
                progress(done, total)
        except BaseException as error:
            failures.append(error)
            stopped.set()
        return int(stopped.is_set())

    ended = threading.Event()

    def work() -> None:
        try:
            _native.call(name, *arguments, *([] if name == "file_info" else [follow]), ctypes.byref(result))
        except BaseException as error:
            failures.append(error)
        finally:
            ended.set()

    threading.Thread(target=work, name=f"voxtile {name}", daemon=True).start()
    # Not by joining the thread: an interrupt there makes Python believe that the thread has ended.
    try:
        while not ended.wait(0.2):
            pass
    except BaseException:
        stopped.set()
        ended.wait()
        raise
    if failures:
        raise failures[0]
    return json.loads(_native.taken(result))


def as_path(path: Path) -> bytes:
    """A path for the library."""
    name = os.fspath(path)
    if not isinstance(name, str) or "\0" in name or "\n" in name or not name:
        raise make_error("invalidOption", f"{shown(path)} is no path that can be used", context={"found": shown(path)})
    return os.fsencode(name)


def x_first(value: Any) -> str | None:
    """One value, or one for each axis, as the library reads it, x first."""
    if value is None:
        return None
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        return str(value)
    return ",".join(str(item) for item in list(value)[::-1])


def dtype_name(dtype: Any) -> str | None:
    """The name of a type."""
    return None if dtype is None else np.dtype(dtype).name


def as_options(**options: Any) -> bytes:
    """Options as lines; those that are None are left out."""
    lines = []
    for name, value in options.items():
        if value is None or value == "":
            continue
        if isinstance(value, bool):
            value = int(value)
        lines.append(f"{name}={value}")
    if any("\n" in line or "\0" in line for line in lines):
        raise make_error("invalidOption", "a name has a line break")
    return os.fsencode("\n".join(lines))
