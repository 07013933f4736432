"""Makes the network of a MONAI bundle and writes it as ONNX. Needs torch, monai and onnx."""

import sys
import warnings

import numpy
import onnx
import torch
from monai.bundle import ConfigParser


def open_parser(folder, path):
    """MONAI's parser of a configuration; modules of the bundle can be found."""
    sys.path.insert(0, str(folder))
    parser = ConfigParser()
    parser.read_config(str(path))
    parser.read_meta(str(folder / "configs" / "metadata.json"))
    parser["bundle_root"] = str(folder)
    return parser


def resolved_items(parser):
    """The configuration with its macros and relative references resolved."""
    parser.resolve_macro_and_relative_ids()
    return parser.config


def evaluate_with(parser):
    """Gives the value of an expression. This runs code of the bundle."""
    def evaluate(expression):
        parser["voxtile_value"] = expression
        return parser.get_parsed_content("voxtile_value", lazy=False)
    return evaluate


def load_network(parser, name, weights):
    """The network of that item; with random weights where there is no file of weights."""
    parser["device"] = "cpu"
    network = parser.get_parsed_content(name, lazy=False)
    if not isinstance(network, torch.nn.Module):
        raise SystemExit(f"'{name}' of the configuration is no network of torch, but {type(network).__name__}; see --network")
    if weights is not None:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        for key in ("model", "state_dict", "net", "network"):
            if isinstance(state.get(key), dict):
                state = state[key]
        network.load_state_dict({key.removeprefix("module."): value for key, value in state.items()})
    return network.float().eval()


class Folded(torch.nn.Module):
    """The network with what Voxtile cannot do around it: an affine map of intensities, and channels in another order."""

    def __init__(self, network, scale, offset, order):
        super().__init__()
        self.network = network
        self.scale, self.offset, self.order = scale, offset, order

    def forward(self, image):
        if (self.scale, self.offset) != (1, 0):
            image = image * self.scale + self.offset
        values = self.network(image)
        if isinstance(values, (list, tuple)):
            values = values[0]  # the full size, of networks with deep supervision
        return values if self.order is None else values[:, self.order]


def write_network(network, channels, patch, metadata, path):
    """Writes the network with its metadata: any batch, patches of one size, axes x, y, z."""
    example = torch.rand(1, channels, *patch)
    batch = {0: "n"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (example,), str(path), input_names=["image"], output_names=["values"],
            dynamic_axes={"image": batch, "values": batch}, opset_version=17, dynamo=False)
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, metadata)
    onnx.save(model, str(path))


def check(network, channels, patch, path):
    """Compares the file with PyTorch, and gives the channels of its output."""
    image = torch.rand(1, channels, *patch)
    with torch.no_grad():
        expected = network(image).numpy()
    try:
        import onnxruntime
    except ImportError:
        print(f"{path}: not compared, since onnxruntime is not installed")
        return expected.shape[1]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"image": image.numpy()})[0]
    difference, size = float(numpy.abs(found - expected).max()), float(numpy.abs(expected).max())
    print(f"{path}: differs from PyTorch by at most {difference:.2g}, of values up to {size:.3g}")
    if not difference <= 1e-3 * max(1.0, size):
        raise SystemExit(f"{path} is not the network that PyTorch has")
    return expected.shape[1]
