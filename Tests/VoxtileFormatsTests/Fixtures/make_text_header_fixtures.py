#!/usr/bin/env python3
"""Writes MetaImage and NRRD files, and expected.json with what SimpleITK or pynrrd reads from them.

Made with Python 3.11, numpy 2.4.6, SimpleITK 2.5.7 (ITK 5.4), pynrrd 1.1.3. Deterministic but for the dates in pynrrd's comments.
Run: python3 make_text_header_fixtures.py           writes the small set in the folder textheader
     python3 make_text_header_fixtures.py FOLDER    writes every type, shape, byte order and encoding in a folder
"""

import json
import os
import sys
import zlib

import nrrd
import numpy
import SimpleITK

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "textheader")
EXPECTED = {}
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
ANGLE = numpy.deg2rad(25)
DIRECTION = numpy.array(
    [[numpy.cos(ANGLE), 0, -numpy.sin(ANGLE)], [0, -1, 0], [numpy.sin(ANGLE), 0, numpy.cos(ANGLE)]]
)
SPACING = [0.8, 1.5, 2.75]
ORIGIN = [-91.25, 126.5, -72.125]
LPS_TO_RAS = numpy.diag([-1.0, -1, 1])


def values(shape, dtype, seed):
    random = numpy.random.default_rng(seed)
    dtype = numpy.dtype(dtype)
    if dtype.kind == "f":
        return random.normal(size=shape).astype(dtype)
    limits = numpy.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def expect(path, channels, affine, **more):
    """Notes what a file holds: `channels` has the shape (channels, z, y, x)."""
    little = numpy.ascontiguousarray(channels.astype(channels.dtype.newbyteorder("<")))
    EXPECTED[os.path.basename(path)] = {
        "extent": list(channels.shape[:0:-1]),
        "channels": channels.shape[0],
        "scalarType": channels.dtype.newbyteorder("=").name,
        "crc32": zlib.crc32(little.tobytes()),
        "affine": affine.tolist(),
        **more,
    }


def itk_affine(image):
    """The affine of a 2D or 3D image in RAS, as three rows."""
    n = min(image.GetDimension(), 3)
    direction = numpy.array(image.GetDirection()).reshape([image.GetDimension()] * 2)[:n, :n]
    rows = numpy.eye(3, 4)
    rows[2, 2] = 1
    rows[:n, :n] = direction @ numpy.diag(image.GetSpacing()[:n])
    rows[:n, 3] = image.GetOrigin()[:n]
    return LPS_TO_RAS @ rows


def itk_channels(image):
    """The voxels in the order (channels, z, y, x)."""
    array = SimpleITK.GetArrayFromImage(image)
    is_vector = image.GetNumberOfComponentsPerPixel() > 1
    array = numpy.moveaxis(array, -1, 0) if is_vector else array[numpy.newaxis]
    if image.GetDimension() == 2:
        array = array[:, numpy.newaxis]
    if image.GetDimension() == 4:
        array = array[0]
    return array


def itk(path, shape, dtype, channels=1, compress=False, seed=1):
    """Writes a file with SimpleITK, and notes what SimpleITK reads from it."""
    array = values(shape + ([channels] if channels > 1 else []), dtype, seed)
    image = SimpleITK.GetImageFromArray(array, isVector=channels > 1)
    n = image.GetDimension()
    if n == 3:
        image.SetDirection(DIRECTION.ravel())
    image.SetSpacing((SPACING + [2.0])[:n])
    image.SetOrigin((ORIGIN + [5.0])[:n])
    image.SetMetaData("Study", "seven words that no format of images knows")
    SimpleITK.WriteImage(image, path, compress)
    note_itk(path)


def note_itk(path, **more):
    image = SimpleITK.ReadImage(path)
    expect(path, itk_channels(image), itk_affine(image), **more)


def big_metaimage(path, dtype, channels=1, pair=None, seed=2):
    """Writes big-endian voxels by hand, since ITK writes the order of the machine; ITK reads them."""
    array = values([3, 4, 5] + ([channels] if channels > 1 else []), dtype, seed)
    names = {1: "CHAR", 2: "SHORT", 4: "INT", 8: "LONG_LONG"}
    dtype = numpy.dtype(dtype)
    sign = "U" if dtype.kind == "u" else ""
    name = {"float32": "FLOAT", "float64": "DOUBLE"}.get(dtype.name, sign + names[dtype.itemsize])
    matrix = " ".join(str(number) for number in DIRECTION.T.ravel())
    lines = [
        "NDims = 3", "DimSize = 5 4 3", f"ElementNumberOfChannels = {channels}", f"ElementType = MET_{name}",
        "ElementByteOrderMSB = True", f"Rotation = {matrix}", "Position = -91.25 126.5 -72.125",
        "ElementSize = 0.8 1.5 2.75", f"ElementDataFile = {pair or 'LOCAL'}",
    ]
    voxels = array.astype(dtype.newbyteorder(">")).tobytes()
    with open(path, "wb") as file:
        file.write("".join(line + "\n" for line in lines).encode() + (b"" if pair else voxels))
    if pair:
        with open(os.path.join(os.path.dirname(path), pair), "wb") as file:
            file.write(voxels)
    note_itk(path)


def pynrrd(path, array, header=None, spatial=(0, 1, 2), **options):
    """Writes an array (first axis fastest) with pynrrd, and notes what pynrrd reads from it."""
    nrrd.write(path, array, header or {}, **options)
    found, read = nrrd.read(path)
    order = [axis for axis in range(found.ndim) if axis not in spatial]
    channels = found.transpose(order[::-1] + list(spatial)[::-1])
    sizes = [found.shape[axis] for axis in spatial][::-1]
    channels = channels.reshape([-1] + [1] * (3 - len(spatial)) + sizes)
    signs = {"RAS": [1, 1, 1], "LAS": [-1, 1, 1], "left-posterior-superior": [-1, -1, 1]}
    rows = numpy.zeros((3, 4))
    if "space directions" in read:
        vectors = numpy.array(read["space directions"])
        rows[:, :3] = vectors[list(spatial)].T
        rows[:, 3] = read.get("space origin", [0, 0, 0])
        rows = numpy.diag(signs[read["space"]]) @ rows
    else:
        spacings = read.get("spacings", [1, 1, 1])
        sizes = [spacings[axis] if axis < len(spacings) else 1 for axis in list(spatial) + [9] * (3 - len(spatial))]
        rows[:, :3] = LPS_TO_RAS @ numpy.diag(sizes)
    expect(path, channels, rows)


def placed(space="RAS", none=None):
    directions = (DIRECTION @ numpy.diag(SPACING)).T
    kinds = ["domain"] * 3
    if none is not None:
        directions = numpy.insert(directions, none, numpy.nan, axis=0)
        kinds.insert(none, "list" if none else "vector")
    return {"space": space, "space directions": directions, "space origin": ORIGIN, "kinds": kinds, "Study": "seven words"}


SEGMENTS = {
    "Segment0_ID": "Segment_1", "Segment0_Name": "liver", "Segment0_Color": "0.866667 0.509804 0.396078",
    "Segment0_LabelValue": "1", "Segment0_Layer": "0", "Segment0_Extent": "0 3 0 2 0 1",
    "Segment1_ID": "Segment_2", "Segment1_Name": "spleen, upper part", "Segment1_Color": "0 1 0",
    "Segment1_LabelValue": "3", "Segment1_Layer": "0", "Segment1_Extent": "1 4 1 3 0 2",
    "Segmentation_MasterRepresentation": "Binary labelmap",
    "Segmentation_ReferenceImageExtentOffset": "10 20 30",
}


def small(folder):
    itk(f"{folder}/int16.mha", [3, 4, 5], "int16", seed=3)
    itk(f"{folder}/compressed.mha", [3, 4, 5], "float32", compress=True, seed=4)
    itk(f"{folder}/pair.mhd", [3, 4, 5], "uint16", seed=5)
    itk(f"{folder}/compressed-pair.mhd", [3, 4, 5], "uint8", channels=3, compress=True, seed=6)
    itk(f"{folder}/planar.mha", [4, 5], "uint8", channels=3, seed=7)
    itk(f"{folder}/series.mha", [2, 3, 4, 5], "int16", seed=8)
    big_metaimage(f"{folder}/big.mha", "float64")
    itk(f"{folder}/itk.nrrd", [3, 4, 5], "int32", seed=9)
    itk(f"{folder}/itk-vector.nrrd", [3, 4, 5], "float32", channels=3, compress=True, seed=10)
    itk(f"{folder}/itk-planar.nrrd", [4, 5], "uint16", seed=11)
    itk(f"{folder}/itk-pair.nhdr", [3, 4, 5], "int8", compress=True, seed=12)
    pynrrd(f"{folder}/big.nrrd", values([5, 4, 3], "int16", 13).astype(">i2"), placed("LAS"), compression_level=9)
    pynrrd(f"{folder}/list.nrrd", values([5, 4, 3, 2], "uint64", 14), placed(none=3))
    pynrrd(f"{folder}/plain.nrrd", values([5, 4, 3], "float64", 15), {"spacings": [1.0, 2, 3], "encoding": "raw"})
    labels = numpy.random.default_rng(16).choice([0, 1, 3], (5, 4, 3)).astype("uint8")
    header = {key: value for key, value in placed("left-posterior-superior").items() if key != "Study"}
    pynrrd(f"{folder}/labels.seg.nrrd", labels, {**header, **SEGMENTS})
    EXPECTED["labels.seg.nrrd"]["isLabelMap"] = True


def everything(folder):
    for seed, dtype in enumerate(TYPES):
        for shape in ([3, 4, 5], [4, 5]):
            for channels in (1, 2, 3):
                for compress in (False, True):
                    name = f"{folder}/{dtype}-{len(shape)}-{channels}-{int(compress)}"
                    for ending in ("mha", "mhd", "nrrd", "nhdr"):
                        itk(f"{name}-{ending}.{ending}", shape, dtype, channels, compress, seed)
        for channels in (1, 4):
            big_metaimage(f"{folder}/{dtype}-{channels}-big.mha", dtype, channels)
            big_metaimage(f"{folder}/{dtype}-{channels}-big.mhd", dtype, channels, pair=f"{dtype}-{channels}.bin")
        for order in "<>":
            for encoding in ("raw", "gzip"):
                for none in (None, 0, 3):
                    shape = [5, 4, 3]
                    if none is not None:
                        shape.insert(none, 2)
                    spatial = [axis for axis in range(len(shape)) if axis != none]
                    array = values(shape, dtype, seed + 40)
                    array = array.astype(array.dtype.newbyteorder(order))
                    which = {"<": "little", ">": "big"}[order]
                    for ending in ("nrrd", "nhdr"):
                        name = f"{folder}/{dtype}-{which}-{encoding}-{none}-{ending}.{ending}"
                        pynrrd(name, array, {**placed("RAS", none), "encoding": encoding}, spatial)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else FOLDER
    os.makedirs(folder, exist_ok=True)
    (everything if len(sys.argv) > 1 else small)(folder)
    with open(os.path.join(folder, "expected.json"), "w") as file:
        lines = [f"{json.dumps(name)}: {json.dumps(EXPECTED[name])}" for name in sorted(EXPECTED)]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
