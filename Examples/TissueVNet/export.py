#!/usr/bin/env python3
"""Export a training checkpoint as an ONNX file that contains its own settings.

  export.py CHECKPOINT OUTPUT.onnx

Opset 17, input `input` [n, 1, d, h, w] and output `logits` [n, 4, d, h, w], both float32. The dimensions n, d, h and w are
free; d, h and w must be multiples of 8. The script runs the file with ONNX Runtime and compares the result with PyTorch.
"""
import argparse
import os
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from contract import METADATA, MULTIPLE, PATCH
from vnet import VNet

OPSET = 17
TOLERANCE = 1e-3
"""Largest allowed difference between the logits of PyTorch and ONNX Runtime."""


def export(network, path):
    """Write `network` to `path` and return the largest difference between the logits of the two runtimes."""
    network = network.eval()
    free = {0: "n", 2: "d", 3: "h", 4: "w"}
    with warnings.catch_warnings():
        # The newer exporter needs opset 18 and another package, without any benefit for convolutions.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (torch.zeros(1, 1, PATCH, PATCH, PATCH),),
            path,
            input_names=["input"],
            output_names=["logits"],
            dynamic_axes={"input": free, "logits": free},
            opset_version=OPSET,
            dynamo=False,
        )
    _describe(path)
    return _difference(network, path)


def _describe(path):
    """Add the settings, and remove the exporter's notes, which contain local paths."""
    model = onnx.load(path)
    model.doc_string = "V-Net for brain tissue on T1 scans; see the model card beside this file."
    for node in model.graph.node:
        node.doc_string = ""
        node.ClearField("metadata_props")
    onnx.helper.set_model_props(model, METADATA)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _difference(network, path):
    """Compare the runtimes on shapes other than the traced one."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    largest = 0.0
    for shape in ((1, 1, 6 * MULTIPLE, 4 * MULTIPLE, 5 * MULTIPLE), (3, 1, MULTIPLE, 2 * MULTIPLE, 3 * MULTIPLE)):
        patch = torch.rand(shape, generator=generator)
        with torch.no_grad():
            expected = network(patch).numpy()
        (found,) = session.run(None, {"input": patch.numpy()})
        largest = max(largest, float(np.abs(found - expected).max()))
    if not largest < TOLERANCE:
        raise SystemExit(f"{path}: ONNX Runtime and PyTorch differ by {largest:g}, more than {TOLERANCE:g}")
    return largest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="written by train.py")
    parser.add_argument("output", help="ONNX file to write")
    options = parser.parse_args()
    network = VNet()
    network.load_state_dict(torch.load(options.checkpoint, weights_only=True)["network"])
    difference = export(network, options.output)
    size = os.path.getsize(options.output) / 1e6
    print(f"{options.output}: {size:.2f} MB, differs from PyTorch by {difference:.1e} at most")


if __name__ == "__main__":
    main()
