#!/usr/bin/env python3
"""Opens the pages of training patches in headless Chromium, chooses scans, patches and lesions, and checks what they show.

usage: samples_test.py [PROGRAM], as for report_test.py
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import images
from pages import READY, PageCase, main

TEXT = "document.getElementById('{}').innerText"
# The part of the pixels of a canvas that are of a color, within a few levels.
PART = """(() => {{ const canvas = document.querySelectorAll('#views canvas')[{}];
  const {{ data }} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const near = (at) => {}.every((part, index) => Math.abs(data[at + index] - part) < 40);
  let count = 0; for (let at = 0; at < data.length; at += 4) if (near(at)) count += 1;
  return 4 * count / data.length; }})()"""
ORANGE = [245, 158, 11]
"""The color of patches that cover a lesion."""


def lesions(x, y, z):
    return 2 if (x - 9) ** 2 + (y - 9) ** 2 + (z - 5) ** 2 < 5 else 1 if x in (16, 17) and y in (14, 15) and z == 9 else 0


class SamplesTest(PageCase):
    def setUp(self):
        if Path(self.here, "set").exists():
            return
        for folder in ("scans", "truth"):
            Path(self.here, folder).mkdir()
        for name in ("case1", "case2"):
            images.nifti(f"{self.here}/scans/{name}.nii", images.brain_like)
            images.nifti(f"{self.here}/truth/{name}.nii", lesions)
        self.voxtile("sample", "scans", "--labels", "truth", "--patch", "10", "--count", "8", "--cover", "lesions",
                     "--negatives", "25%", "--seed", "2", "--split", "50%", "--output", "set")

    def samples(self, page, change=None):
        """Writes the page of the set, after a change of its list, and opens it."""
        path = Path(self.here, "set/voxtile-samples.json")
        kept = path.read_text()
        if change:
            manifest = json.loads(kept)
            change(manifest)
            path.write_text(json.dumps(manifest))
        try:
            return self.open(page, "report", "set", "--output", page)
        finally:
            path.write_text(kept)

    def text(self, name):
        return self.browser.value(TEXT.format(name))

    def test_each_lesion_is_seen_and_the_page_says_so(self):
        browser = self.samples("set.html")
        self.assertIn("Every lesion that had to be covered is seen: 4 of 4 lesions lie whole in a patch.", self.text("verdict"))
        self.assertEqual(browser.value("document.querySelectorAll('#verdict .bad').length"), 0)
        self.assertIn("Verified: each file is as it was written", self.text("verdict"))
        for words in ("Patches\n16", "1 for training, 1 for validation", "Lesions\n4"):
            self.assertIn(words, self.text("cards"))
        self.assertIn("label 2", self.text("balance"))
        self.assertEqual(browser.value("document.querySelectorAll('#components tbody tr').length"), 4)
        self.assertEqual(browser.value("document.querySelectorAll('#contacts img').length"), 16)
        self.assertEqual(browser.value("document.querySelectorAll('#views canvas').length"), 3)
        self.check_silence()

    def test_reasons_can_be_hidden_in_the_map(self):
        browser = self.samples("set.html")
        browser.frame()
        before = browser.value(PART.format(0, ORANGE))
        self.assertGreater(before, 0.002)
        browser.click("#reasons button:first-child")
        browser.frame()
        self.assertEqual(browser.value("document.querySelector('#reasons button').getAttribute('aria-pressed')"), "false")
        self.assertLess(browser.value(PART.format(0, ORANGE)), before / 5)

    def test_a_patch_and_a_lesion_are_shown_where_they_lie(self):
        browser = self.samples("set.html")
        browser.value("document.querySelectorAll('#contacts button')[9].click()")
        browser.frame()
        self.assertEqual(browser.value("document.getElementById('scan').selectedIndex"), 1)
        self.assertIn("Patch 1 of case2", self.text("readout"))
        self.assertEqual(browser.value("document.querySelectorAll('#contacts [aria-pressed=true]').length"), 1)
        self.assertGreater(browser.value(PART.format(0, [255, 255, 255])), 0.002)
        browser.value("document.querySelector('#components button').click()")
        browser.frame()
        self.assertIn("Lesion 2 of case1: 4 voxels", self.text("readout"))
        browser.value("document.getElementById('own').click()")
        self.assertEqual(browser.value("document.querySelectorAll('#contacts img').length"), 8)
        self.assertIn("8 of 16 pictures", self.text("count"))

    def test_a_lesion_in_no_patch_is_red(self):
        def lose(manifest):
            manifest["scans"][0]["components"][0].update(patches=0, coverage="uncovered")

        browser = self.samples("lost.html", lose)
        self.assertIn("1 lesion has voxels in no patch. 3 of 4 lesions lie whole in a patch.", self.text("verdict"))
        self.assertEqual(browser.value("document.querySelectorAll('#verdict .bad').length"), 2)
        self.assertIn("the list says 0 (uncovered)", self.text("verdict"))
        self.assertIn("not covered", self.text("times"))
        self.assertEqual(browser.value("document.querySelector('#components tbody tr').className"), "bad")
        self.assertIn("1 not covered", browser.value("document.getElementById('scan').options[0].text"))

    def test_a_file_that_is_not_as_written_is_red(self):
        def change(manifest):
            manifest["patches"][5]["labelChecksum"] = "00000000"

        self.samples("damaged.html", change)
        self.assertIn("Not as the list says: 1 fault: labels/case1_0005.nii.gz: corrupt", self.text("verdict"))

    def test_without_a_cover_components_are_no_lesions(self):
        self.samples("plain.html", lambda manifest: manifest["settings"].pop("cover"))
        self.assertIn("None had to be covered", self.text("lesions-note"))
        self.assertNotIn("lesion", self.text("cards").lower())

    def test_the_page_fits_a_phone(self):
        browser = self.samples("set.html")
        browser.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=2, mobile=True)
        try:
            browser.frame()
            self.assertLessEqual(browser.value("document.documentElement.scrollWidth"), 390)
        finally:
            browser.call("Emulation.setDeviceMetricsOverride", width=1200, height=900, deviceScaleFactor=1, mobile=False)

    def test_a_part_without_scripts_says_so(self):
        self.samples("set.html")
        self.assertIn("This page needs JavaScript", Path(self.here, "set.html").read_text())
        self.assertTrue(self.browser.value(READY))


if __name__ == "__main__":
    main()
