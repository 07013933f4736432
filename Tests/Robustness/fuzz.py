#!/usr/bin/env python3
"""Feeds the program damaged files and odd arguments, and checks that it ends in order.

  fuzz.py PROGRAM            300 inputs (about 15 s)
  fuzz.py PROGRAM --long     10,000 inputs
  fuzz.py PROGRAM --seed 7   other damage

NIfTI, compressed NIfTI, PNG and manifests get bytes changed, cut, repeated or replaced by extreme numbers; command lines get
arguments dropped, doubled and replaced. The program has to end within ten seconds, with an exit status of 0, 1 or 64 and,
where it is not 0, with a message. Inputs that break this are kept in the folder that is printed. Nothing but Python's
standard library is needed.
"""

import argparse
import gzip
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

EXTREMES = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
ARGUMENTS = [
    "", "-", "--", "-1", "0", "1e999", "nan", "9223372036854775807", "99999999999999999999", "0x10", "1x2x3x4", "50%",
    "101%", "\n", "\x1b[31m", "é", "a" * 5000, "/", ".", "..", "/dev/null", "/dev/zero", "--force", "--json", "--help",
]


def nifti():
    """A NIfTI-1 file of 12 x 10 x 8 integers of 16 bits."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, 12, 10, 8, 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 4, 16)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    struct.pack_into("<hh", header, 252, 1, 1)
    struct.pack_into("<12f", header, 280, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
    header[344:348] = b"n+1\0"
    return bytes(header) + bytes(i % 251 for i in range(2 * 12 * 10 * 8))


def png():
    """A PNG of 12 x 10 gray pixels."""

    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 12, 10, 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + bytes((x * y) % 256 for x in range(12)) for y in range(10))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def damaged(content, draw):
    """The bytes with one to four kinds of damage."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        kind = draw.randrange(5)
        at = draw.randrange(max(1, min(len(data), 400 if draw.random() < 0.7 else len(data))))
        if kind == 0 and data:
            data[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at:at] = data[at : at + draw.randint(1, 64)]
        elif kind == 3:
            size = draw.choice([1, 2, 4, 8])
            value = draw.choice(EXTREMES) & ((1 << (8 * size)) - 1)
            data[at : at + size] = value.to_bytes(size, draw.choice(["little", "big"]))
        else:
            data[at : at + 4] = struct.pack("<f", draw.choice([float("nan"), float("inf"), -1e38, 0.0, 1e-45]))
    return bytes(data)


def text_damaged(text, draw):
    """A manifest with a number, a word or a bracket changed."""
    words = text.split()
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(words))
        words[at] = draw.choice(
            ["0", "-1", "1e400", "9223372036854775808", "null", "[]", "{}", '"x"', "[[", "true", "", words[at] * 3])
    return " ".join(words)


class Fuzz:
    def __init__(self, program, folder, kept, draw):
        self.program, self.folder, self.kept, self.draw = program, folder, kept, draw
        self.failures = 0

    def run(self, arguments, words, inputs=()):
        try:
            process = subprocess.run(
                [self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
            status, message = process.returncode, process.stderr + process.stdout
        except subprocess.TimeoutExpired:
            status, message = "more than 10 s", b""
        if status in (0, 1, 64) and (status == 0 or message.strip()):
            return
        self.failures += 1
        place = self.kept / str(self.failures)
        place.mkdir(parents=True)
        for path in inputs:
            shutil.copy(path, place)
        (place / "arguments").write_text("\n".join(arguments))
        print(f"{words}: {' '.join(arguments)[:200]}: {status}: {message[-300:].decode(errors='replace')}")

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        for command in [
            ["info", name],
            ["crop", name, "--patch", "4", "--output", "q", "--force", "--memory", "200MiB"],
            ["report", name, "--patch", "4", "--output", "r.html", "--force"],
        ]:
            if self.draw.random() < 0.6:
                self.run(command, f"damaged {name}", [path])
        shutil.rmtree(self.folder / "q", ignore_errors=True)

    def manifest(self, text):
        path = self.folder / "p" / "voxtile.json"
        whole = path.read_text()
        path.write_text(text)
        self.run(["merge", "p", "--output", "m.nii", "--force"], "damaged manifest", [path])
        self.run(["verify", "p"], "damaged manifest", [path])
        path.write_text(whole)

    def command(self):
        arguments = self.draw.choice(
            [
                ["plan", "a.nii", "--patch", "4", "--overlap", "1"],
                ["crop", "a.nii", "--patch", "4", "--output", "q", "--force"],
                ["merge", "p", "--output", "m.nii", "--fill", "3", "--force"],
                ["verify", "p", "--against", "a.nii"],
                ["info", "a.nii", "--json"],
                ["infer", "a.nii", "--model", "none.onnx", "--patch", "4", "--output", "o.nii"],
            ])
        arguments = list(arguments)
        for _ in range(self.draw.randint(1, 3)):
            at = self.draw.randrange(len(arguments))
            kind = self.draw.randrange(3)
            if kind == 0 and len(arguments) > 1:
                del arguments[at]
            elif kind == 1:
                arguments.insert(at, arguments[at])
            else:
                arguments[at] = self.draw.choice(ARGUMENTS)
        self.run([word.replace("\0", "") for word in arguments], "odd arguments")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="10,000 inputs, not 300")
    parser.add_argument("--seed", type=int, default=1, help="what draws the damage")
    options = parser.parse_args()
    count = 10_000 if options.long else 300
    draw = random.Random(options.seed)
    kept = pathlib.Path(tempfile.mkdtemp(prefix="voxtile-fuzz-kept-"))
    with tempfile.TemporaryDirectory(prefix="voxtile-fuzz-") as name:
        folder = pathlib.Path(name)
        fuzz = Fuzz(str(pathlib.Path(options.program).resolve()), folder, kept, draw)
        scan, picture = nifti(), png()
        (folder / "a.nii").write_bytes(scan)
        subprocess.run(
            [fuzz.program, "crop", "a.nii", "--patch", "5", "--output", "p"], cwd=folder, check=True,
            capture_output=True)
        manifest = (folder / "p" / "voxtile.json").read_text()
        for number in range(count):
            kind = number % 5
            if kind == 0:
                fuzz.file("d.nii", damaged(scan, draw))
            elif kind == 1:
                fuzz.file("d.nii.gz", gzip.compress(damaged(scan, draw)))
            elif kind == 2:
                whole = gzip.compress(scan) if draw.random() < 0.5 else picture
                fuzz.file("d.nii.gz" if whole is not picture else "d.png", damaged(whole, draw))
            elif kind == 3:
                fuzz.manifest(text_damaged(manifest, draw))
            else:
                fuzz.command()
    if fuzz.failures:
        print(f"the inputs are in {kept}")
    else:
        kept.rmdir()
    print(f"{count} inputs, {fuzz.failures} failures")
    sys.exit(1 if fuzz.failures else 0)


if __name__ == "__main__":
    main()
