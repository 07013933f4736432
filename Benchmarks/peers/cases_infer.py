"""Inference on a whole scan: `voxtile infer` and MONAI's sliding window with the same ONNX session."""

import json
import os
import re
import shutil
import subprocess
import sys

from measure import attempt, in_turns
from workers import WorkerError, run_process

NETWORK = "Examples/TissueVNet/brain-tissue.onnx"


class InferJob:
    """A program that predicts a scan."""

    base = None

    def __init__(self, context, name, command, output):
        self.context, self.name, self.command, self.output = context, name, command, output
        self.peak, self.facts = 0, {}

    def timed(self):
        self.remove()
        os.sync()
        seconds, peak = run_process(self.command, env=self.context.two_threads)
        self.peak = max(self.peak, peak)
        self.note()
        return seconds

    def note(self):
        """Records the times that the program reports."""

    def keep(self, **seconds):
        for name, value in seconds.items():
            self.facts.setdefault("parts", {}).setdefault(name, []).append(value)

    def check(self):
        return {"wrong": 0, "worst": 0}

    def remove(self):
        # voxtile writes a record beside its result.
        for path in (self.output, f"{self.output}.voxtile.json"):
            if os.path.exists(path):
                os.remove(path)


class VoxtileInfer(InferJob):
    """The command `voxtile infer`."""

    def __init__(self, context, scan, model, options, output):
        self.log = f"{context.scratch}/infer.txt"
        command = [context.voxtile, "infer", scan, "--model", model, "--output", output, "--jobs", "2", *options]
        # The program prints its timing to standard output.
        super().__init__(context, "voxtile", ["sh", "-c", 'log="$1"; shift; exec "$@" >"$log"', "sh", self.log, *command], output)

    def note(self):
        with open(self.log) as file:
            text = file.read()
        loop, share = re.search(r"in ([0-9.]+) s, of which the network took ([0-9.]+) %", text).groups()
        self.keep(loop=float(loop), network=float(loop) * float(share) / 100)
        self.facts["patches"] = int(re.match(r"([0-9,]+) patch", text)[1].replace(",", ""))


class MonaiInfer(InferJob):
    """MONAI's sliding_window_inference in a script."""

    def __init__(self, context, scan, model, patch, overlap, mode, normalize, kind, output, ours):
        self.log, self.ours = f"{context.scratch}/monai.json", ours
        super().__init__(context, "MONAI", [
            sys.executable, f"{context.peers}/infer_job.py", scan, model, str(patch), str(overlap), mode, normalize, kind,
            output, self.log], output)

    def note(self):
        with open(self.log) as file:
            self.keep(**json.load(file))

    def check(self):
        """Counts the voxels where the two programs differ by more than float32 rounding."""
        # In a separate process, because memory of this process would be counted for its children.
        wrong, worst = self.context.python("near", self.output, self.ours.output).split()
        return {"wrong": int(wrong), "worst": float(worst)}


def make(context, path, *arguments):
    if not os.path.exists(path):
        subprocess.run([sys.executable, f"{context.peers}/make_model.py", *map(str, arguments), path], check=True)


def brain(context):
    """Tissue prediction of a brain with the bundled network."""
    scan = f"{context.templates}/ch2bet.nii.gz"
    if not os.path.exists(scan):
        raise WorkerError(f"{scan} does not exist; install mricron-data, or set VOXTILE_TEMPLATES")
    ours = VoxtileInfer(
        context, scan, NETWORK, ["--compat", "monai", "--overlap", "50%"], f"{context.scratch}/tissue.nii.gz")
    theirs = MonaiInfer(
        context, scan, NETWORK, 64, 0.5, "gaussian", "peak", "labels", f"{context.scratch}/tissue-monai.nii.gz", ours)
    return attempt("infer-brain/MONAI", lambda: [
        in_turns("infer-brain/MONAI", ours, theirs, min(3, context.rounds), warm_up=False)])


def identity(context):
    """An identity network on 320 patches."""
    extent = [192, 192, 160] if context.quick else [512, 512, 300]
    scan, model = f"{context.scratch}/noise-{extent[2]}.nii", f"{context.scratch}/identity.onnx"
    context.make(scan, "noise", *extent)
    make(context, model, "identity")
    ours = VoxtileInfer(
        context, scan, model,
        ["--patch", "96", "--overlap", "32", "--compat", "monai-constant", "--output-kind", "logits"],
        f"{context.scratch}/same.nii")
    # As a float, 1/3 is slightly less than one third, so the step that MONAI truncates to an integer stays 64.
    theirs = MonaiInfer(
        context, scan, model, 96, 1 / 3, "constant", "none", "values", f"{context.scratch}/same-monai.nii", ours)
    rows = attempt("infer-identity/MONAI", lambda: [
        in_turns("infer-identity/MONAI", ours, theirs, context.rounds)])
    ours.remove()
    theirs.remove()
    return rows


def classes(context):
    """104 classes on a scan of 512x512x600 voxels, within 2 GiB."""
    extent = [256, 256, 100] if context.quick else [512, 512, 600]
    budget = "1GiB" if context.quick else "2GiB"
    needed = 12 << 30
    free = shutil.disk_usage(context.scratch).free
    if free < needed:
        raise WorkerError(f"this needs 12 GiB in {context.scratch}, but only {free / 2**30:.0f} GiB are free; see --scratch")
    scan, model = f"{context.scratch}/many-{extent[2]}.nii", f"{context.scratch}/classes.onnx"
    context.make(scan, "noise", *extent)
    make(context, model, "classes", 104)
    ours = VoxtileInfer(
        context, scan, model,
        ["--patch", "64", "--overlap", "25%", "--normalize", "window:0,4096", "--memory", budget],
        f"{context.scratch}/many.nii.gz")
    rows = attempt("infer-classes", lambda: [
        in_turns("infer-classes", ours, None, 1, warm_up=False)
        | {"extent": extent, "budget": budget, "monaiBytes": 4 * 105 * extent[0] * extent[1] * extent[2]}])
    ours.remove()
    if not context.keep_data:
        os.remove(scan)
    return rows
