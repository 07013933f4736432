"""One scan in parts: what tasks leave, at URLs too, and what becomes of it when they run twice, or not to the end."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import voxtile

pytest.importorskip("dask", reason="dask is not installed")
pytest.importorskip("distributed", reason="dask's distributed is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import voxtile.dask
from dask_runs import LONG, LONG_WORDS, MODEL, OPTIONS, contents, infer, run
from voxtile._dask_parts import Options, PartsJob, parts_for
from voxtile._urls import Place


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
    shares = job.begin(parts=[(part, 4) for part in range(1, 5)], merges=None, most_merges=8)
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
    with pytest.raises(voxtile.VoxtileError, match="not predicted yet"):
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


@pytest.mark.parametrize("workers, parts", [(1, [(1, 4), (2, 4), (3, 4), (7, 8), (8, 8)]), (3, None)])
def test_parts_of_different_sizes_are_all_patches_once(long_scan, tmp_path, workers, parts):
    assert parts is None or parts_for(workers) == parts
    job = PartsJob(
        [str(long_scan)], [str(MODEL)], str(tmp_path / "result.npy"), str(tmp_path / "kept.zarr"), "labels", 1,
        Options.of({**LONG, "batch": 3}), False,
    )  # fmt: skip
    shares = job.begin(parts_for(workers), 1, 1)
    ends = [0, *(end for _, end in shares.predicted)]
    assert [first for first, _ in shares.predicted] == ends[:-1] and ends[-1] == shares.merged[0][1]
    assert all(end % 3 == 0 for end in ends[:-1])
    for part in range(1, len(shares.parts) + 1):
        job.predict(part, shares)
    job.merge(1, shares)
    run(["infer", long_scan, "--model", MODEL, *LONG_WORDS, "--batch", 3, "--output", tmp_path / "wanted.npy"])
    np.testing.assert_array_equal(np.load(tmp_path / "result.npy"), np.load(tmp_path / "wanted.npy"))


def test_two_results_of_the_same_predictions_do_not_take_each_others_work(long_scan, tmp_path):
    run(["infer", long_scan, "--model", MODEL, *LONG_WORDS, "--output", tmp_path / "wanted.zarr"])
    jobs = [
        PartsJob(
            [str(long_scan)], [str(MODEL)], f"memory://{tmp_path}/{name}/result.zarr", f"memory://{tmp_path}/kept.zarr",
            "labels", 1, Options.of(LONG), False,
        )
        for name in "xy"
    ]  # fmt: skip
    shares = [job.begin([(1, 1)], 3, 8) for job in jobs]
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
        with pytest.raises(FileExistsError, match="is read, and" if "scan" in target else "is not a result"):
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
    shares = job.begin([(1, 2), (2, 2)], 3, 8)
    job.predict(1, shares)
    job.merge(1, shares)
    times = {path: path.stat().st_mtime_ns for path in kept.glob("predictions/c/*/0/0/0/0")}
    assert times and result.exists()
    with pytest.raises(FileExistsError, match="was begun by a call that has not finished it"):
        voxtile.dask.predict(long_scan, MODEL, result, predictions=kept, client=client, **LONG)
    voxtile.dask.predict(long_scan, MODEL, result, predictions=kept, replace=True, client=client, **LONG)
    assert times == {path: path.stat().st_mtime_ns for path in times}
    run(["infer", long_scan, "--model", MODEL, *LONG_WORDS, "--output", tmp_path / "wanted.zarr"])
    np.testing.assert_array_equal(voxtile.read(result), voxtile.read(tmp_path / "wanted.zarr"))


def test_a_newer_scan_at_the_same_url_is_the_one_that_is_predicted(scan, tmp_path, monkeypatch):
    monkeypatch.setattr(voxtile._dask_tasks, "_current_client", lambda: None)
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
