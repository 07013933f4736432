"""Folders of results of many scans that were never predicted, for the test of their page: a journal, and small pictures."""
import json
import random
import struct
import zlib
from pathlib import Path

LABELS = [(1, "liver", 1480, 170), (2, "spleen", 210, 40), (3, "left kidney", 165, 22), (4, "right kidney", 160, 22),
          (5, "pancreas", 82, 14), (6, "gallbladder", 31, 9), (7, "aorta", 120, 15)]
SPACING = [0.8, 0.8, 2.5]
SIDE = 96
"""Colors of the pictures: 24 grays, and 24 grays under the color of each of two labels."""
SHADES = 24
COLORS = [(90, 176, 100), (230, 190, 140)]


def picture(source):
    """A palette PNG of a body with noise and two organs; about as large as that of a real scan."""
    width, height = SIDE, SIDE - source.randrange(24)
    tall, wide = 0.42 + 0.04 * source.random(), 0.44 + 0.04 * source.random()
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            u, v = (x / width - 0.5) / wide, (y / height - 0.5) / tall
            inside = u * u + v * v
            gray = 0 if inside > 1 else 20 - source.randrange(3) if inside > 0.86 else 9 + int(4 * u * v) + source.randrange(3)
            organ = 1 if (u + 0.45) ** 2 + (1.2 * v + 0.1) ** 2 < 0.17 else 2 if (u - 0.55) ** 2 + (v - 0.2) ** 2 < 0.04 else 0
            rows.append(organ * SHADES + gray)
    grays = [255 * shade // (SHADES - 1) for shade in range(SHADES)]
    palette = bytes(part for gray in grays for part in (gray, gray, gray))
    for color in COLORS:
        palette += bytes(int(0.45 * gray + 0.55 * part) for gray in grays for part in color)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)) + chunk(b"PLTE", palette)
            + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b""))


def findings(source):
    """What was found in a scan that is like the others."""
    labels = []
    for label, name, usual, spread in LABELS:
        milliliters = max(0.1, source.gauss(usual, spread))
        voxels = round(milliliters * 1000 / (SPACING[0] * SPACING[1] * SPACING[2]))
        labels.append({"label": label, "name": name, "voxels": voxels, "milliliters": milliliters})
    patches = source.randrange(40, 120)
    seconds = patches * source.uniform(0.18, 0.24)
    return {"extent": [512, 512, source.randrange(90, 180)], "spacing": SPACING,
            "patches": patches, "skippedPatches": patches // 5, "seconds": seconds,
            "networkSeconds": seconds * 0.9, "peakMemoryBytes": 900 << 20, "labels": labels,
            "meanConfidence": source.uniform(0.93, 0.98), "disagreement": source.uniform(0.008, 0.02), "warnings": []}


def entry(name, found=None, failure=None):
    """A line of the journal: done with findings, failed with a message, else begun only."""
    event = "done" if found else "failed" if failure else "started"
    made = {"name": name, "event": event, "date": "2026-01-31T12:00:00Z", "outputs": []}
    if found:
        made["findings"] = found
        made["outputs"] = [{"name": f"{name}.nii.gz", "kind": "labels", "bytes": 352, "checksum": "crc32:00000000"}]
    if failure:
        made["failure"] = {"code": "malformedFile", "message": failure}
    return made


def write(folder, entries, seed=1):
    """Writes a journal, and a picture of each scan that is done."""
    source = random.Random(seed)
    pictures = [picture(source) for _ in range(12)]
    lines = []
    for number, one in enumerate(entries):
        text = json.dumps(one, sort_keys=True, ensure_ascii=False).encode()
        lines.append(f"{zlib.crc32(text):08x} ".encode() + text + b"\n")
        if "findings" in one:
            path = Path(folder, ".voxtile-thumbnails", f"{one['name']}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pictures[number % len(pictures)])
    Path(folder, "voxtile.journal").write_bytes(b"".join(lines))


def large(folder, count=1000, seed=7):
    """Many scans: one far from the others, two a little, some failures, one begun only, and one whose name is no HTML."""
    source = random.Random(seed)
    found = {f"sub-{number:04}": findings(source) for number in range(1, count + 1)}
    worst = found["sub-0417"]
    worst["labels"][0].update(voxels=7500, milliliters=12.0)
    worst["disagreement"] = 0.31
    worst["meanConfidence"] = 0.71
    worst["warnings"] = ["the voxels of the scan are 5 mm thick, and the network was trained with 1.5 mm"]
    found["sub-0101"]["labels"] = [label for label in found["sub-0101"]["labels"] if label["label"] != 2]
    found["sub-0777"]["labels"][2]["milliliters"] = 420.0
    entries = [entry(name, values) for name, values in found.items()]
    for number in (12, 300, 301, 302, 999):
        name = f"sub-{number:04}"
        entries[number - 1] = entry(name, failure=f"scans/{name}.nii.gz: ends after 1,048,576 of 94,371,840 bytes; copy it again")
    entries[499] = entry("sub-0500")
    entries[599] = entry("site 2/<b>sub-0600</b>&", found["sub-0600"])
    write(folder, entries)


def small(folder, seed=3):
    """Three scans, too few to compare."""
    source = random.Random(seed)
    write(folder, [entry(f"sub-{number}", findings(source)) for number in range(1, 4)])


def warned(folder, seed=4):
    """Six scans, of which five have the same warning and one of them another one."""
    source = random.Random(seed)
    found = [findings(source) for _ in range(6)]
    for one in found[:5]:
        one["warnings"].append("the voxels are twice as thick as those that the network was trained with")
    found[0]["warnings"].append("the scan is very small")
    write(folder, [entry(f"sub-{number}", one) for number, one in enumerate(found)])
