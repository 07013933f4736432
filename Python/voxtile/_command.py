"""The program in a process of its own, for what has no function in the library."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ._jobs import Path
from .errors import make_error

# Options whose values are sizes, which the program takes x first.
_SIZES = {"patch", "overlap", "spacing", "chunk", "size"}
_AXES = {"edge"}


def command(words: Sequence[str], may_fail: bool = False, gives_findings: bool = False) -> str:
    """Runs the program; gives what it prints.

    Parameters
    ----------
    words : sequence of str
        The name of the command, and its arguments.
    may_fail : bool
        Whether exit status 1 is no error, as where one of many scans could not be read.
    gives_findings : bool
        Whether exit status 1 is no error where something was printed: what was found.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "voxtile", *words, "--quiet"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace",
    )  # fmt: skip
    if ran.returncode == 0 or (ran.returncode == 1 and (may_fail or (gives_findings and ran.stdout))):
        return ran.stdout
    lines = [line for line in ran.stderr.splitlines() if line.startswith("Error: ")]
    message = lines[-1].removeprefix("Error: ") if lines else ran.stderr.strip()[-500:] or f"ended with {ran.returncode}"
    code = "invalidOption" if ran.returncode == 64 else "predictionFailed" if words[0] == "infer" else "other"
    raise make_error(code, f"voxtile {words[0]}: {message}")


def path_words(paths: Path | Sequence[Path]) -> list[str]:
    """One path or several, whatever folder the program runs in; patterns stay as they are."""
    several = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    return [path if _is_pattern(path) else os.path.abspath(path) for path in map(os.fspath, several)]


def option_words(options: Mapping[str, Any]) -> list[str]:
    """Options by their names with underscores, as words of the command line; sizes are in the order of arrays."""
    return [word for name, value in options.items() for word in words_of(name, value)]


def words_of(name: str, value: Any) -> list[str]:
    """An option as words of the command line."""
    option = "--" + name.replace("_", "-")
    if value is None or value is False:
        return []
    if value is True:
        return [option]
    if isinstance(value, (str, os.PathLike)) or not hasattr(value, "__len__"):
        return [f"{option}={os.fspath(value) if isinstance(value, os.PathLike) else value}"]
    items = list(value)
    if items and isinstance(items[0], list):  # An option that is given several times.
        return [word for item in items[0] for word in words_of(name, item)]
    if name in _SIZES:
        return [f"{option}={'x'.join(str(item) for item in reversed(items))}"]
    return [f"{option}={','.join(str(item) for item in (reversed(items) if name in _AXES else items))}"]


def _is_pattern(path: str) -> bool:
    return any(character in path for character in "*?[") and not os.path.lexists(path)
