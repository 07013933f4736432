#!/usr/bin/env python3
"""Writes the MGH fixtures and mgh.json with what nibabel reads from them.

Made with Python 3.11, numpy 2.4.6, nibabel 5.4.2. Deterministic: equal versions write equal bytes, but for times in .mgz.
Run: python3 make_mgh_fixtures.py
"""

import json
import os
import zlib

import nibabel
import numpy

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mgh")
EXPECTED = {}

OBLIQUE = numpy.array([[0.0, -1.25, 0.3, 12.5], [-0.9, 0.1, 0.05, -40.25], [0.02, 0.2, 2.5, 7.75], [0, 0, 0, 1]])
CORONAL = numpy.array([[-1.0, 0, 0, 5], [0, 0, 1.0, -7], [0, -1.0, 0, 11], [0, 0, 0, 1]])


def values(shape, dtype):
    random = numpy.random.default_rng(1)
    if dtype == "f4":
        return random.normal(size=shape).astype(dtype)
    limits = numpy.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def save(name, array, affine, times=None):
    image = nibabel.MGHImage(array, affine)
    if times:
        image.header["tr"], image.header["flip_angle"], image.header["te"], image.header["ti"] = times
    path = os.path.join(FOLDER, name)
    nibabel.save(image, path)
    note(name)


def note(name):
    image = nibabel.load(os.path.join(FOLDER, name))
    array = numpy.asarray(image.dataobj)
    array = array.reshape(array.shape + (1,) * (4 - array.ndim))
    stored = array.T.astype(array.dtype.newbyteorder("<"))
    EXPECTED[name] = {
        "extent": list(array.shape[:3]),
        "channels": array.shape[3],
        "scalarType": array.dtype.newbyteorder("=").name,
        "crc32": zlib.crc32(stored.tobytes()),
        "affine": image.affine[:3].tolist(),
    }


os.makedirs(FOLDER, exist_ok=True)
for old in os.listdir(FOLDER):
    os.remove(os.path.join(FOLDER, old))
for dtype, name in [("u1", "uint8"), ("i2", "int16"), ("i4", "int32"), ("f4", "float32"), ("u2", "uint16")]:
    save(f"{name}.mgh", values((5, 4, 3), dtype), OBLIQUE)
save("coronal.mgz", values((5, 4, 3), "i2"), CORONAL)
save("series.mgz", values((5, 4, 3, 2), "f4"), OBLIQUE)
save("series.mgh", values((5, 4, 3, 2), "i2"), OBLIQUE, (2300, 0.157, 2.01, 900))
with open(os.path.join(FOLDER, "mgh.json"), "w") as file:
    json.dump(EXPECTED, file, indent=1, sort_keys=True)
