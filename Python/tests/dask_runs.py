"""What the tests of Dask share: a network, its options, and the command."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "Tests/VoxtileInferenceTests/Fixtures/models/two_classes.onnx"
OPTIONS = {"patch": (8, 6, 7), "overlap": (4, 3, 3), "normalize": "zscore", "spacing": "keep"}
WORDS = ["--patch", "7x6x8", "--overlap", "3x3x4", "--normalize", "zscore", "--spacing", "keep", "--jobs", "1"]
LONG = {"patch": 16, "overlap": 8, "normalize": "zscore", "spacing": "keep"}
LONG_WORDS = ["--patch", "16", "--overlap", "8", "--normalize", "zscore", "--spacing", "keep", "--jobs", "1"]


def run(words):
    subprocess.run([sys.executable, "-m", "voxtile", *map(str, words)], check=True, capture_output=True, timeout=120)


def infer(scan, output, kind):
    run(["infer", scan, "--model", MODEL, *WORDS, "--output-kind", kind, "--output", output])


def contents(path):
    if path.is_file():
        return path.read_bytes()
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}
