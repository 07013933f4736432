"""Whole jobs on files. Each run is a new process, so its start and imports are timed too."""

import os
import shutil
import subprocess
import sys

from measure import attempt, in_turns, show
from workers import WorkerError, run_process

GIB = 1 << 30


class FileJob:
    """A program that crops a file into patches and merges them; commands() yields its command lines."""

    base = None

    def __init__(self, context, name, source, ending):
        self.context, self.name, self.source = context, name, source
        self.folder = f"{context.scratch}/job-{name.replace(' ', '-')}"
        self.merged = f"{self.folder}/merged.{ending}"
        self.peak, self.facts = 0, {}

    def timed(self):
        self.remove()
        os.makedirs(self.folder)
        os.sync()
        parts = {}
        total = 0
        for part, command in self.commands():
            seconds, peak = run_process(command, env=self.context.two_threads)
            self.peak = max(self.peak, peak)
            self.facts.setdefault("peaks", {})[part] = max(peak, self.facts.get("peaks", {}).get(part, 0))
            parts[part] = seconds
            total += seconds
        for part, seconds in parts.items():
            self.facts.setdefault("parts", {}).setdefault(part, []).append(seconds)
        patches = [entry.stat().st_size for entry in os.scandir(f"{self.folder}/patches")]
        self.facts |= {
            "patches": sum(1 for entry in os.scandir(f"{self.folder}/patches") if ".nii" in entry.name),
            "patchBytes": sum(patches), "mergedBytes": os.path.getsize(self.merged)}
        return total

    def check(self):
        wrong = self.context.python("compare", self.source, self.merged)
        return {"wrong": int(wrong), "worst": float("nan")}

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class VoxtileJob(FileJob):
    """The voxtile commands crop and merge."""

    def __init__(self, context, source, ending, grid, memory=None, name="voxtile"):
        super().__init__(context, name, source, ending)
        self.grid = grid
        self.memory = ["--memory", memory] if memory else []

    def commands(self):
        patches, work = f"{self.folder}/patches", ["--jobs", "2", *self.memory]
        yield "crop", [self.context.voxtile, "crop", self.source, "--output", patches, *self.grid, *work]
        yield "merge", [
            self.context.voxtile, "merge", patches, "--output", self.merged, "--blend", "average", *work]


class ScriptJob(FileJob):
    """A Python script that does the same."""

    def __init__(self, context, library, source):
        super().__init__(context, library, source, "nii.gz")

    def commands(self):
        script = f"{self.context.peers}/file_job.py"
        yield "all", [sys.executable, script, self.name, self.source, f"{self.folder}/patches", self.merged]


def brain(context):
    """The tutorial's job on a brain, everything as .nii.gz."""
    template = f"{context.templates}/{'ch2' if context.quick else 'ch2better'}.nii.gz"
    if not os.path.exists(template):
        raise WorkerError(f"{template} does not exist; install mricron-data, or set VOXTILE_TEMPLATES")
    source = template
    if not context.quick:
        source = f"{context.scratch}/brain.nii.gz"
        context.make(source, "brain", template)
    rows = []
    for library in ("nibabel", "SimpleITK"):
        key = f"brain/{library}"
        ours = VoxtileJob(context, source, "nii.gz", ["--patch", "96", "--overlap", "32"])
        theirs = ScriptJob(context, library, source)
        # Each run is a new process, so a warm-up would only warm the disk cache.
        rows += attempt(key, lambda: [
            in_turns(key, ours, theirs, context.rounds, warm_up=False) | {"inputBytes": os.path.getsize(source)}])
        ours.remove()
        theirs.remove()
    # The same without compressing the patches, which shows the time spent on compression.
    plain = VoxtileJob(context, source, "nii.gz", ["--patch", "96", "--overlap", "32", "--format", "nii"])
    rows += attempt("brain/plain", lambda: [
        in_turns("brain/plain", plain, None, context.rounds, warm_up=False) | {"inputBytes": os.path.getsize(source)}])
    plain.remove()
    return rows


class CopyJob:
    """Copies the same file with cp."""

    name, base, peak = "cp", None, None

    def __init__(self, context, source):
        self.context, self.source, self.target = context, source, f"{context.scratch}/copy.nii"

    def timed(self):
        self.remove()
        os.sync()
        seconds, self.peak = run_process(["cp", self.source, self.target])
        return seconds

    def check(self):
        return {"wrong": 0, "worst": 0}

    def remove(self):
        if os.path.exists(self.target):
            os.remove(self.target)


def huge(context):
    """Crops and merges a volume that is too large for the peers, within a memory budget."""
    # Patches of 256 with an overlap of 32 fit exactly, and have 1.4 times as many voxels as the volume.
    extent = [480, 480, 704] if context.quick else [928, 928, 5184]
    size = extent[0] * extent[1] * extent[2] * 2
    budget = "256MiB" if context.quick else "1GiB"
    free = shutil.disk_usage(context.scratch).free
    if free < 5 * size:
        raise WorkerError(
            f"this needs {5 * size / GIB:.0f} GiB in {context.scratch}, but only {free / GIB:.0f} GiB are free; "
            "see --scratch")
    source = f"{context.scratch}/huge.nii"
    context.make(source, "noise", *extent)
    usage = subprocess.run([context.voxtile, "crop", "--help"], capture_output=True, text=True).stdout
    if "--memory" not in usage:
        show("this voxtile has no --memory option; running without a budget")
        budget = None
    ours = VoxtileJob(context, source, "nii", ["--patch", "256", "--overlap", "32"], budget)
    theirs = CopyJob(context, source)
    try:
        row = in_turns("huge/cp", ours, theirs, min(3, context.rounds), warm_up=False)
        row |= {"inputBytes": size, "extent": extent, "budget": budget}
        # Bytes read and written per second.
        copied = 2 * size / row["theirs"]["median"]
        moved = 2 * (size + row["ours"]["patchBytes"]) / row["ours"]["median"]
        row["throughput"] = {"ours": moved, "theirs": copied, "ratio": moved / copied}
        return [row]
    finally:
        ours.remove()
        theirs.remove()
        if not context.keep_data:
            os.remove(source)


class InfoJob:
    """A program that prints the header of a file."""

    base = None

    def __init__(self, name, command):
        self.name, self.command, self.peak = name, command, 0

    def timed(self):
        seconds, peak = run_process(self.command)
        self.peak = max(self.peak, peak)
        return seconds

    def check(self):
        return {"wrong": 0, "worst": 0}


def info(context):
    """Reading the header of a large .nii.gz."""
    source = f"{context.scratch}/large.nii.gz"
    context.make(source, "large", 50 if context.quick else 500)
    ours = InfoJob("voxtile", [context.voxtile, "info", source])
    code = "import nibabel, sys; print(nibabel.load(sys.argv[1]).header)"
    theirs = InfoJob("nibabel", [sys.executable, "-c", code, source])
    rows = attempt("info/nibabel", lambda: [
        in_turns("info/nibabel", ours, theirs, max(context.rounds, 11)) | {"inputBytes": os.path.getsize(source)}])
    if not context.keep_data:
        os.remove(source)
    return rows
