"""Boxes of an image, merged each by itself."""

import numpy as np
import pytest
import voxtile

GRIDS = [
    ((20, 23, 31), {"patch": (8, 7, 10), "overlap": (3, 2, 5)}),
    ((20, 23, 31), {"patch": 9, "overlap": 0.5, "edge": "pad-both", "padding": "reflect"}),
    ((20, 23, 31), {"patch": (8, 7, 10), "overlap": 2, "edge": "partial", "order": "z"}),
    ((20, 23, 31), {"patch": 6, "overlap": 0, "edge": "discard"}),
    ((33, 47), {"patch": (8, 16), "overlap": 0.5, "order": "z"}),
    ((33, 47), {"patch": 12, "overlap": 5, "edge": "balance"}),
]


def boxes(shape, random, count=12):
    for _ in range(count):
        edges = [sorted(random.choice(size + 1, 2, replace=False)) for size in shape]
        yield tuple(slice(int(begin), int(end)) for begin, end in edges)
    yield tuple(slice(None) for _ in shape)


@pytest.mark.parametrize("shape, options", GRIDS)
@pytest.mark.parametrize("blend", ["average", "gaussian", "maximum", "last", "vote"])
@pytest.mark.parametrize("lead, dtype", [((), "float32"), ((3,), "int16")])
def test_a_box_has_the_bits_of_the_whole(shape, options, blend, lead, dtype):
    random = np.random.default_rng(1)
    grid = voxtile.PatchGrid(shape, **options)
    patches = {patch.index: random.integers(0, 5, (*lead, *patch.shape)).astype(dtype) for patch in grid}
    if dtype == "float32" and blend != "vote":
        patches = {index: values + random.random(values.shape, np.float32) for index, values in patches.items()}
    merger = voxtile.Merger(grid, blend, fill=7)
    for index, values in patches.items():
        merger.add(values, index)
    whole = merger.result
    for box in boxes(shape, random):
        needed = voxtile.patches_over(grid, box)
        held = [patch.index for patch in grid if all(
            max(part.start, of.start or 0) < min(part.stop, size if of.stop is None else of.stop)
            for part, of, size in zip(patch.slices, box, shape)
        )]  # fmt: skip
        assert needed == held
        given = {index: patches[index] for index in needed} or {0: patches[0]}
        found = voxtile.merge_box(grid, box, given, blend, fill=7)
        assert found.dtype == whole.dtype and found.tobytes() == whole[(..., *box)].tobytes()


def test_strides_types_and_threads():
    grid = voxtile.PatchGrid((12, 14, 16), patch=8, overlap=4)
    random = np.random.default_rng(2)
    image = random.random((12, 14, 16))
    box = (slice(1, 9), slice(3, 14), slice(5, 6))
    views = {index: grid.crop(image, index) for index in voxtile.patches_over(grid, box)}
    assert np.array_equal(voxtile.merge_box(grid, box, views), image[box])
    turned = {index: np.asfortranarray(values) for index, values in views.items()}
    assert np.array_equal(voxtile.merge_box(grid, box, turned, threads=3), image[box])
    halves = {index: values.astype(np.float16) for index, values in views.items()}
    found = voxtile.merge_box(grid, box, halves)
    assert found.dtype == np.float16 and np.array_equal(found, image.astype(np.float16)[box])
    assert voxtile.merge_box(grid, box, views, dtype="float32").dtype == np.float32
    masks = {index: values > 0.5 for index, values in views.items()}
    found = voxtile.merge_box(grid, box, masks, "vote")
    assert found.dtype == bool and np.array_equal(found, image[box] > 0.5)


@pytest.mark.parametrize("nan", ["propagate", "ignore"])
def test_nan_is_treated_as_by_a_merger(nan):
    random = np.random.default_rng(3)
    grid = voxtile.PatchGrid((12, 14, 16), patch=8, overlap=4)
    patches = {patch.index: random.random(patch.shape, np.float32) for patch in grid}
    for values in patches.values():
        values[random.random(values.shape) < 0.3] = np.nan
    with voxtile.Merger(grid, "gaussian", nan=nan, fill=-1) as merger:
        for index, values in patches.items():
            merger.add(values, index)
    box = (slice(2, 9), slice(0, 14), slice(3, 13))
    found = voxtile.merge_box(grid, box, patches, "gaussian", nan=nan, fill=-1)
    assert np.array_equal(found, merger.result[box], equal_nan=True) and np.isnan(found).any() == (nan == "propagate")


def test_what_does_not_fit_is_refused():
    grid = voxtile.PatchGrid((10, 12), patch=6, overlap=2)
    patches = {patch.index: np.zeros(patch.shape, np.float32) for patch in grid}
    box = (slice(0, 10), slice(0, 12))
    for wrong in [
        (slice(0, 11), slice(0, 2)), (slice(-1, 2), slice(0, 2)), (slice(3, 3), slice(0, 2)), (slice(0, 4, 2), slice(0, 2)),
        (slice(0, 2),), (1, 2), slice(0, 3), (slice(0, True), slice(0, 2)), (slice(0, 1.0), slice(0, 2)),
    ]:  # fmt: skip
        with pytest.raises(voxtile.VoxtileError, match="box") as error:
            voxtile.merge_box(grid, wrong, patches)
        assert error.value.code == "invalidOption"
    cases = [
        ({**patches, 3: np.zeros((6, 5), np.float32)}, "shapeMismatch"),
        ({**patches, 3: np.zeros((2, 6, 6), np.float32)}, "typeMismatch"),
        ({**patches, 3: np.zeros((6, 6), np.int16)}, "typeMismatch"),
        ({index: values for index, values in patches.items() if index != 3}, "missingPatch"),
        ({}, "missingPatch"),
    ]
    for given, code in cases:
        with pytest.raises(voxtile.VoxtileError) as error:
            voxtile.merge_box(grid, box, given)
        assert error.value.code == code
    with pytest.raises(voxtile.VoxtileError, match="blend 'mean' is not one of"):
        voxtile.merge_box(grid, box, patches, "mean")
    with pytest.raises(voxtile.VoxtileError, match="NaN"):
        voxtile.merge_box(grid, box, {**patches, 0: np.full((6, 6), np.nan, np.float32)}, nan="error")
    with pytest.raises(voxtile.VoxtileError, match="not a PatchGrid"):
        voxtile.patches_over(patches, box)
