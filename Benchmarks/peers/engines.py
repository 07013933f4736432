"""A whole brain through the V-Net of Examples/TissueVNet: `voxtile infer` and MONAI's sliding window, on several engines.

usage: engines.py PROGRAM SCAN [ROUNDS]

Needs a Python with monai, nibabel, onnxruntime-openvino and torch. Whole processes with two threads, in turns: patches of 64, an
overlap of 50 %, MONAI's weights. The weights of PyTorch's network are random, which changes no time. Prints a table, and the
rate of the network in voxtile beside that of a product of two matrices, as PyTorch multiplies them, in the same turns.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch
from workers import TWO_THREADS

EXAMPLE = Path(__file__).parents[2] / "Examples/TissueVNet"
MODEL = EXAMPLE / "brain-tissue.onnx"
PATCH = 64


def work_of_patch():
    """The additions and multiplications in the convolutions of one patch."""
    sys.path.insert(0, str(EXAMPLE))
    from vnet import VNet

    total = 0

    def count(layer, inputs, output):
        nonlocal total
        # Each voxel of the input of a transposed convolution is spread as each voxel of the output of another is gathered.
        voxels = (inputs[0] if layer.transposed else output)[0, 0].numel()
        total += 2 * voxels * layer.weight.numel()

    network = VNet().eval()
    for layer in network.modules():
        if isinstance(layer, torch.nn.modules.conv._ConvNd):
            layer.register_forward_hook(count)
    with torch.no_grad():
        network(torch.zeros(1, 1, PATCH, PATCH, PATCH))
    return total


def rate_of_matrices(size=3072, times=5):
    """How many additions and multiplications of floats a second the machine does in products of two matrices."""
    torch.set_num_threads(2)
    left, right = torch.rand(size, size), torch.rand(size, size)
    left @ right
    start = time.perf_counter()
    for _ in range(times):
        left @ right
    return 2 * size**3 * times / (time.perf_counter() - start)


def rate_of_network(text, work):
    """The same of the network, from the summary of `voxtile infer`."""
    patches, seconds, share = re.search(
        r"([0-9,]+) patch.* in ([0-9.]+) s, of which the network took ([0-9.]+) %", text, re.DOTALL).groups()
    return int(patches.replace(",", "")) * work / (float(seconds) * float(share) / 100)


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
            sys.executable, str(Path(__file__).with_name("infer_job.py")), scan, str(MODEL), str(PATCH), "0.5", "gaussian",
            "peak", "labels", f"{folder}/theirs.nii.gz", f"{folder}/facts.json", engine,
        ]  # fmt: skip

    return {
        "voxtile, default": voxtile("auto"), "voxtile, cpu": voxtile("cpu"), "MONAI, PyTorch": monai("torch"),
        "MONAI, OpenVINO": monai("openvino"), "MONAI, ONNX Runtime's processor": monai("cpu"),
    }  # fmt: skip


def middle(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main(program, scan, rounds="3"):
    work = work_of_patch()
    with tempfile.TemporaryDirectory() as folder:
        sides = commands(program, scan, folder)
        times, rates, matrices = {name: [] for name in sides}, {name: [] for name in sides}, []
        for number in range(int(rounds) + 1):
            matrices.append(rate_of_matrices())
            for name, command in sides.items():
                start = time.perf_counter()
                text = subprocess.run(command, env=TWO_THREADS, check=True, capture_output=True, text=True).stdout
                times[name].append(time.perf_counter() - start)
                if name.startswith("voxtile"):
                    rates[name].append(rate_of_network(text, work))
            if number == 0:
                # The files are in the cache of the system now.
                matrices.clear()
                for values in [*times.values(), *rates.values()]:
                    values.clear()
    ours = times["voxtile, default"]
    print("| program and engine | s, median (min to max) | beside voxtile's default |\n|---|---|---|")
    for name, seconds in times.items():
        ratios = [other / own for own, other in zip(ours, seconds)]
        print(f"| {name} | {statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f}) | {middle(ratios)} |")
    print(f"\n{work / 1e9:.2f} GFLOP a patch; a product of matrices: {statistics.median(matrices) / 1e9:.0f} GFLOP/s\n")
    print("| network in | GFLOP/s, median | of the rate of matrices |\n|---|---|---|")
    for name, values in rates.items():
        if values:
            print(f"| {name} | {statistics.median(values) / 1e9:.0f} | {middle([v / m for v, m in zip(values, matrices)])} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
