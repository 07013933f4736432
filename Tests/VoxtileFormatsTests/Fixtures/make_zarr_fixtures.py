"""Writes Zarr stores with zarr-python, and beside each the voxels and the place that a reader should find.

usage: make_zarr_fixtures.py FOLDER [--all SEED]

Without --all it writes the few small stores that lie in the folder `zarr` beside this file; with it some 300 that a test
makes anew. For NAME there are NAME.zarr, NAME.raw (all values, little-endian, in the order channels, z, y, x), and an entry in
stores.json. Made with zarr-python 3.1.6, numcodecs 0.16.6 and numpy 2.4.6.
"""

import itertools
import json
import pathlib
import random
import sys

import numcodecs
import numpy as np
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, ShardingCodec, TransposeCodec, ZstdCodec

TYPES = ["bool", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
FILLS = {"b": True, "u": 7, "i": -3, "f": float("nan")}
MILLIMETERS = {"micrometer": 1e-3, "millimeter": 1, "nanometer": 1e-6, None: 1}


def values(shape, kind, generator):
    """Random values; half floats only of numbers that they hold."""
    if kind == "bool":
        return generator.integers(0, 2, shape).astype(bool)
    if kind.startswith("f"):
        return generator.normal(0, 100, shape).astype(kind)
    bits = 8 * int(kind[1])
    low, high = (0, 2**bits - 1) if kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return generator.integers(low, high, shape, dtype=kind, endpoint=True)


def planar(array, axes):
    """The values as (channels, z, y, x), in the type of memory."""
    order = [i for i, axis in enumerate(axes) if axis not in "zyx"] + [axes.index(a) for a in "zyx" if a in axes]
    array = np.transpose(array, order)
    spatial = sum(axis in "zyx" for axis in axes)
    sizes = array.shape[array.ndim - spatial:]
    array = array.reshape((-1,) + (1,) * (3 - spatial) + sizes)
    if array.dtype == bool:
        return array.astype("u1")
    if array.dtype.kind == "f" and array.dtype.itemsize == 2:
        return array.astype("<f4")
    return array.astype(array.dtype.newbyteorder("<"))


class Stores:
    """The stores of one folder, with what is expected of each."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.entries = []

    def expect(self, name, path, array, axes, spacing=(1, 1, 1), origin=(0, 0, 0), place="unknown", labels=None):
        found = planar(array, axes)
        (self.folder / f"{name}.raw").write_bytes(np.ascontiguousarray(found).tobytes())
        self.entries.append({
            "name": name, "path": path, "type": str(found.dtype), "channels": found.shape[0], "extent": list(found.shape[:0:-1]),
            "spacing": list(spacing), "origin": list(origin), "place": place,
            "labels": array.dtype == bool if labels is None else labels})

    def array(self, name, array, chunks, axes=None, missing=0, **options):
        """An array by itself, some of whose chunks are removed after they were written."""
        path = self.folder / f"{name}.zarr"
        names = options.pop("names", None)
        if names:
            options["dimension_names"] = list(names)
        made = zarr.create_array(str(path), shape=array.shape, dtype=array.dtype, chunks=chunks, **options)
        made[...] = array
        self.remove(path, missing)
        array = zarr.open_array(str(path), mode="r")[...]
        self.expect(name, f"{name}.zarr", array, axes or names or "tczyx"[-array.ndim:])

    def remove(self, path, count):
        files = sorted(f for f in path.rglob("*") if f.is_file() and f.name[0].isalnum() and f.name != "zarr.json")
        for file in random.Random(1).sample(files, min(count, len(files))):
            file.unlink()

    def finish(self):
        (self.folder / "stores.json").write_text(json.dumps(self.entries, indent=1) + "\n")


def version2(stores, generator):
    """Every type and byte order, and every compressor, of Zarr v2."""
    compressors = [
        None, numcodecs.Zlib(1), numcodecs.GZip(5), numcodecs.Zstd(3), numcodecs.Blosc("lz4", 5, 1),
        numcodecs.Blosc("zstd", 3, 2), numcodecs.Blosc("blosclz", 5, 0), numcodecs.Blosc("lz4hc", 5, 2),
        numcodecs.Blosc("zlib", 5, 1)]
    shapes = [((11, 9), (4, 5)), ((7, 11, 9), (3, 4, 5)), ((2, 7, 11, 9), (1, 8, 4, 3)), ((2, 3, 5, 4, 6), (1, 2, 2, 3, 6))]
    cases = itertools.product(TYPES, "<>", "CF", "./")
    for number, (kind, endian, order, separator) in enumerate(cases):
        shape, chunks = shapes[number % len(shapes)]
        dtype = np.dtype(kind).newbyteorder(endian)
        stores.array(
            f"v2-{number:03}-{kind}", values(shape, kind, generator).astype(dtype), chunks, missing=2, zarr_format=2,
            compressors=compressors[number % len(compressors)], order=order, fill_value=FILLS[dtype.kind],
            chunk_key_encoding={"name": "v2", "separator": separator})


def version3(stores, generator):
    """Every type and byte order, and every chain of codecs, of Zarr v3."""
    chains = [
        [], [GzipCodec(level=5)], [ZstdCodec(level=3)], [ZstdCodec(level=1, checksum=True)],
        [BloscCodec(cname="lz4", shuffle="shuffle", typesize=2)], [BloscCodec(cname="zstd", shuffle="bitshuffle", typesize=4)],
        [BloscCodec(cname="blosclz", shuffle="noshuffle", typesize=1)], [Crc32cCodec()], [ZstdCodec(), Crc32cCodec()],
        [GzipCodec(), ZstdCodec()]]
    shapes = [((11, 9), (4, 5)), ((7, 11, 9), (3, 4, 5)), ((2, 7, 11, 9), (1, 8, 4, 3)), ((2, 3, 5, 4, 6), (1, 2, 2, 3, 6))]
    keys = [{"name": n, "separator": s} for n in ("default", "v2") for s in "./"]
    for number, (kind, endian) in enumerate(itertools.product(TYPES * 3, ["little", "big"])):
        shape, chunks = shapes[number % len(shapes)]
        array = values(shape, kind, generator)
        order = list(range(len(shape)))
        random.Random(number).shuffle(order)
        stores.array(
            f"v3-{number:03}-{kind}", array, chunks, missing=2, zarr_format=3, compressors=chains[number % len(chains)],
            serializer=BytesCodec(endian=endian), fill_value=FILLS[array.dtype.kind],
            filters=[TransposeCodec(order=order)] if number % 3 == 0 else None,
            chunk_key_encoding=keys[number % len(keys)],
            names="tczyx"[-len(shape):] if number % 2 else None)


def shards(stores, generator):
    """Chunks within chunks, with the index at either end, transposed, compressed as a whole, and within each other."""
    shape, outer, inner = (9, 13, 11), (6, 8, 4), (3, 4, 2)
    for number, (place, kind, codecs, around) in enumerate(itertools.product(
            ["start", "end"], ["u2", "f4"], [[BytesCodec()], [BytesCodec(endian="big"), ZstdCodec()],
                                             [TransposeCodec(order=(2, 0, 1)), BytesCodec(), GzipCodec(), Crc32cCodec()]],
            ["none", "gzip", "transpose", "nested"])):
        array = values(shape, kind, generator)
        array[:6, :8, :4] = 5
        array[0:3, 0:4, 0:2] = 5
        filters, chunk = None, inner
        if around == "transpose":
            filters, chunk = [TransposeCodec(order=(1, 2, 0))], (2, 2, 2)
        if around == "nested":
            codecs = [ShardingCodec(chunk_shape=(3, 2, 1), codecs=codecs, index_location=place)]
        serializer = ShardingCodec(chunk_shape=chunk, codecs=codecs, index_location=place)
        stores.array(
            f"shards-{number:02}-{around}", array, outer, zarr_format=3, serializer=serializer, filters=filters,
            compressors=[GzipCodec()] if around == "gzip" else [], fill_value=5, missing=1)


def axis(name, unit=None):
    kind = "space" if name in "zyx" else {"t": "time", "c": "channel"}[name]
    return dict(name=name, type=kind, **({"unit": unit} if unit else {}))


def ome(stores, name, array, axes, version, scale, translation, unit="millimeter", levels=2, label=False, whole=None):
    """An image with levels, where each level takes every second voxel of the one before."""
    root = stores.folder / f"{name}.zarr"
    zarr_format = 3 if version == "0.5" else 2
    group = zarr.create_group(str(root), zarr_format=zarr_format)
    datasets = []
    for level in range(levels):
        step = tuple(slice(None, None, 2**level if a in "zyx" else 1) for a in axes)
        part = array[step]
        made = group.create_array(
            str(level), shape=part.shape, dtype=part.dtype, chunks=tuple(min(5, s) for s in part.shape),
            **({"dimension_names": list(axes)} if zarr_format == 3 else {}),
            chunk_key_encoding={"name": "v2" if zarr_format == 2 else "default", "separator": "/"})
        made[...] = part
        factors = [s * (2**level if a in "zyx" else 1) for s, a in zip(scale, axes, strict=True)]
        transforms = [{"type": "scale", "scale": factors}]
        if any(translation):
            transforms.append({"type": "translation", "translation": list(translation)})
        datasets.append({"path": str(level), "coordinateTransformations": transforms})
        factor = MILLIMETERS[unit]
        place = "unknown" if unit is None and factors == [1] * len(axes) else "spacing"
        by_axis = {a: (f * factor, t * factor) for a, f, t in zip(axes, factors, translation, strict=True)}
        extra = whole or (1, 1)
        stores.expect(
            f"{name}-{level}", f"{name}.zarr" + (f"/{level}" if level else ""), part, axes,
            [by_axis.get(a, (1, 0))[0] * (extra[0] if a in axes else 1) for a in "xyz"],
            [by_axis.get(a, (1, 0))[1] * (extra[0] if a in axes else 1) for a in "xyz"], place, labels=label)
    image = {"name": name, "axes": [axis(a, unit if a in "zyx" else None) for a in axes], "datasets": datasets}
    if whole:
        image["coordinateTransformations"] = [
            {"type": "scale", "scale": [whole[0] if a in "zyx" else 1 for a in axes]}]
    content = {"multiscales": [image]}
    if label:
        content["image-label"] = {"colors": [{"label-value": 1, "rgba": [255, 0, 0, 255]}], "source": {"image": "../../"}}
    if zarr_format == 3:
        group.attrs["ome"] = dict(version=version, **content)
    else:
        image["version"] = version
        group.attrs.update(content)
    return group


def images(stores, generator, cases):
    """Images with levels: axes in any order, with channels and time, and units."""
    sizes = {"t": 2, "c": 3, "z": 6, "y": 7, "x": 9}
    for version, axes, unit in cases:
        array = values(tuple(sizes[a] for a in axes), "u2", generator)
        scale = [{"t": 1.5, "c": 1, "z": 3.0, "y": 0.5, "x": 0.25}[a] for a in axes]
        translation = [{"t": 0, "c": 0, "z": -20.0, "y": 10.5, "x": 7}[a] for a in axes]
        ome(stores, f"ome-{version}-{axes}-{unit}", array, axes, version, scale, translation, unit)


def label_images(stores, generator):
    """Labels by themselves and below an image, and a transformation of all levels."""
    labels = generator.integers(0, 4, (6, 7, 9)).astype("u1")
    for version in ["0.4", "0.5"]:
        ome(stores, f"whole-{version}", labels, "zyx", version, [1, 1, 1], [0, 0, 0], None, whole=(2, 1), levels=1)
        stores.entries[-1]["place"] = "spacing"
        group = ome(stores, f"labels-{version}", labels, "zyx", version, [1, 2, 3], [0, 0, 0], None, label=True)
        group.create_group("labels").attrs.update(
            labels=["cells"]) if version == "0.4" else group.create_group("labels").attrs.update(
            ome={"version": "0.5", "labels": ["cells"]})
        inner = Stores(stores.folder / f"labels-{version}.zarr/labels")
        ome(inner, "cells", labels, "zyx", version, [1, 1, 1], [0, 0, 0], None, levels=1, label=True)
        (inner.folder / "cells.zarr").rename(inner.folder / "cells")
        (inner.folder / "cells-0.raw").rename(stores.folder / f"cells-{version}.raw")
        stores.entries.append(dict(
            inner.entries[0], name=f"cells-{version}", path=f"labels-{version}.zarr/labels/cells"))


def small(stores, generator):
    """The stores that are kept: one of each kind."""
    array = values((4, 5, 6), "i2", generator)
    stores.array("v2-blosc", array, (4, 3, 4), zarr_format=2, compressors=numcodecs.Blosc("lz4", 5, 1), missing=1, fill_value=-3)
    stores.array("v2-zlib-F", array.astype(">i2"), (4, 3, 4), zarr_format=2, compressors=numcodecs.Zlib(1), order="F")
    stores.array("v3-zstd", array, (4, 3, 4), zarr_format=3, compressors=[ZstdCodec()], missing=1, fill_value=-3)
    stores.array(
        "v3-shards", array, (4, 6, 8), zarr_format=3, compressors=[], fill_value=9,
        serializer=ShardingCodec(chunk_shape=(2, 3, 4), codecs=[TransposeCodec(order=(2, 1, 0)), BytesCodec(), GzipCodec()]))
    stores.array(
        "v3-half", values((5, 6), "f2", generator), (3, 4), zarr_format=3, compressors=[BloscCodec(cname="zstd", typesize=2)])
    images(stores, generator, [("0.4", "zyx", "micrometer"), ("0.5", "cyx", "millimeter")])


if __name__ == "__main__":
    stores = Stores(sys.argv[1])
    if "--all" in sys.argv:
        generator = np.random.default_rng(int(sys.argv[3]))
        version2(stores, generator)
        version3(stores, generator)
        shards(stores, generator)
        orders = ["yx", "zyx", "czyx", "tzyx", "tczyx", "xyz", "zyxc", "cyx", "yxc", "xctyz"]
        images(stores, generator, itertools.product(["0.4", "0.5"], orders, ["millimeter", "micrometer"]))
        label_images(stores, generator)
    else:
        small(stores, np.random.default_rng(1))
    stores.finish()
