"""Image files and folders of patches: what the commands of the program do, in this process.

Only of many images (``cases``), and of a set of training patches, the program does it, in a process of its own.
Sizes and overlaps are in the order of arrays, z, y, x, and reports too; only ``affine`` is as in the file, x, y, z.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ._arrays import check_whole, per_axis
from ._command import check_names, path_words
from ._jobs import Path, Progress, as_options, as_path, dtype_name, run, x_first
from ._many import check_one, run_program
from .errors import make_error
from .sampling import MANIFEST, verify_set

__all__ = ["convert", "crop_file", "info", "merge_folder", "verify"]


def info(path: Path) -> dict[str, Any]:
    """Describes an image file from its header.

    Parameters
    ----------
    path : path
        A file (or folder) of any format that is read.

    Returns
    -------
    dict
        ``shape`` (z, y, x), ``channels``, ``dtype``, ``spacing`` in mm (z, y, x), ``affine`` (x, y, z), ``is_label_map``,
        ``notes``, ``details``, and ``scaling`` where stored values are not the real ones.
    """
    return run("file_info", [as_path(path)])


def convert(
    input: Path,
    output: Path,
    *,
    dtype: Any = None,
    channel: int | None = None,
    gray: bool = False,
    cases: Path | None = None,
    replace: bool = False,
    memory: int | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Writes an image as another file; the ending of the output chooses the format.

    Parameters
    ----------
    input, output : path
        What is read, and what is written. With ``cases``, an empty input and the folder for all results.
    dtype : numpy dtype, optional
        The type of the values, rounded and saturated.
    channel : int, optional
        The only channel that is kept.
    gray : bool
        Whether colors become gray.
    cases : path, optional
        A table of images, a CSV file with the columns ``case`` and ``image``, each of which is converted.
    replace : bool
        Whether an older file may be replaced.
    memory : int, optional
        The most bytes to use.
    threads : int
        How many threads; 0 for as many as there are cores.
    progress : callable, optional
        Is told what is done and of how much.
    **options
        With ``cases``, options of ``voxtile convert`` with underscores, such as ``format="nii.gz"`` or ``resume=True``.

    Returns
    -------
    dict
        ``info`` of what was written, and ``wrote_real_values``. With ``cases``, what became of each, as in ``summary.json``: one
        that cannot be converted is no error.
    """
    if cases is not None:
        check_names(options, type="dtype")
        only = None if channel is None else check_whole("channel", channel)
        chosen = {"type": dtype_name(dtype), "channel": only, "gray": gray, "memory": memory, **options}
        return run_program("convert", [input, output], cases, chosen, replace=replace, threads=threads, progress=progress)
    check_one(options)
    settings = as_options(dtype=dtype_name(dtype), channel=channel, gray=gray, replace=replace, memory=memory, threads=threads)
    return run("file_convert", [as_path(input), as_path(output), settings], progress)


def crop_file(
    input: Path,
    folder: Path,
    *,
    patch: int | Sequence[int],
    overlap: float | Sequence[float] = 0.5,
    edge: str | Sequence[str] = "shift",
    padding: str = "constant",
    order: str = "x",
    format: str | None = None,
    suffix: str = "",
    replace: bool = False,
    memory: int | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Cuts an image file into a folder of patch files with a manifest.

    Parameters
    ----------
    input, folder : path
        What is read, and the folder that is made.
    patch, overlap, edge, padding, order
        The grid, as in `PatchGrid`.
    format : str, optional
        The ending of the patch files, such as ``"nii.gz"``; that of the input by default.
    suffix : str
        What the name of each file has before its ending, such as ``"_0000"``.
    replace, memory, threads, progress
        As in `convert`.

    Returns
    -------
    dict
        ``patches``, and the names of their ``files``.

    Raises
    ------
    VoxtileError
        ``invalidOption`` for a tuple that has not one value for each axis of the image, and what `PatchGrid` raises.
    """
    _check_axes(input, patch=patch, overlap=overlap, edge=edge)
    options = as_options(
        patch=x_first(patch), overlap=x_first(overlap), edge=x_first(edge), padding=padding, order=order,
        format=format, suffix=suffix, replace=replace, memory=memory, threads=threads,
    )  # fmt: skip
    return run("file_crop", [as_path(input), as_path(folder), options], progress)


def merge_folder(
    folder: Path,
    output: Path,
    *,
    blend: str | None = None,
    instance_iou: float | None = None,
    output_kind: str = "values",
    fill: float = 0.0,
    dtype: Any = None,
    nan: str = "propagate",
    missing: str = "error",
    pattern: str | None = None,
    manifest: Path | None = None,
    ignore_positions: bool = False,
    cases: Path | None = None,
    replace: bool = False,
    memory: int | None = None,
    threads: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Merges a folder of patch files, perhaps another tool's, into an image file in the place of the original.

    Parameters
    ----------
    folder, output : path
        What is read, and what is written. With ``cases``, an empty folder and the folder for all images.
    blend : str, optional
        As in `Merger`; by default votes for labels, and the mean for everything else. With ``"instances"``, the objects that
        each patch has numbered on its own get one numbering.
    instance_iou : float, optional
        With instances, the least overlap of objects that are one, as intersection over union; 0.5 by default.
    output_kind : str
        ``"values"``, or ``"labels"`` for the number of the channel with the largest value.
    fill : float
        The value of voxels that no patch holds.
    dtype : numpy dtype, optional
        The type of the merged file.
    nan, missing : str
        What NaN does (``"propagate"``, ``"ignore"``, ``"error"``), and a patch without a file (``"error"``, ``"fill"``).
    pattern : str, optional
        How the files are called, such as ``"{name}_seg.nii.gz"``.
    manifest : path, optional
        The manifest, where it lies in another folder.
    ignore_positions : bool
        Whether files are merged by their names, whatever they say about their positions.
    cases : path, optional
        A table of patch folders, a CSV file with the columns ``case`` and ``image``, each of which is merged.
    replace, memory, threads, progress
        As in `convert`.
    **options
        With ``cases``, options of ``voxtile merge`` with underscores, such as ``name="{case}_merged"`` or ``resume=True``.

    Returns
    -------
    dict
        ``blend``, ``dtype``, ``channels``, ``uncovered_voxels``, ``missing_patches``, ``saturated_values``,
        ``zeroed_nan_values``. With ``cases``, what became of each, as in `convert`.
    """
    if cases is not None:
        check_names(options, type="dtype")
        chosen = {
            "output": [path_words(output)], "blend": blend, "instance_iou": instance_iou,
            "output_kind": None if output_kind == "values" else output_kind, "fill": fill or None, "type": dtype_name(dtype),
            "nan": nan, "missing": missing, "pattern": pattern, "manifest": manifest, "ignore_positions": ignore_positions,
            "memory": memory, **options,
        }  # fmt: skip
        return run_program("merge", [folder], cases, chosen, replace=replace, threads=threads, progress=progress)
    check_one(options)
    settings = as_options(
        blend=blend, instance_iou=instance_iou, output_kind=output_kind, fill=float(fill), dtype=dtype_name(dtype), nan=nan,
        missing=missing, pattern=pattern,
        manifest=None if manifest is None else as_path(manifest).decode(), ignore_positions=ignore_positions,
        replace=replace, memory=memory, threads=threads,
    )  # fmt: skip
    return run("file_merge", [as_path(folder), as_path(output), settings], progress)


def verify(
    folder: Path,
    *,
    against: Path | None = None,
    manifest: Path | None = None,
    pattern: str | None = None,
    cases: Path | None = None,
    memory: int | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Checks a folder of patch files against its manifest, and against the image that was cut; or a set that `sample` made.

    Of a set, ``against`` is the folder where the scans lie, of which the patches are chosen once more. With ``cases``, a table
    whose column ``image`` names patch folders, predictions, results or sets, the folder is empty.

    Returns
    -------
    dict
        ``findings``, a list that is empty where nothing is wrong, ``unlisted_files``; of patches ``lost_voxels``, of a set
        ``compared_scans`` and ``partly_compared_scans``. Of a table, ``cases``: what ``voxtile verify --json`` says of each.
    """
    if cases is not None:
        chosen = {"against": against, "manifest": manifest, "pattern": pattern, "memory": memory}
        return {"cases": run_program("verify", [folder], cases, chosen, threads=threads, progress=progress)}
    if os.path.isfile(os.path.join(os.fspath(folder), MANIFEST)):
        for name, value in (("manifest", manifest), ("pattern", pattern)):
            if value is not None:
                raise make_error("invalidOption", f"{name} is for patches of one image, but {folder} has a list of samples")
        return verify_set(folder, against, memory=memory, jobs=threads or None)
    options = as_options(
        against=None if against is None else as_path(against).decode(), pattern=pattern, memory=memory, threads=threads,
        manifest=None if manifest is None else as_path(manifest).decode(),
    )  # fmt: skip
    return run("file_verify", [as_path(folder), options], progress)


def _check_axes(image: Path, **values: Any) -> None:
    """Refuses tuples that have not one value for each axis of an image."""
    several = {name: value for name, value in values.items() if not isinstance(value, str) and hasattr(value, "__len__")}
    axes = len(info(image)["shape"]) if several else 0
    for name, value in several.items():
        per_axis(name, value, axes, lambda _, item: item)
