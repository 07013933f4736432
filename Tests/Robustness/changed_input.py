#!/usr/bin/env python3
"""Writes to a file while a job reads it: the job has to fail, name the file, and leave nothing.

  changed_input.py PROGRAM

Images, compressed or not, pairs of header and voxels, and patches are written to while they are cropped, merged, predicted or
shown in a report. A file that is replaced by another of its name is no such change for a job that has it open: what was opened
is still read whole. Needs Linux, where a process says which files it has open; elsewhere nothing is done. Nothing but Python's
standard library is needed, and ONNX Runtime for predictions, which are left out without it.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from jobs_to_break import MODEL
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


def write_pair(folder):
    """A header and its voxels in two files."""
    write_scan(folder / "a.nii", 1)
    content = bytearray((folder / "a.nii").read_bytes())
    content[108:112] = bytes(4)
    content[344:348] = b"ni1\0"
    (folder / "a.hdr").write_bytes(content[:348])
    (folder / "a.img").write_bytes(content[352:])


def has_open(process, start):
    """Whether the process has a file open whose path begins so."""
    folder = f"/proc/{process.pid}/fd"
    try:
        return any(os.readlink(f"{folder}/{name}").startswith(start) for name in os.listdir(folder))
    except OSError:
        return False


def run(program, folder, arguments, watched, written, change, delay):
    """The exit status and the messages of a job during which a file is changed, some seconds after another one is open."""
    process = subprocess.Popen(
        [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not has_open(process, f"{folder}/{watched}"):
        time.sleep(0.0002)
    time.sleep(delay)
    change(folder / written)
    messages = process.communicate()[1]
    return process.returncode, messages


def jobs(has_engine):
    """Arguments, the file that is waited for, those that are written to then, and what is made."""
    grid = ["--patch", "16", "--overlap", "8", "--jobs", "1"]
    for scan in ["a.nii", "a.nii.gz"]:
        yield ["crop", scan, *grid, "--output", "p"], scan, [scan], "p"
    yield ["crop", "a.hdr", *grid, "--output", "p"], "a.img", ["a.hdr", "a.img"], "p"
    # When the output is begun, the headers of all patches are known, and no voxels have been read.
    for folder in ["cut", "zipped"]:
        merge = ["merge", folder, "--blend", "average", "--jobs", "1", "--output", "m.nii"]
        yield merge, ".m.nii.voxtile-", [f"{folder}/last"], "m.nii"
    yield ["report", "a.nii", "--patch", "8", "--output", "r.html"], "a.nii", ["a.nii"], "r.html"
    if has_engine:
        yield ["infer", "a.nii", "--model", str(MODEL), *grid, "--output", "o.nii"], "a.nii", ["a.nii"], "o.nii"


def remove(folder, target):
    for path in folder.glob(f"{target}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program")
    parser.add_argument("--long", action="store_true", help="the same")
    program = str(pathlib.Path(parser.parse_args().program).resolve())
    if not os.path.exists("/proc/self/fd"):
        print("this system does not say which files a process has open; nothing was changed")
        return
    failures, count = [], 0
    with tempfile.TemporaryDirectory(prefix="voxtile-changed-") as name:
        folder = pathlib.Path(name).resolve()

        def make():
            write_scan(folder / "a.nii.gz", 1)
            write_pair(folder)

        make()
        lasts = {}
        for patches, scan in [("cut", "a.nii"), ("zipped", "a.nii.gz")]:
            subprocess.run(
                [program, "crop", scan, "--patch", "16", "--output", patches], cwd=folder, check=True, capture_output=True)
            lasts[f"{patches}/last"] = f"{patches}/{max(path.name for path in (folder / patches).glob('patch*'))}"
        tried = subprocess.run(
            [program, "infer", "a.nii", "--model", str(MODEL), "--patch", "32", "--output", "try.nii"], cwd=folder,
            capture_output=True, text=True)
        has_engine = tried.returncode == 0
        remove(folder, "try.nii")
        for arguments, watched, files, target in jobs(has_engine):
            for written in [lasts.get(file, file) for file in files]:
                for change in [append, rewrite, replace]:
                    count += 1
                    content = (folder / written).read_bytes()
                    # A job may have looked at a header only, or be done, when its file is changed.
                    for delay in [0, 0, 0.001, 0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.03, 0.05]:
                        status, messages = run(program, folder, arguments, watched, written, change, delay)
                        if status != 0 or change is replace:
                            break
                        (folder / written).write_bytes(content)
                        remove(folder, target)
                    words = "was written to while it was read", "was replaced while it was read"
                    is_refused = status == 1 and written in messages and any(word in messages for word in words)
                    is_right = is_refused and not (folder / target).exists()
                    if change is replace:
                        is_right = status == 0 or (arguments[0] in ("merge", "infer") and is_refused)
                    names = sorted(path.name for path in folder.iterdir() if ".voxtile-" in path.name)
                    if not is_right or names:
                        failures.append(
                            f"{' '.join(arguments)}: {written}, {change.__name__}: exit {status}, left {names}, "
                            f"{messages.strip()[-300:]}")
                    (folder / written).write_bytes(content)
                    remove(folder, target)
        if not has_engine:
            print("there is no ONNX Runtime; predictions were left out")
    for failure in failures:
        print(failure)
    print(f"{count} changes of an input, {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
