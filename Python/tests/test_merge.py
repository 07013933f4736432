"""Merging patches, compared with sums and counts."""

import threading

import numpy as np
import pytest
import voxtile
from voxtile import Merger, PatchGrid, VoxtileError

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64", "bool"]
NAMES = [
    "average", "gaussian", "hann", "triangular", "center", "last", "maximum", "vote", "vote:plain", "vote:gaussian",
]  # fmt: skip


def image(shape, dtype, seed=0):
    return np.random.default_rng(seed).integers(0, 2 if dtype == "bool" else 100, shape).astype(dtype)


def merged(grid, patches, order=None, **options):
    with Merger(grid, **options) as merger:
        for index in range(len(grid)) if order is None else order:
            merger.add(patches[index], index)
    return merger.result


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels", [None, 1, 3])
def test_an_average_of_untouched_patches_is_the_image(dtype, channels):
    array = image((7, 8, 9) if channels is None else (channels, 7, 8, 9), dtype)
    grid = PatchGrid((7, 8, 9), patch=4, overlap=2)
    result = merged(grid, grid.crop_all(array))
    assert result.dtype == array.dtype and result.shape == array.shape
    np.testing.assert_array_equal(result, array)


def weights(blend, n):
    i = np.arange(n)
    if blend == "gaussian":
        return np.maximum(np.exp(-(((i - (n - 1) / 2) / (n / 8)) ** 2) / 2), 1e-12)
    if blend == "hann":
        return np.sin(np.pi * (i + 1) / (n + 1)) ** 2
    return np.minimum(i + 1, n - i) if blend == "triangular" else np.ones(n)


@pytest.mark.parametrize("blend", ["average", "gaussian", "hann", "triangular"])
def test_a_mean_is_the_sum_of_weighted_patches_over_the_sum_of_weights(blend):
    grid = PatchGrid((12, 13, 14), patch=(6, 7, 8), overlap=0.5)
    patches = np.random.default_rng(1).normal(size=(len(grid), 2, 6, 7, 8)).astype("float32")
    window = np.einsum("i,j,k->ijk", *(weights(blend, n) for n in grid.patch))
    sums, total = np.zeros((2, *grid.shape)), np.zeros(grid.shape)
    for patch in grid:
        sums[(..., *patch.slices)] += patches[patch.index] * window
        total[patch.slices] += window
    np.testing.assert_allclose(merged(grid, patches, blend=blend), sums / total, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("blend", NAMES)
def test_the_bits_depend_neither_on_the_order_nor_on_the_threads(blend):
    grid = PatchGrid((10, 11, 12), patch=5, overlap=3)
    patches = image((len(grid), 5, 5, 5), "float32", 2)
    first = merged(grid, patches, blend=blend, threads=1)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(grid))
        np.testing.assert_array_equal(merged(grid, patches, order, blend=blend), first)


def test_patches_come_from_several_threads():
    grid = PatchGrid((40, 41, 42), patch=12, overlap=6)
    array = image(grid.shape, "int16")
    merger = Merger(grid)

    def work(part):
        for index in range(part, len(grid), 4):
            merger.add(grid.crop(array, index), index)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(merger.finish(), array)


def test_a_merger_is_closed_while_other_threads_add():
    grid = PatchGrid((96, 96, 96), patch=32, overlap=16)
    array = image(grid.shape, "float32")
    for seed in range(4):
        merger = Merger(grid, blend="gaussian")

        def work(merger=merger, seed=seed):
            for index in np.random.default_rng(seed).permutation(len(grid)):
                try:
                    merger.add(grid.crop(array, int(index)), int(index))
                except VoxtileError as error:
                    assert error.code in ("mergerFinished", "closedObject", "duplicatePatch")

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        threads[0].join(0.01 * seed)
        merger.close()
        for thread in threads:
            thread.join()


def test_a_patch_may_be_changed_after_it_was_added():
    grid = PatchGrid((8, 8), patch=4, overlap=2)
    array, buffer = image(grid.shape, "float32"), np.empty((4, 4), "float32")
    with Merger(grid) as merger:
        for patch in grid:
            buffer[:] = grid.crop(array, patch.index)
            merger.add(buffer, patch.index)
            buffer[:] = np.nan
    np.testing.assert_array_equal(merger.result, array)


def test_a_result_goes_into_an_array_of_the_caller():
    grid = PatchGrid((8, 8), patch=4, overlap=2)
    array, out = image((2, 8, 8), "float32"), np.full((2, 8, 8), 5, "float64")
    with Merger(grid, out=out) as merger:
        for patch in grid:
            merger.add(grid.crop(array, patch.index), patch.index)
    assert merger.result is out
    np.testing.assert_array_equal(out, array)


def test_a_result_has_the_type_asked_for():
    grid = PatchGrid((8, 8), patch=4, overlap=2)
    patches = image((len(grid), 4, 4), "float32") + 0.25
    assert merged(grid, patches, dtype="uint8").dtype == np.uint8
    assert merged(grid, patches, dtype="float16").dtype == np.float16


def test_absent_patches_leave_the_fill():
    grid = PatchGrid((4, 8), patch=4, overlap=0)
    with Merger(grid, absent=[1], fill=9) as merger:
        merger.add(np.ones((4, 4), "int16"), 0)
    assert (merger.result[:, :4] == 1).all() and (merger.result[:, 4:] == 9).all()


def test_nan_propagates_is_ignored_or_an_error():
    grid = PatchGrid((4, 6), patch=4, overlap=2)
    patches = np.ones((2, 4, 4), "float32")
    patches[0, 0, 3] = np.nan
    assert np.isnan(merged(grid, patches)[0, 3])
    assert merged(grid, patches, nan="ignore")[0, 3] == 1
    with pytest.raises(VoxtileError, match="NaN"):
        merged(grid, patches, nan="error")


def test_arrays_that_are_not_contiguous_are_merged():
    grid = PatchGrid((9, 10, 11), patch=4, overlap=1)
    whole = image((11, 10, 9), "int32").T[::1]
    for array in (whole, np.asfortranarray(whole), whole[::-1], image((9, 10, 22), "int32")[..., ::2]):
        with Merger(grid) as merger:
            for patch in grid:
                merger.add(grid.crop(array, patch.index), patch.index)
        np.testing.assert_array_equal(merger.result, array)


def test_every_misuse_is_an_exception_and_leaves_the_merger_as_it_was():
    grid = PatchGrid((6, 6), patch=4, overlap=2)
    array = image(grid.shape, "float32")
    merger = Merger(grid)
    with pytest.raises(LookupError):
        merger.finish()
    merger.add(array[:4, :4], 0)
    for patch, index, code in [
        (array[:4, :4], 0, "duplicatePatch"),
        (array[:3, :4], 1, "shapeMismatch"),
        (array[None, :4, :4], 1, "shapeMismatch"),
        (np.zeros((2, 4, 4), "float32"), 1, "shapeMismatch"),
        (array[:4, :4].astype("int16"), 1, "typeMismatch"),
        (array[:4, :4].astype(complex), 1, "typeMismatch"),
        (array[:4, :4], 4, "indexOutOfRange"),
        (array[:4, :4], 2**70, "invalidOption"),
        (array[:4, :4], "a", "invalidOption"),
        (None, 1, "typeMismatch"),
        ([], 1, "shapeMismatch"),
    ]:
        with pytest.raises(VoxtileError) as caught:
            merger.add(patch, index)
        assert caught.value.code == code
    with pytest.raises(VoxtileError) as caught:
        merger.finish()
    assert caught.value.code == "missingPatch"
    for index in range(1, 4):
        merger.add(grid.crop(array, index), index)
    np.testing.assert_array_equal(merger.finish(), array)
    with pytest.raises(VoxtileError) as caught:
        merger.add(array[:4, :4], 0)
    assert caught.value.code == "mergerFinished"
    merger.close()
    merger.close()


@pytest.mark.parametrize(
    "options",
    [
        {"blend": "glue"}, {"blend": "gaus\0sian"}, {"blend": None}, {"sigma": 0}, {"sigma": -1}, {"sigma": float("nan")},
        {"sigma": float("inf")}, {"nan": "maybe"}, {"absent": [4]}, {"absent": [2**70]}, {"absent": ["a"]}, {"threads": -1},
        {"threads": 2**40}, {"threads": 1.5}, {"out": np.zeros((6, 6), complex)}, {"out": np.zeros((6, 7))},
        {"out": np.zeros((12, 6))[::2]}, {"out": [1]}, {"out": np.zeros((6, 6)), "dtype": "int8"},
        {"out": np.broadcast_to(np.zeros(6), (6, 6))},
    ],
)  # fmt: skip
def test_wrong_options_are_exceptions(options):
    with pytest.raises(VoxtileError):
        Merger(PatchGrid((6, 6), patch=4, overlap=2), **options)


def test_all_patches_absent_and_a_grid_that_is_none_are_exceptions():
    grid = PatchGrid((6, 6), patch=4, overlap=2)
    with pytest.raises(VoxtileError):
        Merger("grid")
    merger = Merger(grid, absent=range(4))
    with pytest.raises(VoxtileError):
        merger.add(np.zeros((4, 4)), 0)


def test_an_exception_inside_with_closes_the_merger():
    grid = PatchGrid((6, 6), patch=4, overlap=2)
    with pytest.raises(KeyboardInterrupt), Merger(grid) as merger:
        merger.add(np.zeros((4, 4)), 0)
        raise KeyboardInterrupt
    with pytest.raises(VoxtileError):
        merger.add(np.zeros((4, 4)), 1)


@pytest.mark.parametrize("first, later", [("bool", "uint8"), ("float16", "float32"), ("uint8", "bool"), ("float32", "float64")])
def test_patches_of_another_type_than_the_first_are_refused(first, later):
    grid = PatchGrid((6, 6), patch=4, overlap=2)
    merger = Merger(grid)
    merger.add(np.ones((4, 4), first), 0)
    with pytest.raises(VoxtileError) as caught:
        merger.add(np.ones((4, 4), later), 1)
    assert caught.value.code == "typeMismatch" and first in str(caught.value) and later in str(caught.value)


def test_bool_has_no_other_bytes_than_0_and_1():
    grid = PatchGrid((6, 6), patch=4, overlap=2, edge="discard")
    merger = Merger(grid, "last", dtype=bool)
    for patch in grid:
        merger.add(np.full((4, 4), patch.index * 2, np.uint8), patch.index)
    assert merger.result.dtype == bool and set(np.unique(merger.result.view(np.uint8))) == {0, 1}
    box = (slice(0, 6), slice(0, 6))
    patches = {patch.index: np.full((4, 4), patch.index * 2, np.uint8) for patch in grid}
    np.testing.assert_array_equal(voxtile.merge_box(grid, box, patches, "last", dtype=bool), merger.result)
    filled = Merger(PatchGrid((6, 6), patch=4, overlap=0, edge="discard"), fill=7)
    filled.add(np.zeros((4, 4), bool), 0)
    assert set(np.unique(filled.result.view(np.uint8))) == {0, 1}


def test_floats_do_not_become_bool_by_rounding():
    grid = PatchGrid((4, 4), patch=4)
    with pytest.raises(VoxtileError, match="do not become bool"):
        Merger(grid, dtype=bool).add(np.full((4, 4), 0.4, np.float32), 0)
    with pytest.raises(VoxtileError, match="do not become bool"):
        voxtile.merge_box(grid, (slice(0, 4), slice(0, 4)), {0: np.zeros((4, 4), np.float32)}, dtype=bool)


@pytest.mark.parametrize("fill", [300, -1, float("nan"), float("inf")])
def test_a_fill_value_that_the_type_does_not_hold_is_refused_where_voxels_get_it(fill):
    loses, complete = PatchGrid((6, 6), patch=4, overlap=0, edge="discard"), PatchGrid((6, 6), patch=4, overlap=2)
    ones = np.ones((4, 4), np.uint8)
    for merger in (Merger(loses, fill=fill), Merger(complete, absent=[1], fill=fill), Merger(loses, fill=fill, dtype=bool)):
        with pytest.raises(VoxtileError, match="uint8 cannot hold their fill value"), merger:
            merger.add(ones, 0)
    merger = Merger(loses, fill=fill, out=np.zeros((6, 6), np.uint8))
    with pytest.raises(VoxtileError, match="uint8 cannot hold"), merger:
        merger.add(ones, 0)
    with pytest.raises(VoxtileError, match="uint8 cannot hold"):
        voxtile.merge_box(loses, (slice(0, 6), slice(0, 6)), {0: ones}, fill=fill)
    with Merger(complete, fill=fill) as merger:
        for patch in complete:
            merger.add(ones, patch.index)
    with Merger(loses, fill=fill, dtype="float32") as merger:
        merger.add(ones, 0)
    np.testing.assert_equal(merger.result[5, 5], np.float32(fill))
