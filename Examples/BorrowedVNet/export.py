#!/usr/bin/env python3
"""Write the V-Net of the package neuromodex-vnet-dbs as an ONNX file that `voxtile infer` runs.

  export.py OUTPUT.onnx [--spacing MM]

The network and its weights come from the wheel neuromodex-vnet-dbs 0.2.2 (MIT license, Fachhochschule
Nordwestschweiz); this folder contains neither. The original network has the voxel size as a second input. Here that size
is fixed, so the exported network needs only patches: input `image` [n, 1, d, h, w] and output `logits` [n, 4, d, h, w],
float32, opset 17. The dimensions n, d, h and w are free; d, h and w must be multiples of 16. The file also contains the
settings for `voxtile infer`. The script runs the file with ONNX Runtime and compares the result with PyTorch.
"""
import argparse
import importlib.util
import os
import pathlib
import warnings

import numpy as np
import onnx
import onnxruntime
import torch

PACKAGE = "neuromodex_vnet_dbs"
OPSET = 17
MULTIPLE = 16
"""Width, height and depth must be multiples of this, because the network halves them four times."""

TOLERANCE = 1e-3
"""Largest allowed difference between the logits of PyTorch and ONNX Runtime. The logits reach 36."""

METADATA = {
    # As in its own pipeline: maps the smallest and largest value above 0 to 0 and 1. Background stays 0.
    "voxtile.normalize": "percentiles:0,100:nonzero",
    # Its pipeline assumes RAS orientation and reads scans with SimpleITK, whose arrays are z, y, x.
    "voxtile.orientation": "RAS",
    "voxtile.axes": "zyx",
    "voxtile.labels": "background,csf,grey,white",
}
"""Stored in the ONNX file as `metadata_props`."""


class FixedSpacing(torch.nn.Module):
    """The network with a fixed voxel size."""

    def __init__(self, network, millimeters):
        super().__init__()
        self.network = network
        self.register_buffer("spacing", torch.full((1, 3), float(millimeters)))

    def forward(self, image):
        return self.network(image, self.spacing)


def package_folder():
    """The folder of the installed wheel. Does not import the package, because that needs SimpleITK."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        raise SystemExit("install the network first: pip install --no-deps neuromodex-vnet-dbs==0.2.2")
    return pathlib.Path(spec.submodule_search_locations[0])


def load(millimeters):
    """The published network with its weights, for a fixed voxel size."""
    folder = package_folder()
    spec = importlib.util.spec_from_file_location("borrowed_vnet", folder / "models/architecture/VNet.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.VNet(spacing_aware=True)
    weights = torch.load(folder / "weights/SpacingAwareVNetS/best.pth", map_location="cpu", weights_only=True)
    network.load_state_dict(weights)
    return FixedSpacing(network, millimeters).eval()


def export(network, path):
    """Write `network` to `path` and return the largest difference between the logits of the two runtimes."""
    free = {0: "n", 2: "d", 3: "h", 4: "w"}
    with warnings.catch_warnings():
        # The newer exporter needs opset 18 and another package, without any benefit for convolutions.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 1, 64, 64, 64),),
            path,
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": free, "logits": free},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(path)
    for node in model.graph.node:
        # Removes the exporter's notes, which contain local paths.
        node.doc_string = ""
        node.ClearField("metadata_props")
    onnx.helper.set_model_props(model, METADATA | {"voxtile.spacing": f"{float(network.spacing[0, 0]):g}"})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    return difference(network, path)


def difference(network, path):
    """Compare the runtimes on shapes other than the traced one."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    largest = 0.0
    for shape in ((1, 1, 6 * MULTIPLE, 4 * MULTIPLE, 5 * MULTIPLE), (2, 1, 2 * MULTIPLE, 3 * MULTIPLE, MULTIPLE)):
        patch = torch.rand(shape, generator=generator)
        with torch.no_grad():
            expected = network(patch).numpy()
        (found,) = session.run(None, {"image": patch.numpy()})
        largest = max(largest, float(np.abs(found - expected).max()))
    if not largest < TOLERANCE:
        raise SystemExit(f"{path}: ONNX Runtime and PyTorch differ by {largest:g}, more than {TOLERANCE:g}")
    return largest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", help="ONNX file to write, 30 MB")
    parser.add_argument("--spacing", type=float, default=1, metavar="MM", help="voxel size of the scans (default: 1)")
    options = parser.parse_args()
    found = export(load(options.spacing), options.output)
    size = os.path.getsize(options.output) / 1e6
    print(f"{options.output}: {size:.1f} MB, differs from PyTorch by {found:.1e} at most")


if __name__ == "__main__":
    main()
