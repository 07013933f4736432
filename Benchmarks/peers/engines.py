"""A whole brain through the V-Net of Examples/TissueVNet: `voxtile infer` and MONAI's sliding window, on several engines.

usage: engines.py PROGRAM SCAN [ROUNDS]

Needs a Python with monai, nibabel, onnxruntime-openvino and torch. Whole processes with two threads, in turns: patches of 64, an
overlap of 50 %, MONAI's weights. The weights of PyTorch's network are random, which changes no time. Prints a table.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "Examples/TissueVNet/brain-tissue.onnx"
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS")


def job(engine, scan, output):
    """MONAI's sliding window with an engine: torch, cpu or openvino of ONNX Runtime."""
    import nibabel
    import numpy
    import torch
    from monai.inferers import sliding_window_inference

    torch.set_num_threads(2)
    if engine == "torch":
        sys.path.insert(0, str(ROOT / "Examples/TissueVNet"))
        from vnet import VNet

        network = VNet().eval()

        def predict(batch):
            with torch.no_grad():
                return network(batch)
    else:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        provider = {
            "cpu": "CPUExecutionProvider",
            "openvino": ("OpenVINOExecutionProvider", {"device_type": "CPU", "num_of_threads": "2"}),
        }[engine]
        session = onnxruntime.InferenceSession(str(MODEL), options, providers=[provider])
        name = session.get_inputs()[0].name

        def predict(batch):
            return torch.from_numpy(session.run(None, {name: batch.numpy()})[0])

    image = nibabel.load(scan)
    values = numpy.asarray(image.dataobj).astype(numpy.float32)
    values = numpy.clip(values / numpy.percentile(values[values > 0], 99), 0, 1.3).astype(numpy.float32)
    merged = sliding_window_inference(torch.from_numpy(values)[None, None], (64,) * 3, 1, predict, overlap=0.5, mode="gaussian")
    nibabel.save(nibabel.Nifti1Image(merged[0].argmax(0).to(torch.uint8).numpy(), image.affine), output)


def main(program, scan, rounds="3"):
    import onnxruntime

    library = str(Path(onnxruntime.__file__).parent / "capi")
    environment = os.environ | dict.fromkeys(THREADS, "2")
    with tempfile.TemporaryDirectory() as folder:
        def voxtile(provider):
            return [
                str(Path(program).resolve()), "infer", scan, "--model", str(MODEL), "--overlap", "50%", "--compat", "monai",
                "--jobs", "2", "--onnxruntime", library, "--provider", provider, "--output", f"{folder}/ours.nii.gz", "--force",
            ]  # fmt: skip

        def monai(engine):
            return [sys.executable, __file__, "--job", engine, scan, f"{folder}/theirs.nii.gz"]

        sides = {
            "voxtile, default": voxtile("auto"), "voxtile, cpu": voxtile("cpu"), "MONAI, PyTorch": monai("torch"),
            "MONAI, OpenVINO": monai("openvino"), "MONAI, ONNX Runtime's processor": monai("cpu"),
        }  # fmt: skip
        times = {name: [] for name in sides}
        for number in range(int(rounds) + 1):
            for name, command in sides.items():
                start = time.perf_counter()
                subprocess.run(command, env=environment, check=True, capture_output=True)
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
    if sys.argv[1] == "--job":
        job(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
