#!/usr/bin/env python3
"""Runs the program under many limits of memory, and checks that it never takes more than it was allowed.

  memory_sweep.py PROGRAM            three limits, 120 jobs (40 s)
  memory_sweep.py PROGRAM --long     fifteen limits, 490 jobs (4 min)

Each job crops, merges, verifies, predicts or shows a NIfTI, a compressed NIfTI, a 4D series or a PNG with `--memory LIMIT`;
patches are also merged whose values are scaled, and channels into labels. Either it ends with exit status 1 and writes
nothing, or it ends with 0 and the most memory that the process had is within the limit. The images are larger than most of the
limits. On Linux, jobs without `--memory` are run where the system gives a process little (`ulimit -v`): they have to end with 0
or 1, too, and not with the signal of a failed allocation. Nothing but Python's standard library is needed, and ONNX Runtime for
predictions, which are left out without it.
"""

import argparse
import gzip
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

from jobs_to_break import MODEL

MIB = 1 << 20
# Another provider takes memory of its own.
CPU = ["--provider", "cpu"]


def write_nifti(path, size, series=1, slope=0):
    """A NIfTI-1 file of 16-bit integers, which stand for themselves where the slope is 0."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    rank = 3 if series == 1 else 4
    struct.pack_into("<8h", header, 40, rank, *size, series, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 4, 16)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<2f", header, 108, 352, slope)
    header[344:348] = b"n+1\0"
    row = b"".join(struct.pack("<h", (x * 37) % 900) for x in range(size[0]))
    plane = b"".join(row[2 * (y % size[0]) :] + row[: 2 * (y % size[0])] for y in range(size[1]))
    # Plane by plane: the most memory of a process counts what its parent had when it was started.
    with gzip.open(path, "wb", compresslevel=1) if path.suffix == ".gz" else path.open("wb") as file:
        file.write(header)
        for _ in range(size[2] * series):
            file.write(plane)


def write_png(path, width, height):
    """An RGB image of 8 bits."""

    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    line = b"\0" + bytes((x * 7) % 251 for x in range(3 * width))
    packer = zlib.compressobj(1)
    pixels = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def run(program, arguments, folder, address_limit=None):
    """The exit status, the most memory of the process in bytes, and its messages."""

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (address_limit, address_limit))

    with (folder / "messages").open("wb") as messages:
        process = subprocess.Popen(
            [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages,
            preexec_fn=limit if address_limit else None)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 if sys.platform == "darwin" else 1024
    return process.returncode, usage.ru_maxrss * scale, (folder / "messages").read_text(errors="replace")


def jobs(images, has_engine):
    for image, patch in images.items():
        stem = image.split(".")[0]
        ending = image.split(".", 1)[1]
        yield ["crop", image, "--patch", patch, "--overlap", "8", "--output", f"{stem}-patches", "--force"], stem
        yield ["merge", f"{stem}-cut", "--blend", "average", "--output", f"{stem}-out.{ending}", "--force"], stem
        yield ["verify", f"{stem}-cut", "--against", image], stem
        yield ["report", f"{stem}-cut", "--against", image, "--output", f"{stem}.html", "--force"], stem
        if stem == "scaled":
            # Which blend fits is found in the values.
            yield ["merge", "scaled-cut", "--output", "guessed.nii", "--force"], stem
        if stem == "classes":
            yield ["merge", "classes-cut", "--output-kind", "labels", "--output", "labels.nii.gz", "--force"], stem
    for image, patch in [("scan.nii", "48"), ("packed.nii.gz", "48")] if has_engine else []:
        yield ["infer", image, "--model", str(MODEL), *CPU, "--patch", patch, "--output", "o.nii.gz", "--force"], "infer"
        yield [
            "infer", image, "--model", str(MODEL), *CPU, "--patch", patch, "--output-kind", "labels,probabilities", "--output",
            "o.nii", "--output", "p.nii.gz", "--force"
        ], "infer"
    yield ["crop", "scan.nii", "--patch", "96", "--output", "page-patches", "--report", "crop.html", "--force"], "page"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="fifteen limits, not three")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    limits = [40, 64, 150] if not options.long else [32, 36, 40, 44, 48, 56, 64, 80, 100, 128, 150, 200, 256, 300, 400]
    failures, count, kept = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="voxtile-memory-") as name:
        folder = pathlib.Path(name)
        write_nifti(folder / "scan.nii", (256, 256, 200))
        write_nifti(folder / "packed.nii.gz", (256, 256, 120))
        write_nifti(folder / "series.nii.gz", (32, 32, 24), series=400)
        write_png(folder / "slide.png", 6000, 5000)
        write_nifti(folder / "scaled.nii", (200, 200, 100), slope=0.5)
        write_nifti(folder / "classes.nii.gz", (128, 128, 80), series=4)
        images = {"scan.nii": "96", "packed.nii.gz": "64", "series.nii.gz": "16", "slide.png": "512"}
        images |= {"scaled.nii": "64", "classes.nii.gz": "48"}
        for image, patch in images.items():
            stem = image.split(".")[0]
            status, _, text = run(
                program, ["crop", image, "--patch", patch, "--overlap", "8", "--output", f"{stem}-cut"], folder)
            if status != 0:
                sys.exit(f"{image} cannot be cut without a limit: {text}")
        predict = ["infer", "series.nii.gz", "--time-points", "separately", "--model", str(MODEL), *CPU, "--patch", "16"]
        has_engine = run(program, [*predict, "--output", "tried.nii.gz"], folder)[0] == 0
        if not has_engine:
            print("there is no ONNX Runtime; predictions were left out")
        for limit in limits:
            for arguments, stem in jobs(images, has_engine):
                count += 1
                status, peak, text = run(program, [*arguments, "--memory", f"{limit}MiB"], folder)
                words = f"{' '.join(arguments)} --memory {limit}MiB"
                if status not in (0, 1):
                    failures.append(f"{words}: exit status {status}: {text}")
                elif status == 0 and peak > limit * MIB:
                    failures.append(f"{words}: {peak / MIB:.1f} MiB")
                elif status == 1 and "memory limit" not in text:
                    failures.append(f"{words}: {text.strip()}")
                kept += status == 0
                shutil.rmtree(folder / f"{stem}-patches", ignore_errors=True)
        for limit in [150, 200, 300] if sys.platform == "linux" else []:
            for arguments, stem in jobs({"scan.nii": "96", "slide.png": "512"}, has_engine=False):
                count += 1
                status, _, text = run(program, arguments, folder, limit * MIB)
                if status not in (0, 1):
                    failures.append(f"{' '.join(arguments)} with ulimit -v {limit << 10}: exit status {status}")
                kept += status == 0
                shutil.rmtree(folder / f"{stem}-patches", ignore_errors=True)
    for failure in failures:
        print(failure)
    print(f"{count} jobs, {kept} done within their limit, {count - kept - len(failures)} refused, {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
