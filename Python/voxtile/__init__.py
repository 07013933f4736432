"""Cut images and medical volumes into overlapping patches, run a model on them, and merge the results.

Arrays have the axes of numpy: ``(z, y, x)``, with channels before them, ``(channels, z, y, x)``. A picture is ``(y, x)``.

>>> import numpy as np, voxtile
>>> scan = np.zeros((60, 100, 80), np.float32)
>>> grid = voxtile.PatchGrid(scan.shape, patch=32, overlap=0.5)
>>> with voxtile.Merger(grid, blend="gaussian") as merger:
...     for patch in grid:
...         merger.add(grid.crop(scan, patch.index) + 1, patch.index)
>>> merger.result.shape
(60, 100, 80)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._predict import predict
    from .box import merge_box, patches_over
    from .commands import evaluate, infer, report, resample
    from .coverage import Coverage, GridPlan
    from .errors import VoxtileError
    from .files import convert, crop_file, info, merge_folder, verify
    from .grid import PatchGrid
    from .merge import Merger
    from .patch import Patch
    from .reading import read
    from .sampling import sample

    __version__: str

# Loaded when they are asked for: the command ``voxtile`` is this package too, and needs neither them nor numpy.
_MODULES = {
    "box": ["merge_box", "patches_over"],
    "commands": ["evaluate", "infer", "report", "resample"],
    "coverage": ["Coverage", "GridPlan"],
    "errors": ["VoxtileError"],
    "files": ["convert", "crop_file", "info", "merge_folder", "verify"],
    "grid": ["PatchGrid"],
    "merge": ["Merger"],
    "patch": ["Patch"],
    "reading": ["read"],
    "sampling": ["sample"],
    "_predict": ["predict"],
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Coverage", "GridPlan", "Merger", "Patch", "PatchGrid", "VoxtileError", "convert", "crop_file", "evaluate", "infer", "info",
    "merge_box", "merge_folder", "patches_over", "predict", "read", "report", "resample", "sample", "verify",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = import_module("._native", __name__).version()
    elif name in _PLACES:
        value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
