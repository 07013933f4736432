"""MONAI's sliding-window inference with an ONNX session, to compare with `voxtile infer`.

usage: infer_job.py SCAN MODEL PATCH OVERLAP MODE NORMALIZE KIND OUTPUT FACTS [ENGINE]

PATCH is the patch width, OVERLAP a fraction, MODE gaussian or constant, NORMALIZE peak or none, KIND labels or values. ENGINE is
cpu (default) or openvino of ONNX Runtime, or torch: the V-Net of Examples/TissueVNet with random weights, which change no time.
Writes the seconds of the loop and of the network in it to FACTS, as JSON.
"""

import json
import sys
import time
from pathlib import Path

import nibabel
import numpy
import onnxruntime
import torch
from monai.inferers import sliding_window_inference

PROVIDERS = {
    "cpu": "CPUExecutionProvider", "openvino": ("OpenVINOExecutionProvider", {"device_type": "CPU", "num_of_threads": "2"}),
}  # fmt: skip


def loaded(model, engine):
    """A network as a function of a batch."""
    if engine == "torch":
        sys.path.insert(0, str(Path(__file__).parents[2] / "Examples/TissueVNet"))
        from vnet import VNet

        network = VNet().eval()

        def predict(batch):
            with torch.no_grad():
                return network(batch)

        return predict
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(model, options, providers=[PROVIDERS[engine]])
    name = session.get_inputs()[0].name
    return lambda batch: torch.from_numpy(session.run(None, {name: batch.numpy()})[0])


def main(scan, model, patch, overlap, mode, normalize, kind, output, facts, engine="cpu"):
    image = nibabel.load(scan)
    values = numpy.asarray(image.dataobj).astype(numpy.float32)
    if normalize == "peak":
        inside = values[values > 0]
        values = numpy.clip(values / numpy.percentile(inside, 99), 0, 1.3).astype(numpy.float32)
    run = loaded(model, engine)
    torch.set_num_threads(2)
    network = 0.0

    def predict(batch):
        nonlocal network
        start = time.perf_counter()
        result = run(batch)
        network += time.perf_counter() - start
        return result

    start = time.perf_counter()
    merged = sliding_window_inference(
        torch.from_numpy(values)[None, None], (int(patch),) * 3, 1, predict, overlap=float(overlap), mode=mode)[0]
    loop = time.perf_counter() - start
    result = merged.argmax(0).to(torch.uint8).numpy() if kind == "labels" else merged[0].numpy()
    nibabel.save(nibabel.Nifti1Image(result, image.affine), output)
    with open(facts, "w") as file:
        json.dump({"loop": loop, "network": network}, file)


main(*sys.argv[1:])
