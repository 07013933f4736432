"""The command ``voxtile``: the program itself, which is part of the library."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import sysconfig
from ctypes import c_char_p
from typing import NoReturn

from ._native import call
from ._runtime import found_runtime


def main() -> NoReturn:
    """Runs the program with the arguments of this process, and ends it with the program's exit status."""
    # As `_command` names it, which is not imported here, since it needs numpy.
    _end_with(os.environ.pop("VOXTILE_PARENT", None))
    if not os.environ.get("VOXTILE_ONNXRUNTIME") and (runtime := found_runtime()):
        os.environ["VOXTILE_ONNXRUNTIME"] = runtime
    # Programs that came with packages, such as dcm2niix, where the system has none of that name.
    os.environ["PATH"] = os.pathsep.join(filter(None, [os.environ.get("PATH"), sysconfig.get_path("scripts")]))
    words = [os.fsencode(word) for word in sys.argv[1:]]
    call("program", len(words), (c_char_p * len(words))(*words))
    raise SystemExit(1)  # The program ends the process.


def _end_with(parent: str | None) -> None:
    """Asks the system to end this process with the one that started it, where that is Python and dies."""
    if parent is None or not sys.platform.startswith("linux"):
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if str(os.getppid()) != parent:  # It has died already.
        raise SystemExit(1)


if __name__ == "__main__":
    main()
