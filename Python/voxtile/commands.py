"""Jobs over files that the program does in a process of its own: a page, scores, other voxels."""

from __future__ import annotations

import json
from typing import Any

from ._command import command, option_words, path_words, words_of
from ._jobs import Path

__all__ = ["evaluate", "report", "resample"]


def report(source: Path, output: Path, *, replace: bool = False, **options: Any) -> None:
    """Writes a page about an image and its patches, or about training patches: what ``voxtile report`` does.

    Parameters
    ----------
    source : path
        A folder of patches, an image, or a set that `sample` made.
    output : path
        The page to write, one HTML file that works offline.
    replace : bool
        Whether an older page may be replaced.
    **options
        The options of ``voxtile report`` with underscores, such as ``merged="merged.npy"``, ``overlay="labels.nii.gz"`` or
        ``patch=(48, 64, 64)``; sizes are z, y, x.

    Raises
    ------
    VoxtileError
        Where something cannot be read or written, with what the program says.
    """
    files = {name: path_words(options.pop(name)) for name in _FILES if options.get(name) is not None}
    command([
        "report", *path_words(source), "--output", *path_words(output), *option_words(options),
        *(word for name, paths in files.items() for path in paths for word in words_of(name, path)),
        *words_of("force", replace),
    ])  # fmt: skip


# The options of a page that name files, which lie where this process is.
_FILES = ["merged", "against", "overlay", "label_table", "manifest"]


def evaluate(
    predictions: Path, labels: Path, output: Path | None = None, *, replace: bool = False, **options: Any
) -> dict[str, Any]:
    """Compares predicted label maps with true ones: what ``voxtile evaluate`` does.

    Parameters
    ----------
    predictions, labels : path
        Two files, or two folders whose files are called alike.
    output : path, optional
        Where to write the scores of each case: a ``.json`` or ``.csv`` file, or a folder for both.
    replace : bool
        Whether older scores may be replaced.
    **options
        The options of ``voxtile evaluate`` with underscores, such as ``tolerance=2``, ``surface="voxel"`` or ``lesions="all"``.

    Returns
    -------
    dict
        What the program prints as JSON: ``cases`` with the scores of each label in each, and ``labels`` with the means. Cases
        that cannot be compared are no error, but named: ``failed``, ``withoutPrediction``, ``withoutReference``. Scores that are
        undefined are ``None``.

    Raises
    ------
    VoxtileError
        Where an option is wrong, or scores cannot be written, with what the program says.

    Examples
    --------
    >>> import numpy as np, tempfile, voxtile
    >>> folder = tempfile.mkdtemp()
    >>> for name, size in [("predicted", 4), ("true", 3)]:
    ...     labels = np.zeros((8, 8, 8), np.uint8)
    ...     labels[:size, :4, :4] = 1
    ...     np.save(f"{folder}/{name}.npy", labels)
    >>> scores = voxtile.evaluate(f"{folder}/predicted.npy", f"{folder}/true.npy")["cases"][0]["labels"][0]["scores"]
    >>> round(scores["dice"], 4)  # 2 * 48 / (64 + 48)
    0.8571
    """
    words = [
        "evaluate", *path_words(predictions), *path_words(labels), *option_words(options), "--json",
        *([] if output is None else ["--output", *path_words(output)]), *words_of("force", replace),
    ]  # fmt: skip
    return json.loads(command(words, gives_findings=True))


def resample(source: Path, output: Path, *, like: Path | None = None, replace: bool = False, **options: Any) -> None:
    """Writes an image with voxels of another size, by the convention of a system: what ``voxtile resample`` does.

    Parameters
    ----------
    source : path
        The image.
    output : path
        The file to write.
    like : path, optional
        Another image, whose voxels are taken.
    replace : bool
        Whether an older file may be replaced.
    **options
        The options of ``voxtile resample`` with underscores, such as ``spacing=1.5``, ``size=(64, 128, 128)`` or
        ``convention="monai"``; sizes are z, y, x.

    Raises
    ------
    VoxtileError
        Where the image cannot be resampled so, with what the program says.
    """
    command([
        "resample", *path_words(source), *path_words(output), *option_words(options), *words_of("force", replace),
        *([] if like is None else ["--like", *path_words(like)]),
    ])  # fmt: skip
