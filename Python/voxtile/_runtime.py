"""Where the package onnxruntime has its library."""

from __future__ import annotations

import os
from importlib.util import find_spec


def found_runtime() -> str | None:
    """The library of the package onnxruntime beside this one, which the library itself would not look for."""
    try:
        spec = find_spec("onnxruntime")
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = os.path.join(next(iter(spec.submodule_search_locations)), "capi")
    return folder if os.path.isdir(folder) else None
