"""Predicting files: what the command does, from Python."""

import json
import multiprocessing
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import voxtile

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "Tests/VoxtileInferenceTests/Fixtures/models/two_classes.onnx"
OPTIONS = {"patch": (8, 6, 7), "overlap": (4, 3, 3), "normalize": "zscore", "spacing": "keep"}


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.npy"
    np.save(path, np.random.default_rng(0).normal(size=(30, 21, 22)).astype("float32"))
    return path


def test_each_kind_of_output_has_a_file_and_the_record_is_given(scan, tmp_path):
    steps = []
    record = voxtile.infer(
        scan, {"labels": tmp_path / "labels.npy", "probabilities": tmp_path / "chances.npy"}, model=MODEL, threads=1,
        progress=lambda done, total: steps.append((done, total)), **OPTIONS,
    )  # fmt: skip
    chances = np.load(tmp_path / "chances.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "labels.npy"), chances.argmax(axis=0))
    assert record == json.loads((tmp_path / "labels.npy.voxtile.json").read_text())
    assert record["settings"]["patch"] == [7, 6, 8] and record["patches"]["predicted"] == 210
    assert steps[-1] == (210, 210)
    with pytest.raises(FileExistsError, match="exists already; name another file, or set replace=True"):
        voxtile.infer(scan, tmp_path / "labels.npy", model=MODEL, **OPTIONS)
    with pytest.warns(UserWarning, match="background only"):  # What makes a result doubtful is said.
        voxtile.infer(scan, tmp_path / "labels.npy", model=MODEL, replace=True, skip_below=100, **OPTIONS)
    assert not np.load(tmp_path / "labels.npy").any()


def test_many_scans_are_predicted_into_a_folder(scan, tmp_path):
    (tmp_path / "scans").mkdir()
    for name in "ab":
        (tmp_path / f"scans/{name}.npy").write_bytes(scan.read_bytes())
    (tmp_path / "scans/c.npy").write_bytes(b"\x93NUMPY")
    summary = voxtile.infer(tmp_path / "scans", tmp_path / "out", model=MODEL, **OPTIONS)
    assert [row["status"] for row in summary["rows"]] == ["done", "done", "failed"]
    assert (tmp_path / "out/a.npy").read_bytes() == (tmp_path / "out/b.npy").read_bytes()
    again = voxtile.infer(tmp_path / "scans", tmp_path / "out", model=MODEL, resume=True, **OPTIONS)
    assert [row["status"] for row in again["rows"]] == ["skipped", "skipped", "failed"]


def test_tasks_are_networks_by_name_and_their_labels_are_one_map(scan, tmp_path, monkeypatch):
    (tmp_path / "other.onnx").write_bytes(MODEL.read_bytes())
    (tmp_path / "table.csv").write_text("task,label,value,name\none,1,3,\ntwo,1,300,tumor\n")
    monkeypatch.chdir(tmp_path)
    voxtile.infer(scan, "alone.npy", model=MODEL, **OPTIONS)
    with pytest.warns(UserWarning, match="task 'two': .* voxels already had a label of an earlier task"):
        record = voxtile.infer(
            scan, "all.npy", task={"one": [MODEL], "two": "other.onnx"}, task_labels="table.csv", **OPTIONS)  # fmt: skip
    np.testing.assert_array_equal(np.load("all.npy"), np.load("alone.npy").astype("uint16") * 300)
    assert [task["name"] for task in record["tasks"]] == ["one", "two"]
    assert record["labels"] == [{"label": 300, "name": "tumor"}]


def test_what_goes_wrong_is_an_error_with_the_programs_words(scan, tmp_path):
    for options, words in [
        ({"model": tmp_path / "no.onnx"}, r"no\.onnx"), ({"model": scan}, "scan"), ({}, "model"),
        ({"model": MODEL, "batch": 0}, "batch"), ({"model": MODEL, "ptach": 8}, "ptach"),
        ({"model": MODEL, "mask": tmp_path / "none.nii"}, r"none\.nii"), ({"nnunet": tmp_path}, "nnU-Net|plans"),
    ]:  # fmt: skip
        with pytest.raises(voxtile.VoxtileError, match=words):
            voxtile.infer(scan, tmp_path / "l.npy", **options)
    with pytest.raises(ValueError, match="no option output_kind here; use output="):
        voxtile.infer(scan, {"labels": tmp_path / "l.npy"}, model=MODEL, output_kind="probabilities")
    with pytest.raises(voxtile.VoxtileError, match="wrong"):
        voxtile.infer(scan, {"wrong": tmp_path / "l.npy"}, model=MODEL)
    with pytest.raises(ValueError, match="threads"):
        voxtile.infer(scan, tmp_path / "l.npy", model=MODEL, threads=1.5)
    assert [path.name for path in tmp_path.iterdir()] == ["scan.npy"]


def test_what_a_follower_raises_stops_the_program_and_leaves_nothing(tmp_path):
    np.save(tmp_path / "scan.npy", np.random.default_rng(0).normal(size=(90, 80, 70)).astype("float32"))

    def stop(done, total):
        if total > 500 and done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        voxtile.infer(tmp_path / "scan.npy", tmp_path / "labels.npy", model=MODEL, progress=stop, threads=1, **OPTIONS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scan.npy"]


def test_where_interrupts_are_ignored_an_exception_stops_the_program_too(tmp_path):
    np.save(tmp_path / "scan.npy", np.random.default_rng(0).normal(size=(90, 80, 70)).astype("float32"))

    def stop(done, total):
        raise ZeroDivisionError

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(ZeroDivisionError):
            voxtile.infer(tmp_path / "scan.npy", tmp_path / "labels.npy", model=MODEL, progress=stop, **OPTIONS)
    finally:
        signal.signal(signal.SIGINT, before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scan.npy"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a process with its parent")
def test_the_program_ends_with_the_process_that_started_it(tmp_path):
    np.save(tmp_path / "scan.npy", np.random.default_rng(0).normal(size=(200, 200, 200)).astype("float32"))
    call = f"voxtile.infer({str(tmp_path / 'scan.npy')!r}, {str(tmp_path / 'l.npy')!r}, model={str(MODEL)!r}, patch=8, overlap=7)"
    parent = subprocess.Popen([sys.executable, "-c", f"import voxtile; {call}"])
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    found = []
    for _ in range(600):
        found = children.read_text().split()
        if found:
            break
        time.sleep(0.05)
    time.sleep(1)
    parent.kill()
    parent.wait()
    for _ in range(600):
        if not any(Path(f"/proc/{child}").exists() for child in found):
            break
        time.sleep(0.05)
    assert found and not any(Path(f"/proc/{child}").exists() for child in found)


def test_warnings_about_one_of_many_scans_name_it(scan, tmp_path):
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans/a.npy").write_bytes(scan.read_bytes())
    with pytest.warns(UserWarning, match="a: no patch was predicted"):
        voxtile.infer(tmp_path / "scans", tmp_path / "out", model=MODEL, skip_below=100, **OPTIONS)
    for scans in ("", []):
        with pytest.raises(ValueError, match="there is no scan"):
            voxtile.infer(scans, tmp_path / "other", model=MODEL, **OPTIONS)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_that_was_forked_predicts_too(scan, tmp_path):
    voxtile.infer(scan, tmp_path / "here.npy", model=MODEL, **OPTIONS)
    process = multiprocessing.get_context("fork").Process(
        target=voxtile.infer, args=(scan, tmp_path / "there.npy"), kwargs={"model": MODEL, **OPTIONS}
    )
    process.start()
    process.join(120)
    assert process.exitcode == 0
    assert (tmp_path / "here.npy").read_bytes() == (tmp_path / "there.npy").read_bytes()
