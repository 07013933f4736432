"""One scan, or many, over the workers of Dask, and predictions of arrays of Dask.

Each task of `predict` and `map_cases` runs the program in a process of its own, so a worker stays responsive, and a task that is
lost with its worker is run again elsewhere, also twice: what is kept has the same bytes whoever makes it. Workers have to see the
same files, as on a shared disk.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import dask

from ._arrays import check_whole
from ._command import command, option_words, path_words, words_of
from ._dask_arrays import from_array
from ._jobs import Path
from .errors import VoxtileError, make_error

__all__ = ["from_array", "map_cases", "predict"]


def predict(
    scan: Path | Sequence[Path],
    model: Path | Sequence[Path],
    output: Path,
    *,
    kind: str = "labels",
    parts: int | None = None,
    merge_parts: int | None = None,
    predictions: Path | None = None,
    threads: int = 1,
    replace: bool = False,
    client: Any = None,
    **options: Any,
) -> dict[str, Any]:
    """Predicts one scan with an ONNX network, its patches shared out over the workers of Dask.

    The result has the bytes of ``voxtile infer`` in one process with as many threads: workers may come, go and die.

    Parameters
    ----------
    scan : path or sequence of path
        The scan; several files are the channels of one image.
    model : path or sequence of path
        The network, or several whose mean is predicted.
    output : path
        The image to write. OME-Zarr (``.zarr``) is merged by several tasks, too.
    kind : str
        ``"labels"``, ``"probabilities"``, ``"logits"``, ``"confidence"`` or ``"disagreement"``.
    parts : int, optional
        How many tasks predict; by default four for each worker, so that little is lost with one.
    merge_parts : int, optional
        How many tasks merge; by default as many as there are workers where the output is OME-Zarr, else one.
    predictions : path, optional
        Where the predictions of patches are kept. They stay there then, and what is there is not predicted again. By default a
        folder beside the output, which is removed in the end.
    threads : int
        The threads of each task. All tasks have as many, since the bits of a network may depend on it.
    replace : bool
        Whether an older result may be replaced.
    client : dask.distributed.Client, optional
        Where tasks run; by default the client of this process, or threads of this process where there is none.
    **options
        The options of ``voxtile infer`` with underscores, such as ``patch=96``, ``normalize="zscore"`` or ``skip_below=5``. Sizes
        are in the order of arrays, z, y, x.

    Returns
    -------
    dict
        How the result was made: what stands in ``OUTPUT.voxtile.json``.

    Raises
    ------
    VoxtileError
        Where a task fails, with what the program says.
    """
    target = os.path.abspath(os.fspath(output))
    if os.path.lexists(target):
        if not replace:
            raise make_error("targetExists", "exists already", "name another file, or set replace=True", {"file": target})
        _remove(target)
    workers = _worker_count(client)
    count = check_whole("parts", 4 * workers if parts is None else parts)
    is_zarr = target.endswith(".zarr")
    merges = check_whole("merge_parts", (workers if is_zarr else 1) if merge_parts is None else merge_parts)
    folder, name = os.path.split(target)
    kept = os.path.join(folder, f".{name}.predictions-{uuid.uuid4().hex[:8]}.zarr")
    store = kept if predictions is None else os.path.abspath(os.fspath(predictions))
    fixed = ["--jobs", str(check_whole("threads", threads))]
    given = [*path_words(scan), *words_of("model", [path_words(model)]), *option_words(options), *fixed]
    infer = ["infer", *given, "--output-kind", "predictions", "--output", store]
    merge = ["merge", store, "--output", target, "--output-kind", kind, *fixed]
    try:
        predicted = [_task("predict", [*infer, "--part", f"{part}/{count}"]) for part in range(1, count + 1)]
        shares = [["--part", f"{part}/{merges}"] for part in range(1, merges + 1)] if merges > 1 else [[]]
        merged = [_task("merge", [*merge, *share], after=predicted) for share in shares]
        _computed(dask.delayed(list)(merged), client)
    finally:
        if predictions is None:
            shutil.rmtree(kept, ignore_errors=True)
    with open(f"{target}.voxtile.json", encoding="utf-8") as record:
        return json.load(record)


def map_cases(
    scans: Path | Sequence[Path],
    model: Path | Sequence[Path],
    output: Path,
    *,
    parts: int | None = None,
    threads: int = 1,
    client: Any = None,
    **options: Any,
) -> dict[str, Any]:
    """Predicts many scans with an ONNX network, shared out over the workers of Dask.

    What was finished by an earlier call with the same settings stays; a scan that cannot be predicted does not stop the others.

    Parameters
    ----------
    scans : path or sequence of path
        A folder, a pattern such as ``"study/**/*_T1w.nii.gz"``, or the scans themselves.
    model, threads, client
        As in `predict`.
    output : path
        The folder for the results; it gets ``summary.csv``, ``summary.json`` and ``index.html``.
    parts : int, optional
        How many tasks there are, each of which loads the network once; by default four for each worker.
    **options
        As in `predict`; with ``cases`` a table takes the place of ``scans``, which is then empty.

    Returns
    -------
    dict
        What became of the scans: what stands in ``summary.json``.
    """
    count = check_whole("parts", 4 * _worker_count(client) if parts is None else parts)
    target = os.path.abspath(os.fspath(output))
    several = [] if isinstance(scans, (str, os.PathLike)) or len(scans) < 2 else ["--as-cases"]
    infer = [
        "infer", *path_words(scans), *words_of("model", [path_words(model)]), *option_words(options), "--output", target,
        "--resume", "--jobs", str(check_whole("threads", threads)), *several,
    ]  # fmt: skip
    tasks = [
        _task("predict", [*infer, "--part", f"{part}/{count}"], may_fail=True) for part in range(1, count + 1)
    ]
    _computed(dask.delayed(list)(tasks), client)
    _run(["summary", target], may_fail=True)
    with open(os.path.join(target, "summary.json"), encoding="utf-8") as summary:
        return json.load(summary)


def _task(name: str, words: list[str], after: Sequence[Any] = (), may_fail: bool = False) -> Any:
    """A task that runs the program once others have ended."""
    run: Callable[..., Any] = dask.delayed(_run, pure=False)
    return run(words, after=list(after), may_fail=may_fail, dask_key_name=f"voxtile-{name}-{uuid.uuid4().hex}")


def _run(words: Sequence[str], after: Sequence[Any] = (), may_fail: bool = False) -> None:
    """Runs the program in a process of its own; ``after`` is only waited for."""
    command(words, may_fail)


def _computed(graph: Any, client: Any) -> Any:
    client = client or _current_client()
    if client is None:
        return dask.compute(graph, scheduler="threads")[0]
    future = client.compute(graph)
    try:
        return future.result()
    except VoxtileError:
        raise
    except BaseException:
        future.cancel()
        raise


def _current_client() -> Any:
    """The client of this process, where Dask's scheduler for clusters is in use."""
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.get_client()
    except ValueError:
        return None


def _worker_count(client: Any) -> int:
    client = client or _current_client()
    if client is None:
        return 1
    return max(1, len(client.scheduler_info(n_workers=-1)["workers"]))


def _remove(path: str) -> None:
    for part in (path, f"{path}.voxtile.json"):
        if os.path.isdir(part) and not os.path.islink(part):
            shutil.rmtree(part)
        elif os.path.lexists(part):
            os.remove(part)
