"""A model over a whole image."""

import itertools

import numpy as np
import pytest
import voxtile
from voxtile import PatchGrid, VoxtileError, predict


def scan(shape=(20, 21, 22), dtype="float32"):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("batch", [1, 3, 100])
@pytest.mark.parametrize("edge", ["shift", "pad", "balance", "partial"])
def test_the_identity_gives_the_image_back(batch, edge):
    array = scan()
    result = predict(array, lambda x: x, patch=8, overlap=0.5, edge=edge, blend="average", batch=batch)
    assert result.shape == (1, *array.shape) and result.dtype == array.dtype
    np.testing.assert_array_equal(result[0], array)


def test_channels_in_and_out_and_pictures():
    array = scan((2, 10, 11, 12))
    result = predict(array, lambda x: np.concatenate([x, x[:, :1]], axis=1), patch=6, blend="average")
    np.testing.assert_array_equal(result, array[[0, 1, 0]])
    assert predict(array, lambda x: x[:, 0], patch=6).shape == (10, 11, 12)
    picture = scan((30, 31))
    np.testing.assert_array_equal(predict(picture, lambda x: x, patch=8, blend="average")[0], picture)
    grid = PatchGrid((30, 31), patch=8)
    colors = scan((3, 30, 31))
    np.testing.assert_array_equal(predict(colors, lambda x: x, grid=grid, blend="average"), colors)


@pytest.mark.parametrize("dtype", [">f4", ">i2", "<f4"])
def test_a_model_gets_the_byte_order_of_this_machine(dtype):
    array = np.arange(24 * 24).reshape(24, 24).astype(dtype)
    orders = []

    def model(batch):
        orders.append(batch.dtype.isnative)
        return batch

    result = predict(array, model, patch=8, edge="pad", blend="average")
    assert all(orders) and result.dtype.isnative and np.array_equal(result[0], array)


def test_progress_is_told():
    told = []
    predict(scan((8, 8)), lambda x: x, patch=4, overlap=0, batch=3, progress=lambda *numbers: told.append(numbers))
    assert told == [(3, 4), (4, 4)]


@pytest.mark.parametrize("wrong", [lambda x: x[:, :, 1:], lambda x: x[:0], lambda x: None, lambda x: 3, lambda x: "labels"])
def test_a_model_that_gives_something_else_is_an_exception(wrong):
    with pytest.raises(VoxtileError) as caught:
        predict(scan(), wrong, patch=8, batch=2)
    assert caught.value.code == "predictionFailed"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_what_a_model_raises_goes_through_and_memory_comes_back(error):
    calls = []

    def model(batch):
        calls.append(1)
        if len(calls) == 3:
            raise error("no")
        return batch

    before = voxtile._native.open_count()
    with pytest.raises(error):
        predict(scan(), model, patch=8)
    assert voxtile._native.open_count() == before


@pytest.mark.parametrize("options", [{"batch": 0}, {"batch": 1.5}, {"patch": 0}, {"blend": "x"}, {"threads": -1}])
def test_wrong_options_are_exceptions(options):
    with pytest.raises(VoxtileError):
        predict(scan(), lambda x: x, **{"patch": 8, **options})


def test_a_model_has_to_be_callable():
    with pytest.raises(VoxtileError):
        predict(scan(), "net.onnx", patch=8)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_whole_numbers_are_voted_on(dtype):
    turn = itertools.count()
    labels = predict(np.zeros((20, 20), np.float32), lambda x: np.full(x.shape, 5 * (next(turn) % 2), dtype), patch=8)
    assert labels.dtype == dtype and set(np.unique(labels.astype(int))) <= {0, 5 if dtype != "bool" else 1}
    means = predict(
        np.zeros((20, 20), np.float32), lambda x: np.full(x.shape, 100 * (next(turn) % 2), "uint8"), patch=8, blend="average"
    )  # fmt: skip
    assert len(np.unique(means)) > 2


def test_a_grid_beside_other_options_is_refused():
    grid = PatchGrid((20, 20), patch=8)
    for options in ({"patch": 4}, {"overlap": 0.25}, {"edge": "pad"}, {"padding": "edge"}):
        with pytest.raises(VoxtileError, match=f"which says {next(iter(options))}; leave that out"):
            predict(np.zeros((20, 20)), lambda x: x, grid=grid, **options)


def test_options_of_merging_are_those_of_a_merger():
    image, ramp = np.random.default_rng(0).normal(size=(23, 20)), np.linspace(0, 1, 64).reshape(8, 8)
    image[3, 4] = np.nan
    options = {"blend": "gaussian", "sigma": 0.4, "fill": -7.0, "nan": "ignore"}
    found = predict(image, lambda x: x * ramp, patch=8, overlap=4, edge="discard", **options)
    grid = PatchGrid(image.shape, patch=8, overlap=4, edge="discard")
    with voxtile.Merger(grid, **options) as merger:
        for patch in grid:
            merger.add((grid.crop(image, patch.index) * ramp)[None], patch.index)
    np.testing.assert_array_equal(found, merger.result)
    assert found[0, -1, -1] == -7 and np.isfinite(found).all()


def test_what_is_no_array_is_named():
    for output in (None, {"out": 1}, (np.zeros(3),)):
        with pytest.raises(VoxtileError, match=type(output).__name__):
            predict(np.zeros((20, 20)), lambda x, output=output: output, patch=8)
