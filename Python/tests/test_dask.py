"""One scan, or many, over the workers of Dask."""

import json
import os
import signal
import threading
import time

import numpy as np
import pytest
import voxtile

pytest.importorskip("dask", reason="dask is not installed")
distributed = pytest.importorskip("distributed", reason="dask's distributed is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import voxtile.dask  # noqa: E402
from dask_runs import MODEL, OPTIONS, ROOT, WORDS, contents, infer, run  # noqa: E402


@pytest.mark.parametrize("kind, ending", [("labels", "npy"), ("logits", "zarr")])
def test_a_scan_has_the_bytes_of_one_process(scan, tmp_path, client, kind, ending):
    (tmp_path / "one").mkdir()
    wanted, found = tmp_path / f"one/result.{ending}", tmp_path / f"result.{ending}"
    infer(scan, wanted, kind)
    record = voxtile.dask.predict(scan, MODEL, found, kind=kind, merge_parts=3 if ending == "zarr" else None, **OPTIONS)
    assert contents(found) == contents(wanted)
    assert record["inputs"][0]["name"] == "scan.npy" and record["outputs"][0]["kind"] == kind
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["one", "scan.npy", found.name, f"{found.name}.voxtile.json"]
    )
    with pytest.raises(FileExistsError):
        voxtile.dask.predict(scan, MODEL, found, kind=kind, **OPTIONS)
    voxtile.dask.predict(scan, MODEL, found, kind=kind, replace=True, client=client, parts=1, **OPTIONS)
    assert contents(found) == contents(wanted)


def test_without_a_cluster_threads_of_this_process_start_the_tasks(scan, tmp_path, monkeypatch):
    monkeypatch.setattr(voxtile._dask_tasks, "_current_client", lambda: None)
    infer(scan, tmp_path / "wanted.npy", "labels")
    voxtile.dask.predict(scan, MODEL, tmp_path / "found.npy", parts=3, **OPTIONS)
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), np.load(tmp_path / "wanted.npy"))


def test_a_worker_may_die(scan, tmp_path):
    infer(scan, tmp_path / "wanted.npy", "labels")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        pids = list(client.run(os.getpid).values())
        kept = tmp_path / "kept.zarr"

        def kill():
            # As soon as something is predicted.
            for _ in range(600):
                if list(kept.glob("predictions/c/*/0/0/0/0")):
                    break
                time.sleep(0.01)
            os.kill(pids[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        voxtile.dask.predict(
            scan, MODEL, tmp_path / "found.npy", parts=8, predictions=kept, client=client, **OPTIONS
        )
        killer.join()
        assert pids[0] not in client.run(os.getpid).values()
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), np.load(tmp_path / "wanted.npy"))


def test_what_goes_wrong_is_an_error_with_the_programs_words(scan, tmp_path, client):
    with pytest.raises(voxtile.VoxtileError, match=r"voxtile infer: .*no_such\.onnx"):
        voxtile.dask.predict(scan, tmp_path / "no_such.onnx", tmp_path / "out.npy", parts=2, client=client)
    with pytest.raises(ValueError, match="ptach"):
        voxtile.dask.predict(scan, MODEL, tmp_path / "out.npy", parts=2, client=client, ptach=8)
    assert [path.name for path in tmp_path.iterdir()] == ["scan.npy"]


@pytest.mark.parametrize("code", ["invalidGrid", "missingPatch", "fileAccess"])
def test_errors_come_from_workers_as_they_are(client, code):
    wanted = voxtile.errors.make_error(code, f"it is not there: {os.strerror(2)}", "use 4", {"file": "a.nii"})

    def fail(error):
        raise error

    with pytest.raises(type(wanted)) as caught:
        client.submit(fail, wanted).result()
    assert (str(caught.value), caught.value.code, caught.value.context) == (str(wanted), code, {"file": "a.nii"})


@pytest.mark.parametrize(
    "option, value, argument", [("output_kind", "probabilities", "kind"), ("jobs", 4, "threads"), ("part", "1/2", "parts")]
)
def test_what_an_argument_says_is_no_option_too(scan, tmp_path, client, option, value, argument):
    calls = [(voxtile.dask.predict, "out.npy")]
    calls += [] if option == "output_kind" else [(voxtile.dask.map_cases, "out")]
    for function, output in calls:
        with pytest.raises(ValueError, match=f"no option {option} here; use {argument}=") as error:
            function(scan, MODEL, tmp_path / output, client=client, **OPTIONS, **{option: value})
        assert error.value.code == "invalidOption"
    with pytest.raises(ValueError, match="stays; name another folder"):
        voxtile.dask.map_cases(scan, MODEL, tmp_path / "out", client=client, resume=False, **OPTIONS)
    with pytest.raises(ValueError, match="a scan each here; predict takes the channels"):
        voxtile.dask.map_cases([scan, scan], MODEL, tmp_path / "out", client=client, as_channels=True, **OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["scan.npy"]


def test_many_scans_are_shared_out_and_summed_up(tmp_path, client):
    (tmp_path / "scans").mkdir()
    for number in range(5):
        values = np.random.default_rng(number).normal(size=(12, 11, 10)).astype("float32")
        np.save(tmp_path / f"scans/{number}.npy", values)
    (tmp_path / "scans/damaged.npy").write_bytes(b"\x93NUMPY")
    options = {**OPTIONS, "patch": 8, "overlap": 4}
    summary = voxtile.dask.map_cases(
        tmp_path / "scans", MODEL, tmp_path / "out", parts=3, client=client, name="{case}.npy", **options
    )
    states = {row["name"]: row["status"] for row in summary["rows"]}
    assert states == {**{str(number): "done" for number in range(5)}, "damaged": "failed"}
    infer_words = ["infer", tmp_path / "scans/3.npy", "--model", MODEL, "--patch", 8, "--overlap", 4]
    words = [*infer_words, "--normalize", "zscore", "--spacing", "keep", "--jobs", 1, "--output", tmp_path / "3.npy"]
    run(words)
    assert (tmp_path / "out/3.npy").read_bytes() == (tmp_path / "3.npy").read_bytes()


@pytest.mark.parametrize("is_in_list, more", [(False, {}), (True, {}), (False, {"as_cases": True}), (False, {"as_cases": False})])
def test_one_scan_is_many_scans_too(scan, tmp_path, client, is_in_list, more):
    scans, options = [scan] if is_in_list else scan, {**OPTIONS, **more}
    summary = voxtile.dask.map_cases(scans, MODEL, tmp_path / "out", parts=2, client=client, name="{case}.npy", **options)
    assert [(row["name"], row["status"]) for row in summary["rows"]] == [("scan", "done")]
    infer(scan, tmp_path / "wanted.npy", "labels")
    assert (tmp_path / "out/scan.npy").read_bytes() == (tmp_path / "wanted.npy").read_bytes()


def test_what_stops_all_scans_is_an_error_whatever_an_earlier_call_left(scan, tmp_path, client):
    voxtile.dask.map_cases(scan, MODEL, tmp_path / "out", parts=1, client=client, **OPTIONS)
    with pytest.raises(FileNotFoundError, match=r"no_such\.onnx: cannot be opened"):
        voxtile.dask.map_cases(scan, tmp_path / "no_such.onnx", tmp_path / "out", parts=1, client=client, **OPTIONS)
    with pytest.raises(ValueError, match=r"\*\.mha: matches no image"):
        voxtile.dask.map_cases(tmp_path / "*.mha", MODEL, tmp_path / "out", parts=1, client=client, **OPTIONS)


def test_predictions_are_an_array_that_zarr_reads_and_their_record_fits_its_schema(scan, tmp_path):
    zarr = pytest.importorskip("zarr")
    jsonschema = pytest.importorskip("jsonschema")
    crc32c = pytest.importorskip("google_crc32c")
    kept = tmp_path / "kept.zarr"
    words = ["infer", scan, "--model", MODEL, *WORDS, "--output-kind", "predictions", "--output", kept, "--part", "1/2"]
    run(words)
    group = zarr.open_group(kept, mode="r")
    predictions = group["predictions"]
    layout = group.attrs["voxtile_predictions"]["layout"]
    counts = [len(layout["axes"][axis]["starts"]) for axis in "zyx"]
    assert predictions.shape == (np.prod(counts), 2, 8, 6, 7) and predictions.dtype == np.float32
    half = predictions.shape[0] // 2
    assert np.isfinite(predictions[:half]).all() and np.isnan(predictions[half:]).all()
    digest = group.attrs["voxtile_checksums"]["predictions"]
    ends = [(kept / f"predictions/c/{patch}/0/0/0/0").read_bytes()[-4:] for patch in range(half)]
    texts = [f"{digest} {patch} {int.from_bytes(end, 'little')}" for patch, end in enumerate(ends)]
    wanted = [crc32c.value(text.encode()) for text in texts]
    assert group["checksums"][:].tolist() == wanted + [0] * (predictions.shape[0] - half)
    schema = json.loads((ROOT / "Schema/voxtile-predictions-1.schema.json").read_text())
    jsonschema.validate(group.attrs["voxtile_predictions"], schema)
