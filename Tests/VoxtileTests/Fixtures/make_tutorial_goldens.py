"""Writes tutorial.json: what the cutting and merging of a well-known tutorial gives.

    python3 Tests/VoxtileTests/Fixtures/make_tutorial_goldens.py

The tutorial visits the starts `0, stride, 2 * stride, ...` of each array axis as long as a whole
patch fits, and stacks the patches. To merge, it counts the patches along each axis from the sizes,
adds each patch to a volume of zeros and 1 to a volume of counts, and divides: voxels that no patch
holds become 0/0 = NaN. In 2D its innermost loop runs over the last array axis, in 3D over the
first.

Arrays come from files as (rows, columns) and as (slices, rows, columns), so the first array axis
is y in 2D and z in 3D. Everything in the fixture is in the order x, y, z; values lie in C order of
the arrays, that is with x fastest. NaN is null.
"""

import itertools
import json
import pathlib

import numpy as np

random = np.random.default_rng(9)


def visits(counts, first_axis_fastest):
    """The grid positions, as array indices, in the order of the tutorial's loops."""
    if not first_axis_fastest:
        return list(itertools.product(*map(range, counts)))
    return [position[::-1] for position in itertools.product(*map(range, counts[::-1]))]


def axis_starts(length, patch, overlap):
    return list(range(0, length - patch + 1, patch - overlap))


def cut(image, patch, overlap, first_axis_fastest):
    """The patches, stacked, and their starts in array order."""
    starts = [axis_starts(*sizes) for sizes in zip(image.shape, patch, overlap)]
    order = visits([len(axis) for axis in starts], first_axis_fastest)
    corners = [tuple(axis[k] for axis, k in zip(starts, position)) for position in order]
    boxes = [tuple(slice(s, s + p) for s, p in zip(corner, patch)) for corner in corners]
    return np.stack([image[box] for box in boxes]), corners


def merge(patches, shape, overlap, first_axis_fastest):
    """The mean of the patches over each voxel, NaN where there is none; and the counts."""
    patch = patches.shape[1:]
    stride = [p - o for p, o in zip(patch, overlap)]
    counts = [(size - p) // step + 1 for size, p, step in zip(shape, patch, stride)]
    total, cover = np.zeros(shape), np.zeros(shape)
    for values, position in zip(patches, visits(counts, first_axis_fastest), strict=True):
        box = tuple(slice(k * step, k * step + p) for k, step, p in zip(position, stride, patch))
        total[box] += values
        cover[box] += 1
    with np.errstate(invalid="ignore"):
        return total / cover, cover


def xyz(array_order):
    return [int(value) for value in reversed(array_order)]


def numbers(values):
    """Short JSON numbers; all values of the fixture are dyadic, so nothing is rounded."""
    return [None if np.isnan(v) else int(v) if v == int(v) else float(v) for v in values.ravel()]


def case(name, size, patch, overlap, keeps_values):
    """One image, given by its size in the order x, y, z."""
    shape, patch, overlap = size[::-1], patch[::-1], overlap[::-1]
    first_axis_fastest = len(shape) == 3
    image = random.integers(0, 256, shape).astype(float)
    patches, corners = cut(image, patch, overlap, first_axis_fastest)

    unchanged, cover = merge(patches, shape, overlap, first_axis_fastest)
    assert np.array_equal(unchanged[cover > 0], image[cover > 0])
    assert np.all(np.isnan(unchanged[cover == 0]))

    result = {
        "name": name,
        "size": xyz(shape),
        "patch": xyz(patch),
        "overlap": xyz(overlap),
        "order": "z" if first_axis_fastest else "x",
        "axis_starts": [axis_starts(*sizes) for sizes in zip(shape, patch, overlap)][::-1],
        "patch_origins": [xyz(corner) for corner in corners],
        "image_voxels": image.size,
        "covered_voxels": int(np.count_nonzero(cover)),
        "nan_voxels": int(np.count_nonzero(np.isnan(unchanged))),
        "cover_histogram": {
            str(int(n)): int(voxels) for n, voxels in zip(*np.unique(cover, return_counts=True))
        },
    }
    if keeps_values:
        # Patch k is worth 16 k more, so that a mean tells which patches it was made from.
        lifted = patches + 16 * np.arange(len(patches)).reshape(-1, *[1] * len(shape))
        result["image"] = numbers(image)
        result["merged_after_adding_16_per_patch_number"] = numbers(
            merge(lifted, shape, overlap, first_axis_fastest)[0])
    return result


fixture = {
    "numpy": np.__version__,
    "cases": [
        case("2D example", (10, 10), (3, 3), (1, 1), True),
        case("2D, not square", (13, 8), (4, 3), (2, 1), True),
        case("3D example, small", (23, 19, 17), (8, 8, 8), (3, 3, 3), True),
        case("brain, overlap 4", (181, 217, 181), (96,) * 3, (4,) * 3, False),
        case("brain, overlap 32", (181, 217, 181), (96,) * 3, (32,) * 3, False),
        case("uneven", (220, 181, 150), (96, 80, 64), (32, 16, 8), False),
    ],
}
target = pathlib.Path(__file__).with_name("tutorial.json")
target.write_text(json.dumps(fixture, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
