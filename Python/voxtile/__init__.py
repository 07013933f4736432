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

from ._native import version as _version
from .coverage import Coverage, GridPlan
from .errors import VoxtileError
from .files import convert, crop_file, infer, info, merge_folder, verify
from .grid import PatchGrid
from .merge import Merger
from .patch import Patch
from .predict import predict

__version__ = _version()
__all__ = [
    "Coverage", "GridPlan", "Merger", "Patch", "PatchGrid", "VoxtileError", "convert", "crop_file", "infer", "info",
    "merge_folder", "predict", "verify",
]  # fmt: skip
