#!/usr/bin/env python3
"""Writes scores.json: 300 random pairs of masks with their scores, by surface-distance and by SciPy.

Made with Python 3.11, numpy 2.4.6, scipy 1.17.1, surface-distance 0.1 (DeepMind). Deterministic.
Run: python3 make_score_goldens.py

Scores of meshes are those of surface-distance. Scores of voxels follow MONAI's definitions (a mask without its erosion by
scipy.ndimage, distance_transform_edt, numpy.percentile of each direction, the larger of both), computed in float64.
`null` where a peer gives NaN or infinity, or only warns.
"""

import json
import os
import warnings

import numpy
from scipy import ndimage

# surface-distance 0.1 uses names that numpy 2 and scipy 1.15 have dropped.
numpy.Inf, numpy.NaN = numpy.inf, numpy.nan
ndimage.filters = ndimage.morphology = ndimage

import surface_distance  # noqa: E402

PERCENTS = (50, 95, 100)
TOLERANCES_MM = (0.5, 1, 2.5)
warnings.filterwarnings("ignore")


def blob(random, shape):
    """A mask: noise, or a few smooth blobs, which may reach the border."""
    if random.random() < 0.2:
        return random.random(shape) < random.choice([0.02, 0.2, 0.5, 0.9])
    smooth = ndimage.gaussian_filter(random.standard_normal(shape), random.uniform(0.7, 2.5), mode="wrap")
    return smooth > numpy.quantile(smooth, random.uniform(0.5, 0.95))


def pair(random, shape):
    reference = blob(random, shape)
    kind = random.integers(12)
    if kind == 0:
        return numpy.zeros(shape, bool), reference
    if kind == 1:
        return reference, numpy.zeros(shape, bool)
    if kind == 2 and random.random() < 0.3:
        return numpy.zeros(shape, bool), numpy.zeros(shape, bool)
    if kind == 3:
        return reference, reference.copy()
    if kind < 8:
        return reference, numpy.roll(reference, random.integers(-2, 3, len(shape)), range(len(shape)))
    return reference, blob(random, shape)


def number(value):
    return float(value) if numpy.isfinite(value) else None


def mesh_scores(reference, prediction, spacing):
    distances = surface_distance.compute_surface_distances(reference, prediction, spacing)
    average = surface_distance.compute_average_surface_distance(distances)
    return {
        "hausdorff": [number(surface_distance.compute_robust_hausdorff(distances, p)) for p in PERCENTS],
        "average": [number(value) for value in average],
        "dice": [
            number(surface_distance.compute_surface_dice_at_tolerance(distances, t)) for t in TOLERANCES_MM
        ],
    }


def voxel_scores(reference, prediction, spacing):
    edges = [mask & ~ndimage.binary_erosion(mask) for mask in (reference, prediction)]
    if not (edges[0].any() and edges[1].any()):
        missed = 0.0 if edges[0].any() or edges[1].any() else None
        return {"hausdorff": [None] * 3, "average": [None] * 2, "dice": [missed] * 3}
    first = ndimage.distance_transform_edt(~edges[1], sampling=spacing)[edges[0]]
    second = ndimage.distance_transform_edt(~edges[0], sampling=spacing)[edges[1]]
    return {
        "hausdorff": [float(max(numpy.percentile(first, p), numpy.percentile(second, p))) for p in PERCENTS],
        "average": [float(first.mean()), float(second.mean())],
        "dice": [
            float(((first <= t).sum() + (second <= t).sum()) / (len(first) + len(second))) for t in TOLERANCES_MM
        ],
    }


def case(seed):
    random = numpy.random.default_rng(seed)
    rank = 2 if seed % 5 == 0 else 3
    shape = tuple(int(n) for n in random.integers(1, 14 if rank == 3 else 24, rank))
    spacing = [float(s) for s in random.choice([[1, 1, 1], [2.5, 0.7, 0.7], [0.5, 1.25, 3]])]
    if random.random() < 0.5:
        spacing = [round(float(s), 3) for s in random.uniform(0.2, 4, 3)]
    spacing = spacing[-rank:]
    reference, prediction = pair(random, shape)
    return {
        "shape": shape,
        "spacing": spacing,
        "reference": numpy.packbits(reference.ravel(), bitorder="little").tobytes().hex(),
        "prediction": numpy.packbits(prediction.ravel(), bitorder="little").tobytes().hex(),
        "mesh": mesh_scores(reference, prediction, spacing),
        "voxel": voxel_scores(reference, prediction, spacing),
    }


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scores.json")
    cases = ",\n".join(json.dumps(case(seed)) for seed in range(300))
    with open(path, "w") as file:
        file.write(f"[\n{cases}\n]\n")


main()
