#!/usr/bin/env python3
"""Draws a scan and the tissues that a network found in it, in three planes.

  tissue_picture.py SCAN LABELS OUTPUT.png

SCAN and LABELS are NIfTI files of the same size in RAS orientation. Labels are 0 background, 1 CSF, 2 gray matter and
3 white matter. Needs numpy, nibabel and Pillow.
"""
import sys

import nibabel as nib
import numpy as np
from PIL import Image, ImageDraw

INK, PAPER, FAINT = (32, 33, 36), (255, 255, 255), (110, 115, 122)
NAMES = ["background", "CSF", "gray matter", "white matter"]
TISSUES = np.array([(0, 0, 0), (86, 180, 233), (230, 159, 0), (245, 245, 245)], np.uint8)
SCALE = 2


def planes(volume):
    """One axial, coronal and sagittal plane, with superior or anterior at the top."""
    x, y, z = (size // 2 for size in volume.shape)
    return [np.flipud(plane.T) for plane in (volume[:, :, z], volume[:, y + 15, :], volume[x + 10, :, :])]


def enlarged(image, how):
    return image.resize((image.width * SCALE, image.height * SCALE), how)


def main(scan_path, labels_path, output):
    image = nib.load(scan_path)
    scan = np.asanyarray(image.dataobj).astype(np.float32)
    labels = np.asanyarray(nib.load(labels_path).dataobj)
    white = max(float(np.percentile(scan[scan > 0], 99.5)), 1)
    grays = [Image.fromarray(np.clip(p / white * 255, 0, 255).astype(np.uint8)).convert("RGB") for p in planes(scan)]
    colors = [Image.fromarray(TISSUES[p]) for p in planes(labels)]
    rows = [
        [enlarged(i, Image.LANCZOS) for i in grays],
        [enlarged(i, Image.NEAREST) for i in colors],
    ]
    gap, head = 14, 46
    width = sum(i.width for i in rows[0]) + gap * 4
    height = max(i.height for i in rows[0])
    sheet = Image.new("RGB", (width, 2 * (height + gap) + head + gap), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((gap, 4), "A brain that was not in the training set, and the tissues found in it", fill=INK, font_size=17)
    at = gap
    volumes = np.bincount(labels.ravel(), minlength=4) * float(np.prod(image.header.get_zooms()[:3])) / 1000
    for label in (1, 2, 3):
        draw.rectangle([at, 30, at + 10, 40], fill=tuple(TISSUES[label]), outline=FAINT)
        text = f"{NAMES[label]} {volumes[label]:.0f} ml"
        draw.text((at + 15, 28), text, fill=FAINT, font_size=12)
        at += 30 + int(draw.textlength(text, font_size=12))
    for number, row in enumerate(rows):
        at, top = gap, head + gap // 2 + number * (height + gap)
        for part in row:
            sheet.paste(part, (at, top + (height - part.height) // 2))
            at += part.width + gap
    sheet.save(output, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
