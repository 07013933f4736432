"""The program in a process of its own, for what has no function in the library."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ._jobs import Path, Progress
from .errors import make_error

# Options whose values are sizes, which the program takes x first.
_SIZES = {"patch", "overlap", "spacing", "chunk", "size"}
_AXES = {"edge"}
# How far a job is, as the program says it.
_STEP = re.compile(r"progress .* (\d+)/(\d+)")


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
        [sys.executable, "-m", "voxtile", *words, "--quiet", *words_of("progress_lines", progress is not None)],
        # A session of its own: an interrupt of this process reaches it once, from here.
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    printed: list[bytes] = []
    reader = threading.Thread(target=lambda: printed.append(ran.stdout.read()), daemon=True)
    messages: list[str] = []
    with ran:
        try:
            reader.start()
            for written in ran.stderr:
                line = written.decode(errors="replace")
                step = _STEP.fullmatch(line.rstrip("\n"))
                if step is None:
                    messages.append(line)
                elif progress is not None:
                    progress(int(step[1]), int(step[2]))
            ran.wait()
        except BaseException:
            _stop(ran)
            raise
        finally:
            reader.join()
    output = printed[0].decode(errors="replace") if printed else ""
    if ran.returncode == 0 or (ran.returncode == 1 and (may_fail or (gives_findings and output))):
        return output
    lines = [line.rstrip() for line in messages if line.startswith("Error: ")]
    text = "".join(messages).strip()[-500:]
    message = lines[-1].removeprefix("Error: ") if lines else text or f"ended with {ran.returncode}"
    code = "invalidOption" if ran.returncode == 64 else "predictionFailed" if words[0] == "infer" else "other"
    raise make_error(code, f"voxtile {words[0]}: {message}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupts the program, and waits until it has removed what it had begun."""
    process.send_signal(signal.SIGINT)
    # Its last words are of no use, but it has to be able to write them.
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    try:
        process.wait(timeout=60)
    except BaseException:
        process.kill()
        raise
    finally:
        drain.join()


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
