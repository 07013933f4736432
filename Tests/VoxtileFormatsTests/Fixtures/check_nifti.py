#!/usr/bin/env python3
"""Compares NIfTI files with what their writer says they hold, as nibabel reads them.

Usage: check_nifti.py LIST.json; prints one line for each difference. An entry of the list has:
path, version, bigEndian, shape (x first, as nibabel gives it), datatype (NIfTI code), crc32 (of the bytes of
the voxels as stored, little-endian, in the order of the file), and optionally: affine (3 rows; compared
to 1e-4 with the best affine), qform (the same with the qform), scaling ([slope, intercept]), intent.
"""

import json
import sys
import zlib

import nibabel
import numpy


def close(a, b):
    return numpy.allclose(numpy.asarray(a)[:3], numpy.asarray(b), rtol=0, atol=1e-4)


def differences(entry):
    image = nibabel.load(entry["path"])
    header = image.header
    stored = numpy.asarray(image.dataobj.get_unscaled())
    stored = stored.astype(stored.dtype.newbyteorder("<"), copy=False)
    found = {
        "version": 2 if isinstance(header, nibabel.Nifti2Header) else 1,
        "bigEndian": header.endianness == ">",
        "shape": list(image.shape),
        "datatype": int(header["datatype"]),
        "crc32": zlib.crc32(stored.tobytes(order="F")),
        "intent": int(header["intent_code"]),
        "scaling": [float(image.dataobj.slope), float(image.dataobj.inter)],
    }
    for key, value in found.items():
        if key in entry and entry[key] != value:
            yield f"{key} is {value}, not {entry[key]}"
    if "affine" in entry and not close(image.affine, entry["affine"]):
        yield f"affine is {image.affine.tolist()}, not {entry['affine']}"
    if "qform" in entry and not close(header.get_qform(), entry["qform"]):
        yield f"qform is {header.get_qform().tolist()}, not {entry['qform']}"


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
