"""Predictions of arrays of Dask."""

import doctest
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import voxtile

da = pytest.importorskip("dask.array", reason="dask is not installed")

import voxtile._dask_arrays  # noqa: E402
import voxtile.dask  # noqa: E402

MODELS = Path(__file__).parents[2] / "Tests/VoxtileInferenceTests/Fixtures/models"
MODEL = MODELS / "two_classes.onnx"
# Its file carries no settings.
SILENT = MODELS / "convolution.onnx"


def edges(batch):
    """Two channels, of which one depends on neighbors and on the place in the patch."""
    first = batch[:, :1] * np.linspace(0.5, 2, batch.shape[-1], dtype=batch.dtype)
    return np.concatenate([first, np.roll(batch[:, -1:], 1, axis=2) - batch[:, :1]], axis=1)


CASES = [
    ((30, 21, 26), {"patch": (8, 6, 7), "overlap": (4, 3, 3)}, (9, 21, 5)),
    ((2, 30, 21, 26), {"patch": 8, "overlap": 0.25, "edge": "pad", "padding": "reflect"}, (1, 7, 8, 9)),
    ((30, 21, 26), {"patch": 16, "overlap": 0.5, "edge": "pad-both", "padding": "constant:-3", "blend": "average"}, 10),
    ((30, 21, 26), {"patch": 16, "overlap": 0.5, "edge": "pad-both", "padding": "wrap"}, 10),
    ((5, 6, 26), {"patch": 16, "overlap": 4, "edge": "pad-both", "padding": "symmetric"}, 4),
    ((5, 6, 26), {"patch": (16, 4, 4), "overlap": 0, "edge": "pad", "padding": "edge"}, 4),
    ((30, 21, 26), {"patch": 8, "overlap": 3, "edge": "partial", "blend": "hann"}, 30),
    ((50, 44), {"patch": 16, "overlap": 0.5}, 11),
]


@pytest.mark.parametrize("shape, options, chunks", CASES)
@pytest.mark.parametrize("batch, blocks", [(1, None), (3, 10), (4, 64)])
def test_the_bits_are_those_of_predict(shape, options, chunks, batch, blocks):
    image = np.random.default_rng(0).normal(size=shape).astype("float32")
    wanted = voxtile.predict(image, edges, batch=batch, **options)
    found = voxtile.dask.from_array(da.from_array(image, chunks), edges, batch=batch, chunks=blocks, **options)
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    assert found.compute(scheduler="threads").tobytes() == wanted.tobytes()
    part = tuple(slice(size // 3, size // 2 + 1) for size in found.shape)
    assert np.array_equal(found[part].compute(scheduler="sync"), wanted[part])


def test_the_examples_give_what_they_say():
    assert doctest.testmod(voxtile._dask_arrays).failed == 0


def test_only_what_is_asked_for_is_computed():
    calls = []

    def model(batch):
        calls.append(batch.shape)
        return batch[:, 0]

    image = da.zeros((64, 64, 64), chunks=32, dtype="float32")
    result = voxtile.dask.from_array(image, model, patch=16, overlap=0, blend="average", outputs=0, dtype="float32")
    assert result.shape == (64, 64, 64) and not calls
    assert result[:10, :10, 20].compute(scheduler="sync").shape == (10, 10)
    assert calls == [(1, 1, 16, 16, 16)]


def test_whole_numbers_are_voted_on():
    image = np.random.default_rng(0).integers(0, 3, (20, 24, 28), "uint8")

    def labels(batch):
        return batch * 5 + (np.indices(batch.shape).sum(0) % 7 == 0) * 100

    found = voxtile.dask.from_array(da.from_array(image, 10), labels, patch=10).compute()
    assert set(np.unique(found)) <= {0, 5, 10, 100, 105, 110}
    np.testing.assert_array_equal(found, voxtile.predict(image, labels, patch=10))


def test_big_endian_values_are_the_same_values():
    image = np.random.default_rng(0).normal(size=(20, 24, 28)).astype("float32")
    wanted = voxtile.predict(image, edges, patch=10)
    orders = []

    def model(batch):
        orders.append(batch.dtype.isnative)
        return edges(batch)

    found = voxtile.dask.from_array(da.from_array(image.astype(">f4"), 10), model, patch=10, dtype=">f4").compute()
    assert all(orders) and found.dtype == np.dtype(">f4") and np.array_equal(found, wanted)


def test_arrays_of_others_and_a_result_in_zarr(tmp_path):
    image = np.random.default_rng(0).normal(size=(20, 24, 28)).astype("float32")
    wanted = voxtile.predict(image, edges, patch=10, overlap=0.5)
    assert np.array_equal(voxtile.dask.from_array(image, edges, patch=10, overlap=0.5).compute(), wanted)
    zarr = pytest.importorskip("zarr", reason="zarr is not installed")
    scan = zarr.create_array(tmp_path / "scan.zarr", shape=image.shape, chunks=(8, 8, 8), dtype="float32")
    scan[:] = image
    result = voxtile.dask.from_array(da.from_zarr(str(tmp_path / "scan.zarr")), edges, patch=10, overlap=0.5)
    result.to_zarr(str(tmp_path / "result.zarr"))
    assert np.array_equal(zarr.open_array(tmp_path / "result.zarr")[:], wanted)


def test_a_network_in_processes(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    distributed = pytest.importorskip("distributed", reason="dask's distributed is not installed")
    image = np.random.default_rng(0).normal(size=(30, 21, 22)).astype("float32")
    options = {"patch": (8, 6, 7), "overlap": (4, 3, 3), "is_prepared": True}
    result = voxtile.dask.from_array(image, MODEL, **options)
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    wanted = result.compute(scheduler="sync")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster, distributed.Client(cluster) as client:
        assert client.compute(result).result().tobytes() == wanted.tobytes()
    assert pickle.loads(pickle.dumps(voxtile.PatchGrid((4, 4), patch=2))) == voxtile.PatchGrid((4, 4), patch=2)


def says(path, **settings):
    """The network, with settings in its file: entries of a message come one after another, so they may stand at its end."""
    def part(tag, content):
        return bytes([tag, len(content)]) + content

    entries = [part(0x0A, f"voxtile.{key}".encode()) + part(0x12, text.encode()) for key, text in settings.items()]
    path.write_bytes(SILENT.read_bytes() + b"".join(part(0x72, entry) for entry in entries))
    return path


@pytest.mark.parametrize("key, text", [("normalize", "zscore"), ("orientation", "RAS"), ("axes", "xyz"), ("spacing", "1x1x2")])
def test_a_network_that_asks_for_a_prepared_image_is_refused(tmp_path, key, text):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    image = np.random.default_rng(0).normal(size=(30, 21, 22)).astype("float32")
    network = says(tmp_path / "net.onnx", **{key: text})
    for known in [{}, {"outputs": 2, "dtype": "float32"}]:
        with pytest.raises(voxtile.VoxtileError, match=rf"voxtile\.{key} = '{text}'.*is_prepared=True") as error:
            voxtile.dask.from_array(image, network, patch=8, **known)
        assert error.value.code == "invalidOption"
    found = voxtile.dask.from_array(image, network, patch=8, is_prepared=True).compute()
    assert np.array_equal(found, voxtile.dask.from_array(image, SILENT, patch=8).compute())


def test_a_network_may_say_what_changes_no_values_and_the_size_of_its_patches(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    image = np.random.default_rng(0).normal(size=(30, 21, 22)).astype("float32")
    idle = {"normalize": "none", "axes": "zyx", "labels": "a,b", "layout": "ncdhw"}
    wanted = voxtile.dask.from_array(image, SILENT, patch=(8, 6, 7)).compute()
    found = voxtile.dask.from_array(image, says(tmp_path / "net.onnx", patch="7x6x8", **idle))
    assert np.array_equal(found.compute(), wanted)
    network = says(tmp_path / "turned.onnx", patch="8x6x7", axes="xyz")
    assert np.array_equal(voxtile.dask.from_array(image, network, is_prepared=True).compute(), wanted)
    cube = voxtile.dask.from_array(image, says(tmp_path / "cube.onnx", patch="8"))
    assert np.array_equal(cube.compute(), voxtile.dask.from_array(image, SILENT, patch=8).compute())
    for settings, match in [({"layout": "NDHWC"}, "NDHWC.*give a function"), ({"patch": "8x-1"}, "cannot be read")]:
        with pytest.raises(voxtile.VoxtileError, match=match):
            voxtile.dask.from_array(image, says(tmp_path / "wrong.onnx", **settings), is_prepared=True)
    with pytest.raises(voxtile.VoxtileError, match=r"none\.onnx: cannot be opened"):
        voxtile.dask.from_array(image, tmp_path / "none.onnx")


def test_wrong_arguments_and_models():
    image = da.zeros((20, 20, 20), chunks=10, dtype="float32")
    for options, code in [
        ({"batch": 0}, "invalidOption"), ({"chunks": 0}, "invalidOption"), ({"chunks": (4, 4)}, "invalidOption"),
        ({"grid": voxtile.PatchGrid((20, 20, 21), patch=8)}, "shapeMismatch"), ({"overlap": 9}, "invalidGrid"),
    ]:  # fmt: skip
        with pytest.raises(voxtile.VoxtileError) as error:
            voxtile.dask.from_array(image, edges, **{"patch": 8, **options})
        assert error.value.code == code
    with pytest.raises(voxtile.VoxtileError, match="cannot be called"):
        voxtile.dask.from_array(image, 3, patch=8)
    with pytest.raises(voxtile.VoxtileError, match="the model gave shape"):
        voxtile.dask.from_array(image, lambda batch: batch[..., :2], patch=8)
    other = voxtile.dask.from_array(image, edges, patch=8, outputs=3, dtype="float32")
    with pytest.raises(voxtile.VoxtileError, match="gave 2 channels, but 3 were expected"):
        other.compute(scheduler="sync")
