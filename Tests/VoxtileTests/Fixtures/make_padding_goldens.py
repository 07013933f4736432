"""Writes padding.json: which voxel numpy.pad puts where, for every mode and short axes.

    python3 Tests/VoxtileTests/Fixtures/make_padding_goldens.py

A row holds the voxel numbers 0...length-1 and is padded by as many voxels on each side; a voxel
that the constant mode makes up is -1.
"""

import json
import pathlib

import numpy as np

PADDING = 15
LENGTHS = range(1, 7)


def padded_row(length, mode):
    options = {"constant_values": -1} if mode == "constant" else {}
    return np.pad(np.arange(length), PADDING, mode=mode, **options).tolist()


fixture = {
    "numpy": np.__version__,
    "padding": PADDING,
    "rows": {
        mode: {str(length): padded_row(length, mode) for length in LENGTHS}
        for mode in ["constant", "edge", "reflect", "symmetric", "wrap"]
    },
}
target = pathlib.Path(__file__).with_name("padding.json")
target.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
