"""Copies of scans and networks at URLs, one for each process of a worker."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from typing import Any

from ._urls import Place, is_url

_LOCK = threading.Lock()
_COPIES: dict[tuple[int, str, str], str] = {}


def worker_folder() -> str | None:
    """Where a worker of Dask keeps its files; None for the place of temporary files."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return str(distributed.get_worker().local_directory)
    except ValueError:
        return None


def staged(path: str, options: Mapping[str, Any]) -> str:
    """The path of a file; of one at a URL, that of a copy, which all tasks of the process share."""
    if not is_url(path):
        return path
    key = (os.getpid(), path, repr(sorted(options.items())))
    with _LOCK:
        if key not in _COPIES:
            folder = tempfile.mkdtemp(prefix="voxtile-", dir=worker_folder())
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            _COPIES[key] = Place(path, options).fetch_image(folder)
        return _COPIES[key]
