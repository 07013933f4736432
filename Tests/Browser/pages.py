"""Shared by the browser tests: a folder with images, a browser, and the voxtile binary.

Each test script takes the path of the voxtile binary. The default is $VOXTILE_PROGRAM, or else the debug build. The tests
need only Python's standard library. They are skipped with a message if Chromium is not installed.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import chromium
import images

ROOT = Path(__file__).resolve().parents[2]
READY = "document.documentElement.dataset.ready === 'true'"
PROGRAM = None


def main():
    """Runs the tests of the calling script with the binary given in its arguments."""
    global PROGRAM
    if chromium.find() is None:
        print("skipped: Chromium is not installed, so pages are not tested in a browser")
        sys.exit()
    is_named = len(sys.argv) > 1 and not sys.argv[1].startswith("-")
    named = sys.argv.pop(1) if is_named else os.environ.get("VOXTILE_PROGRAM", ROOT / ".build/debug/voxtile")
    PROGRAM = str(Path(named).resolve())
    unittest.main()


class PageCase(unittest.TestCase):
    """Base class for tests that make pages and open them in one browser."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="voxtile-pages-")
        cls.here = cls.folder.name
        images.nifti(f"{cls.here}/scan.nii", images.brain_like)
        images.nifti(f"{cls.here}/labels.nii", lambda x, y, z: 0 if x < 8 else 3 if y < 12 else 7)
        images.png(f"{cls.here}/photo.png", 120, 80)
        cls.browser = chromium.Browser(chromium.find(), width=1200, height=900)

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def voxtile(self, *arguments, status=0):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.here, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def open(self, name, *arguments):
        """Makes a page, opens it, and returns the browser."""
        self.voxtile(*arguments, "--force")
        self.browser.errors.clear()
        self.browser.requests.clear()
        self.browser.media()
        self.browser.call("Page.navigate", url="about:blank")
        seconds = self.browser.open(f"file://{self.here}/{name}", READY)
        self.assertLess(seconds, 10)
        return self.browser

    def click_button(self, within, text):
        """Clicks the button with a text, with the mouse."""
        self.browser.value(f"""Array.from(document.querySelectorAll('{within} button'))
            .find(b => b.textContent === '{text}').id = 'wanted'""")
        self.browser.click("#wanted")
        self.browser.value("document.getElementById('wanted').removeAttribute('id')")

    def check_silence(self):
        """Checks that there were no errors and that nothing but the file itself was loaded."""
        self.browser.frame()
        self.assertEqual(self.browser.errors, [])
        self.assertEqual([r for r in self.browser.requests if not r.startswith(("about:", "data:"))],
                         [r for r in self.browser.requests if r.startswith(f"file://{self.here}/")])
        self.assertEqual(len([r for r in self.browser.requests if r.startswith("file:")]), 1)

    def plan(self, *grid):
        return json.loads(self.voxtile("plan", *grid, "--json"))
