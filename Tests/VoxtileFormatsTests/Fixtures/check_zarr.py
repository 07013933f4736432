"""Reads stores with zarr-python and compares them with what they should hold.

usage: check_zarr.py LIST

LIST is JSON: for each store its path, the version of Zarr, the sizes, names and units of its axes, the numpy type, a file with
all values in the order of the axes, scale and translation. Prints how many were checked. Written for zarr-python 3.1.6.
"""

import json
import pathlib
import sys

import numpy as np
import zarr


def check(entry):
    group = zarr.open_group(entry["path"], mode="r")
    assert group.metadata.zarr_format == entry["version"], entry["path"]
    attributes = group.attrs.asdict()
    ome = attributes["ome"] if entry["version"] == 3 else attributes
    image = ome["multiscales"][0]
    assert (ome if entry["version"] == 3 else image)["version"] == ("0.5" if entry["version"] == 3 else "0.4")
    assert [axis["name"] for axis in image["axes"]] == entry["axes"], image["axes"]
    assert [axis.get("unit") for axis in image["axes"]] == entry["units"], image["axes"]
    transforms = {t["type"]: t[t["type"]] for t in image["datasets"][0]["coordinateTransformations"]}
    np.testing.assert_allclose(transforms["scale"], entry["scale"], rtol=1e-12)
    np.testing.assert_allclose(
        transforms.get("translation", [0] * len(entry["axes"])), entry["translation"], rtol=1e-12, atol=1e-12)
    assert ("image-label" in ome) == entry["labels"], ome
    array = group[image["datasets"][0]["path"]]
    assert list(array.shape) == entry["shape"], array.shape
    if entry["version"] == 3:
        assert list(array.metadata.dimension_names) == entry["axes"]
    expected = np.frombuffer(pathlib.Path(entry["values"]).read_bytes(), entry["type"]).reshape(entry["shape"])
    found = array[...]
    assert found.dtype == expected.dtype and found.tobytes() == expected.tobytes(), entry["path"]
    for level in image["datasets"][1:]:
        assert group[level["path"]].dtype == expected.dtype


entries = json.loads(pathlib.Path(sys.argv[1]).read_text())
for entry in entries:
    check(entry)
print("checked", len(entries))
