"""The program in a process of its own, for what has no function in the library."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ._jobs import Path, Progress
from ._stopping import follow
from ._urls import is_url
from .errors import make_error, shown

# Options whose values are sizes, which the program takes x first.
_SIZES = {"patch", "overlap", "spacing", "chunk", "size", "align", "halo"}
_AXES = {"edge"}
# Those that are given once for each of several values.
_REPEATED = {"channel", "provider_option"}
# How far a job is, and which kind of error ended it, as the program says it.
_STEP = re.compile(r"progress .* (\d+)/(\d+)")
_FAILURE = re.compile(r"failure (\w+)")
# What the program says where something exists already.
_FORCE = "; name another target, or use --force to replace it"
# The options that name files, which lie where this process is.
_FILES = {
    "merged", "against", "overlay", "animate", "label_table", "manifest", "mask", "cases", "truth", "report", "onnxruntime",
    "nnunet", "task_labels", "like", "weight",
}
# What belongs to the command line alone.
_NOT_HERE = {"dry_run", "json", "quiet", "verbose", "progress_lines", "force", "help", "version"}
# Tells the program who started it, so that it ends with that process.
PARENT = "VOXTILE_PARENT"


def command(
    words: Sequence[str], may_fail: bool = False, gives_findings: bool = False, progress: Progress | None = None
) -> str:
    """Runs the program; gives what it prints.

    An exception while it runs, such as an interrupt, stops it, and it leaves nothing half-written.

    Parameters
    ----------
    words : sequence of str
        The name of the command, and its arguments.
    may_fail : bool
        Whether exit status 1 is no error, as where one of many scans could not be read.
    gives_findings : bool
        Whether exit status 1 is no error where something was printed: what was found.
    progress : callable, optional
        Is told what is done and of how much.
    """
    ran = subprocess.Popen(
        [sys.executable, "-m", "voxtile", *words, "--quiet", "--progress-lines"],
        # A session of its own: an interrupt of this process reaches it once, from here.
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, PARENT: str(os.getpid())},
    )  # fmt: skip
    printed: list[bytes] = []
    reader = threading.Thread(target=lambda: printed.append(ran.stdout.read()), daemon=True)
    messages: list[str] = []
    failed: str | None = None
    with ran:
        try:
            follow(ran)
            reader.start()
            for written in ran.stderr:
                line = written.decode(errors="replace").rstrip("\n")
                if step := _STEP.fullmatch(line):
                    if progress is not None:
                        progress(int(step[1]), int(step[2]))
                elif failure := _FAILURE.fullmatch(line):
                    failed = failure[1]
                else:
                    messages.append(line)
            ran.wait()
        except BaseException:
            _stop(ran)
            raise
        finally:
            reader.join()
    output = printed[0].decode(errors="replace") if printed else ""
    # What stops the program itself ends it with 1, too, but says which kind of failure it is.
    is_finding = ran.returncode == 1 and failed is None and (may_fail or (gives_findings and output))
    if ran.returncode == 0 or is_finding:
        return output
    errors = [line.removeprefix("Error: ") for line in messages if line.startswith("Error: ")]
    text = errors[-1] if errors else "\n".join(messages).strip()[-500:] or f"it ended with {ran.returncode}"
    code = "invalidOption" if ran.returncode == 64 else failed or "other"
    remedy = None
    if code == "targetExists" and text.endswith(_FORCE):
        text, remedy = text.removesuffix(_FORCE), "name another file, or set replace=True"
    raise make_error(code, f"voxtile {words[0]}: {text}", remedy)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the program, and waits until it has removed what it had begun."""
    # Not as an interrupt, which a job in the background of a shell ignores.
    process.terminate()
    # Its last words are of no use, but it has to be able to write them.
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    drain.join()


def path_words(paths: Path | Sequence[Path]) -> list[str]:
    """One path or several, whatever folder the program runs in; patterns stay as they are, and an empty one is none."""
    several = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    names = [os.fspath(path) for path in several if os.fspath(path)]
    for name in names:
        if not isinstance(name, str):
            raise make_error("invalidOption", f"{shown(name)} is no path that can be used; give it as str")
    return [name if _is_pattern(name) else os.path.abspath(name) for name in names]


def local_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with the files that they name as absolute paths, for a program that runs in any folder.

    Raises
    ------
    VoxtileError
        ``invalidOption`` for an option that only a command line has.
    """
    for name in options:
        if name in _NOT_HERE:
            raise make_error("invalidOption", f"{name} is for the command line; here there is no such option")
    return {
        name: value if name not in _FILES or value is None or is_url(value) else [path_words(value)]
        for name, value in options.items()
    }


def check_names(options: Mapping[str, Any], **arguments: str) -> None:
    """Refuses options of the program that an argument of the function sets, lest one of the two is passed over.

    Parameters
    ----------
    options : mapping
        What the caller gave.
    **arguments
        The name of the argument, for each such option.
    """
    for option, argument in arguments.items():
        if option in options:
            raise make_error("invalidOption", f"there is no option {option} here; use {argument}=")


def option_words(options: Mapping[str, Any]) -> list[str]:
    """Options by their names with underscores, as words of the command line; sizes are in the order of arrays."""
    return [word for name, value in local_options(options).items() for word in words_of(name, value)]


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
    if name in _REPEATED:
        return [f"{option}={item}" for item in items]
    if name in _SIZES:
        return [f"{option}={'x'.join(str(item) for item in reversed(items))}"]
    return [f"{option}={','.join(str(item) for item in (reversed(items) if name in _AXES else items))}"]


def _is_pattern(path: str) -> bool:
    return any(character in path for character in "*?[") and not os.path.lexists(path)
