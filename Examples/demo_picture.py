#!/usr/bin/env python3
"""Draws the steps of the demo: a slice with the patch grid, the patches, and the merged labels.

  demo_picture.py SCAN PATCHES LABELS OUTPUT.png

SCAN and LABELS are NIfTI files of the same size. PATCHES is a folder made by `voxtile crop`.
Needs numpy, nibabel and Pillow.
"""
import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image, ImageDraw

INK, PAPER, FAINT = (32, 33, 36), (255, 255, 255), (110, 115, 122)
GRID = [(255, 176, 0), (0, 158, 115), (86, 180, 233), (230, 97, 0), (204, 121, 167), (0, 114, 178)]
TISSUES = np.array([(0, 0, 0), (86, 180, 233), (230, 159, 0), (245, 245, 245)], np.uint8)


def upright(plane):
    """Turns a plane of voxels (x, y) into image rows, with anterior at the top."""
    return np.flipud(plane.T)


def gray(plane, white):
    values = np.clip(upright(plane).astype(np.float32) / white * 255, 0, 255).astype(np.uint8)
    return Image.fromarray(values).convert("RGB")


def titled(image, title, subtitle):
    sheet = Image.new("RGB", (image.width, image.height + 40), PAPER)
    sheet.paste(image, (0, 40))
    draw = ImageDraw.Draw(sheet)
    draw.text((0, 2), title, fill=INK, font_size=16)
    draw.text((0, 22), subtitle, fill=FAINT, font_size=12)
    return sheet


def main(scan_path, patches_path, labels_path, output):
    scan = np.asanyarray(nib.load(scan_path).dataobj)
    labels = np.asanyarray(nib.load(labels_path).dataobj)
    manifest = json.loads((Path(patches_path) / "voxtile.json").read_text())
    z = scan.shape[2] // 2
    scale = 2
    white = max(float(scan[:, :, z].max()), 1)

    # The patches of one layer that contain the slice, drawn on the slice.
    holding = [p for p in manifest["patches"] if p["origin"][2] <= z < p["origin"][2] + p["extent"][2]]
    layer = [p for p in holding if p["origin"][2] == holding[0]["origin"][2]]
    whole = gray(scan[:, :, z], white).resize((scan.shape[0] * scale, scan.shape[1] * scale), Image.LANCZOS)
    draw = ImageDraw.Draw(whole)
    for number, patch in enumerate(layer):
        (x, y, _), (w, h, _) = patch["origin"], patch["extent"]
        inset = 2 * (number % 3) + 1
        top = scan.shape[1] - y - h
        box = [x * scale + inset, top * scale + inset, (x + w) * scale - inset, (top + h) * scale - inset]
        draw.rectangle(box, outline=GRID[number % len(GRID)], width=2)
    overlap = "x".join(map(str, manifest["grid"]["overlap"]))
    size = "x".join(map(str, manifest["grid"]["patch"]))
    left = titled(whole, "The scan and its patches", f"{size}, overlap {overlap}; no voxels are lost")

    # The same patches as files, in a contact sheet with anterior at the top.
    columns = sorted({p["origin"][0] for p in layer})
    rows = sorted({p["origin"][1] for p in layer}, reverse=True)
    cell = whole.height // len(rows) - 6
    sheet = Image.new("RGB", ((cell + 6) * len(columns) - 6, whole.height), PAPER)
    for number, patch in enumerate(layer):
        voxels = np.asanyarray(nib.load(Path(patches_path) / patch["file"]).dataobj)
        cut = gray(voxels[:, :, z - patch["origin"][2]], white).resize((cell, cell), Image.LANCZOS)
        ImageDraw.Draw(cut).rectangle([0, 0, cell - 1, cell - 1], outline=GRID[number % len(GRID)], width=3)
        column, row = columns.index(patch["origin"][0]), rows.index(patch["origin"][1])
        sheet.paste(cut, (column * (cell + 6), row * (cell + 6)))
    middle = titled(sheet, "Patch files for any tool", f"{len(layer)} of {len(manifest['patches'])} patches")

    painted = Image.fromarray(TISSUES[upright(labels[:, :, z])]).resize(whole.size, Image.NEAREST)
    right = titled(painted, "The tool's labels, merged", "by majority vote, in the space of the scan")

    gap = 18
    parts = [left, middle, right]
    picture = Image.new("RGB", (sum(p.width for p in parts) + gap * 4, left.height + gap * 2), PAPER)
    at = gap
    for part in parts:
        picture.paste(part, (at, gap))
        at += part.width + gap
    picture.save(output, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
