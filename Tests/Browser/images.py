"""Synthetic images for the browser tests, written with Python's standard library only."""
import struct
import zlib
from pathlib import Path

WIDTH, HEIGHT, DEPTH = 30, 26, 17


def nifti(path, value, size=(WIDTH, HEIGHT, DEPTH), spacing=(2, 1.5, 3), kind="h", channels=None):
    """
    Writes a NIfTI file (h: int16, i: int32, f: float32) with LAS orientation: x left, y anterior, z superior.

    With channels, `value` is called with the channel, too.
    """
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 5 if channels else 3, *size, 1, channels or 1, 1, 1)
    struct.pack_into("<2h", header, 70, *{"h": (4, 16), "i": (8, 32), "f": (16, 32)}[kind])
    struct.pack_into("<8f", header, 76, 1, *spacing, 0, 0, 0, 0)
    struct.pack_into("<f", header, 108, 352)
    struct.pack_into("<2h", header, 252, 0, 1)
    for row in range(3):
        numbers = [0.0] * 4
        numbers[row] = -spacing[row] if row == 0 else spacing[row]
        struct.pack_into("<4f", header, 280 + 16 * row, *numbers)
    header[344:348] = b"n+1\0"
    more = [(c,) for c in range(channels)] if channels else [()]
    voxels = (value(x, y, z, *c) for c in more for z in range(size[2]) for y in range(size[1]) for x in range(size[0]))
    count = size[0] * size[1] * size[2] * len(more)
    Path(path).write_bytes(bytes(header) + struct.pack(f"<{count}{kind}", *voxels))


def png(path, width, height):
    """Writes an RGB image."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in (x % 256, y % 256, 90)) for y in range(height))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def brain_like(x, y, z):
    return (x * x + 3 * y * z) % 201 - 100
