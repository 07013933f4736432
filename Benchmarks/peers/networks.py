"""Whole predictions with several networks: `voxtile infer` and MONAI's sliding window around the same ONNX Runtime.

usage: networks.py PROGRAM FOLDER SCAN [ROUNDS]

FOLDER holds networks of volumes (.onnx) whose patches are 96 voxels wide, or any size. Both sides predict the scan with an
overlap of 25 % and MONAI's weights, with two threads, in turns; the scan is not normalized. Prints a table: whole processes, and
the loop by itself, in seconds, medians; the ratio MONAI / voxtile of each turn, median and range; labels that differ.

ONNX Runtime is that of the Python that runs this; it needs monai, nibabel, onnxruntime and torch.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy
import onnxruntime
from workers import TWO_THREADS

PATCH, OVERLAP = 96, 0.25


def takes_volumes(network):
    """Whether a network takes patches of the benchmark."""
    try:
        shape = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"]).get_inputs()[0].shape
    except Exception as error:
        # Whatever the runtime throws, the network is left out.
        print(f"{network.name}: {error}", file=sys.stderr)
        return False
    return len(shape) == 5 and all(not isinstance(size, int) or size == PATCH for size in shape[2:])


def run(command):
    start = time.perf_counter()
    text = subprocess.run(command, env=TWO_THREADS, check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - start, text


def measure(program, network, scan, rounds, folder):
    ours, theirs, facts = f"{folder}/ours.nii", f"{folder}/theirs.nii", f"{folder}/facts.json"
    library = Path(onnxruntime.__file__).parent / "capi"
    voxtile = [
        program, "infer", scan, "--model", str(network), "--patch", str(PATCH), "--overlap", f"{100 * OVERLAP:g}%",
        "--compat", "monai", "--normalize", "none", "--spacing", "keep", "--orientation", "source", "--axes", "xyz",
        "--provider", "cpu", "--jobs", "2", "--onnxruntime", str(library), "--output", ours, "--force",
    ]  # fmt: skip
    monai = [
        sys.executable, str(Path(__file__).with_name("infer_job.py")), scan, str(network), str(PATCH), str(OVERLAP),
        "gaussian", "none", "labels", theirs, facts,
    ]  # fmt: skip
    times = {"ours": [], "our loop": [], "theirs": [], "their loop": [], "our network": [], "their network": []}
    for number in range(rounds + 1):
        seconds, text = run(voxtile)
        loop, share = re.search(r"in ([0-9.]+) s, of which the network took ([0-9.]+) %", text).groups()
        other, _ = run(monai)
        told = json.loads(Path(facts).read_text(encoding="utf-8"))
        if number == 0:
            # The files are in the cache of the system now.
            continue
        for name, value in zip(times, (
            seconds, float(loop), other, told["loop"], float(loop) * float(share) / 100, told["network"],
        )):  # fmt: skip
            times[name].append(value)
    patches = int(re.match(r"([0-9,]+) patch", text)[1].replace(",", ""))
    labels = [numpy.asarray(nibabel.load(path).dataobj) for path in (ours, theirs)]
    return times, patches, int((labels[0] != labels[1]).sum())


def ratio(ours, theirs):
    ratios = sorted(other / own for own, other in zip(ours, theirs))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def main(program, folder, scan, rounds="3"):
    networks = [path for path in sorted(Path(folder).glob("*.onnx")) if takes_volumes(path)]
    columns = ["network", "patches", "voxtile, s", "MONAI, s", "ratio", "loop, s", "MONAI's, s", "ratio"]
    columns += ["network, s", "MONAI's, s", "labels that differ"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    with tempfile.TemporaryDirectory() as scratch:
        for network in networks:
            times, patches, differing = measure(str(Path(program).resolve()), network, scan, int(rounds), scratch)
            middle = {name: f"{statistics.median(values):.1f}" for name, values in times.items()}
            cells = [
                network.stem, patches, middle["ours"], middle["theirs"], ratio(times["ours"], times["theirs"]),
                middle["our loop"], middle["their loop"], ratio(times["our loop"], times["their loop"]),
                middle["our network"], middle["their network"], differing,
            ]  # fmt: skip
            print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
