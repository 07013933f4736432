"""The command ``voxtile``: the program itself, which is part of the library."""

from __future__ import annotations

import os
import sys
import sysconfig
from ctypes import c_char_p
from typing import NoReturn

from ._native import call
from ._runtime import found_runtime


def main() -> NoReturn:
    """Runs the program with the arguments of this process, and ends it with the program's exit status."""
    if not os.environ.get("VOXTILE_ONNXRUNTIME") and (runtime := found_runtime()):
        os.environ["VOXTILE_ONNXRUNTIME"] = runtime
    # Programs that came with packages, such as dcm2niix, where the system has none of that name.
    os.environ["PATH"] = os.pathsep.join(filter(None, [os.environ.get("PATH"), sysconfig.get_path("scripts")]))
    words = [os.fsencode(word) for word in sys.argv[1:]]
    call("program", len(words), (c_char_p * len(words))(*words))
    raise SystemExit(1)  # The program ends the process.


if __name__ == "__main__":
    main()
