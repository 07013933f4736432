#!/usr/bin/env python3
"""Makes the PNG files that the tests read, and png.json with what they hold.

Run it from anywhere with a Python that has Pillow and numpy; it writes the folder png beside itself.
What Pillow cannot write (interlaced files, grey of 2 and 4 bits, RGB of 16 bits, some chunks) is written
here from the PNG specification, and read back with Pillow where Pillow can.
"""

import json
import pathlib
import re
import struct
import zlib

import numpy
import PIL
from PIL import Image, PngImagePlugin

FOLDER = pathlib.Path(__file__).parent / "png"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
files = {}


def chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def paeth(a, b, c):
    p = a + b - c
    return min((a, b, c), key=lambda value: abs(p - value))


def filtered(row, above, kind, step):
    """One row with one of the five filters of the specification, section 9.2."""
    out = bytearray([kind])
    for i, value in enumerate(row):
        a = row[i - step] if i >= step else 0
        b = above[i]
        c = above[i - step] if i >= step else 0
        guess = [0, a, b, (a + b) // 2, paeth(a, b, c)][kind]
        out.append((value - guess) & 255)
    return bytes(out)


def packed(row, depth):
    """The samples of one row, channels side by side, as bytes."""
    flat = row.reshape(-1)
    if depth == 16:
        return flat.astype(">u2").tobytes()
    if depth == 8:
        return flat.astype("u1").tobytes()
    bits = "".join(format(int(value), f"0{depth}b") for value in flat)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def scanlines(pixels, depth):
    step = max(1, pixels.shape[2] * depth // 8)
    above = None
    for y, pixel_row in enumerate(pixels):
        row = packed(pixel_row, depth)
        yield filtered(row, above or bytes(len(row)), y % 5, step)
        above = row


def encode(pixels, color, depth, interlaced=False, chunks=b"", after=b"", split=None):
    """A PNG of pixels in the shape (height, width, channels)."""
    height, width, _ = pixels.shape
    passes = [pixels]
    if interlaced:
        passes = [pixels[y0::dy, x0::dx] for x0, y0, dx, dy in ADAM7]
    raw = b"".join(line for part in passes if part.size for line in scanlines(part, depth))
    stream = zlib.compress(raw, 9)
    split = split or len(stream)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    data = b"".join(chunk(b"IDAT", stream[i : i + split]) for i in range(0, len(stream), split))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + data + after + chunk(b"IEND", b"")


def pattern(width, height, channels, depth):
    """Pixels that all differ in every direction, and use the whole range."""
    y, x, c = numpy.mgrid[0:height, 0:width, 0:channels]
    values = (x * 7919 + y * 104729 + c * 1299709 + x * y * 31) * 2654435761 >> 7
    return values % (1 << depth)


def note(name, expected, depth, **more):
    """Records what a reader should find: samples in the order (channels, height, width)."""
    height, width, channels = expected.shape
    planar = numpy.moveaxis(expected, 2, 0).reshape(-1).tolist()
    files[name] = dict(width=width, height=height, channels=channels, bitDepth=depth, samples=planar, **more)


def own(name, width, height, color, depth, **options):
    pixels = pattern(width, height, CHANNELS[color], depth)
    (FOLDER / name).write_bytes(encode(pixels, color, depth, **options))
    note(name, pixels, depth)
    if (color, depth) in {(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (4, 8), (2, 8), (6, 8)}:
        with Image.open(FOLDER / name) as image:
            found = numpy.asarray(image).astype(int).reshape(pixels.shape)
        scale = {2: 85, 4: 17}.get(depth, 1)
        assert (found == pixels * scale).all(), name


def from_pillow(name, image, expected, depth, palette=None, **options):
    image.save(FOLDER / name, **options)
    note(name, expected, depth, **({} if palette is None else {"palette": palette.tolist()}))


def pillow_files():
    for mode, channels in [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)]:
        pixels = pattern(6, 5, channels, 8)
        shaped = pixels[:, :, 0] if channels == 1 else pixels
        from_pillow(f"pillow-{mode}.png", Image.fromarray(shaped.astype("u1"), mode), pixels, 8)
    pixels = pattern(11, 3, 1, 1)
    from_pillow("pillow-1.png", Image.fromarray(pixels[:, :, 0].astype(bool)), pixels, 1)
    pixels = pattern(6, 5, 1, 16)
    from_pillow("pillow-I16.png", Image.fromarray(pixels[:, :, 0].astype("u2")), pixels, 16)
    colors = pattern(1, 256, 3, 8).reshape(256, 3)
    for bits in [1, 2, 4, 8]:
        indices = pattern(7, 5, 1, bits)[:, :, 0]
        palette = colors[: 1 << bits]
        image = Image.fromarray(indices.astype("u1"), "P")
        image.putpalette(palette.astype("u1").tobytes())
        opaque = numpy.hstack([palette, numpy.full((len(palette), 1), 255)])
        from_pillow(f"pillow-P{bits}.png", image, indices[:, :, None], bits, opaque, bits=bits)
        alpha = pattern(1, 2, 1, 8).reshape(-1)
        seen_through = opaque.copy()
        seen_through[:2, 3] = alpha
        from_pillow(
            f"pillow-P{bits}-alpha.png",
            image,
            indices[:, :, None],
            bits,
            seen_through,
            bits=bits,
            transparency=alpha.astype("u1").tobytes(),
        )


def own_files():
    depths = {0: [1, 2, 4, 8, 16], 2: [8, 16], 4: [8, 16], 6: [8, 16]}
    for color, all_depths in depths.items():
        for depth in all_depths:
            own(f"type{color}-{depth}.png", 9, 6, color, depth, split=7)
            own(f"type{color}-{depth}-adam7.png", 9, 6, color, depth, interlaced=True)
    for width, height in [(1, 1), (2, 1), (1, 3), (4, 4), (5, 5), (8, 9), (17, 3)]:
        own(f"adam7-{width}x{height}.png", width, height, 0, 8, interlaced=True)
        own(f"adam7-{width}x{height}-1bit.png", width, height, 0, 1, interlaced=True)
    colors = pattern(1, 5, 3, 8).reshape(5, 3)
    indices = pattern(6, 6, 1, 16) % 5
    data = encode(indices, 3, 4, interlaced=True, chunks=chunk(b"PLTE", colors.astype("u1").tobytes()))
    (FOLDER / "palette-adam7.png").write_bytes(data)
    opaque = numpy.hstack([colors, numpy.full((5, 1), 255)])
    note("palette-adam7.png", indices, 4, palette=opaque.tolist())
    data = encode(indices + 1, 3, 4, chunks=chunk(b"PLTE", colors.astype("u1").tobytes()))
    (FOLDER / "palette-index-out-of-range.png").write_bytes(data)


def header_files():
    # Nobody looks into a profile here, and a real one carries the date of its making.
    profile = bytes(range(256)) * 2
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "Überschrift".encode("latin-1"))
    texts.add_text("Comment", "again " * 40, zip=True)
    texts.add_itxt("Description", "Größe 5 µm ✓", lang="de", tkey="Beschreibung")
    pixels = pattern(6, 5, 3, 8)
    image = Image.fromarray(pixels.astype("u1"), "RGB")
    from_pillow("header-pillow.png", image, pixels, 8, dpi=(300, 150), pnginfo=texts, icc_profile=profile)
    files["header-pillow.png"].update(
        pixelsPerMeter=[11811, 5906], profileBytes=len(profile), texts=["Überschrift", "again " * 40, "Größe 5 µm ✓"]
    )
    numbers = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    chunks = (
        chunk(b"cHRM", numbers)
        + chunk(b"gAMA", struct.pack(">I", 45455))
        + chunk(b"sBIT", bytes([5, 6, 5]))
        + chunk(b"sRGB", b"\1")
        + chunk(b"bKGD", bytes(6))
        + chunk(b"tRNS", struct.pack(">3H", 1, 2, 3))
        + chunk(b"pHYs", struct.pack(">IIB", 2, 1, 0))
        + chunk(b"oFFs", struct.pack(">iiB", 1500, -250, 1))
        + chunk(b"tEXt", b"Empty\0")
    )
    own("header-own.png", 6, 5, 2, 8, chunks=chunks, after=chunk(b"tEXt", b"Late\0text"))
    chunks = chunk(b"sBIT", bytes([12])) + chunk(b"tRNS", struct.pack(">H", 40000))
    chunks += chunk(b"pHYs", struct.pack(">IIB", 2000, 4000, 1))
    chunks += chunk(b"oFFs", struct.pack(">iiB", -10, 20, 0))
    own("header-gray16.png", 6, 5, 0, 16, chunks=chunks)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    pillow_files()
    own_files()
    header_files()
    content = {"madeWith": f"Pillow {PIL.__version__}", "files": files}
    lines = json.dumps(content, indent=1, ensure_ascii=False, default=int)
    # One line for each list of numbers.
    lines = re.sub(r"\[[^\[\]\"]*\]", lambda m: " ".join(m[0].split()), lines)
    (FOLDER / "png.json").write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
