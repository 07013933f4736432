#!/usr/bin/env python3
"""Whole bundles, through MONAI's own pipeline and through Examples/FromMONAI and `voxtile infer`: the labels are the same.

usage: monai_test.py [PROGRAM]

Skipped where torch, MONAI, onnx, onnxruntime or nibabel is not installed, or without the program (VOXTILE_PROGRAM). With
VOXTILE_SAY_SHARES=1 it says how many labels differ.
"""

import contextlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "Examples" / "FromMONAI"))
from bundles import ARGMAX, INVERT, LOAD, WINDOW, configuration, metadata, on_image, on_prediction, plan_of

EXAMPLE = Path(__file__).parents[2] / "Examples" / "FromMONAI"
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VOXTILE_PROGRAM")
MISSING = [name for name in ("torch", "monai", "onnx", "onnxruntime", "nibabel") if importlib.util.find_spec(name) is None]
WHY = f"not installed: {', '.join(MISSING)}" if MISSING else "no program: give it as an argument"

if not MISSING:
    import nibabel
    import numpy
    import torch
    from monai.bundle import ConfigParser
    from monai.transforms import Compose
    from network import evaluate_with, load_network, open_parser

NETWORK = {"_target_": "UNet", "spatial_dims": 3, "in_channels": 1, "out_channels": 3, "channels": [6, 8], "strides": [2]}
CUBE = {**WINDOW, "roi_size": [16, 16, 16]}


def scan(path, seed, size=(41, 37, 30), turned=True):
    """A smooth scan with an empty margin, oblique voxels and, if it is turned, axes that run against those of RAS."""
    source = numpy.random.default_rng(seed)
    values = torch.tensor(source.normal(0, 1, size), dtype=torch.float32)[None, None]
    for _ in range(3):
        values = torch.nn.functional.avg_pool3d(values, 3, 1, 1)
    values = (values[0, 0].numpy() * 900 + 60).round()
    values[:4], values[:, -3:] = 0, 0
    affine = numpy.diag([1.1, 1.3, 1.9, 1.0])
    if turned:
        affine = affine[:, [1, 0, 2, 3]] * [[1, 1, 1, 1], [-1, -1, -1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]
    affine[:3, 3] = 12, -7, 3
    nibabel.save(nibabel.Nifti1Image(values.astype("int16"), affine), path)


def run(*words):
    """Runs the program; what it says is shown where it fails."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)


@unittest.skipIf(bool(MISSING) or not PROGRAM, WHY)
class BundleTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.here = Path(folder.name)
        (self.here / "bundle" / "configs").mkdir(parents=True)
        (self.here / "bundle" / "models").mkdir()
        self.addCleanup(sys.path.__setitem__, slice(None), sys.path[:])

    def write(self, items, about):
        configs = self.here / "bundle" / "configs"
        (configs / "inference.json").write_text(json.dumps(items))
        (configs / "metadata.json").write_text(json.dumps(about))
        torch.manual_seed(5)
        parser = open_parser(self.here / "bundle", configs / "inference.json")
        network = load_network(parser, "network_def", None)
        torch.save({"model": network.state_dict()}, self.here / "bundle" / "models" / "model.pt")
        return parser, network

    def theirs(self, parser, network, scans):
        """What MONAI makes of the scans."""
        before, after, inferer = (parser.get_parsed_content(name) for name in ("preprocessing", "postprocessing", "inferer"))
        data = before({"image": scans if len(scans) > 1 else scans[0]})
        with torch.no_grad():
            data["pred"] = inferer(data["image"][None], network)[0]
        return numpy.asarray(after(data)["pred"])

    def export(self, *options):
        output = self.here / "net.onnx"
        return subprocess.run(
            [sys.executable, "-W", "ignore", EXAMPLE / "export.py", self.here / "bundle", output, *options],
            capture_output=True, text=True, check=False)

    def ours(self, scans, *options):
        """The labels of the printed command, over these scans."""
        done = self.export(*options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        line = done.stdout.split("Predict with:\n")[1].splitlines()[0].split()
        words = line[line.index("--model"):]
        words[words.index("--output") + 1] = str(self.here / "out.nii.gz")
        run(PROGRAM, "infer", *scans, *words, "--provider", "cpu", "--force")
        return numpy.asarray(nibabel.load(self.here / "out.nii.gz").dataobj)

    def share(self, items, about, *options, scans=1):
        """The share of the foreground with another label."""
        paths = [str(self.here / f"scan{number}.nii.gz") for number in range(scans)]
        for number, path in enumerate(paths):
            scan(path, number)
        with contextlib.redirect_stdout(io.StringIO()):
            parser, network = self.write(items, about)
            expected = self.theirs(parser, network, paths)[0]
        found = self.ours(paths, *options)
        self.assertEqual(found.shape, expected.shape)
        foreground = (expected > 0) | (found > 0)
        self.assertGreater(foreground.mean(), 0.2)
        share = (found != expected).sum() / foreground.sum()
        if os.environ.get("VOXTILE_SAY_SHARES"):
            print(f"{self.id()}: {(found != expected).sum()} of {foreground.sum()} labels differ")
        return share

    def test_turned_resampled_and_clipped(self):
        before = [on_image("Orientationd", axcodes="RAS"), on_image("Spacingd", pixdim="$[1.5] * 3", mode="bilinear"),
                  on_image("ScaleIntensityRanged", a_min=-57, a_max=164, b_min=-1, b_max=1, clip=True)]
        for mode in ("gaussian", "constant"):
            items = configuration(before, [INVERT, ARGMAX], {**CUBE, "mode": mode}, {"network_def": NETWORK})
            with self.subTest(mode):
                self.assertLess(self.share(items, metadata(labels="abc")), 1e-3)

    def test_the_statistics_are_those_of_the_resampled_scan(self):
        before = [on_image("Orientationd", axcodes="LPS"), on_image("Spacingd", pixdim=[2.0, 1.5, 1.2]),
                  on_image("NormalizeIntensityd", nonzero=True)]
        items = configuration(before, [INVERT, ARGMAX], CUBE, {"network_def": NETWORK})
        self.assertLess(self.share(items, metadata(labels="abc")), 1e-3)

    def test_the_box_and_its_intensities(self):
        before = [on_image("CropForegroundd", source_key="image", select_fn="$lambda x: x != 0"), on_image("NormalizeIntensityd")]
        items = configuration(before, [ARGMAX, INVERT], {**WINDOW, "roi_size": [16, 24, 16]}, {"network_def": NETWORK})
        self.assertLess(self.share(items, metadata(labels="abc")), 1e-3)

    def test_channels_and_masks_in_an_order(self):
        sigmoid, threshold = on_prediction("Activationsd", sigmoid=True), on_prediction("AsDiscreted", threshold=0.5)
        join = on_prediction(
            "Lambdad", func="$lambda x: torch.where(x[[2]] > 0, 4, torch.where(x[[0]] > 0, 1, 2 * (x[[1]] > 0)))")
        items = configuration([on_image("NormalizeIntensityd", nonzero=True, channel_wise=True)], [sigmoid, threshold, join],
                              CUBE, {"network_def": {**NETWORK, "in_channels": 2}})
        options = ["--channels", "1,0,2", "--values", "2,1,4", "--accept", "Lambdad"]
        self.assertLess(self.share(items, metadata(2, "abc", ["T1", "T2"]), *options, scans=2), 1e-3)

    def test_what_the_network_does_first(self):
        items = configuration([on_image("ScaleIntensityd", minv=-1, maxv=1)], [ARGMAX], CUBE,
                              {"network_def": NETWORK})
        self.assertLess(self.share(items, metadata(labels="abc")), 1e-3)

    def test_nothing_is_written_where_the_result_would_be_wrong(self):
        self.write(configuration([on_image("Flipd", spatial_axis=0)], more={"network_def": NETWORK}), metadata())
        done = self.export()
        self.assertEqual((done.returncode, (self.here / "net.onnx").exists()), (1, False))
        self.assertIn("--accept Flipd", done.stderr)

    def test_normalizations_are_those_of_monai(self):
        path, out = str(self.here / "scan.nii.gz"), str(self.here / "out.nii.gz")
        scan(path, 3, turned=False)
        for item in (
            on_image("ScaleIntensityRanged", a_min=-57, a_max=164, b_min=0, b_max=1, clip=True),
            on_image("ScaleIntensityRanged", a_min=-175, a_max=250, b_min=-1, b_max=1.5, clip=True),
            on_image("ScaleIntensityRanged", a_min=0, a_max=255, b_min=-1, b_max=1), on_image("ScaleIntensityd"),
            on_image("NormalizeIntensityd"), on_image("NormalizeIntensityd", nonzero=True),
            on_image("NormalizeIntensityd", subtrahend=30, divisor=55.5),
            on_image("ScaleIntensityRangePercentilesd", lower=1, upper=98, b_min=0, b_max=1, clip=True),
        ):
            parser = ConfigParser({"image_key": "image", "t": [*LOAD, item]})
            expected = numpy.asarray(Compose(parser.get_parsed_content("t"))({"image": path})["image"])[0]
            name = plan_of([item]).metadata()["voxtile.normalize"]
            run(PROGRAM, "convert", path, out, f"--normalize={name}", "--type", "float32", "--force")
            found = numpy.asarray(nibabel.load(out).dataobj)
            with self.subTest(name):
                self.assertLessEqual(numpy.abs(found - expected).max(), 1e-6 * max(1, numpy.abs(expected).max()))

    def test_macros_and_relative_references_are_resolved(self):
        window = {**CUBE, "overlap": "%share", "roi_size": ["@##sw_batch_size", 8, 8], "sw_batch_size": 8}
        items = configuration([on_image("Spacingd", pixdim=[2, "@#0", 2])], inferer=window, more={"share": 0.25})
        self.write({**items, "network_def": NETWORK}, metadata())
        done = self.export("--plan")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for text in ("--overlap 25% --compat monai-constant --batch 8", "2x2x2", "8x8x8"):
            self.assertIn(text, done.stdout)

    def test_an_expression_is_evaluated_with_its_imports(self):
        items = configuration([], more={"imports": ["$import math"], "size": "$math.floor(2.5)"})
        parser, _ = self.write({**items, "network_def": NETWORK}, metadata())
        self.assertEqual(evaluate_with(parser)("$@size + 1"), 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
