"""Makes the images of the corpus with nothing but the standard library."""

import array
import gzip
import struct
import zlib

SCALARS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
CODES = {
    "uint8": (2, "B"), "int8": (256, "b"), "uint16": (512, "H"), "int16": (4, "h"), "uint32": (768, "I"),
    "int32": (8, "i"), "uint64": (1280, "Q"), "int64": (1024, "q"), "float32": (16, "f"), "float64": (64, "d")}


def values(draw, scalar, count, kind):
    """Values of a scalar type: labels in runs, noise over the whole range, or numbers as in a scan."""
    if count > 8192:
        some = values(draw, scalar, 8191, kind)
        return (some * (count // len(some) + 1))[:count]
    is_float = scalar.startswith("float")
    bits = 8 * array.array(CODES[scalar][1]).itemsize
    if kind == "labels":
        found, label = [], 0
        while len(found) < count:
            found += [label] * draw.randint(1, 9)
            label = draw.choice([0, 1, 2, 3, 5])
        found = found[:count]
    elif kind == "noise" and not is_float:
        low = 0 if scalar.startswith("u") else -(2 ** (bits - 1))
        found = [draw.randint(low, low + 2**bits - 1) for _ in range(count)]
    elif is_float:
        found = [draw.randint(-4000, 4000) / 16 for _ in range(count)]
        for _ in range(count // 100):
            found[draw.randrange(count)] = draw.choice([0.0, -0.0, 1e-30, 3e30])
    else:
        found = [draw.randint(0, 100) for _ in range(count)]
    return array.array(CODES[scalar][1], found)


class Volume:
    """A NIfTI-1 file of one scalar type, in 2D, 3D or with several channels."""

    def __init__(self, draw, scalar, channels=None, sizes=(5, 21)):
        self.scalar = scalar
        planar = channels is None and draw.random() < 0.15
        self.size = [draw.randint(*sizes) for _ in range(2 if planar else 3)]
        self.channels = channels or (1 if planar else draw.choice([1, 1, 1, 2, 3]))
        count = self.channels
        for size in self.size:
            count *= size
        self.voxels = values(draw, scalar, count, draw.choice(["labels", "labels", "noise", "scan"]))
        self.spacing = [draw.choice([1.0, 0.5, 2.25]) for _ in range(3)]
        self.turned = draw.random() < 0.3
        self.scaling = (0.5, -3.0) if draw.random() < 0.15 else (1.0, 0.0)

    def bytes_for(self, name):
        sizes = self.size + [1] * (3 - len(self.size))
        dimensions = [len(self.size)] + sizes + [1] * 4
        if self.channels > 1:
            dimensions = [4] + sizes + [self.channels, 1, 1, 1]
        code, _ = CODES[self.scalar]
        header = bytearray(352)
        struct.pack_into("<i", header, 0, 348)
        struct.pack_into("<8h", header, 40, *dimensions)
        struct.pack_into("<hh", header, 70, code, 8 * self.voxels.itemsize)
        struct.pack_into("<8f", header, 76, 1, *self.spacing, 1, 1, 1, 1)
        struct.pack_into("<f", header, 108, 352)
        struct.pack_into("<ff", header, 112, *self.scaling)
        header[123] = 2
        struct.pack_into("<hh", header, 252, 0, 1)
        x, y, z = self.spacing
        rows = [[0, y, 0, -9], [x, 0, 0, 4], [0, 0, -z, 30]] if self.turned else [[-x, 0, 0, 9], [0, y, 0, 1], [0, 0, z, 2]]
        struct.pack_into("<12f", header, 280, *[number for row in rows for number in row])
        header[344:348] = b"n+1\0"
        data = bytes(header) + self.voxels.tobytes()
        return gzip.compress(data, mtime=0) if name.endswith(".gz") else data


class Picture:
    """A PNG of 8 or 16 bits with 1 to 4 channels."""

    def __init__(self, draw):
        self.scalar = draw.choice(["uint8", "uint16"])
        self.size = [draw.randint(5, 40), draw.randint(5, 40)]
        self.channels = draw.choice([1, 2, 3, 4])
        count = self.size[0] * self.size[1] * self.channels
        self.voxels = values(draw, self.scalar, count, draw.choice(["labels", "noise"]))

    def bytes_for(self, name):
        del name
        width, height = self.size
        samples = self.voxels
        if self.scalar == "uint16":
            samples = array.array("H", samples)
            samples.byteswap()
        data = samples.tobytes()
        row = len(data) // height
        lines = b"".join(b"\0" + data[start : start + row] for start in range(0, len(data), row))
        depth, color = 8 * samples.itemsize, [0, 4, 2, 6][self.channels - 1]
        header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


class PatchChange:
    """Another tool's work on uncompressed patch files: each patch sees something else, so that patches disagree."""

    def __init__(self, draw, scalar):
        self.seed = draw.randrange(1 << 30)
        self.code = CODES[scalar][1]
        self.is_idle = draw.random() < 0.35

    def apply(self, folder):
        if self.is_idle:
            return
        for number, file in enumerate(sorted((folder / "patches").glob("*.nii"))):
            data = file.read_bytes()
            voxels = array.array(self.code, data[352:])
            # A few other values in each patch, at places that depend on its number.
            step = 3 + (self.seed + number) % 5
            for index in range((self.seed + number) % step, len(voxels), step):
                voxels[index] = voxels[(index * 7 + number) % len(voxels)]
            file.write_bytes(data[:352] + voxels.tobytes())
