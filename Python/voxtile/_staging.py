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
# Of each URL which version was copied, and where to.
_COPIES: dict[tuple[int, str, str], tuple[str, str]] = {}


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
    """The path of a file; of one at a URL, that of a copy, which all tasks of the process share until a newer one is there."""
    if not is_url(path):
        return path
    place = Place(path, options)
    if (local := place.local_path()) is not None:
        return local
    key = (os.getpid(), path, repr(sorted(options.items())))
    with _LOCK:
        version = place.version()
        if key not in _COPIES or _COPIES[key][0] != version:
            folder = tempfile.mkdtemp(prefix="voxtile-", dir=worker_folder())
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            old = _COPIES.get(key)
            _COPIES[key] = (version, place.fetch_image(folder))
            if old is not None:
                shutil.rmtree(os.path.dirname(old[1]), ignore_errors=True)
        return _COPIES[key][1]
