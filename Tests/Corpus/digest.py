"""What a job wrote, as one number that does not depend on how well a compressor compresses."""

import gzip
import hashlib
import json
import struct
import zlib


def of_folder(folder, outputs, statuses):
    """The first 16 hexadecimal digits of a SHA-256 over the exit statuses and all files of the outputs."""
    total = hashlib.sha256(repr(statuses).encode())
    for output in outputs:
        path = folder / output
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                total.update(file.relative_to(folder).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(content(file)).digest())
    return total.hexdigest()[:16]


def content(file):
    """The bytes of a file that count."""
    data = file.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    if data.startswith(b"\x89PNG"):
        return uncompressed_png(data)
    if file.name == "voxtile.json":
        return manifest(data)
    return data


def uncompressed_png(data):
    """The chunks of a PNG, its filtered rows inflated."""
    parts, rows, offset = [], b"", 8
    while offset < len(data):
        (length,) = struct.unpack_from(">I", data, offset)
        kind, body = data[offset + 4 : offset + 8], data[offset + 8 : offset + 8 + length]
        if kind == b"IDAT":
            rows += body
        else:
            parts.append(kind + body)
        offset += 12 + length
    return b"".join(parts) + zlib.decompress(rows)


def manifest(data):
    """A manifest without the checksums of files, and without the program that wrote it."""
    value = json.loads(data)
    value.pop("program", None)
    for patch in value.get("patches", []):
        patch.pop("checksum", None)
    return json.dumps(value, sort_keys=True).encode()
