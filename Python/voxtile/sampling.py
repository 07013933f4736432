"""Choosing training patches of scans with labels, so that every lesion is seen."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from ._command import command, option_words, path_words, words_of
from ._jobs import Path
from .errors import make_error

__all__ = ["MANIFEST", "sample"]

# The file of a set that says where each patch lies.
MANIFEST = "voxtile-samples.json"


def sample(
    scans: Path | Sequence[Path],
    output: Path | None = None,
    *,
    labels: Path | None = None,
    patch: Any = 96,
    list_only: bool = False,
    replace: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Chooses training patches of scans with labels, and writes them: what ``voxtile sample`` does.

    The same seed gives the same patches on every machine. `voxtile.torch.SampledPatches` reads what is written.

    Parameters
    ----------
    scans : path or sequence of path
        A folder of scans, one scan, or several files that are its channels; empty where ``cases`` names a table.
    output : path, optional
        The folder to make; without one, patches are only chosen and counted.
    labels : path, optional
        The labels, or the folder with a file of labels for each scan.
    patch : int or tuple of int
        The size of a patch, z, y, x.
    list_only : bool
        Whether the set only says where patches lie, which are then cut from the scans when they are needed.
    replace : bool
        Whether an older set may be replaced.
    **options
        The options of ``voxtile sample`` with underscores, such as ``count=20``, ``seed=1``, ``cover="lesions"`` or
        ``negatives="30%"``.

    Returns
    -------
    dict
        What was chosen: ``patches``, ``components``, ``wholeComponents``, ``uncovered``, ``labels`` and so on.

    Raises
    ------
    VoxtileError
        Where scans and labels do not fit each other, or a lesion cannot be covered, with what the program says.
    """
    if output is None and list_only:
        raise make_error("invalidOption", "list_only writes a list, so it needs an output")
    words = [
        "sample", *path_words(scans), *words_of("patch", patch), *option_words(options), "--json",
        *([] if labels is None else ["--labels", *path_words(labels)]), *words_of("list_only", list_only),
        *words_of("force", replace),
        *(["--dry-run"] if output is None else ["--output", os.path.abspath(os.fspath(output))]),
    ]  # fmt: skip
    return json.loads(command(words))


def verify_set(folder: Path, against: Path | None, **options: Any) -> dict[str, Any]:
    """Checks a set of training patches: what `voxtile.verify` does with one."""
    words = ["verify", *path_words(folder), "--json", *option_words(options)]
    words += [] if against is None else ["--against", *path_words(against)]
    found = json.loads(command(words, gives_findings=True))
    return {
        "findings": found["findings"], "unlisted_files": found["unlistedFiles"], "compared_scans": found["comparedScans"],
        "partly_compared_scans": found["partlyComparedScans"],
    }  # fmt: skip
