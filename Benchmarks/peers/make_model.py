"""Creates networks that take almost no time, to measure the work around them.

usage: make_model.py identity OUTPUT
       make_model.py classes COUNT OUTPUT      one layer with COUNT classes
"""

import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(node, classes, weights, output):
    axes = ["depth", "height", "width"]
    graph = helper.make_graph(
        [node], "bench", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, *axes])],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["batch", classes, *axes])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), output)


def identity(output):
    save(helper.make_node("Identity", ["image"], ["values"]), 1, [], output)


def classes(count, output):
    random = numpy.random.default_rng(0)
    weights = [
        numpy_helper.from_array(random.normal(size=(int(count), 1, 1, 1, 1)).astype(numpy.float32), "weight"),
        numpy_helper.from_array(random.normal(size=int(count)).astype(numpy.float32), "bias")]
    save(helper.make_node("Conv", ["image", "weight", "bias"], ["values"]), int(count), weights, output)


{"identity": identity, "classes": classes}[sys.argv[1]](*sys.argv[2:])
