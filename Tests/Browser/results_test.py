#!/usr/bin/env python3
"""Opens the pages of merges and predictions in headless Chromium, and checks the results that they show.

usage: results_test.py [PROGRAM], as for report_test.py
"""
import json
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from images import brain_like, nifti
from pages import READY, PageCase, main


class ResultsTest(PageCase):
    def test_a_merge_shows_difference_seams_and_labels(self):
        self.voxtile("crop", "scan.nii", "--patch", "12", "--overlap", "4", "-o", "patches", "--force")
        browser = self.open("page.html", "merge", "patches", "-o", "merged.nii", "--blend", "average", "--report", "page.html")
        results = browser.value("document.getElementById('results').innerText")
        self.assertIn("None. All 13,260 values", results)
        self.assertIn("Are patch borders visible?", results)
        verdict = browser.value("document.getElementById('verdict').innerText")
        for words in ("Nothing is lost", "identical to the original"):
            self.assertIn(words, verdict)
        # The name of the scan, not of the folder.
        self.assertEqual(browser.value("document.title"), "scan.nii – Voxtile report")
        self.assertIn("patch folder patches", browser.value("document.getElementById('subtitle').textContent"))
        self.assertGreater(browser.value("document.querySelectorAll('#results svg circle').length"), 5)
        self.check_silence()
        browser = self.open("page.html", "report", "patches", "--overlay", "labels.nii", "-o", "page.html")
        self.assertEqual(browser.value("voxtile.layers[voxtile.state.overlays[0]].kind"), "labels")
        self.assertIn("label 7", browser.value("document.getElementById('labels').innerText"))
        browser.value("voxtile.state.set({cursor: [20, 20, 5]})")
        browser.frame()
        self.assertIn("labels.nii: label 7", browser.value("document.getElementById('readout').textContent"))
        self.check_silence()

    def test_the_page_starts_at_a_wrong_patch(self):
        def merge():
            return self.open("page.html", "merge", "patches", "-o", "merged.nii", "--blend", "center", "--force",
                             "--report", "page.html")

        self.voxtile("crop", "scan.nii", "--patch", "12", "--overlap", "4", "-o", "patches", "--force")
        self.assertEqual(merge().value("voxtile.state.overlays"), [])
        patch = next(Path(self.here, "patches").glob("patch_0005_*.nii"))
        patch.write_bytes(patch.read_bytes()[:352] + struct.pack("<h", 9000) * 12 ** 3)
        browser = merge()
        self.assertEqual(browser.value("voxtile.layers[voxtile.state.overlays[0]].kind"), "difference")
        difference = browser.value("voxtile.data.merge.difference")
        self.assertGreater(difference["largest"], 8000)
        self.assertEqual(browser.value("voxtile.state.cursor"), difference["position"])
        self.assertIn("Yes.", browser.value("document.getElementById('results').innerText"))
        problems = browser.value("Array.from(document.querySelectorAll('#verdict .bad'), l => l.innerText).join(' ')")
        self.assertIn("Patch 5 (patch_0005_", problems)
        self.assertIn("differ from the original", problems)
        # Its borders are in the patch that is wrong, and the button leads there.
        self.assertIn("Patch borders are visible", browser.value("document.getElementById('verdict').innerText"))
        browser.value("voxtile.state.set({cursor: [0, 0, 0], overlays: []})")
        self.click_button("#verdict", "Show the worst border")
        cursor = browser.value("voxtile.state.cursor")
        # It is seen in the merged image, not in the original.
        self.assertEqual(browser.value("voxtile.layers[voxtile.state.base].name"), "merged")
        self.assertEqual(browser.value("document.querySelector('#controls select[aria-label=Image]').value"), "merged")
        region = browser.value("voxtile.grid.patch(5).region")
        for voxel, (start, end) in zip(cursor, region):
            self.assertTrue(start - 1 <= voxel <= end, (cursor, region))
        self.click_button("#verdict", "Show the worst place")
        self.assertEqual(browser.value("voxtile.state.cursor"), difference["position"])
        self.assertEqual(browser.value("voxtile.layers[voxtile.state.overlays[0]].kind"), "difference")
        self.check_silence()
        # If no difference is finite, there is no largest difference and no position.
        page = Path(self.here, "page.html")
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(f'"position":[{",".join(map(str, difference["position"]))}],', "", 1), encoding="utf-8")
        browser.open(f"file://{page}", READY + " && voxtile.data.merge.difference.position === undefined")
        self.assertIn("differing values", browser.value("document.getElementById('results').innerText"))
        self.assertEqual(browser.errors, [])

    def test_a_plane_that_jumps_less_than_its_surroundings_is_no_visible_border(self):
        browser = self.open("page.html", "report", "scan.nii", "--patch", "12", "-o", "page.html")
        verdict = """worstSeam({planes: [{axis: 'z', position: 9, across: 1, beside: 2, score: %s, originalScore: %s}],
            original: {x: [], y: [], z: []}}).verdict"""
        for score, original, expected in ((0.87, 0.04, "no"), (1.5, 0.04, "yes"), (1.5, 1.45, "no"), (1.2, 0.5, "barely")):
            self.assertEqual(browser.value(verdict % (score, original)), expected, (score, original))

    def test_one_wrong_patch_among_many_is_found(self):
        # Smooth values without an original, and patches without overlap.
        nifti(f"{self.here}/smooth.nii", lambda x, y, z: 3 * x + 2 * y + z + (x * y + z) % 3, size=(48, 40, 32))
        self.voxtile("crop", "smooth.nii", "--patch", "8", "--overlap", "0", "-o", "many", "--force")
        browser = self.open("page.html", "merge", "many", "-o", "m.nii", "--force", "--report", "page.html")
        self.assertNotIn("stands out", browser.value("document.getElementById('verdict').innerText"))
        self.assertIn("No patch stands out", browser.value("document.getElementById('results').innerText"))
        Path(self.here, "smooth.nii").unlink()
        patch = next(Path(self.here, "many").glob("patch_0064_*.nii"))
        values = struct.unpack(f"<{8 ** 3}h", patch.read_bytes()[352:])
        patch.write_bytes(patch.read_bytes()[:352] + struct.pack(f"<{8 ** 3}h", *(v + 25 for v in values)))
        browser = self.open("page.html", "merge", "many", "-o", "m.nii", "--force", "--report", "page.html")
        self.assertEqual(browser.value("voxtile.grid.count"), 120)
        # It is in front of the sheet of many, which is folded and stays as it is when other pictures are asked for.
        named = "[...document.querySelectorAll('#sheet-named .thumbnail b')].map(b => b.textContent)"
        self.assertEqual(browser.value(named), ["64"])
        fold = "document.getElementById('sheet-fold').open"
        self.assertFalse(browser.value(fold))
        browser.click("#sheet-fold summary")
        browser.click("#sheet-source")
        self.assertTrue(browser.value(fold))
        line = browser.value("document.querySelector('#verdict .bad').innerText")
        self.assertIn("Patch 64 (patch_0064_", line)
        self.click_button("#verdict", "Show patch 64")
        self.assertEqual(browser.value("voxtile.state.chosen"), 64)
        self.assertTrue(browser.value("voxtile.grid.holds(voxtile.grid.patch(64), voxtile.state.cursor)"))
        self.check_silence()

    def test_values_that_are_not_comparable_are_counted(self):
        nifti(f"{self.here}/gaps.nii", lambda x, y, z: float("nan") if x < 5 else x * y, kind="f")
        nifti(f"{self.here}/filled.nii", lambda x, y, z: 0 if x < 5 else x * y, kind="f")
        browser = self.open("page.html", "report", "gaps.nii", "--patch", "12", "--merged", "filled.nii", "-o", "page.html")
        results = browser.value("document.getElementById('results').innerText")
        self.assertRegex(results, r"not comparable \(NaN or infinite in one image\)\s+2,210")
        self.assertEqual(browser.value("voxtile.state.cursor"), [0, 0, 0])
        self.check_silence()

    def test_a_border_with_the_only_jump_is_visible(self):
        nifti(f"{self.here}/noise.nii", brain_like, size=(32, 32, 16), kind="f")
        nifti(f"{self.here}/steps.nii", lambda x, y, z: 1.5 if x < 16 else 2.5, size=(32, 32, 16), kind="f")
        grid = ("--patch", "16", "--overlap", "0", "-o", "page.html")
        for original, words in (("noise.nii", "Yes."), ("steps.nii", "No.")):
            browser = self.open("page.html", "report", original, "--merged", "steps.nii", *grid)
            panel = browser.value("document.querySelector('#results .wide').innerText")
            self.assertIn(words, panel)
            self.assertIn("At x = 16, values jump by 1 on average, and not at all one voxel away", panel)
            self.check_silence()

    def test_labels_are_shown_with_all_digits(self):
        nifti(f"{self.here}/atlas.nii", lambda x, y, z: 606826647 if x < 9 else 607344830, kind="i")
        browser = self.open("page.html", "report", "atlas.nii", "--patch", "12", "-o", "page.html")
        results = browser.value("document.getElementById('labels').innerText")
        for label in ("label 606826647", "label 607344830"):
            self.assertIn(label, results)
        browser.value("voxtile.state.set({cursor: [20, 20, 5]})")
        browser.frame()
        self.assertIn("label 607344830", browser.value("document.getElementById('readout').textContent"))
        # A picture can show at most 254 labels; others are approximated.
        many = Path(self.here, "many.nii")
        nifti(many, lambda x, y, z: 1 + x + 30 * (y % 10), kind="i")
        many.write_bytes(many.read_bytes()[:68] + struct.pack("<h", 1002) + many.read_bytes()[70:])
        browser = self.open("page.html", "report", "many.nii", "--patch", "12", "-o", "page.html")
        self.assertIn("≈ label", browser.value("document.getElementById('readout').textContent"))
        self.check_silence()

    def test_the_results_of_a_prediction_are_shown(self):
        self.voxtile("report", "scan.nii", "--patch", "12", "--overlap", "4", "--overlay", "labels.nii", "-o", "page.html",
                     "--force")
        page = Path(self.here, "page.html")
        prediction = {"model": "net.onnx", "labels": [{"value": 2, "voxels": 4321, "milliliters": 38.889}],
                      "winningProbability": [0, 5, 10, 4300],
                      "labelConfidence": [{"label": 0, "voxels": 9000, "mean": 0.99}, {"label": 2, "voxels": 300, "mean": 0.9},
                                          {"label": 3, "voxels": 100, "mean": 0.5}],
                      "disagreement": {"voxels": 999, "differing": 111, "layer": "labels.nii"}}
        text = page.read_text(encoding="utf-8").replace('"summary":', f'"prediction":{json.dumps(prediction)},"summary":', 1)
        page.write_text(text, encoding="utf-8")
        self.browser.errors.clear()
        self.browser.requests.clear()
        self.browser.open(f"file://{page}", READY + " && voxtile.data.prediction != null")
        results = self.browser.value("document.getElementById('labels').innerText + document.getElementById('results').innerText")
        for words in ("After the prediction", "4,321", "38.89", "0.75 to 1", "4,300", "111 voxels of the 999", "confidence",
                      "90 %", "is 80 % on average over all voxels", "list of labels has it"):
            self.assertIn(words, results)
        # The map of disagreements has no anatomical labels to list.
        self.assertNotIn("Labels of labels.nii", results)
        self.browser.value("voxtile.state.set({overlays: []})")
        self.click_button("#verdict", "Show the worst place")
        self.assertEqual(self.browser.value("voxtile.layers[voxtile.state.overlays[0]].name"), "labels.nii")
        # The map has its largest values, 7, where y is 12 or more.
        x, y, _ = self.browser.value("voxtile.state.cursor")
        self.assertTrue(x >= 8 and y >= 12, (x, y))
        self.assertIn("labels.nii: patches disagree", self.browser.value("document.getElementById('readout').textContent"))
        self.assertIn("disagree about 11.1 %", self.browser.value("document.querySelector('#verdict .look').innerText"))
        self.check_silence()


if __name__ == "__main__":
    main()
