#!/usr/bin/env python3
"""Makes the models that the tests load, in the folder models beside this file.

Run it from anywhere with a Python that has onnx and numpy. Written by onnx 1.23.2, opset 17, IR version 8.
"""

import pathlib

import numpy
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent / "models"
FLOAT = TensorProto.FLOAT
VOLUME = ["n", "c", "d", "h", "w"]
ONE = ["n", 1, "d", "h", "w"]


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, **attributes)


def constant(name, array):
    return numpy_helper.from_array(numpy.asarray(array), name)


def save(name, nodes, inputs, outputs, initializers=(), domains=(), metadata=None):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    opsets = [helper.make_opsetid("", 17)] + [helper.make_opsetid(domain, 1) for domain in domains]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="voxtile")
    if metadata:
        helper.set_model_props(model, metadata)
    content = model.SerializeToString(deterministic=True)
    assert len(content) < 2048, name
    (FOLDER / f"{name}.onnx").write_bytes(content)


def floats(*values):
    return numpy.array(values, numpy.float32)


FOLDER.mkdir(exist_ok=True)
image, result = value("image", VOLUME), value("result", VOLUME)

save("identity", [node("Identity", ["image"], ["result"])], [image], [result])
# The output is the input itself, without a node between them.
save("passthrough", [], [image], [image])
save("nan", [node("Sub", ["image", "image"], ["zero"]), node("Div", ["zero", "zero"], ["result"])], [image], [result])
save(
    "scale_shift",
    [node("Mul", ["image", "scale"], ["scaled"]), node("Add", ["scaled", "shift"], ["result"])],
    [value("image", ONE)], [value("result", ["n", 3, "d", "h", "w"])],
    [constant("scale", floats(1, 2, -3).reshape(1, 3, 1, 1, 1)),
     constant("shift", floats(0, 10, 0.5).reshape(1, 3, 1, 1, 1))])
save(
    "pool", [node("MaxPool", ["image"], ["result"], kernel_shape=[2] * 3, strides=[2] * 3)],
    [value("image", ONE)], [value("result", ["n", 1, "d2", "h2", "w2"])])
save(
    "upsample",
    [node("Resize", ["image", "", "scales"], ["result"], mode="nearest",
          coordinate_transformation_mode="asymmetric", nearest_mode="floor")],
    [value("image", ONE)], [value("result", ["n", 1, "d2", "h2", "w2"])],
    [constant("scales", floats(1, 1, 2, 2, 2))])
fixed = ["n", 1, 2, 3, 4]
save("fixed", [node("Neg", ["image"], ["result"])], [value("image", fixed)], [value("result", fixed)])
single = [1, 1, "d", "h", "w"]
save("batch_one", [node("Neg", ["image"], ["result"])], [value("image", single)], [value("result", single)])
flat = ["n", 1, "h", "w"]
save("flat", [node("Neg", ["image"], ["result"])], [value("image", flat)], [value("result", flat)])
save(
    "two_outputs", [node("Neg", ["image"], ["negative"]), node("Abs", ["image"], ["absolute"])],
    [image], [value("negative", VOLUME), value("absolute", VOLUME)])
save("two_inputs", [node("Add", ["image", "prior"], ["result"])], [image, value("prior", VOLUME)], [result])
# As old exporters have it: the weight is among the inputs, but need not be given.
save(
    "weight_as_input", [node("Mul", ["image", "weight"], ["result"])],
    [image, value("weight", [1])], [result], [constant("weight", floats(2))])
for name, kind in ("half", TensorProto.FLOAT16), ("double", TensorProto.DOUBLE):
    save(name, [node("Neg", ["image"], ["result"])], [value("image", VOLUME, kind)], [value("result", VOLUME, kind)])
save("rank3", [node("Neg", ["image"], ["result"])], [value("image", "ncw")], [value("result", "ncw")])
save("classifier", [node("Flatten", ["image"], ["result"])], [image], [value("result", ["n", "m"])])
save(
    "labels", [node("ArgMax", ["image"], ["result"], axis=1)],
    [image], [value("result", ["n", 1, "d", "h", "w"], TensorProto.INT64)])
# Label maps in other shapes and types, of three classes -v, 1 and v.
three = [constant("factors", floats(-1, 0, 1).reshape(1, 3, 1, 1, 1)), constant("shift", floats(0, 1, 0).reshape(1, 3, 1, 1, 1))]
classes = [node("Mul", ["image", "factors"], ["scaled"]), node("Add", ["scaled", "shift"], ["classes"])]
for name, keep, kind in ("labels_flat", 0, TensorProto.INT64), ("labels_uint8", 1, TensorProto.UINT8), (
        "labels_bool", 1, TensorProto.BOOL):
    save(name, classes + [node("ArgMax", ["classes"], ["best"], axis=1, keepdims=keep),
                          node("Cast", ["best"], ["result"], to=kind)],
         [value("image", ONE)], [value("result", ["n", 1, "d", "h", "w"] if keep else ["n", "d", "h", "w"], kind)], three)
# Whole numbers as input.
for name, kind in ("uint8", TensorProto.UINT8), ("int8", TensorProto.INT8), ("int16", TensorProto.INT16), (
        "int32", TensorProto.INT32):
    save(f"{name}_input", [node("Cast", ["image"], ["result"], to=FLOAT)],
         [value("image", VOLUME, kind)], [value("result", VOLUME)])
save("uint64_input", [node("Cast", ["image"], ["result"], to=FLOAT)],
     [value("image", VOLUME, TensorProto.UINT64)], [value("result", VOLUME)])
# Axes in other orders.
save("channels_last",
     [node("Mul", ["image", "factors"], ["scaled"]), node("Add", ["scaled", "shift"], ["result"])],
     [value("image", ["n", "d", "h", "w", 1])], [value("result", ["n", "d", "h", "w", 3])],
     [constant("factors", floats(1, 2, -3)), constant("shift", floats(0, 10, 0.5))])
save("no_batch",
     [node("Mul", ["image", "factors"], ["scaled"]), node("Add", ["scaled", "shift"], ["result"])],
     [value("image", [1, "d", "h", "w"])], [value("result", [3, "d", "h", "w"])],
     [constant("factors", floats(1, 2, -3).reshape(3, 1, 1, 1)), constant("shift", floats(0, 10, 0.5).reshape(3, 1, 1, 1))])
# The sum of each voxel and its 26 neighbors, where it has them all: two voxels fewer along each axis.
save("valid", [node("Conv", ["image", "ones"], ["result"])],
     [value("image", ONE)], [value("result", ["n", 1, "d2", "h2", "w2"])],
     [constant("ones", numpy.ones((1, 1, 3, 3, 3), numpy.float32))])
# Needs a multiple of 4 along each axis.
save("multiple",
     [node("MaxPool", ["image"], ["small"], kernel_shape=[4] * 3, strides=[4] * 3),
      node("Resize", ["small", "", "scales"], ["large"], mode="nearest"), node("Add", ["image", "large"], ["result"])],
     [value("image", ONE)], [value("result", ONE)], [constant("scales", floats(1, 1, 4, 4, 4))])
save("two_classes", [node("Mul", ["image", "factors"], ["result"])], [value("image", ONE)],
     [value("result", ["n", 2, "d", "h", "w"])], [constant("factors", floats(-1, 1).reshape(1, 2, 1, 1, 1))],
     metadata={"voxtile.labels": "background, tumor core", "voxtile.spacing": "1", "voxtile.patch": "8"})
save(
    "sequence", [node("SequenceConstruct", ["image"], ["result"])],
    [image], [helper.make_tensor_sequence_value_info("result", FLOAT, VOLUME)])
save(
    "one_for_all", [node("ReduceMax", ["image"], ["result"], axes=[0], keepdims=1)],
    [image], [value("result", ["m", "c", "d", "h", "w"])])
# Fails on patches of other than 8 voxels.
save(
    "reshape", [node("Reshape", ["image", "shape"], ["result"])], [image], [value("result", ["n", "c", 2, 2, 2])],
    [constant("shape", numpy.array([0, 0, 2, 2, 2], numpy.int64))])
# ONNX Runtime warns that the weight is not used.
save("warning", [node("Neg", ["image"], ["result"])], [image], [result], [constant("unused", floats(1))])
save("unknown_operator", [node("Mystery", ["image"], ["result"], domain="nowhere")], [image], [result],
     domains=["nowhere"])
external = TensorProto(name="scale", data_type=FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
external.external_data.add(key="location", value="missing.bin")
save("external", [node("Mul", ["image", "scale"], ["result"])], [image], [result], [external])
# A convolution, whose attributes and weights may be damaged in many ways.
save(
    "convolution",
    [node("Conv", ["image", "kernel", "bias"], ["sum"], kernel_shape=[3] * 3, pads=[1] * 6),
     node("InstanceNormalization", ["sum", "one", "bias"], ["normal"]), node("Relu", ["normal"], ["result"])],
    [value("image", ONE)], [value("result", ["n", 2, "d", "h", "w"])],
    [constant("kernel", numpy.linspace(-1, 1, 54, dtype=numpy.float32).reshape(2, 1, 3, 3, 3)),
     constant("bias", floats(0, 1)), constant("one", floats(1, 2))])
# Takes two channels: the difference of both, and its negative.
save(
    "two_channels", [node("Conv", ["image", "kernel"], ["result"], kernel_shape=[1] * 3)],
    [value("image", ["n", 2, "d", "h", "w"])], [value("result", ["n", 2, "d", "h", "w"])],
    [constant("kernel", floats(1, -1, -1, 1).reshape(2, 2, 1, 1, 1))])
