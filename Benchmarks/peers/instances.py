"""Compares how programs join objects that were cut into patches: Voxtile, StarDist's blocks, cellpose's stitching, patchworks.

usage: instances.py PROGRAM

A picture and a volume full of cells are drawn, of which each tool cuts its own patches. A "segmenter" gives the cells of a
patch and numbers them from 1: exactly, or with a radius that differs by a voxel from patch to patch. No network runs, so all
differences are those of joining. Tools that are not installed are left out: pip install stardist csbdeep patchworks
dask-image, and cellpose with --no-deps.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

import numpy as np
import scipy.ndimage
import scipy.spatial

# name: shape, the least distance of two centers, radius (cells with less than twice that apart touch), patch, overlap
SCENES = {
    "2D, apart": ((600, 760), 30, 12, 128, 48),
    "2D, touching": ((600, 760), 18, 12, 128, 48),
    "3D, apart": ((144, 192, 240), 26, 10, 96, 40),
    "3D, touching": ((144, 192, 240), 15, 10, 96, 40),
}


class Scene:
    """Cells: balls around points, which end where another point is nearer."""

    def __init__(self, shape, distance, radius, patch, overlap):
        self.shape, self.radius, self.patch, self.overlap = shape, radius, patch, overlap
        random = np.random.default_rng(7)
        points = np.empty((0, len(shape)))
        for point in random.random((40000, len(shape))) * shape:
            if not len(points) or np.min(np.sum((points - point) ** 2, axis=1)) >= distance**2:
                points = np.vstack([points, point])
        grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
        self.distance, self.nearest = (part.ravel() for part in scipy.spatial.cKDTree(points).query(grid))
        self.count = len(points)
        self.indices = np.arange(np.prod(shape)).reshape(shape)
        self.truth = self.drawn(self.indices, np.full(self.count, radius))
        self.count = len(np.unique(self.truth)) - 1

    def drawn(self, indices, radii):
        nearest = self.nearest[indices]
        return np.where(self.distance[indices] <= radii[nearest], nearest + 1, 0)

    def segmenter(self, differs):
        """A function from the numbers of the voxels of a patch to its labels, from 1."""

        def labels(indices):
            radii = np.full(len(self.nearest), self.radius)
            if differs:
                random = np.random.default_rng(int(indices.flat[0]))
                radii = self.radius + random.integers(-1, 2, size=self.nearest.max() + 1)
            found = self.drawn(indices, radii)
            numbers = np.unique(found, return_inverse=True)[1].reshape(found.shape).astype(np.int32)
            return numbers if (found == 0).any() else numbers + 1

        return labels


def with_voxtile(scene, segmenter, program):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.save(folder / "image.npy", scene.indices.astype(np.int32))
        axes = len(scene.shape)
        words = ["--patch", "x".join([str(scene.patch)] * axes), "--overlap", "x".join([str(scene.overlap)] * axes)]
        crop = [program, "crop", folder / "image.npy", *words, "--output", folder / "patches"]
        subprocess.run(crop, check=True, capture_output=True)
        for entry in json.loads((folder / "patches/voxtile.json").read_text())["patches"]:
            path = folder / "patches" / entry["file"]
            np.save(path, segmenter(np.load(path)))
        begin = time.perf_counter()
        merge = [program, "merge", folder / "patches", "--blend", "instances", "--output", folder / "out.npy"]
        subprocess.run(merge, check=True, capture_output=True)
        return np.load(folder / "out.npy"), time.perf_counter() - begin


def with_stardist(scene, segmenter, _):
    from stardist.big import BlockND

    axes = "YX" if len(scene.shape) == 2 else "ZYX"
    result, last, seconds = np.zeros(scene.shape, np.int32), 0, 0.0
    for block in BlockND.cover(scene.shape, axes, scene.patch, scene.overlap, 0):
        labels = block.crop_context(segmenter(block.read(scene.indices)))
        begin = time.perf_counter()
        kept = block.filter_objects(labels, None)
        block.write(result, np.where(kept > 0, kept + last, 0))
        last += int(labels.max())
        seconds += time.perf_counter() - begin
    return result, seconds


def with_cellpose(scene, segmenter, _):
    part = cellpose_stitching()
    size = np.array([scene.patch] * len(scene.shape))
    indices, crops = part.get_block_crops(scene.shape, size, scene.overlap, None)
    blocks = part.get_nblocks(scene.shape, size)
    result, faces, used, seconds = np.zeros(scene.shape, np.uint32), [], [], 0.0
    for index, crop in zip(indices, crops):
        labels = segmenter(scene.indices[crop]).astype(np.uint32)
        begin = time.perf_counter()
        labels, crop = part.remove_overlaps(labels, crop, scene.overlap, size)
        labels, remap = part.global_segment_ids(labels, index, blocks)
        used += [label for label in remap if label > 0]
        result[tuple(crop)] = labels
        faces.append(part.block_faces(labels))
        seconds += time.perf_counter() - begin
    begin = time.perf_counter()
    result = part.determine_merge_relabeling(indices, faces, np.array(used))[result]
    return result, seconds + time.perf_counter() - begin


def cellpose_stitching():
    """cellpose's module, of which only the functions that join are called: what else it imports is left out."""
    for name in ["cellpose.io", "cellpose.models", "imagecodecs", "dask_jobqueue", "yaml", "tifffile"]:
        if name not in sys.modules and (name.startswith("cellpose") or importlib.util.find_spec(name) is None):
            sys.modules[name] = types.ModuleType(name)
    package = sys.modules.setdefault("cellpose", types.ModuleType("cellpose"))
    package.io, package.models = sys.modules["cellpose.io"], sys.modules["cellpose.models"]
    sys.modules["dask_jobqueue"].LSFCluster = getattr(sys.modules["dask_jobqueue"], "LSFCluster", object)
    places = [Path(place) / "cellpose/contrib/distributed_segmentation.py" for place in sys.path]
    spec = importlib.util.spec_from_file_location("distributed_segmentation", next(place for place in places if place.exists()))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_patchworks(stitch):
    def run(scene, segmenter, _):
        import dask.array
        import patchworks

        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            result = patchworks.tile_process(
                dask.array.from_array(scene.indices), segmenter, tile_shape=(scene.patch,) * len(scene.shape), channel=None,
                overlap=scene.overlap, stitch=stitch, progress=False, write_to=Path(folder) / "out.zarr",
            )  # fmt: skip
            return np.asarray(result), time.perf_counter() - begin

    return run


TOOLS = {
    "Voxtile": with_voxtile, "StarDist": with_stardist, "cellpose": with_cellpose,
    "patchworks, touch": with_patchworks("touch"), "patchworks, iou": with_patchworks("iou"),
}  # fmt: skip


def judged(truth, result):
    """How many cells are split, joined with others, and lost; and whether all is as in the truth but for the numbers."""
    pairs, counts = np.unique(np.stack([truth.ravel(), result.ravel()]), axis=1, return_counts=True)
    sizes = dict(zip(*np.unique(truth, return_counts=True)))
    parts = [(cell, label, count / sizes[cell]) for (cell, label), count in zip(pairs.T, counts) if cell > 0 and label > 0]
    large = [(cell, label) for cell, label, share in parts if share >= 0.1]
    kept = {cell for cell, _, share in parts if share >= 0.5}
    cells, labels = [cell for cell, _ in large], [label for _, label in large]
    split = len(cells) - len(set(cells))
    joined = len(labels) - len(set(labels))
    exact = len(pairs.T) == len(sizes) == len(set(pairs[1])) and all((cell > 0) == (label > 0) for cell, label in pairs.T)
    return split, joined, len(sizes) - 1 - len(kept), exact


def main():
    print("| Scene | Cells | Tool | Split | Joined | Lost | Exact | Seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for name, settings in SCENES.items():
        scene = Scene(*settings)
        for differs in [False, True]:
            for tool, run in TOOLS.items():
                what = f"{name}{', drawn differently' if differs else ''}"
                try:
                    result, seconds = run(scene, scene.segmenter(differs), sys.argv[1])
                except ImportError:
                    continue
                except Exception as error:
                    print(f"| {what} | {scene.count} | {tool} | {type(error).__name__}: {error} |")
                    continue
                split, joined, lost, exact = judged(scene.truth, result)
                exact = "" if differs else "yes" if exact else "no"
                print(f"| {what} | {scene.count} | {tool} | {split} | {joined} | {lost} | {exact} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
