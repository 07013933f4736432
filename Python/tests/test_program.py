"""The command `voxtile` that comes with the package."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import voxtile
from voxtile import VoxtileError, _native

COMMAND = Path(sys.executable).with_name("voxtile")


def run(*words, **settings):
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, timeout=120, **settings)


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.npy"
    np.save(path, np.random.default_rng(0).integers(0, 1000, (40, 41, 42)).astype("int16"))
    return path


def test_it_is_the_version_of_the_package():
    assert run("--version").stdout == f"{voxtile.__version__}\n"


def test_it_is_also_a_module():
    ran = subprocess.run([sys.executable, "-m", "voxtile", "--version"], capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stdout) == (0, f"{voxtile.__version__}\n")


def test_a_scan_is_cut_merged_and_verified(scan, tmp_path):
    folder, merged = tmp_path / "patches with spaces, ü", tmp_path / "merged.npy"
    assert run("crop", scan, "--patch", 16, "--overlap", 4, "--output", folder).returncode == 0
    assert run("merge", folder, "--output", merged).returncode == 0
    assert run("verify", folder, "--against", scan).returncode == 0
    np.testing.assert_array_equal(np.load(merged), np.load(scan))
    damaged = next(folder.glob("*.npy"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\xff")
    assert run("verify", folder).returncode == 1


def test_wrong_usage_ends_with_64():
    ran = run("crop", "--ptach", 3)
    assert ran.returncode == 64 and "did you mean '--patch'" in ran.stderr
    assert run().returncode == 0 and "USAGE" in run().stdout


def test_a_reader_that_goes_away_and_a_closed_output_are_no_crash(scan):
    code = subprocess.call(f"'{COMMAND}' info '{scan}' | true; '{COMMAND}' info '{scan}' >&-", shell=True)
    assert code >= 0


def test_an_interrupt_leaves_nothing_half_written(tmp_path):
    array = np.lib.format.open_memmap(tmp_path / "large.npy", "w+", "float32", (600, 600, 600))
    del array
    words = [COMMAND, "crop", "large.npy", "--patch", "64", "--overlap", "48", "--output", "patches"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while len(os.listdir(tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "nothing half-written stays" in said
    assert os.listdir(tmp_path) == ["large.npy"]


def test_it_starts_without_numpy():
    code = "import sys; sys.argv[1:] = ['--version']; import voxtile.__main__; assert 'numpy' not in sys.modules; print('fine')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ran.stdout == "fine\n", ran.stderr


def test_it_is_refused_where_it_would_end_another_thread():
    import threading

    caught = []

    def work():
        try:
            _native.call("program", 0, (_native.c_char_p * 0)())
        except VoxtileError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])
