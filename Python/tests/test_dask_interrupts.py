"""A call over workers that is interrupted: its tasks end with it, and nothing of theirs is left."""

import os
import signal
import threading
import time

import numpy as np
import pytest
import voxtile

pytest.importorskip("dask", reason="dask is not installed")
pytest.importorskip("distributed", reason="dask's distributed is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import voxtile.dask
from dask_runs import MODEL

SLOW = {"patch": 8, "overlap": 7, "spacing": "keep"}


@pytest.fixture
def large_scan(tmp_path):
    """A scan whose prediction would take minutes."""
    np.save(tmp_path / "scan.npy", np.random.default_rng(0).normal(size=(90, 90, 90)).astype("float32"))
    return tmp_path / "scan.npy"


def interrupt_when(is_time):
    """Interrupts this process once something is the case."""

    def wait():
        for _ in range(1200):
            if is_time():
                break
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    waiter = threading.Thread(target=wait)
    waiter.start()
    return waiter


def programs(folder):
    """How many programs run over files of a folder."""
    found = 0
    for process in os.listdir("/proc"):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as words:
                found += process.isdigit() and b"\0infer\0" in (line := words.read()) and os.fsencode(folder) in line
        except OSError:
            pass
    return found


@pytest.mark.skipif(not os.path.exists("/proc"), reason="the programs that run are not known")
@pytest.mark.parametrize("is_on_cluster", [True, False])
@pytest.mark.parametrize("function", ["predict", "map_cases"])
def test_an_interrupt_ends_the_tasks_and_leaves_nothing(large_scan, tmp_path, client, monkeypatch, is_on_cluster, function):
    monkeypatch.setattr(voxtile._dask_tasks, "_LONGEST_WAIT_IN_SECONDS", 120)
    if not is_on_cluster:
        monkeypatch.setattr(voxtile._dask_tasks, "_current_client", lambda: None)

    def is_predicting():
        folders = [*tmp_path.glob(".labels.zarr.predictions-*/predictions/c/*")]
        return folders if function == "predict" else programs(tmp_path)

    waiter = interrupt_when(is_predicting)
    output = tmp_path / ("labels.zarr" if function == "predict" else "out")
    with pytest.raises(KeyboardInterrupt) as interrupt:
        getattr(voxtile.dask, function)(large_scan, MODEL, output, parts=4, client=client if is_on_cluster else None, **SLOW)
    waiter.join()
    # Some seconds on a busy machine; the whole prediction would take minutes.
    for _ in range(200):
        if programs(tmp_path) == 0:
            break
        time.sleep(0.1)
    time.sleep(1)
    assert programs(tmp_path) == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert not getattr(interrupt.value, "__notes__", [])


def test_an_error_of_the_removal_does_not_hide_the_one_under_way(large_scan, tmp_path, client, monkeypatch):
    def fail(*_):
        raise OSError("Directory not empty")

    monkeypatch.setattr(voxtile.dask, "remove", fail)
    with pytest.raises(voxtile.VoxtileError, match=r"no_such\.onnx") as error:
        voxtile.dask.predict(large_scan, tmp_path / "no_such.onnx", tmp_path / "labels.npy", client=client)
    if hasattr(error.value, "add_note"):
        assert "could not be removed: Directory not empty" in error.value.__notes__[0]
