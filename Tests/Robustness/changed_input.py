#!/usr/bin/env python3
"""Writes to an image while it is cropped: the job has to fail, name the image, and leave nothing.

  changed_input.py PROGRAM

NIfTI, compressed NIfTI and an image that grows are tried. A file that is replaced by another of its name is no such change: what
was opened is still read whole. Nothing but Python's standard library is needed.
"""

import argparse
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from kill_sweep import write_scan


def append(path):
    with path.open("ab") as file:
        file.write(b"\0")


def rewrite(path):
    """Writes the last byte again: the size stays."""
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(last)


def replace(path):
    other = path.with_name("other")
    shutil.copyfile(path, other)
    other.replace(path)


def crop(program, folder, scan, change):
    """The exit status and the messages of a crop whose image is changed once it is open."""
    process = subprocess.Popen(
        [program, "crop", scan, "--patch", "8", "--overlap", "4", "--jobs", "1", "--output", "p"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not any(".p.voxtile-" in name for name in os.listdir(folder)):
        time.sleep(0.001)
    change(folder / scan)
    messages = process.communicate()[1]
    return process.returncode, messages


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="the same")
    program = str(pathlib.Path(parser.parse_args().program).resolve())
    failures = []
    with tempfile.TemporaryDirectory(prefix="voxtile-changed-") as name:
        folder = pathlib.Path(name)
        for scan in ["a.nii", "a.nii.gz"]:
            for change in [append, rewrite, replace]:
                write_scan(folder / "a.nii", 1)
                (folder / "a.nii.gz").write_bytes(gzip.compress((folder / "a.nii").read_bytes(), 1))
                status, messages = crop(program, folder, scan, change)
                is_refused = status == 1 and scan in messages and "was written to while it was read" in messages
                is_right = status == 0 if change is replace else is_refused and not (folder / "p").exists()
                names = sorted(path.name for path in folder.iterdir() if ".voxtile-" in path.name)
                if not is_right or names:
                    failures.append(f"{scan}, {change.__name__}: exit {status}, left {names}, {messages.strip()}")
                shutil.rmtree(folder / "p", ignore_errors=True)
    for failure in failures:
        print(failure)
    print(f"6 changes of an input, {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
