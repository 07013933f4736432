"""One scan, or many, over the workers of Dask, and predictions of arrays of Dask.

Each task of `predict` and `map_cases` runs the program in a process of its own, so a worker stays responsive, and a task that is
lost with its worker is run again elsewhere, also twice: what is kept has the same bytes whoever makes it. Workers see the same
files, as on a shared disk; `predict` also takes URLs.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace as replaced
from typing import Any

import dask

from ._arrays import check_whole
from ._command import check_names, command, option_words, path_words, words_of
from ._dask_arrays import from_array
from ._dask_parts import Options, Part, PartsJob, parts_for, remove
from ._dask_tasks import computed, task, wait_for_nothing, worker_count
from ._jobs import Path
from ._urls import Place, is_url
from .errors import make_error

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
    storage_options: Mapping[str, Any] | None = None,
    client: Any = None,
    **options: Any,
) -> dict[str, Any]:
    """Predicts one scan with an ONNX network, its patches shared out over the workers of Dask.

    The result has the bytes of ``voxtile infer`` in one process with as many threads: workers may come, go and die. A part of the
    image is merged as soon as the patches over it are predicted, and predictions that are merged are removed.

    Parameters
    ----------
    scan : path or sequence of path
        The scan; several files are the channels of one image. Each may be a URL of fsspec, such as ``s3://bucket/scan.nii.gz``;
        each worker then makes itself a copy.
    model : path or sequence of path
        The network, or several whose mean is predicted; URLs, too.
    output : path
        The image to write, or a URL. OME-Zarr (``.zarr``) is merged by several tasks, too, each with room for its own part.
    kind : str
        ``"labels"``, ``"probabilities"``, ``"logits"``, ``"confidence"`` or ``"disagreement"``.
    parts : int, optional
        How many tasks predict equal parts. By default four for each worker, so that little is lost with one, the last in halves.
    merge_parts : int, optional
        How many tasks merge; by default up to four for each worker where the output is OME-Zarr, else one.
    predictions : path, optional
        Where the predictions of patches are kept, a folder or a URL. They stay there then, and what is there is not predicted
        again. By default a folder beside the output, whose predictions are removed as soon as they are merged.
    threads : int
        The threads of each task. All tasks have as many, since the bits of a network may depend on it.
    replace : bool
        Whether an older result may be replaced.
    storage_options : mapping, optional
        What fsspec needs to know of URLs, such as ``{"key": ..., "secret": ...}``.
    client : dask.distributed.Client, optional
        Where tasks run; by default the client of this process, or threads of this process where there is none.
    **options
        The options of ``voxtile infer`` with underscores, such as ``patch=96``, ``normalize="zscore"`` or ``skip_below=5``. Sizes
        are tuples in the order of arrays, z, y, x; a text such as ``"96x96x48"`` is x first, as on the command line.

    Returns
    -------
    dict
        How the result was made: what stands in ``OUTPUT.voxtile.json``.

    Raises
    ------
    VoxtileError
        Where a task fails, with what the program says.
    """
    check_names(options, output_kind="kind", jobs="threads", part="parts")
    storage = dict(storage_options or {})
    target = _place(output)
    if predictions is not None and is_url(target) and not is_url(predictions):
        raise make_error("invalidOption", "the output is at a URL, but the predictions are not; both have to be")
    workers = worker_count(client)
    shared = parts_for(workers) if parts is None else [(part, parts) for part in range(1, _at_least_one("parts", parts) + 1)]
    merges = None if merge_parts is None else _at_least_one("merge_parts", merge_parts)
    folder, name = target.rsplit("/", 1)
    kept = f"{folder}/.{name}.predictions-{uuid.uuid4().hex[:8]}.zarr" if predictions is None else _place(predictions)
    job = PartsJob(
        _paths(scan), _paths(model), target, kept, kind, _at_least_one("threads", threads), Options.of(options),
        removes=predictions is None, storage=storage,
    )  # fmt: skip
    job = replaced(job, replaces=_has_older(job, replace))
    spare = kept if predictions is None else f"{kept}/merged/{job.call}"
    try:
        record = _shared_out(job, shared, merges, workers, client)
    except BaseException as error:
        try:
            remove(spare, storage)
        except Exception as failure:
            if hasattr(error, "add_note"):  # From Python 3.11 on.
                error.add_note(f"{spare} could not be removed: {failure}")
        raise
    remove(spare, storage)
    return record


def _shared_out(job: PartsJob, parts: list[Part], merges: int | None, workers: int, client: Any) -> dict[str, Any]:
    """Predicts the parts of a scan, and merges the predictions; gives how the result was made."""
    count = len(parts)
    shares = computed(task(job.call, "begin", job.begin, parts, merges, 4 * workers), client, job.call)
    # From the first slices to the last, each merged as soon as the patches over it are there: predictions take least room.
    # Dask hands out tasks without dependencies in any order at first; those that wait for a common one, by priority.
    start = task(job.call, "start", wait_for_nothing)
    predicted = [
        task(job.call, "predict", job.predict, part, shares, after=[start], priority=count - part) for part in range(1, count + 1)
    ]
    merged = []
    for part, needed in enumerate(shares.merged, 1):
        after = [each for each, made in zip(predicted, shares.predicted) if made[0] < needed[1] and needed[0] < made[1]]
        merged.append(task(job.call, "merge", job.merge, part, shares, after=after, priority=2 * count))
    return computed(task(job.call, "finish", job.finish, shares, after=merged), client, job.call)


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
    check_names(options, jobs="threads", part="parts")
    if options.get("as_channels"):
        raise make_error("invalidOption", "several files are a scan each here; predict takes the channels of one scan")
    if options.get("resume") is False:
        raise make_error("invalidOption", "what was finished by an earlier call stays; name another folder for other results")
    count = _at_least_one("parts", 4 * worker_count(client) if parts is None else parts)
    target = os.path.abspath(os.fspath(output))
    # A file alone is one of many scans, too; which files of a folder belong together stays to the program.
    options = {name: value for name, value in options.items() if name != "as_cases"}
    alone = [] if options.keys() & {"cases", "channels"} else ["--as-cases"]
    infer = [
        "infer", *path_words(scans), *words_of("model", [path_words(model)]), *option_words(options), "--output", target,
        "--resume", "--jobs", str(_at_least_one("threads", threads)), *alone,
    ]  # fmt: skip
    call = uuid.uuid4().hex
    tasks = [task(call, "predict", command, [*infer, "--part", f"{part}/{count}"], True) for part in range(1, count + 1)]
    computed(dask.delayed(list)(tasks), client, call)
    command(["summary", target], may_fail=True)
    with open(os.path.join(target, "summary.json"), encoding="utf-8") as summary:
        return json.load(summary)


def _paths(paths: Path | Sequence[Path]) -> list[str]:
    several = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    return [_place(path) for path in several]


def _place(path: Path) -> str:
    """A URL, or an absolute path."""
    return str(path).rstrip("/") if is_url(path) else os.path.abspath(os.fspath(path))


def _at_least_one(name: str, value: Any) -> int:
    number = check_whole(name, value)
    if number < 1:
        raise make_error("invalidOption", f"{name} is {number}, not at least 1")
    return number


def _has_older(job: PartsJob, replace: bool) -> bool:
    """Whether there is an older result that may be replaced: a complete one, or one that another call has begun."""

    def exists(path: str) -> bool:
        return Place(path, job.storage).exists() if is_url(path) else os.path.lexists(path)

    target, record = job.output, f"{job.output}.voxtile.json"
    folder, name = target.rsplit("/", 1)
    if not exists(target) and not exists(record):
        return False
    # Nobody takes the folder for an image before it has this document.
    is_begun = exists(f"{target}/0/zarr.json") and not exists(f"{target}/zarr.json")
    is_begun = not exists(record) and (is_begun or exists(f"{folder}/.{name}.voxtile-parts"))
    if not replace:
        there = target if exists(target) else record
        # Another call may be at work there.
        what = "was begun by a call that has not finished it" if is_begun else "exists already"
        raise make_error("targetExists", what, "name another file, or set replace=True", {"file": there})
    if target in [*job.scan, *job.models, job.store]:
        raise make_error("targetExists", "is read, and cannot be the result too", "name another file", {"file": target})
    if not is_begun and not exists(record):
        raise make_error(
            "targetExists", "is not a result of an earlier call (there is no record of how it was made), so it is not replaced",
            "name another file, or remove it yourself", {"file": target},
        )  # fmt: skip
    return True
