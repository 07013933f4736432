#!/usr/bin/env python3
"""Writes the NumPy fixtures and numpy.json with what they hold, or why they are refused.

Made with Python 3.11, numpy 2.4.6. Deterministic, but for the dates in archives.
Run: python3 make_numpy_fixtures.py
"""

import json
import os
import zlib

import numpy
from numpy.lib import format as npy

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "numpy")
READ, REFUSED = {}, {}
STORED = ["stored.npz", "one-image.npz"]


def values(shape, dtype, seed=1):
    random = numpy.random.default_rng(seed)
    dtype = numpy.dtype(dtype)
    if dtype.kind == "b":
        return random.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "f":
        array = random.normal(size=shape).astype(dtype)
        # A subnormal number, both zeros and infinities.
        array.reshape(-1)[:4] = [numpy.finfo(dtype).smallest_subnormal, -0.0, numpy.inf, -numpy.inf]
        return array
    limits = numpy.iinfo(dtype)
    return random.integers(limits.min, limits.max, shape, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)


def expect(name, array, channels=1, color=False, rank=3):
    """Notes what is read: the bytes in the order (channels, depth, height, width), little-endian."""
    if color:
        planar = numpy.moveaxis(array, 2, 0)[:, None]
    else:
        planar = array.reshape((channels,) + (1,) * (3 - min(array.ndim, 3)) + array.shape[-3:])
    kind = planar.dtype.name
    read_as = {"bool": "uint8", "float16": "float32"}.get(kind, kind)
    stored = numpy.ascontiguousarray(planar).astype(numpy.dtype(read_as).newbyteorder("<"))
    READ[name] = {
        "extent": list(planar.shape[:0:-1]),
        "channels": planar.shape[0],
        "scalarType": read_as,
        "crc32": zlib.crc32(stored.tobytes()),
        "isLabelMap": kind == "bool",
        "isRandomAccess": not name.startswith("fortran") and (name.endswith(".npy") or name in STORED),
        "spatialRank": rank,
    }


def save(name, array, version=(1, 0)):
    with open(os.path.join(FOLDER, name), "wb") as file:
        npy.write_array(file, array, version=version)


def refuse(name, words):
    REFUSED[name] = words


def arrays():
    for dtype in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "b1"]:
        for order in "<>":
            if order == ">" and dtype[1] == "1":
                continue
            array = values((3, 4, 5), order + dtype)
            name = f"{numpy.dtype(dtype).name}{'-big' if order == '>' else ''}.npy"
            save(name, array)
            expect(name, array)
    for name, shape, channels, rank in [
        ("image", (4, 5), 1, 2),
        ("channels", (2, 3, 4, 5), 2, 3),
        ("thin", (1, 4, 5), 1, 3),
        ("batch", (1, 2, 3, 4, 5), 2, 3),
    ]:
        for order, prefix in [("C", ""), ("F", "fortran-")]:
            array = numpy.asarray(values(shape, "<i2"), order=order)
            save(f"{prefix}{name}.npy", array)
            expect(f"{prefix}{name}.npy", array, channels, rank=rank)
    for order, prefix in [("C", ""), ("F", "fortran-")]:
        array = numpy.asarray(values((4, 5, 3), "u1"), order=order)
        save(f"{prefix}color.npy", array)
        expect(f"{prefix}color.npy", array, color=True, rank=2)
        array = numpy.asarray(values((3, 4, 5), ">f2"), order=order)
        save(f"{prefix}half.npy", array)
        expect(f"{prefix}half.npy", array)
    for version in [2, 3]:
        save(f"version-{version}.npy", values((3, 4, 5), "<i2"), (version, 0))
        expect(f"version-{version}.npy", values((3, 4, 5), "<i2"))


def archives():
    array = values((3, 4, 5), "<f4")
    fortran = numpy.asfortranarray(values((2, 3, 4, 5), ">i2"))
    numpy.savez(os.path.join(FOLDER, "stored.npz"), array)
    expect("stored.npz", array)
    numpy.savez_compressed(os.path.join(FOLDER, "compressed.npz"), scan=array)
    expect("compressed.npz", array)
    numpy.savez_compressed(os.path.join(FOLDER, "fortran.npz"), fortran)
    expect("fortran.npz", fortran, 2)
    numpy.savez_compressed(os.path.join(FOLDER, "one-volume.npz"), affine=numpy.eye(4), image=array, name=numpy.array("a name"))
    expect("one-volume.npz", array)
    numpy.savez(os.path.join(FOLDER, "one-image.npz"), spacing=numpy.ones(3), image=array[0])
    expect("one-image.npz", array[0], rank=2)
    numpy.savez(os.path.join(FOLDER, "two.npz"), image=array, label=array)
    refuse("two.npz", "holds 2 arrays ('image', 'label')")
    numpy.savez(os.path.join(FOLDER, "lists.npz"), a=array[0, 0], b=array[0, 0])
    refuse("lists.npz", "holds 2 arrays ('a', 'b')")


def refusals():
    for name, array, words in [
        ("complex", numpy.zeros((3, 4, 5), "c8"), "stores complex numbers ('<c8')"),
        ("objects", numpy.array([["a", None]], object), "stores Python objects ('|O')"),
        ("records", numpy.zeros((3, 4), [("a", "<f4"), ("b", "u1")]), "stores records"),
        ("text", numpy.zeros((3, 4), "U2"), "stores text ('<U2')"),
        ("dates", numpy.zeros((3, 4), "M8[s]"), "stores dates or times ('<M8[s]')"),
        ("long", numpy.zeros((3, 4), numpy.longdouble), "stores long doubles ('<f16')"),
        ("list", numpy.zeros(7, "f4"), "has the shape (7,), and that is no image"),
        ("number", numpy.zeros((), "f4"), "has the shape (), and that is no image"),
        ("empty", numpy.zeros((3, 0, 5), "f4"), "has the shape (3, 0, 5), and that is no image"),
        ("five", numpy.zeros((2, 1, 2, 2, 2), "f4"), "has the shape (2, 1, 2, 2, 2), and that is more than"),
    ]:
        save(f"{name}.npy", array)
        refuse(f"{name}.npy", words)


os.makedirs(FOLDER, exist_ok=True)
for old in os.listdir(FOLDER):
    os.remove(os.path.join(FOLDER, old))
arrays()
archives()
refusals()
with open(os.path.join(FOLDER, "numpy.json"), "w") as file:
    json.dump({"numpy": numpy.__version__, "read": READ, "refused": REFUSED}, file, indent=1, sort_keys=True)
