"""What the package knows of the program's options: which are sizes, which name files, and which are given several times."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import voxtile
from dask_runs import MODEL
from voxtile import _command

# Those whose options functions of the package pass on.
COMMANDS = ["infer", "report", "evaluate", "sample", "verify", "merge", "convert", "resample"]
# Arguments of the functions, and a word that has a file in it.
ARGUMENTS = {"model", "output", "labels", "task"}


@pytest.fixture(scope="module")
def options():
    """The options of all commands, by their names with underscores."""
    found = {}
    for command in COMMANDS:
        words = [sys.executable, "-m", "voxtile", command, "--experimental-dump-help"]
        described = json.loads(subprocess.run(words, check=True, capture_output=True, timeout=120).stdout)
        for option in described["command"]["arguments"]:
            for name in option.get("names", []) if option["kind"] == "option" else []:
                if name["kind"] == "long":
                    found.setdefault(name["name"].replace("-", "_"), []).append(option)
    assert len(found) > 50
    return found


def named(options, is_such):
    return {name for name, several in options.items() if any(map(is_such, several))} - ARGUMENTS


def test_sizes_and_axes_are_known(options):
    assert named(options, lambda option: re.search(r"[\dW]x[\dH]", option["valueName"])) == _command._SIZES
    assert named(options, lambda option: option["valueName"] == "policy") == _command._AXES


def test_files_are_known(options):
    def is_file(option):
        kind = option.get("completionKind") or {}
        return "file" in kind or "directory" in kind or re.fullmatch(r"\w+\.(nii\.gz|csv|html|onnx)", option["valueName"])

    assert named(options, is_file) == _command._FILES


def test_options_that_are_given_several_times_are_known(options):
    assert named(options, lambda option: option["isRepeating"]) - _command._FILES == _command._REPEATED


@pytest.mark.parametrize("name", sorted(_command._SIZES))
def test_sizes_are_in_the_order_of_arrays(name):
    assert _command.words_of(name, (8, 16, 24)) == [f"--{name}=24x16x8"]


def test_a_network_is_laid_by_sizes_of_its_own(tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    np.save(tmp_path / "scan.npy", np.random.default_rng(0).normal(size=(30, 40, 50)).astype("float32"))
    sizes = {"patch": (16, 20, 24), "align": (8, 10, 12), "halo": (4, 5, 6)}
    record = voxtile.infer(tmp_path / "scan.npy", tmp_path / "labels.npy", model=MODEL, spacing="keep", **sizes)
    assert record["settings"]["alignment"] == [12, 10, 8]
    assert record["settings"]["patch"] == [24, 20, 16] and record["settings"]["overlap"] == [12, 10, 8]


def test_several_channels_are_shown(tmp_path):
    np.save(tmp_path / "scan.npy", np.random.default_rng(0).random((6, 16, 16, 16), np.float32))
    voxtile.report(tmp_path / "scan.npy", tmp_path / "page.html", patch=8, channel=[2, 5])
    with pytest.raises(voxtile.VoxtileError, match="channel"):
        voxtile.report(tmp_path / "scan.npy", tmp_path / "other.html", patch=8, channel=[2, 7])
    with pytest.raises(ValueError, match="channel"):
        voxtile.convert(tmp_path / "scan.npy", tmp_path / "out", cases="list.csv", channel=[1, 2])
