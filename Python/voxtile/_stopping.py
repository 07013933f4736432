"""Tasks of one call, and the programs that they run in this process, so that they end with the call."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import make_error

__all__ = ["follow", "stop", "task_of"]

_LOCK = threading.Lock()
_STOPPED: set[str] = set()
# The call that a thread works for.
_THREAD = threading.local()


class _Task:
    def __init__(self, call: str) -> None:
        self.call = call
        self.program: subprocess.Popen[bytes] | None = None


_TASKS: set[_Task] = set()


@contextmanager
def task_of(call: str) -> Iterator[None]:
    """Work of this thread for a call.

    Raises
    ------
    VoxtileError
        ``cancelled`` where the call was stopped before.
    """
    task = _Task(call)
    with _LOCK:
        if call in _STOPPED:
            raise make_error("cancelled", "the call was stopped")
        _TASKS.add(task)
    _THREAD.task = task
    try:
        yield
    finally:
        _THREAD.task = None
        with _LOCK:
            _TASKS.remove(task)


def follow(program: subprocess.Popen[bytes]) -> None:
    """Lets a program end with the call that this thread works for, if there is one."""
    task: _Task | None = getattr(_THREAD, "task", None)
    if task is None:
        return
    with _LOCK:
        task.program = program
        if task.call in _STOPPED:
            program.terminate()


def stop(call: str) -> int:
    """Ends the programs of a call, and lets it start no others; gives the number of its tasks that have not ended yet."""
    with _LOCK:
        _STOPPED.add(call)
        left = [task for task in _TASKS if task.call == call]
        for task in left:
            if task.program is not None:
                task.program.terminate()
    return len(left)
