#!/usr/bin/env python3
"""Compares MetaImage and NRRD files with what their writer says they hold, as SimpleITK and, for NRRD, pynrrd read them.

Usage: check_text_headers.py LIST.json; prints one line for each difference. An entry of the list has: path, extent (x, y, z),
channels, scalarType, crc32 (of the voxels in the order (channels, z, y, x), little-endian), and affine (3 rows, RAS; compared
to 1e-5).
"""

import json
import sys
import zlib

import nrrd
import numpy
import SimpleITK
from make_text_header_fixtures import itk_affine, itk_channels


def checksum(channels):
    return zlib.crc32(numpy.ascontiguousarray(channels.astype(channels.dtype.newbyteorder("<"))).tobytes())


def described(channels):
    return {
        "extent": list(channels.shape[:0:-1]), "channels": channels.shape[0],
        "scalarType": channels.dtype.newbyteorder("=").name, "crc32": checksum(channels),
    }


def by_pynrrd(path):
    array, header = nrrd.read(path, index_order="C")
    spatial = sum(kind == "domain" for kind in header["kinds"])
    if header["kinds"][0] != "domain":
        array = numpy.moveaxis(array, -1, 0)
    elif spatial == array.ndim:
        array = array[numpy.newaxis]
    if spatial == 2:
        array = array[:, numpy.newaxis]
    return array


def differences(entry):
    image = SimpleITK.ReadImage(entry["path"])
    readers = {"SimpleITK": described(itk_channels(image))}
    if entry["path"].endswith(("nrrd", "nhdr")):
        readers["pynrrd"] = described(by_pynrrd(entry["path"]))
    for reader, found in readers.items():
        for key, value in found.items():
            if entry[key] != value:
                yield f"{reader}: {key} is {value}, not {entry[key]}"
    affine = itk_affine(image)
    if not numpy.allclose(affine, entry["affine"], rtol=0, atol=1e-5):
        yield f"affine is {affine.tolist()}, not {entry['affine']}"


def main():
    with open(sys.argv[1]) as file:
        entries = json.load(file)
    for entry in entries:
        try:
            for difference in differences(entry):
                print(f"{entry['path']}: {difference}")
        except Exception as error:
            print(f"{entry['path']}: {type(error).__name__}: {error}")
    print(f"checked {len(entries)}")


main()
