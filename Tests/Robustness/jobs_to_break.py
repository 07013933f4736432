"""The jobs that the tests of this folder let fail or kill at single system calls, and what has to be there afterwards."""

import json
import os
import pathlib
import re
import shutil

from kill_sweep import write_scan
from tracing import Program, contents

MODEL = pathlib.Path(__file__).resolve().parent.parent / "VoxtileInferenceTests/Fixtures/models/two_classes.onnx"
GRID = ["--patch", "16", "--jobs", "1"]


class Job:
    """A run of the program, with what stands under its names before and what has to stand there afterwards."""

    def __init__(self, arguments, targets, before=None):
        self.arguments, self.targets = arguments, targets
        # A run that leaves older results under the same names; `None` where there are none.
        self.before = before
        self.old, self.new = [None] * len(targets), []

    def __str__(self):
        return " ".join(self.arguments)


def all_jobs():
    cut = ["crop", "b.nii", *GRID, "--output", "p"]
    series = ["crop", "b.nii.gz", *GRID, "--output", "q", "--force"]
    merge = ["merge", "cut", "--blend", "average", "--jobs", "1", "--output", "m.nii"]
    packed = ["merge", "packed", "--jobs", "1", "--output", "n.nii.gz", "--force"]
    # On the processor: where another provider meets a fault, the processor takes its place, and the record says so.
    infer = ["infer", "b.nii", "--model", str(MODEL), "--provider", "cpu", *GRID, "--output", "o.nii"]
    record = ["o.nii", "o.nii.voxtile.json"]
    pair = ["h.hdr", "h.img"]
    return [
        Job(cut, ["p"]),
        Job([*cut, "--force"], ["p"], ["crop", "a.nii", *GRID, "--output", "p"]),
        Job(series, ["q"], ["crop", "a.nii", *GRID, "--output", "q"]),
        Job(merge, ["m.nii"]),
        Job([*merge, "--force"], ["m.nii"], ["merge", "other", "--output", "m.nii"]),
        Job(packed, ["n.nii.gz"], ["merge", "cut", "--output", "n.nii.gz"]),
        Job(infer, record),
        Job([*infer, "--force"], record, ["infer", "a.nii", *infer[2:]]),
        Job(
            ["convert", "b.nii", "h.hdr", "--type", "int16", "--force"], pair,
            ["convert", "a.nii", "h.hdr", "--type", "float32"]),
    ]


class Workplace:
    """A folder with inputs, in which jobs are run again and again."""

    def __init__(self, program, parent):
        self.folder, self.temporary = parent / "work", parent / "temporary"
        self.folder.mkdir()
        self.temporary.mkdir()
        self.program = Program(program, self.folder, os.environ | {"TMPDIR": str(self.temporary)})
        for seed, name in enumerate(["a", "b"]):
            write_scan(self.folder / f"{name}.nii", seed, size=32)
            write_scan(self.folder / f"{name}.nii.gz", seed, size=32, time_points=2)
        for scan, patches in [("b.nii", "cut"), ("a.nii", "other"), ("b.nii.gz", "packed")]:
            self.run_well(["crop", scan, *GRID, "--output", patches])
        self.inputs = {path.name for path in self.folder.iterdir()}
        self.jobs = []

    def run_well(self, arguments):
        status, messages = self.program.run(arguments)
        if status != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {status}: {messages}")

    def learn(self):
        """Runs each job once, to know what it leaves; what cannot be run here is left out."""
        for job in all_jobs():
            self.clear()
            status, messages = self.program.run(job.before or job.arguments)
            if status != 0 and job.arguments[0] == "infer" and "ONNX Runtime" in messages:
                continue
            if job.before:
                job.old = self.state(job)
            self.run_well([*job.arguments, *([] if "--force" in job.arguments else ["--force"])])
            job.new = self.state(job)
            job.calls = self.program.most_calls([*job.arguments, "--force"])
            self.jobs.append(job)
        if not any(job.arguments[0] == "infer" for job in self.jobs):
            print("there is no ONNX Runtime; infer was left out")

    def state(self, job):
        return [undated(contents(self.folder / name)) for name in job.targets]

    def clear(self):
        for path in list(self.folder.iterdir()) + list(self.temporary.iterdir()):
            if path.name not in self.inputs:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def prepare(self, job):
        """What stands before a run of the job."""
        self.clear()
        for name, content in zip(job.targets, job.old, strict=True):
            path = self.folder / name
            if isinstance(content, dict):
                path.mkdir()
                for child, data in content.items():
                    (path / child).write_bytes(data)
            elif content is not None:
                path.write_bytes(content)

    def faults(self, job, status):
        """What is wrong after a run that was disturbed."""
        state = self.state(job)
        if job.targets[0].endswith(".hdr"):
            # A header and its voxels: both of one image, or no header, with which nothing is read.
            if state not in (job.old, job.new) and state[0] is not None:
                yield "the header and the voxels are of two images"
            if status != 0:
                return
        for name, found, old, new in zip(job.targets, state, job.old, job.new, strict=True):
            if found not in (old, new):
                yield f"{name} is neither the old one nor the new one{differences(found, new)}"
            elif status == 0 and found != new:
                yield f"{name} is not the new one, though the exit status is 0"

    def faults_of_next_run(self, job):
        """What is wrong after one further run to the same targets."""
        status, messages = self.program.run([*job.arguments, *([] if "--force" in job.arguments else ["--force"])])
        if status != 0:
            yield f"the next run ends with {status}: {messages.strip()[-300:]}"
            return
        if self.state(job) != job.new:
            yield "the next run gives something else"
        left = {path.name for path in self.folder.iterdir()} - self.inputs - set(job.targets)
        left |= {path.name for path in self.temporary.iterdir()}
        if left:
            yield f"left over: {sorted(left)}"


def undated(content):
    """The record of a prediction without the time at which it was made; anything else as it is."""
    if not isinstance(content, bytes) or not content.startswith(b"{"):
        return content
    try:
        json.loads(content)
    except ValueError:
        return content
    return re.sub(rb'("date" *: *)"[^"]*"', rb'\1""', content)


def differences(found, wanted):
    if isinstance(found, dict) and isinstance(wanted, dict):
        names = [name for name in sorted({*found, *wanted}) if found.get(name) != wanted.get(name)]
        return f": {names}"
    return ": it is not there" if found is None else ""
