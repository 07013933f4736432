#!/usr/bin/env python3
"""Feeds the program damaged images of every format, and checks that each is read or refused in order.

  fuzz_formats.py PROGRAM                     a few hundred of each format, and some prefixes (about 20 s)
  fuzz_formats.py PROGRAM --long              100,000 of each format, every prefix (half an hour; DICOM a hundredth)
  fuzz_formats.py PROGRAM --only nrrd,zarr    some formats
  fuzz_formats.py PROGRAM --seed 7            other damage

The images are those of Tests/VoxtileFormatsTests/Fixtures. They get bits and bytes changed, parts cut or repeated, and
numbers, in bytes or in text, replaced by extreme ones; JSON gets deep lists. The program converts a folder of them, and has
to end, with a reason for each image that it does not read. It may take 2 GiB of address space, 300 MiB of memory, and 64 MiB
of a file. Inputs that break this are kept in the folder that is printed. Nothing but Python's standard library is needed.
"""

import argparse
import csv
import gzip
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib

from fuzz import damaged

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "VoxtileFormatsTests" / "Fixtures"
TEXTS = [
    b"0", b"-1", b"1e400", b"nan", b"-inf", b"65535", b"65536",
    b"2147483647", b"2147483648", b"4294967296", b"9223372036854775807",
    b"9223372036854775808", b"18446744073709551616", b"0.0000000001",
    b"[" * 20000, b"{\"a\":" * 3000, b"9" * 5000, b"\xff\xfe", b"",
    b"null", b"true", b"<a>" * 5000, b"../../../etc/passwd", b"/dev/zero",
]
BATCH = 200


def sources(format_name):
    """Paths of images of a format: files, or folders that are one image."""
    folder = {
        "npy": ("numpy", ["int16.npy", "float16-big.npy", "fortran.npz", "compressed.npz", "stored.npz", "version-3.npy"]),
        "mgh": ("mgh", ["int16.mgh", "series.mgh", "coronal.mgz"]),
        "jpeg": ("jpeg", ["gray.jpg", "progressive.jpg", "sampled.jpg"]),
        "mha": ("textheader", ["int16.mha", "compressed.mha", "planar.mha", "pair.mhd"]),
        "nrrd": ("textheader", ["plain.nrrd", "labels.seg.nrrd", "itk.nrrd", "big.nrrd", "itk-vector.nrrd"]),
        "tiff": ("tiff", sorted(p.name for p in (FIXTURES / "tiff").glob("*.tif") if p.stat().st_size < 6000)),
        "png": ("png", ["adam7-5x5.png", "header-gray16.png", "adam7-17x3-1bit.png"]),
        "nifti": ("nifti", ["planar.nii", "series.nii.gz", "version-2.nii", "rgb.nii", "extensions.nii", "scaled.nii"]),
        "zarr": ("zarr", sorted(p.name for p in (FIXTURES / "zarr").glob("*.zarr"))),
        "dicom": ("dicom", ["even", "straight"]),
    }[format_name]
    return [FIXTURES / folder[0] / name for name in folder[1]]


def text_damaged(content, draw):
    """The bytes with numbers or words, as text has them, replaced or lines repeated."""
    for _ in range(draw.randint(1, 3)):
        tokens = list(re.finditer(rb"[-+.\w]+", content[:8192]))
        if not tokens:
            break
        token = draw.choice(tokens)
        if draw.random() < 0.2:
            lines = content[:8192].split(b"\n")
            lines.insert(draw.randrange(len(lines)), draw.choice(lines))
            content = b"\n".join(lines) + content[8192:]
        else:
            content = content[: token.start()] + draw.choice(TEXTS) + content[token.end() :]
    return content


def changed(content, draw):
    """Damage of any kind; that of compressed files may be inside."""
    if content[:2] == b"\x1f\x8b" and draw.random() < 0.7:
        try:
            return gzip.compress(changed(gzip.decompress(content), draw), 1)
        except (OSError, EOFError, zlib.error):
            pass  # A header, or data of a chunk, that only begins like gzip.
    return text_damaged(content, draw) if draw.random() < 0.4 else damaged(content, draw)


class Fuzz:
    def __init__(self, program, folder, kept, draw):
        self.program, self.folder, self.kept, self.draw = program, folder, kept, draw
        self.failures = 0
        self.peak = 0

    def limits(self):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def run(self, arguments, seconds):
        """What is wrong with a run, or None; and its messages."""
        with tempfile.TemporaryFile(dir=self.folder) as messages:
            process = subprocess.Popen(
                [self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=messages, stderr=messages,
                preexec_fn=self.limits)
            try:
                signal.signal(signal.SIGALRM, lambda *_: process.kill())
                signal.alarm(seconds)
                _, status, usage = os.wait4(process.pid, 0)
            finally:
                signal.alarm(0)
            process.returncode = os.waitstatus_to_exitcode(status)
            messages.seek(0)
            text = messages.read().decode(errors="replace")
        self.peak = max(self.peak, usage.ru_maxrss >> 10)
        if process.returncode not in (0, 1):
            return f"status {process.returncode} (-9: more than {seconds} s)", text
        if usage.ru_maxrss > 300 << 10:
            return f"{usage.ru_maxrss >> 10} MiB of memory", text
        return None, text

    def convert(self, names, seconds):
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        # A folder of one file is a folder of scans, too.
        wrong, text = self.run(
            ["convert", "in", "out", "--format", "nii", "--force", "--memory", "200MiB", "--jobs", "1"], seconds)
        if wrong is None:
            with open(self.folder / "out" / "summary.csv", newline="", encoding="utf-8") as file:
                rows = {row["case"]: row for row in csv.DictReader(file)}
            silent = [name for name in names if not self.is_explained(rows.get(name))]
            if silent:
                wrong = f"no result and no reason for {' '.join(silent[:5])}"
        return wrong, text

    @staticmethod
    def is_explained(row):
        """Whether an image was read, or refused with some words."""
        if row is None:
            return False
        return row["status"] == "done" or len(row["error"].partition(": ")[2].split()) > 2

    def batch(self, images, beside):
        """Converts a folder of damaged images, given as functions that write them; where that fails, one by one."""
        def fill(chosen):
            shutil.rmtree(self.folder / "in", ignore_errors=True)
            (self.folder / "in").mkdir()
            for path in beside:
                shutil.copy(path, self.folder / "in" / path.name)
            for _, write in chosen:
                write(self.folder / "in")
            return [name for name, _ in chosen]

        wrong, text = self.convert(fill(images), 120)
        if wrong is None:
            return
        guilty = []
        for image in images:
            alone, words = self.convert(fill([image]), 20)
            if alone is not None:
                guilty.append((image, alone, words))
        for image, alone, words in guilty or [(None, wrong, text)]:
            self.failures += 1
            place = self.kept / str(self.failures)
            fill([image] if image else images)
            shutil.copytree(self.folder / "in", place)
            print(f"{place}: {alone}: {words.strip()[-300:]}", flush=True)


def file_image(name, ending, content):
    return name, lambda folder: (folder / f"{name}{ending}").write_bytes(content)


def folder_image(name, ending, source, damaged_file, content):
    def write(folder):
        target = folder / f"{name}{ending}"
        shutil.copytree(source, target)
        (target / damaged_file).write_bytes(content)

    return name, write


def images(format_name, count, step, draw):
    """Damaged images, and prefixes of all files in steps."""
    chosen = sources(format_name)
    if not chosen:
        sys.exit(f"there are no images of {format_name} in {FIXTURES}")
    parts = []
    for source in chosen:
        if source.is_dir():
            ending = "".join(source.suffixes[-1:])
            parts += [(source, ending, p.relative_to(source), p.read_bytes()) for p in sorted(source.rglob("*")) if p.is_file()]
        else:
            ending = source.name[source.name.index(".") :]
            parts.append((source, ending, None, source.read_bytes()))
    number = 0

    def image(source, ending, inner, content):
        nonlocal number
        number += 1
        if inner is None:
            return file_image(f"n{number}", ending, content)
        return folder_image(f"n{number}", ending, source, inner, content)

    for source, ending, inner, content in parts:
        for length in range(0, len(content), step):
            yield image(source, ending, inner, content[:length])
    for _ in range(count):
        source, ending, inner, content = draw.choice(parts)
        yield image(source, ending, inner, changed(content, draw))


def main():
    names = ["npy", "mgh", "jpeg", "mha", "nrrd", "tiff", "png", "nifti", "zarr", "dicom"]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="100,000 images of each format")
    parser.add_argument("--count", type=int, help="so many images of each format")
    parser.add_argument("--only", default=",".join(names), help="the formats, joined by commas")
    parser.add_argument("--seed", type=int, default=1, help="what draws the damage")
    options = parser.parse_args()
    kept = pathlib.Path(tempfile.mkdtemp(prefix="voxtile-fuzz-kept-"))
    failures = 0
    # In memory, where it takes no time that files reach the disk.
    memory = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="voxtile-fuzz-", dir=memory if memory.is_dir() else None) as name:
        for format_name in options.only.split(","):
            if format_name == "dicom" and shutil.which("dcm2niix") is None:
                continue
            count = options.count or (100_000 if options.long else 400)
            step = 1 if options.long else 37
            if format_name == "dicom":
                count, step = count // 100, step * 100
            fuzz = Fuzz(
                str(pathlib.Path(options.program).resolve()), pathlib.Path(name), kept / format_name,
                random.Random(f"{options.seed} {format_name}"))
            beside = [FIXTURES / "textheader" / "pair.raw"] if format_name == "mha" else []
            batch, done = [], 0
            for image in images(format_name, count, step, fuzz.draw):
                batch.append(image)
                if len(batch) == (20 if format_name == "dicom" else BATCH):
                    fuzz.batch(batch, beside)
                    done, batch = done + len(batch), []
            if batch:
                fuzz.batch(batch, beside)
            print(
                f"{format_name}: {done + len(batch):,} images, {fuzz.failures} failures, peak {fuzz.peak} MiB", flush=True)
            failures += fuzz.failures
    if failures:
        print(f"the inputs are in {kept}")
    else:
        shutil.rmtree(kept)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
