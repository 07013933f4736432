#!/usr/bin/env python3
"""Opens the results of script/demo in headless Chromium, and uses them as a person would.

usage: demo_test.py FOLDER [PROGRAM]

FOLDER contains the results of the demo; PROGRAM as for report_test.py.
"""
import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import chromium
import pages

TEXT = "document.getElementById('{}').innerText"


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.browser = chromium.Browser(chromium.find(), width=1280, height=900)
        self.addCleanup(self.browser.__exit__)

    def open(self, address):
        self.browser.open(address, pages.READY)
        self.address = address

    def check_silence(self):
        """Checks that there were no errors and that nothing was loaded from elsewhere."""
        self.browser.frame()
        self.assertEqual(self.browser.errors, [])
        self.assertTrue(self.browser.value("document.getElementById('failure').hidden"))
        others = [r for r in self.browser.requests if not r.startswith((self.address, "about:", "data:"))]
        self.assertEqual(others, [])

    def plan(self):
        """The output of `plan --json` for the grid that the page shows."""
        with open(f"{FOLDER}/patches/voxtile.json", encoding="utf-8") as file:
            grid = json.load(file)["grid"]
        sizes = ["x".join(str(size) for size in grid[key]) for key in ("patch", "overlap")]
        done = subprocess.run([pages.PROGRAM, "plan", "brain.nii.gz", "--patch", sizes[0], "--overlap", sizes[1], "--json"],
                              cwd=FOLDER, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def use(self):
        """Moves the cursor, rotates the 3D view, steps through the patches, and checks the numbers."""
        browser = self.browser
        x, y, width, height = browser.box(".views figure:first-child canvas")
        browser.drag([(x + width * (0.3 + 0.02 * i), y + height * 0.4) for i in range(10)])
        browser.frame()
        cursor = browser.value("voxtile.state.cursor")
        self.assertNotEqual(cursor, [size // 2 for size in (181, 217, 181)])
        self.assertIn(f"({', '.join(map(str, cursor))})", browser.value(TEXT.format("readout")))
        picture = "document.getElementById('space-view').toDataURL()"
        browser.value("document.getElementById('space-view').focus()")
        before = browser.value(picture)
        browser.key("ArrowRight", times=3)
        self.assertNotEqual(browser.value(picture), before)
        for expected in (0, 1):
            browser.click("#space-controls button[aria-label='Next patch']")
            self.assertEqual(browser.value("voxtile.state.chosen"), expected)
        self.assertIn("patch_0001_", browser.value(TEXT.format("space-readout")))
        plan = self.plan()
        summary = browser.value("voxtile.data.summary")
        for key in ("extent", "patch", "overlap", "stride", "counts", "starts", "patches", "imageVoxels", "coveredVoxels",
                    "lostVoxels", "redundancy", "outputBytes"):
            self.assertEqual(summary[key], plan[key], key)
        for key in ("patches", "imageVoxels", "coveredVoxels"):
            self.assertEqual(browser.value(f"document.querySelector('[data-key={key}]').textContent"), f"{plan[key]:,}")

    def test_the_page_of_the_brain(self):
        self.open(Path(FOLDER, "report.html").as_uri())
        self.use()
        self.assertIn("After the merge", self.browser.value(TEXT.format("results")))
        self.check_silence()

    def test_the_page_of_the_tissue_prediction(self):
        page = Path(FOLDER, "tissue.html")
        if not page.exists():
            self.skipTest("the demo ran without ONNX Runtime")
        self.open(page.as_uri())
        results = self.browser.value(TEXT.format("results"))
        for words in ("After the prediction", "Model confidence", "Disagreement between overlapping patches"):
            self.assertIn(words, results)
        # Labels have the names that the network says.
        self.assertRegex(self.browser.value(TEXT.format("labels")), r"3\s+white")
        self.check_silence()

    def test_the_served_page_of_the_patches(self):
        server = subprocess.Popen([pages.PROGRAM, "view", "patches", "--merged", "merged.nii.gz", "--no-browser"], cwd=FOLDER,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            self.open(server.stdout.readline().strip())
            self.use()
            self.assertIn("None. All", self.browser.value(TEXT.format("results")))
            self.check_silence()
        finally:
            server.send_signal(signal.SIGINT)
            server.stdout.close()
            self.assertEqual(server.wait(20), 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    FOLDER = os.path.abspath(sys.argv.pop(1))
    pages.main()
