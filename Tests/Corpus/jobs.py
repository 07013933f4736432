"""Draws the jobs of the corpus: job N is the same on every machine and for ever."""

import pathlib
import random

import images

MODELS = pathlib.Path(__file__).parent.parent / "VoxtileInferenceTests" / "Fixtures" / "models"
BLENDS = ["average", "gaussian", "hann", "triangular", "center", "last", "maximum", "vote:plain"]
WEIGHTED_BLENDS = ["average", "gaussian", "hann", "triangular", "center", "last"]
EDGES = ["shift", "discard", "balance", "pad", "pad-both", "partial"]
PADDINGS = ["constant", "constant:7", "edge", "reflect", "symmetric", "wrap"]
COMPATIBLE = [
    "monai", "monai-constant", "nnunet", "torchio-crop", "torchio-average", "torchio-hann", "patchly", "tutorial"]


class Job:
    """One job: inputs to make, steps to run, outputs to compare.

    Some jobs ask for the impossible; then the refusal is what is recorded.
    """

    def __init__(self, number):
        self.random = random.Random(f"voxtile corpus {number}")
        self.kind = "infer" if number % 4 == 3 else "picture" if number % 8 == 5 else "volume"
        if self.kind == "infer":
            self._draw_prediction()
        else:
            self._draw_crop_and_merge(number)

    def make_inputs(self, folder):
        for name, image in self.inputs.items():
            (folder / name).write_bytes(image.bytes_for(name))

    def _draw_crop_and_merge(self, number):
        draw = self.random
        self.is_limited = draw.random() < 0.3
        if self.kind == "picture":
            image = images.Picture(draw)
            source, ending = "scan.png", "png"
        else:
            scalar = images.SCALARS[number % len(images.SCALARS)]
            image = images.Volume(draw, scalar, sizes=(28, 60) if self.is_limited else (5, 21))
            ending = draw.choice(["nii", "nii", "nii.gz"])
            source = f"scan.{ending}"
        self.inputs = {source: image}
        patch = [max(1, min(draw.randint(2, 30 if self.is_limited else 9), size)) for size in image.size]
        crop = ["crop", source, "--output", "patches", "--patch", "x".join(map(str, patch))]
        crop += ["--overlap", self._overlap(patch)] + self._edge() + self._limits()
        if draw.random() < 0.3:
            crop += ["--order", draw.choice("xz")]
        if self.kind == "volume" and draw.random() < 0.3:
            crop += ["--format", draw.choice(["nii", "nii.gz"])]
        merge = ["merge", "patches", "--output", f"merged.{draw.choice(['nii', ending])}"]
        if draw.random() < 0.8:
            merge += ["--blend", BLENDS[(number // 2) % len(BLENDS)]]
        if draw.random() < 0.25:
            merge += ["--type", draw.choice(images.SCALARS)]
        if draw.random() < 0.3:
            merge += [f"--fill={draw.choice(['0', '1', '5', '-2.5'])}"]
        merge += self._limits()
        change = images.PatchChange(draw, image.scalar)
        # The checksums in the manifest are those of the crop, so the merge of changed files is another tool's work.
        self.steps = [crop, change.apply, merge]
        self.outputs = ["patches", merge[3]]

    def _draw_prediction(self):
        draw = self.random
        kinds = draw.sample(["labels", "probabilities", "logits", "confidence", "disagreement"], draw.randint(1, 3))
        model = draw.choice(["scale_shift", "scale_shift", "scale_shift", "upsample", "pool", "half"])
        ending = draw.choice(["nii", "nii.gz"])
        self.inputs = {f"scan.{ending}": images.Volume(draw, draw.choice(images.SCALARS), channels=1)}
        size = draw.choice([2, 4, 6, 8])
        patch = [size] * 3 if draw.random() < 0.5 else [draw.choice([4, 6, 8]) for _ in range(3)]
        step = ["infer", f"scan.{ending}", "--model", str(MODELS / f"{model}.onnx"), "--provider", "cpu"]
        step += ["--patch", "x".join(map(str, patch)), "--output-kind", ",".join(kinds)]
        self.outputs = [f"{kind}.nii" for kind in kinds]
        for output in self.outputs:
            step += ["--output", output]
        if draw.random() < 0.25:
            step += ["--compat", draw.choice(COMPATIBLE)]
        else:
            step += ["--overlap", self._overlap(patch), "--blend", draw.choice(WEIGHTED_BLENDS)] + self._edge()
        # Only what is exact, or rounded the same everywhere: no softmax, no sum of squares.
        step += ["--activation", "none", "--batch", str(draw.choice([1, 1, 2, 5]))]
        step += ["--normalize", draw.choice(["none", "maximum", "window:-10,90"])]
        if draw.random() < 0.3:
            step += ["--orientation", draw.choice(["RAS", "LPS", "SAR", "PIL"])]
        if draw.random() < 0.3:
            step += ["--axes", draw.choice(["zyx", "xyz"])]
        if draw.random() < 0.2:
            step += ["--mirror", draw.choice(["x", "xy", "xyz"])]
        if draw.random() < 0.2:
            step += ["--skip-below", "20"]
        if draw.random() < 0.2:
            step += ["--foreground"]
        self.steps = [step + ["--jobs", str(draw.choice([1, 2, 3]))]]

    def _overlap(self, patch):
        draw = self.random
        if draw.random() < 0.4:
            return draw.choice(["0%", "25%", "50%", "33%"])
        return "x".join(str(draw.randint(0, size - 1)) for size in patch)

    def _edge(self):
        draw = self.random
        options = ["--edge", draw.choice(EDGES)]
        return options + (["--padding", draw.choice(PADDINGS)] if draw.random() < 0.6 else [])

    def _limits(self):
        draw = self.random
        options = ["--jobs", str(draw.choice([1, 2, 3]))]
        # Little more than the program itself takes, so that the limit changes the way in which a job is done.
        return options + (["--memory", draw.choice(["45MiB", "46MiB", "48MiB", "54MiB"])] if self.is_limited else [])
