"""What goes wrong, as exceptions that say what is wrong, both values, and what to do."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["VoxtileError"]


class VoxtileError(Exception):
    """Every error of this package.

    Errors are also of the class of Python that fits: a wrong value is a ``ValueError``, a file that exists a
    ``FileExistsError``, one that is missing a ``FileNotFoundError``, and so on.

    Attributes
    ----------
    code : str
        The kind of failure, such as ``"shapeMismatch"``; stable between versions.
    message : str
        What is wrong, and both values.
    remedy : str or None
        What to do, where the message does not say it.
    context : dict
        Where it was found: ``file``, ``axis``, ``expected``, ``found``, ``neededBytes``, where they apply.

    Examples
    --------
    >>> import voxtile
    >>> try:
    ...     voxtile.PatchGrid((64, 64, 64), patch=96)
    ... except voxtile.VoxtileError as error:
    ...     print(error.code)
    invalidGrid
    """

    code: str
    message: str
    remedy: str | None
    context: dict[str, Any]

    def __init__(
        self, code: str, message: str, remedy: str | None = None, context: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.context = dict(context or {})

    def __str__(self) -> str:
        file = self.context.get("file")
        text = self.message + (f"; {self.remedy}" if self.remedy else "")
        # The library names sizes x first, arrays have x last.
        note = " (sizes are width x height x depth)" if _SIZE.search(_OF_OTHERS.sub(" ", text)) else ""
        return (f"{file}: " if file else "") + text + note

    def __reduce__(self) -> tuple[Any, ...]:
        return make_error, (self.code, self.message, self.remedy, self.context)


_SIZE = re.compile(r"(?<![\w.-])\d+(\.\d+)?(x\d+(\.\d+)?){1,2}(?![\w-]|\.\w)")
# Texts that are not the library's: the file that the program names first, what is quoted, and paths.
_OF_OTHERS = re.compile(r"(?<=^voxtile )\w+: /[^:]*:|(?<!\w)'[^']*'|\"[^\"]*\"|\S*/\S*")


class _ValueError(VoxtileError, ValueError):
    pass


class _ShapeError(VoxtileError, ValueError, RuntimeError):
    """What numpy and torch raise, so that code written for either catches it."""


class _TypeError(VoxtileError, TypeError):
    pass


class _LookupError(VoxtileError, LookupError):
    pass


class _IndexError(VoxtileError, IndexError):
    pass


class _MemoryError(VoxtileError, MemoryError):
    pass


class _OSError(VoxtileError, OSError):
    pass


class _FileNotFoundError(VoxtileError, FileNotFoundError):
    pass


class _PermissionError(VoxtileError, PermissionError):
    pass


class _FileExistsError(VoxtileError, FileExistsError):
    pass


class _RuntimeError(VoxtileError, RuntimeError):
    pass


class _ImportError(VoxtileError, ImportError):
    pass


# The class of each code. Those of the library come first, as they stand there; then those of this package alone.
CLASSES: dict[str, type[VoxtileError]] = {
    "invalidGrid": _ValueError,
    "shapeMismatch": _ShapeError,
    "typeMismatch": _TypeError,
    "duplicatePatch": _ValueError,
    "missingPatch": _LookupError,
    "mergerFinished": _RuntimeError,
    "invalidOption": _ValueError,
    "memoryTooLow": _MemoryError,
    "fileAccess": _OSError,
    "targetExists": _FileExistsError,
    "malformedFile": _ValueError,
    "unsupportedFormat": _ValueError,
    "verificationFailed": _RuntimeError,
    "runtimeNotFound": _ImportError,
    "modelNotUsable": _ValueError,
    "predictionFailed": _RuntimeError,
    "invalidArgument": _ValueError,
    "closedObject": _RuntimeError,
    "indexOutOfRange": _IndexError,
    "notInThisBuild": _ImportError,
    "cancelled": _RuntimeError,
    "other": _RuntimeError,
}


# Which of the classes it is is of no use to who reads a traceback, or catches it: all have the name that is public.
for _kind in {VoxtileError, _FileNotFoundError, _PermissionError, *CLASSES.values()}:
    _kind.__module__, _kind.__name__, _kind.__qualname__ = "voxtile", "VoxtileError", "VoxtileError"

_SYSTEM_ERRORS: dict[int, type[_FileNotFoundError | _PermissionError]] = {
    errno.ENOENT: _FileNotFoundError,
    errno.EACCES: _PermissionError,
    errno.EPERM: _PermissionError,
}


def make_error(
    code: str, message: str, remedy: str | None = None, context: Mapping[str, Any] | None = None
) -> VoxtileError:
    """The exception of a code, of the class that fits it; for a file, the class that fits what the system said."""
    if code == "fileAccess":
        for number, kind in _SYSTEM_ERRORS.items():
            # The library ends with the system's words, or a remedy follows them.
            if re.search(rf"(?:^|: |\] ){re.escape(os.strerror(number))}(?:$|[;:)])", message):
                error = kind(code, message, remedy, context)
                error.errno, error.strerror, error.filename = number, os.strerror(number), error.context.get("file")
                return error
    return CLASSES.get(code, VoxtileError)(code, message, remedy, context)


def shown(value: Any) -> str:
    """A value in a message: an array by its type and shape, others as Python writes them, but no more than a line."""
    if hasattr(value, "dtype") and getattr(value, "shape", ()):
        return f"an array of {value.dtype} of shape {tuple(value.shape)}"
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
