#!/usr/bin/env python3
"""Writes the TIFF fixtures and tiff.json with what they hold.

Made with Python 3.11, numpy 2.4.6, tifffile 2026.3.3, imagecodecs 2026.3.6, Pillow 13.0.0. Deterministic: equal versions
write equal bytes. Run: python3 make_tiff_fixtures.py
"""

import json
import os
import zlib

import numpy
import tifffile
from PIL import Image

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tiff")
EXPECTED = {}
SCALARS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
GRAY = {"photometric": "minisblack", "metadata": None}
FIXED = {"software": False, "datetime": False}
UUID = {"UUID": "6d7c1a52-0000-4000-8000-766f7874696c"}


def values(shape, dtype, seed):
    random = numpy.random.default_rng(seed)
    dtype = numpy.dtype(dtype)
    if dtype.kind == "f":
        return random.normal(size=shape).astype(dtype)
    limits = numpy.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def expect(name, array, spacing=None, **more):
    """The array has the axes (time points, channels, slices, rows, columns, samples), of which the first may be missing."""
    array = numpy.asarray(array)
    array = array.reshape((1,) * (6 - array.ndim) + array.shape)
    planar = array.transpose(0, 1, 5, 2, 3, 4)
    planar = numpy.ascontiguousarray(planar.reshape((-1,) + planar.shape[3:]))
    planar = planar.astype(planar.dtype.newbyteorder("<"))
    EXPECTED[name] = {
        "extent": list(planar.shape[:0:-1]),
        "channels": planar.shape[0],
        "scalarType": str(planar.dtype),
        "crc32": zlib.crc32(planar.tobytes()),
        "spacing": spacing,
        **more,
    }


def save(name, array, expected=None, spacing=None, more=None, **options):
    tifffile.imwrite(os.path.join(FOLDER, name), array, **FIXED, **options)
    expect(name, array[..., numpy.newaxis] if expected is None else expected, spacing, **(more or {}))


def layouts():
    for seed, name in enumerate(SCALARS):
        save(f"{name}.tif", values((3, 4, 5), name, seed), **GRAY)
    for order, name in [("<", "little"), (">", "big")]:
        for kind in ["uint16", "float32", "float64"]:
            data = values((2, 20, 33), kind, 20)
            save(f"{name}-tiles-{kind}.tif", data, byteorder=order, tile=(16, 16), bigtiff=kind == "uint16", **GRAY)
    data = values((2, 20, 33), "uint16", 21)
    for codec, tag in [("lzw", "lzw"), ("zlib", "deflate"), ("zstd", "zstd"), ("packbits", "packbits")]:
        for tile in [None, (16, 32)]:
            kind = "strips" if tile is None else "tiles"
            save(f"{tag}-{kind}.tif", data, compression=codec, tile=tile, rowsperstrip=None if tile else 6, **GRAY)
    for kind in ["uint8", "uint16", "uint32", "int16", "float32", "float64"]:
        data = values((2, 20, 33), kind, 22)
        save(f"predictor-{kind}.tif", data, compression="zlib", predictor=True, tile=(16, 16), byteorder=">", **GRAY)
    save("one-page.tif", values((4, 5), "int16", 23), **GRAY)
    centimeters = {"resolution": (20, 40), "resolutionunit": "CENTIMETER"}
    save("centimeters.tif", values((4, 5), "uint8", 24), spacing=[0.5, 0.25, 1], **centimeters, **GRAY)
    inches = {"resolution": (254, 127), "resolutionunit": "INCH"}
    save("inches.tif", values((2, 4, 5), "uint8", 25), spacing=[0.1, 0.2, 1], **inches, **GRAY)
    save("white.tif", values((4, 5), "uint8", 26), photometric="miniswhite", metadata=None)


def colors():
    for kind in ["uint8", "uint16"]:
        data = values((4, 5, 3), kind, 30)
        save(f"rgb-{kind}.tif", data, data, more={"isColor": True}, photometric="rgb", metadata=None)
    data = values((3, 4, 5), "uint8", 31)
    separate = numpy.moveaxis(data, 0, -1)
    save("rgb-planes.tif", data, separate, photometric="rgb", planarconfig="separate", metadata=None, more={"isColor": True})
    data = values((3, 20, 33), "uint16", 32)
    separate = numpy.moveaxis(data, 0, -1)
    options = {"planarconfig": "separate", "tile": (16, 16), "compression": "zlib", "predictor": True}
    save("rgb-planes-tiles.tif", data, separate, photometric="rgb", metadata=None, more={"isColor": True}, **options)
    data = values((2, 20, 33, 4), "uint8", 33)
    options = {"extrasamples": ["unassalpha"], "compression": "lzw", "predictor": True}
    save("rgba-pages.tif", data, data, photometric="rgb", metadata=None, more={"isColor": True}, **options)
    data = values((4, 5, 5), "float32", 34)
    save("samples.tif", data, data, photometric="minisblack", planarconfig="contig", metadata=None)
    map = (numpy.arange(768).reshape(3, 256) % 256 * 257).astype("uint16")
    more = {"palette": [[int(c) >> 8 for c in map[:, i]] for i in (0, 1, 200)], "isLabelMap": True}
    save("palette.tif", values((4, 5), "uint8", 35), photometric="palette", colormap=map, metadata=None, more=more)

    bits = values((5, 11), "uint8", 36) > 127
    Image.fromarray(bits).save(os.path.join(FOLDER, "pillow-1.tif"))
    expect("pillow-1.tif", bits.astype("uint8")[..., numpy.newaxis])
    data = values((5, 11), "uint8", 37)
    Image.fromarray(data).save(os.path.join(FOLDER, "pillow-L.tif"), compression="tiff_lzw", dpi=(254, 254))
    expect("pillow-L.tif", data[..., numpy.newaxis], [0.1, 0.1, 1])
    image = Image.fromarray(data % 7).convert("P")
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9, 8, 8, 8, 7, 7, 7])
    image.save(os.path.join(FOLDER, "pillow-P.tif"))
    more = {"palette": [[0, 0, 0], [255, 0, 0], [0, 0, 0]], "isLabelMap": True}
    expect("pillow-P.tif", (data % 7)[..., numpy.newaxis], **more)
    four = values((5, 11), "uint8", 38) % 16
    padded = numpy.pad(four, ((0, 0), (0, 1)))
    packed = (padded[:, ::2] << 4 | padded[:, 1::2]).tobytes()
    write_by_hand("four-bits.tif", packed, width=11, height=5, bits=4)
    expect("four-bits.tif", four[..., numpy.newaxis])


def write_by_hand(name, data, width, height, bits):
    """A page of gray samples of any number of bits, which no library here writes."""
    tags = [(256, 3, width), (257, 3, height), (258, 3, bits), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    tags += [(278, 3, height), (279, 4, len(data))]
    offset = 8 + len(data) + len(data) % 2
    table = len(tags).to_bytes(2, "little")
    for tag, kind, value in tags:
        table += tag.to_bytes(2, "little") + kind.to_bytes(2, "little") + (1).to_bytes(4, "little") + value.to_bytes(4, "little")
    head = b"II*\0" + offset.to_bytes(4, "little")
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(head + data + bytes(len(data) % 2) + table + bytes(4))


def described():
    # The axes of tifffile are (T, Z, C, Y, X, S) for ImageJ.
    data = values((2, 3, 2, 4, 5), "uint16", 40)
    planar = data.transpose(0, 2, 1, 3, 4)[..., numpy.newaxis]
    metadata = {"axes": "TZCYX", "spacing": 2.5, "unit": "um", "finterval": 0.5}
    options = {"imagej": True, "metadata": metadata, "resolution": (4, 2)}
    save("imagej-tzcyx.tif", data, planar, [0.00025, 0.0005, 0.0025], {"frames": 2}, **options)
    data = values((3, 4, 5), "float32", 41)
    metadata = {"axes": "ZYX", "spacing": 3, "unit": "mm"}
    save("imagej-zyx.tif", data, spacing=[0.5, 0.5, 3], imagej=True, metadata=metadata, resolution=(2, 2))
    data = values((2, 4, 5, 3), "uint8", 42)
    save("imagej-rgb.tif", data, data, imagej=True, metadata={"axes": "ZYXS"}, more={"isColor": True})
    data = values((6, 4, 5), "uint16", 43)
    text = "ImageJ=1.54f\nimages=6\nchannels=2\nslices=3\nhyperstack=true\nunit=\\u00B5m\nspacing=4.0\nloop=false\n"
    one = {"byteorder": ">", "photometric": "minisblack", "metadata": None, "resolution": (2, 2)}
    path = os.path.join(FOLDER, "imagej-one-page.tif")
    tifffile.imwrite(path, data[0], description=text, **one, **FIXED)
    with tifffile.TiffFile(path) as tiff:
        start, end = tiff.pages[0].dataoffsets[0], os.path.getsize(path)
    assert start + data[0].nbytes == end, "the voxels are at the end"
    # What ImageJ does with more than 4 GiB: the other images follow the first one, without fields.
    with open(path, "ab") as file:
        file.write(data[1:].astype(">u2").tobytes())
    expected = data.reshape(3, 2, 4, 5).transpose(1, 0, 2, 3)[..., numpy.newaxis]
    expect("imagej-one-page.tif", expected, [0.0005, 0.0005, 0.004])

    size = {"PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "mm", "PhysicalSizeY": 250, "PhysicalSizeZ": 2, "PhysicalSizeZUnit": "mm"}
    for axes, shape in [
        ("TCZYX", (2, 2, 3, 4, 5)),
        ("TZCYX", (2, 3, 2, 4, 5)),
        ("ZTCYX", (3, 2, 2, 4, 5)),
        ("CTZYX", (2, 2, 3, 4, 5)),
    ]:
        data = values(shape, "int16", 44)
        planar = data.transpose([axes.index(axis) for axis in "TCZYX"])[..., numpy.newaxis]
        metadata = {"axes": axes, **size, "Channel": {"Name": ["DAPI", "GFP & µ"]}, "TimeIncrement": 0.5, **UUID}
        more = {"frames": 2, "channelNames": ["DAPI", "GFP & µ"]}
        save(f"{axes.lower()}.ome.tif", data, planar, [0.5, 0.25, 2], more, ome=True, metadata=metadata)
    data = values((2, 20, 33, 3), "uint8", 45)
    options = {"ome": True, "tile": (16, 16), "compression": "zlib", "photometric": "rgb"}
    save("rgb.ome.tif", data, data, [0.5, 0.25, 2], {"isColor": True}, metadata={"axes": "ZYXS", **size, **UUID}, **options)

    path = os.path.join(FOLDER, "pyramid.ome.tif")
    data = values((64, 48), "uint8", 46)
    with tifffile.TiffWriter(path, ome=True) as writer:
        options = {"tile": (16, 16), "metadata": {"axes": "YX", "PhysicalSizeX": 2, "PhysicalSizeY": 2, **UUID}, **FIXED}
        writer.write(data, subifds=1, **options)
        writer.write(data[::2, ::2], subfiletype=1, tile=(16, 16), **FIXED)
    expect("pyramid.ome.tif", data[..., numpy.newaxis], [0.002, 0.002, 1])

    path = os.path.join(FOLDER, "thumbnail.tif")
    with tifffile.TiffWriter(path) as writer:
        for page in values((3, 8, 8), "uint8", 47):
            writer.write(page, **GRAY, **FIXED)
        writer.write(values((4, 4, 3), "uint8", 48), subfiletype=1, photometric="rgb", metadata=None, **FIXED)
    expect("thumbnail.tif", values((3, 8, 8), "uint8", 47)[..., numpy.newaxis], notes=1)


def refused():
    """Files that are not read, each with the words that say why."""
    refusals = {
        "half.tif": ("floating-point numbers of 16 bits", values((4, 5), "float16", 50), {}),
        "complex.tif": ("complex numbers of 64 bits", values((4, 5), "float32", 51).astype("complex64"), {}),
        "jpeg.tif": ("JPEG compression", values((16, 16), "uint8", 52), {"compression": "jpeg"}),
        "volumetric.tif": (
            "volumetric blocks of 16 slices",
            values((16, 16, 16), "uint8", 53),
            {"tile": (16, 16, 16), "volumetric": True},
        ),
        "cmyk.tif": ("inks (CMYK)", values((4, 5, 4), "uint8", 54), {"photometric": "separated"}),
    }
    for name, (words, data, options) in refusals.items():
        options = {"photometric": "minisblack", "metadata": None, **FIXED, **options}
        tifffile.imwrite(os.path.join(FOLDER, name), data, **options)
        EXPECTED[name] = {"refusal": words}
    with tifffile.TiffWriter(os.path.join(FOLDER, "pages.tif")) as writer:
        for size in [(4, 5), (4, 5), (4, 6)]:
            writer.write(values(size, "uint8", 55), **GRAY, **FIXED)
    EXPECTED["pages.tif"] = {"refusal": "page 2 has 6x4 pixels"}


def main():
    os.makedirs(FOLDER, exist_ok=True)
    layouts()
    colors()
    described()
    refused()
    with open(os.path.join(FOLDER, "tiff.json"), "w") as file:
        lines = [f"{json.dumps(name)}: {json.dumps(EXPECTED[name])}" for name in sorted(EXPECTED)]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


main()
