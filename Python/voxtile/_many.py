"""Jobs that one image or a table of many is for, which the program does in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ._arrays import check_whole
from ._command import check_names, command, option_words, path_words, words_of
from ._jobs import Path, Progress
from .errors import make_error


def run_program(
    name: str, paths: Sequence[Path], cases: Path | None, options: Mapping[str, Any], *, replace: bool = False, threads: int = 0,
    progress: Progress | None = None,
) -> Any:
    """Does a command; gives what the program prints as JSON. Of many images, one that fails is no error.

    Parameters
    ----------
    paths : sequence of path
        What is named on the command line; an empty one is left out.
    cases : path, optional
        A table of many.
    options : mapping
        Options of the command with underscores; None is left out.
    """
    check_names(options, jobs="threads")
    words = [name, *(word for path in paths for word in path_words(path))]
    words += option_words({**options, "cases": cases})
    words += [*words_of("jobs", check_whole("threads", threads) or None), *words_of("force", replace), "--json"]
    return json.loads(command(words, gives_findings=True, progress=progress))


def check_one(options: Mapping[str, Any]) -> None:
    """Refuses options that only many images have."""
    for name in options:
        raise make_error("invalidOption", f"{name} is no option for one image; with cases, it may be one of the command")
