"""Tasks of Dask that do the work of one call, and end with it."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import dask

from ._stopping import stop, task_of

__all__ = ["computed", "task", "wait_for_nothing", "worker_count"]

# For the tasks of a call that has ended with an error.
_LONGEST_WAIT_IN_SECONDS = 60


def task(call: str, name: str, work: Callable[..., Any], *arguments: Any, after: Sequence[Any] = (), priority: int = 0) -> Any:
    """A task of a call, which works once others have ended; of several that could run, the highest priority comes first."""
    run: Callable[..., Any] = dask.delayed(_run, pure=False)
    with dask.annotate(priority=priority):
        return run(call, work, arguments, after=list(after), dask_key_name=f"voxtile-{name}-{uuid.uuid4().hex}")


def wait_for_nothing() -> None:
    """The first task of a graph, for others to wait for."""


def _run(call: str, work: Callable[..., Any], arguments: Sequence[Any], after: Sequence[Any] = ()) -> Any:
    """Does some work of a call; ``after`` is only waited for."""
    with task_of(call):
        return work(*arguments)


def computed(graph: Any, client: Any, call: str) -> Any:
    """Runs the tasks of a call. Where that ends with an error, such as an interrupt, no task of the call goes on."""
    client = client or _current_client()
    if client is None:
        try:
            return dask.compute(graph, scheduler="threads")[0]
        except BaseException:
            _end_tasks(lambda: stop(call))
            raise
    futures: list[Any] = []

    def end() -> int:
        for future in futures:
            future.cancel()
        # A worker that is gone has no tasks.
        return sum(client.run(stop, call, on_error="ignore").values())

    try:
        # Within, since tasks begin before it returns.
        futures.append(client.compute(graph))
        return futures[0].result()
    except BaseException:
        _end_tasks(end)
        raise


def _end_tasks(end: Callable[[], int]) -> None:
    """Ends tasks, and waits until none is left, for a limited time; ``end`` gives how many have not ended yet."""

    def ask() -> None:
        with suppress(Exception):
            while end():
                time.sleep(0.1)

    # Of its own, since a cluster may answer late or never.
    asking = threading.Thread(target=ask, name="voxtile stop", daemon=True)
    asking.start()
    asking.join(_LONGEST_WAIT_IN_SECONDS)


def _current_client() -> Any:
    """The client of this process, where Dask's scheduler for clusters is in use."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.get_client()
    except ValueError:
        return None


def worker_count(client: Any) -> int:
    client = client or _current_client()
    if client is None:
        return 1
    return max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
