"""Jobs over files that the program does in a process of its own: predictions, a page, scores, other voxels."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ._arrays import check_whole
from ._command import check_names, command, option_words, path_words, words_of
from ._jobs import Path, Progress
from ._many import run_program

__all__ = ["evaluate", "infer", "report", "resample"]


def infer(
    scans: Path | Sequence[Path],
    output: Path | Mapping[str, Path],
    *,
    model: Path | Sequence[Path] | None = None,
    nnunet: Path | None = None,
    task: Mapping[str, Path | Sequence[Path]] | None = None,
    replace: bool = False,
    memory: int | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Predicts a scan with an ONNX network, or many, and writes the results: what ``voxtile infer`` does.

    Parameters
    ----------
    scans : path or sequence of path
        The scan; several files are the channels of one image where the network takes as many. Or many scans: a folder, a
        pattern such as ``"study/**/*_T1w.nii.gz"``, or files with ``as_cases=True``; empty where ``cases`` names a table.
    output : path or mapping
        Where labels go, or a file for each of ``"labels"``, ``"probabilities"``, ``"logits"``, ``"confidence"``,
        ``"disagreement"``; of many scans the folder for the results.
    model : path or sequence of path
        The network, or several whose mean is predicted.
    nnunet : path, optional
        In its place, a trained nnU-Net, as ``Examples/FromNnUNet/export.py`` writes it.
    task : mapping, optional
        In its place, networks for labels of their own, by the names of their tasks: ``{"organs": "organs.onnx", "bones":
        "bones.onnx"}``. Where several have a label, that of the last one stands; ``task_labels`` names a table of what labels
        become.
    replace : bool
        Whether older results may be replaced.
    memory : int, optional
        The most bytes to use.
    threads : int
        How many threads; 0 for as many as there are cores.
    progress : callable, optional
        Is told what is done and of how much. What it raises stops the job.
    **options
        The options of ``voxtile infer`` with underscores, such as ``patch=(96, 96, 64)``, ``normalize="zscore"``,
        ``spacing=1.5``, ``skip_below=5``, ``keep_largest=True`` or ``resume=True``; sizes are tuples, z, y, x; a
        text such as ``"96x96x48"`` is x first, as on the command line.

    Returns
    -------
    dict
        How the result was made: what stands in ``OUTPUT.voxtile.json``. Of many scans, what became of each, as in
        ``summary.json``: one that cannot be predicted is no error.

    Warns
    -----
    UserWarning
        For each thing that makes the result doubtful.

    Raises
    ------
    VoxtileError
        Where the scan cannot be predicted, with what the program says.
    """
    check_names(options, jobs="threads", **({"output_kind": "output"} if isinstance(output, Mapping) else {}))
    words = ["infer", *path_words(scans)]
    outputs = output if isinstance(output, Mapping) else {"": output}
    kinds = [kind for kind in outputs if kind]
    words += [word for path in outputs.values() for word in ["--output", *path_words(path)]]
    words += words_of("output_kind", ",".join(kinds) or None)
    words += [] if model is None else words_of("model", [path_words(model)])
    words += [] if nnunet is None else ["--nnunet", *path_words(nnunet)]
    words += [f"--task={name}={path}" for name, paths in (task or {}).items() for path in path_words(paths)]
    words += [*words_of("memory", memory), *words_of("jobs", check_whole("threads", threads) or None)]
    words += [*option_words(options), *words_of("force", replace), "--json"]
    printed = command(words, gives_findings=True, progress=progress)
    result: dict[str, Any] = json.loads(printed) if printed else {}
    rows = result.get("rows") or []
    found = list(result.get("warnings") or [])
    found += [f"{row['name']}: {text}" for row in rows for text in (row.get("findings") or {}).get("warnings") or []]
    for warning in found:
        warnings.warn(str(warning), stacklevel=2)
    return result


def report(source: Path, output: Path | None = None, *, replace: bool = False, **options: Any) -> None:
    """Writes a page or a GIF about an image and its patches, or a page about training patches: what ``voxtile report`` does.

    Parameters
    ----------
    source : path
        A folder of patches, an image, or a set that `sample` made.
    output : path, optional
        The page to write, one HTML file that works offline. It may be left out where ``animate`` names a GIF.
    replace : bool
        Whether an older page or GIF may be replaced.
    **options
        The options of ``voxtile report`` with underscores, such as ``merged="merged.npy"``, ``overlay="labels.nii.gz"``,
        ``animate="brain.gif"`` or ``patch=(48, 64, 64)``; sizes are tuples, z, y, x; a
        text such as ``"96x96x48"`` is x first, as on the command line.

    Raises
    ------
    VoxtileError
        Where something cannot be read or written, with what the program says.
    """
    words = ["report", *path_words(source)]
    words += [] if output is None else ["--output", *path_words(output)]
    command([*words, *option_words(options), *words_of("force", replace)])


def evaluate(
    predictions: Path, labels: Path, output: Path | None = None, *, replace: bool = False, **options: Any
) -> dict[str, Any]:
    """Compares predicted label maps with true ones: what ``voxtile evaluate`` does.

    Parameters
    ----------
    predictions, labels : path
        Two files, or two folders whose files are called alike.
    output : path, optional
        Where to write the scores of each case: a ``.json`` or ``.csv`` file, or a folder for both.
    replace : bool
        Whether older scores may be replaced.
    **options
        The options of ``voxtile evaluate`` with underscores, such as ``tolerance=2``, ``surface="voxel"`` or ``lesions="all"``.

    Returns
    -------
    dict
        What the program prints as JSON: ``cases`` with the scores of each label in each, and ``labels`` with the means. Cases
        that cannot be compared are no error, but named: ``failed``, ``withoutPrediction``, ``withoutReference``. Scores that are
        undefined are ``None``.

    Raises
    ------
    VoxtileError
        Where an option is wrong, or scores cannot be written, with what the program says.

    Examples
    --------
    >>> import numpy as np, tempfile, voxtile
    >>> folder = tempfile.mkdtemp()
    >>> for name, size in [("predicted", 4), ("true", 3)]:
    ...     labels = np.zeros((8, 8, 8), np.uint8)
    ...     labels[:size, :4, :4] = 1
    ...     np.save(f"{folder}/{name}.npy", labels)
    >>> scores = voxtile.evaluate(f"{folder}/predicted.npy", f"{folder}/true.npy")["cases"][0]["labels"][0]["scores"]
    >>> round(scores["dice"], 4)  # 2 * 48 / (64 + 48)
    0.8571
    """
    words = [
        "evaluate", *path_words(predictions), *path_words(labels), *option_words(options), "--json",
        *([] if output is None else ["--output", *path_words(output)]), *words_of("force", replace),
    ]  # fmt: skip
    return json.loads(command(words, gives_findings=True))


def resample(
    source: Path,
    output: Path,
    *,
    like: Path | None = None,
    cases: Path | None = None,
    replace: bool = False,
    memory: int | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Writes an image, or many, with voxels of another size, by the convention of a system: what ``voxtile resample`` does.

    Parameters
    ----------
    source : path
        The image. Or many: a folder, or a pattern such as ``"study/**/*_T1w.nii.gz"``; empty where ``cases`` names a table.
    output : path
        The file to write; of many images the folder for the results.
    like : path, optional
        Another image, whose voxels are taken; one for all of many.
    cases : path, optional
        A table of images, a CSV file with the columns ``case`` and ``image``, each of which is resampled.
    replace : bool
        Whether older files may be replaced.
    memory : int, optional
        The most bytes to use.
    threads : int
        How many threads; 0 for as many as there are cores.
    progress : callable, optional
        Is told what is done and of how much. What it raises stops the job.
    **options
        The options of ``voxtile resample`` with underscores, such as ``spacing=1.5``, ``size=(64, 128, 128)``,
        ``convention="monai"`` or, of many images, ``resume=True``; sizes are tuples, z, y, x; a
        text such as ``"96x96x48"`` is x first, as on the command line.

    Returns
    -------
    dict
        What ``--json`` prints: of one image ``output``, ``channels``, ``scalarType``, ``remarks``, and ``extent`` and
        ``spacing``, which are x, y, z. Of many, what became of each, as in ``summary.json``: one that cannot be resampled is no
        error.

    Raises
    ------
    VoxtileError
        Where the image cannot be resampled so, with what the program says.
    """
    chosen = {"like": like, "memory": memory, **options}
    return run_program("resample", [source, output], cases, chosen, replace=replace, threads=threads, progress=progress)
