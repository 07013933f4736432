#!/usr/bin/env python3
"""Kills the program at random moments, and checks that nothing is lost, half-written or left over.

  kill_sweep.py PROGRAM            30 kills
  kill_sweep.py PROGRAM --long     300 kills

A crop, a `crop --force` over an older folder and a `merge --force` over an older file are killed (SIGKILL). Then the target
has to be the old one or the new one, whole; and after one further run to the same target nothing else may lie beside it.
Nothing but Python's standard library is needed.
"""

import argparse
import gzip
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time


def write_scan(path, seed, size=64, time_points=1):
    """A NIfTI-1 file of bytes, of 64 x 64 x 64 where nothing else is asked for; compressed where its name says so."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    rank = 3 if time_points == 1 else 4
    struct.pack_into("<8h", header, 40, rank, size, size, size, time_points, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    header[344:348] = b"n+1\0"
    content = bytes(header) + random.Random(seed).randbytes(size**3 * time_points)
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)


class Sweep:
    def __init__(self, program, folder, draw):
        self.program, self.folder, self.draw = program, folder, draw
        self.failures = []

    def run(self, *arguments):
        return subprocess.run(
            [self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def kill(self, arguments, longest):
        """Starts the program and kills it after a while; its exit status where it ended before."""
        process = subprocess.Popen(
            [self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.draw.random() * longest)
        process.send_signal(signal.SIGKILL)
        return process.wait()

    def expect(self, is_right, words):
        if not is_right:
            self.failures.append(words)

    def verify(self, scans, words):
        """The patches have to be those of one of the scans."""
        reports = [self.run("verify", "p", "--against", scan) for scan in scans]
        self.expect(any(report.returncode == 0 for report in reports), f"{words}: {reports[0].stdout.strip()}")

    def check_no_litter(self, words):
        names = sorted(path.name for path in self.folder.iterdir() if ".voxtile-" in path.name)
        self.expect(not names, f"{words}: left over: {names}")

    def crop(self, number, longest):
        is_forced = number % 2 == 1
        shutil.rmtree(self.folder / "p", ignore_errors=True)
        if is_forced:
            self.run("crop", "a.nii", "--patch", "16", "--overlap", "4", "--output", "p")
        words = f"kill {number} of crop{' --force' if is_forced else ''}"
        arguments = ["crop", "b.nii", "--patch", "16", "--overlap", "4", "--output", "p"]
        self.kill([*arguments, *(["--force"] if is_forced else [])], longest)
        if is_forced or (self.folder / "p").exists():
            self.verify(["a.nii", "b.nii"], words)
        self.expect(self.run(*arguments, "--force").returncode == 0, f"{words}: the next run fails")
        self.verify(["b.nii"], f"{words}, and the next run")
        self.check_no_litter(words)

    def merge(self, number, longest):
        words = f"kill {number} of merge --force"
        wanted = (self.folder / "wanted.nii").read_bytes()
        (self.folder / "m.nii").write_bytes(b"old")
        arguments = ["merge", "cut", "--blend", "average", "--output", "m.nii", "--force"]
        self.kill(arguments, longest)
        self.expect((self.folder / "m.nii").read_bytes() in (b"old", wanted), f"{words}: a torn file")
        self.expect(self.run(*arguments).returncode == 0, f"{words}: the next run fails")
        self.expect((self.folder / "m.nii").read_bytes() == wanted, f"{words}: the next run is wrong")
        self.check_no_litter(words)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="300 kills, not 30")
    parser.add_argument("--seed", type=int, default=1, help="what draws the moments")
    options = parser.parse_args()
    count = 300 if options.long else 30
    with tempfile.TemporaryDirectory(prefix="voxtile-kills-") as name:
        folder = pathlib.Path(name)
        sweep = Sweep(str(pathlib.Path(options.program).resolve()), folder, random.Random(options.seed))
        for seed, scan in enumerate(["a.nii", "b.nii"]):
            write_scan(folder / scan, seed)
        start = time.monotonic()
        made = sweep.run("crop", "a.nii", "--patch", "16", "--overlap", "4", "--output", "cut")
        longest = 1.2 * (time.monotonic() - start)
        if made.returncode != 0:
            sys.exit(made.stderr)
        sweep.run("merge", "cut", "--blend", "average", "--output", "wanted.nii")
        for number in range(count):
            if number % 3 == 2:
                sweep.merge(number, longest / 2)
            else:
                sweep.crop(number, longest)
    for failure in sweep.failures:
        print(failure)
    print(f"{count} kills, {len(sweep.failures)} failures")
    sys.exit(1 if sweep.failures else 0)


if __name__ == "__main__":
    main()
