#!/usr/bin/env python3
"""Writes the NIfTI fixtures and nifti.json with what nibabel reads from them.

Made with Python 3.11, numpy 2.4.6, nibabel 5.4.2. Deterministic: equal versions write equal bytes.
Run: python3 make_nifti_fixtures.py
"""

import json
import os
import zlib

import nibabel
import numpy

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nifti")
EXPECTED = {}

OBLIQUE = numpy.array(
    [
        [0.0, -1.25, 0.3, 12.5],
        [-0.9, 0.1, 0.05, -40.25],
        [0.02, 0.2, 2.5, 7.75],
        [0, 0, 0, 1],
    ]
)
ANGLE = numpy.deg2rad(25)
ROTATED = numpy.array(
    [
        [-0.8 * numpy.cos(ANGLE), 1.5 * numpy.sin(ANGLE), 0, 11],
        [0.8 * numpy.sin(ANGLE), 1.5 * numpy.cos(ANGLE), 0, -22],
        [0, 0, 3.0, 33],
        [0, 0, 0, 1],
    ]
)


def values(shape, dtype, seed):
    random = numpy.random.default_rng(seed)
    dtype = numpy.dtype(dtype)
    if dtype.names:
        array = numpy.zeros(shape, dtype)
        for name in dtype.names:
            array[name] = random.integers(0, 256, shape)
        return array
    if dtype.kind == "c":
        return (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(dtype)
    if dtype.kind == "f":
        return random.normal(size=shape).astype(dtype)
    limits = numpy.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def planar(array):
    """The bytes in the order (channels, depth, height, width), little-endian."""
    if array.dtype.names:
        array = numpy.stack([array[name] for name in array.dtype.names], axis=-1)
        components = array.shape[-1]
    elif array.dtype.kind == "c":
        array = numpy.stack([array.real, array.imag], axis=-1)
        components = 2
    else:
        array = array[..., numpy.newaxis]
        components = 1
    spatial = list(array.shape[:-1]) + [1] * (3 - (array.ndim - 1))
    array = array.reshape(spatial[:3] + [-1, components], order="F")
    array = array.transpose(3, 4, 2, 1, 0)
    flat = array.reshape((-1,) + array.shape[2:])
    return numpy.ascontiguousarray(flat.astype(flat.dtype.newbyteorder("<")))


def save(name, image, intent=None):
    path = os.path.join(FOLDER, name)
    if intent is not None:
        image.header["intent_code"] = intent
    nibabel.save(image, path)
    read = nibabel.load(path)
    raw = read.dataobj.get_unscaled()
    channels = planar(numpy.asarray(raw))
    slope, inter = read.dataobj.slope, read.dataobj.inter
    EXPECTED[name] = {
        "extent": list(channels.shape[:0:-1]),
        "channels": channels.shape[0],
        "scalarType": str(channels.dtype),
        "crc32": zlib.crc32(channels.tobytes()),
        "affine": read.affine[:3].tolist(),
        "scaling": None if (slope, inter) == (1, 0) else [float(slope), float(inter)],
        "isLabelMap": int(read.header["intent_code"]) == 1002,
    }


def main():
    os.makedirs(FOLDER, exist_ok=True)
    one, two = nibabel.Nifti1Image, nibabel.Nifti2Image
    scalars = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
    for seed, name in enumerate(scalars):
        save(f"{name}.nii.gz", one(values((5, 4, 3), name, seed), OBLIQUE, dtype=name))

    header = nibabel.Nifti1Header(endianness=">")
    header.set_data_dtype("int16")
    save("big-endian.nii", one(values((5, 4, 3), "int16", 20), OBLIQUE, header))
    header = nibabel.Nifti2Header(endianness=">")
    header.set_data_dtype("float64")
    save("big-endian-2.nii.gz", two(values((3, 4, 5), "float64", 21), ROTATED, header))
    save("version-2.nii", two(values((3, 4, 5), "uint16", 22), OBLIQUE))

    header = nibabel.Nifti1Header()
    header.set_data_dtype("int16")
    header.set_slope_inter(0.25, -12)
    real = values((4, 3, 2), "int16", 23) * 0.25 - 12
    save("scaled.nii", one(real, OBLIQUE, header))

    image = one(values((4, 3, 2), "uint8", 24), None)
    image.header.set_zooms((2, 3, 4))
    save("voxel-sizes-only.nii", image)

    image = one(values((4, 3, 2), "uint8", 25), None)
    image.set_sform(None, 0)
    image.set_qform(ROTATED, 1)
    save("qform.nii", image)

    image = one(values((4, 3, 2), "uint8", 26), None)
    image.set_sform(OBLIQUE, 4)
    image.set_qform(ROTATED, 1)
    image.header["descrip"] = b"both transforms"
    image.header.set_xyzt_units("mm", "sec")
    save("both.nii", image)

    save("labels.nii.gz", one(values((4, 3, 2), "uint8", 27), OBLIQUE), intent=1002)
    save("planar.nii", one(values((6, 5), "float32", 28), ROTATED))
    save("series.nii.gz", one(values((4, 3, 2, 5), "int16", 29), OBLIQUE))
    save("vectors.nii", one(values((4, 3, 2, 1, 3), "float32", 30), OBLIQUE), intent=1007)
    rgb = numpy.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    save("rgb.nii", one(values((4, 3, 2), rgb, 31), OBLIQUE))
    rgba = numpy.dtype([("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")])
    save("rgba.nii.gz", one(values((4, 3, 2), rgba, 32), OBLIQUE))
    save("complex64.nii", one(values((4, 3, 2), "complex64", 33), OBLIQUE))
    save("complex128.nii.gz", one(values((4, 3, 2, 2), "complex128", 34), OBLIQUE))

    image = one(values((4, 3, 2), "int32", 35), OBLIQUE)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"first"))
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"second, " * 5))
    save("extensions.nii", image)

    pair = nibabel.Nifti1Pair(values((4, 3, 2), "int16", 36), OBLIQUE)
    save("pair.hdr", pair)

    with open(os.path.join(FOLDER, "nifti.json"), "w") as file:
        lines = [f"{json.dumps(name)}: {json.dumps(EXPECTED[name])}" for name in sorted(EXPECTED)]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


main()
