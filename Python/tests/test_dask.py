"""One scan, or many, over the workers of Dask."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import voxtile

pytest.importorskip("dask", reason="dask is not installed")
distributed = pytest.importorskip("distributed", reason="dask's distributed is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import voxtile.dask  # noqa: E402
from voxtile._dask_parts import Options, PartsJob  # noqa: E402
from voxtile._urls import Place  # noqa: E402

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "Tests/VoxtileInferenceTests/Fixtures/models/two_classes.onnx"
OPTIONS = {"patch": (8, 6, 7), "overlap": (4, 3, 3), "normalize": "zscore", "spacing": "keep"}
WORDS = ["--patch", "7x6x8", "--overlap", "3x3x4", "--normalize", "zscore", "--spacing", "keep", "--jobs", "1"]


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.npy"
    np.save(path, np.random.default_rng(0).normal(size=(30, 21, 22)).astype("float32"))
    return path


@pytest.fixture(scope="module")
def client():
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def run(words):
    subprocess.run([sys.executable, "-m", "voxtile", *map(str, words)], check=True, capture_output=True, timeout=120)


def infer(scan, output, kind):
    run(["infer", scan, "--model", MODEL, *WORDS, "--output-kind", kind, "--output", output])


def contents(path):
    if path.is_file():
        return path.read_bytes()
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


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


LONG = {"patch": 16, "overlap": 8, "normalize": "zscore", "spacing": "keep"}
LONG_WORDS = ["--patch", "16", "--overlap", "8", "--normalize", "zscore", "--spacing", "keep", "--jobs", "1"]


@pytest.fixture
def long_scan(tmp_path):
    """A scan whose image is merged by three tasks: it has three chunks along z."""
    path = tmp_path / "long.npy"
    values = np.random.default_rng(1).normal(size=(150, 21, 22)).astype("float32")
    values[40:80] = 0
    np.save(path, values)
    return path


def stored_bytes(sizes):
    return sum(size for name, size in sizes.items() if name.startswith("predictions/c/"))


def local_sizes(folder):
    return {str(file.relative_to(folder)): file.stat().st_size for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("scheme", ["", "file://", "memory://"])
@pytest.mark.parametrize("skip_below", [None, 0.5])
def test_what_is_merged_is_removed_and_tasks_may_run_twice_in_any_order(long_scan, tmp_path, scheme, skip_below):
    wanted = tmp_path / "one/result.zarr"
    wanted.parent.mkdir()
    options = {**LONG, **({} if skip_below is None else {"skip_below": skip_below})}
    words = [*LONG_WORDS, *([] if skip_below is None else ["--skip-below", skip_below]), "--output-kind", "probabilities"]
    run(["infer", long_scan, "--model", MODEL, *words, "--output", wanted])
    place = f"{scheme}{tmp_path}"
    job = PartsJob(
        [str(long_scan)], [str(MODEL)], f"{place}/result.zarr", f"{place}/kept.zarr", "probabilities", 1,
        Options.of(options), True,
    )  # fmt: skip
    sizes = Place(f"{place}/kept.zarr").sizes if scheme else lambda: local_sizes(tmp_path / "kept.zarr")
    shares = job.begin(parts=4, merges=None, most_merges=8)
    assert len(shares.merged) == 3 and shares.predicted[0][0] == 0
    for part in (2, 1, 3):
        job.predict(part, shares)
    before = stored_bytes(sizes())
    job.merge(1, shares)
    assert stored_bytes(sizes()) < before
    left = {name: size for name, size in sizes().items() if name.startswith("predictions/c/")}
    for part in (1, 2):
        job.predict(part, shares)
    job.merge(1, shares)
    assert left == {name: size for name, size in sizes().items() if name.startswith("predictions/c/")}
    with pytest.raises(voxtile.VoxtileError, match="not been predicted yet"):
        job.merge(3, shares)
    job.predict(4, shares)
    job.merge(3, shares)
    job.merge(2, shares)
    assert stored_bytes(sizes()) < before / 20
    record = job.finish(shares)
    job.merge(2, shares)
    if scheme:
        Place(f"{place}/result.zarr").fetch(str(tmp_path / "found.zarr"), Place(f"{place}/result.zarr").sizes())
    assert contents(tmp_path / ("found.zarr" if scheme else "result.zarr")) == contents(wanted)
    made = json.loads(Path(f"{wanted}.voxtile.json").read_text())
    assert {**record, "date": ""} == {**made, "date": ""}
    assert (record["patches"]["skipped"] > 0) == (skip_below is not None)


@pytest.mark.parametrize("ending", ["npy", "zarr"])
def test_scan_network_and_result_may_be_at_urls(long_scan, tmp_path, client, ending):
    (tmp_path / "one").mkdir()
    (tmp_path / "cloud").mkdir()
    wanted, found = tmp_path / f"one/result.{ending}", tmp_path / f"cloud/result.{ending}"
    run(["infer", long_scan, "--model", MODEL, *LONG_WORDS, "--output", wanted])
    urls = [f"file://{path}" for path in (long_scan, MODEL, found)]
    record = voxtile.dask.predict(*urls, client=client, **LONG)
    assert contents(found) == contents(wanted)
    assert json.loads(Path(f"{found}.voxtile.json").read_text()) == record
    assert sorted(path.name for path in (tmp_path / "cloud").iterdir()) == [found.name, f"{found.name}.voxtile.json"]
    with pytest.raises(FileExistsError, match=r"file://.*exists already"):
        voxtile.dask.predict(*urls, client=client, **LONG)
    voxtile.dask.predict(*urls, client=client, replace=True, predictions=f"file://{tmp_path}/kept.zarr", **LONG)
    assert contents(found) == contents(wanted)
    # What was kept is merged once more, into another kind.
    logits = f"file://{tmp_path}/cloud/logits.zarr"
    voxtile.dask.predict(*urls[:2], logits, kind="logits", client=client, predictions=f"file://{tmp_path}/kept.zarr", **LONG)
    assert voxtile.info(tmp_path / "cloud/logits.zarr")["channels"] == 2


def test_two_results_of_the_same_predictions_do_not_take_each_others_work(long_scan, tmp_path):
    run(["infer", long_scan, "--model", MODEL, *LONG_WORDS, "--output", tmp_path / "wanted.zarr"])
    jobs = [
        PartsJob(
            [str(long_scan)], [str(MODEL)], f"memory://{tmp_path}/{name}/result.zarr", f"memory://{tmp_path}/kept.zarr",
            "labels", 1, Options.of(LONG), False,
        )
        for name in "xy"
    ]  # fmt: skip
    shares = [job.begin(1, 3, 8) for job in jobs]
    jobs[0].predict(1, shares[0])
    for part in (1, 2, 3):
        for job, share in zip(jobs, shares):
            job.merge(part, share)
    for job, share in zip(jobs, shares):
        job.finish(share)
        found = Place(job.output)
        found.fetch(str(tmp_path / f"{job.call}.zarr"), found.sizes())
        image = voxtile.read(tmp_path / f"{job.call}.zarr")
        np.testing.assert_array_equal(image, voxtile.read(tmp_path / "wanted.zarr"))


def test_only_an_older_result_is_replaced_and_only_by_one_that_can_be_made(long_scan, tmp_path, client):
    (tmp_path / "stuff").mkdir()
    (tmp_path / "stuff/thesis.txt").write_text("years of work")
    (tmp_path / "stuff/scan.npy").write_bytes(long_scan.read_bytes())
    for target in ["stuff", "stuff/thesis.txt", "stuff/scan.npy"]:
        with pytest.raises(FileExistsError, match="is not a result"):
            voxtile.dask.predict(tmp_path / "stuff/scan.npy", MODEL, tmp_path / target, replace=True, client=client, **LONG)
    assert (tmp_path / "stuff/thesis.txt").read_text() == "years of work"
    result = tmp_path / "result.zarr"
    voxtile.dask.predict(long_scan, MODEL, result, client=client, **LONG)
    before = contents(result)
    with pytest.raises(voxtile.VoxtileError, match=r"typo\.onnx"):
        voxtile.dask.predict(long_scan, tmp_path / "typo.onnx", result, replace=True, client=client, **LONG)
    assert contents(result) == before
    # A record that is left alone is no result, but is not written over either.
    shutil.rmtree(result)
    with pytest.raises(FileExistsError, match=r"result\.zarr\.voxtile\.json: exists already"):
        voxtile.dask.predict(long_scan, MODEL, result, client=client, **LONG)
    voxtile.dask.predict(long_scan, MODEL, result, replace=True, client=client, **LONG)
    assert contents(result) == before


def test_a_stopped_call_goes_on_with_what_is_predicted(long_scan, tmp_path, client):
    kept, result = tmp_path / "kept.zarr", tmp_path / "result.zarr"
    job = PartsJob([str(long_scan)], [str(MODEL)], str(result), str(kept), "labels", 1, Options.of(LONG), False)
    shares = job.begin(2, 3, 8)
    job.predict(1, shares)
    job.merge(1, shares)
    times = {path: path.stat().st_mtime_ns for path in kept.glob("predictions/c/*/0/0/0/0")}
    assert times and result.exists()
    voxtile.dask.predict(long_scan, MODEL, result, predictions=kept, client=client, **LONG)
    assert times == {path: path.stat().st_mtime_ns for path in times}
    run(["infer", long_scan, "--model", MODEL, *LONG_WORDS, "--output", tmp_path / "wanted.zarr"])
    np.testing.assert_array_equal(voxtile.read(result), voxtile.read(tmp_path / "wanted.zarr"))


def test_a_newer_scan_at_the_same_url_is_the_one_that_is_predicted(scan, tmp_path, monkeypatch):
    monkeypatch.setattr(voxtile.dask, "_current_client", lambda: None)
    place = Place(f"memory://{tmp_path}")
    for seed in (1, 2):
        np.save(tmp_path / "other.npy", np.random.default_rng(seed).normal(size=(30, 21, 22)).astype("float32"))
        place.write("scan.npy", (tmp_path / "other.npy").read_bytes())
        infer(tmp_path / "other.npy", tmp_path / f"wanted{seed}.npy", "labels")
        voxtile.dask.predict(f"{place.url}/scan.npy", MODEL, tmp_path / f"found{seed}.npy", parts=1, **OPTIONS)
        assert contents(tmp_path / f"found{seed}.npy") == contents(tmp_path / f"wanted{seed}.npy")


def test_all_files_of_a_result_reach_a_url_and_options_of_the_image_count(long_scan, tmp_path, client):
    voxtile.dask.predict(long_scan, MODEL, f"file://{tmp_path}/header.mhd", client=client, **LONG)
    voxtile.dask.predict(long_scan, MODEL, tmp_path / "small.zarr", client=client, chunk=16, memory="2GiB", **LONG)
    run(["infer", long_scan, "--model", MODEL, *LONG_WORDS, "--output", tmp_path / "one.zarr", "--chunk", 16])
    labels = voxtile.read(tmp_path / "one.zarr")
    np.testing.assert_array_equal(voxtile.read(tmp_path / "header.mhd"), labels)
    names = [set(contents(tmp_path / name)) for name in ("small.zarr", "one.zarr")]
    assert names[0] == names[1] and "0/c/9/1/1" in names[0]
    with pytest.raises(ValueError, match="parts is 0"):
        voxtile.dask.predict(long_scan, MODEL, tmp_path / "out.npy", parts=0, client=client, **LONG)
    with pytest.raises(ValueError, match="dry_run is for the command line"):
        voxtile.dask.predict(long_scan, MODEL, tmp_path / "out.npy", dry_run=True, client=client, **LONG)


def test_urls_that_cannot_be_read_say_why(long_scan, tmp_path, client):
    with pytest.raises(voxtile.VoxtileError, match=r"no\.npy.*cannot be opened"):
        voxtile.dask.predict(f"file://{tmp_path}/no.npy", MODEL, tmp_path / "out.npy", client=client, **LONG)
    with pytest.raises(voxtile.VoxtileError, match=r"nothing://x/scan\.npy: ValueError: Protocol not known"):
        voxtile.dask.predict("nothing://x/scan.npy", MODEL, tmp_path / "out.npy", client=client, **LONG)
    with pytest.raises(ValueError, match="both have to be"):
        voxtile.dask.predict(long_scan, MODEL, "memory://out.zarr", predictions=tmp_path / "kept.zarr", client=client, **LONG)
    assert [path.name for path in tmp_path.iterdir()] == ["long.npy"]


def test_without_a_cluster_threads_of_this_process_start_the_tasks(scan, tmp_path, monkeypatch):
    monkeypatch.setattr(voxtile.dask, "_current_client", lambda: None)
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


def test_predictions_are_an_array_that_zarr_reads_and_their_record_fits_its_schema(scan, tmp_path):
    zarr = pytest.importorskip("zarr")
    jsonschema = pytest.importorskip("jsonschema")
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
    schema = json.loads((ROOT / "Schema/voxtile-predictions-1.schema.json").read_text())
    jsonschema.validate(group.attrs["voxtile_predictions"], schema)
