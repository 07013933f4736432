#!/usr/bin/env python3
"""Writes the JPEG fixtures and jpeg.json with the pixels that Pillow reads from them.

Made with Python 3.11, numpy 2.4.6, Pillow 13.0.0 (libjpeg-turbo 3.2.0). Deterministic: equal versions write equal bytes.
Run: python3 make_jpeg_fixtures.py
"""

import json
import os

import numpy
from PIL import Image

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jpeg")
EXPECTED = {}


def picture(height, width, channels):
    """Smooth waves with some noise, so that neither edges nor colors are simple."""
    y, x, c = numpy.mgrid[0:height, 0:width, 0:channels]
    waves = 128 + 90 * numpy.sin(x / 4.0 + c) * numpy.cos(y / 5.0 - c)
    noise = numpy.random.default_rng(1).normal(size=waves.shape) * 6
    return numpy.clip(waves + noise, 0, 255).astype(numpy.uint8)


def save(name, array, **options):
    Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array).save(os.path.join(FOLDER, name), **options)


def expect(name, orientation=1):
    with Image.open(os.path.join(FOLDER, name)) as image:
        values = numpy.atleast_3d(numpy.asarray(image))
    EXPECTED[name] = {
        "extent": [values.shape[1], values.shape[0], 1],
        "channels": values.shape[2],
        "orientation": orientation,
        "samples": numpy.moveaxis(values, 2, 0).reshape(-1).tolist(),
    }


os.makedirs(FOLDER, exist_ok=True)
for old in os.listdir(FOLDER):
    os.remove(os.path.join(FOLDER, old))
save("gray.jpg", picture(19, 23, 1), quality=90)
save("sampled.jpg", picture(19, 23, 3), quality=80)
save("full.jpg", picture(17, 16, 3), quality=95, subsampling=0)
save("progressive.jpg", picture(19, 23, 3), quality=85, progressive=True)
save("restart.jpg", picture(33, 20, 3), quality=85, restart_marker_blocks=2)
save("pixel.jpg", picture(1, 1, 1), quality=90)
for name in ["gray.jpg", "sampled.jpg", "full.jpg", "progressive.jpg", "restart.jpg", "pixel.jpg"]:
    expect(name)
for orientation in [6, 8]:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    exif[0x0112] = orientation
    save(f"turned-{orientation}.jpg", picture(9, 14, 3), quality=90, exif=exif)
    expect(f"turned-{orientation}.jpg", orientation)
Image.frombytes("CMYK", (8, 8), picture(8, 8, 4).tobytes()).save(os.path.join(FOLDER, "cmyk.jpg"))
with open(os.path.join(FOLDER, "jpeg.json"), "w") as file:
    json.dump(EXPECTED, file, sort_keys=True)
