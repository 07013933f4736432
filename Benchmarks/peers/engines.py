"""A whole brain through the V-Net of Examples/TissueVNet: `voxtile infer` and MONAI's sliding window, on several engines.

usage: engines.py PROGRAM SCAN [ROUNDS]

Needs a Python with monai, nibabel, onnxruntime-openvino and torch. Whole processes with two threads, in turns: patches of 64, an
overlap of 50 %, MONAI's weights. The weights of PyTorch's network are random, which changes no time. Prints a table.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import onnxruntime
from workers import TWO_THREADS

MODEL = Path(__file__).parents[2] / "Examples/TissueVNet/brain-tissue.onnx"


def commands(program, scan, folder):
    """The sides by their names."""
    library = Path(onnxruntime.__file__).parent / "capi"

    def voxtile(provider):
        return [
            str(Path(program).resolve()), "infer", scan, "--model", str(MODEL), "--overlap", "50%", "--compat", "monai",
            "--jobs", "2", "--onnxruntime", str(library), "--provider", provider, "--output", f"{folder}/ours.nii.gz", "--force",
        ]  # fmt: skip

    def monai(engine):
        return [
            sys.executable, str(Path(__file__).with_name("infer_job.py")), scan, str(MODEL), "64", "0.5", "gaussian", "peak",
            "labels", f"{folder}/theirs.nii.gz", f"{folder}/facts.json", engine,
        ]  # fmt: skip

    return {
        "voxtile, default": voxtile("auto"), "voxtile, cpu": voxtile("cpu"), "MONAI, PyTorch": monai("torch"),
        "MONAI, OpenVINO": monai("openvino"), "MONAI, ONNX Runtime's processor": monai("cpu"),
    }  # fmt: skip


def main(program, scan, rounds="3"):
    with tempfile.TemporaryDirectory() as folder:
        sides = commands(program, scan, folder)
        times = {name: [] for name in sides}
        for number in range(int(rounds) + 1):
            for name, command in sides.items():
                start = time.perf_counter()
                subprocess.run(command, env=TWO_THREADS, check=True, capture_output=True)
                # The files are in the cache of the system after the first turn.
                if number > 0:
                    times[name].append(time.perf_counter() - start)
    ours = times["voxtile, default"]
    print("| program and engine | s, median (min to max) | beside voxtile's default |\n|---|---|---|")
    for name, seconds in times.items():
        ratios = sorted(other / own for own, other in zip(ours, seconds))
        print(
            f"| {name} | {statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f}) | "
            f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |")  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
