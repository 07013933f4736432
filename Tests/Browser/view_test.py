#!/usr/bin/env python3
"""Opens served reports (voxtile view) in headless Chromium.

usage: view_test.py [PROGRAM], as for report_test.py
"""
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import chromium
import images
import pages

# Slightly more voxels than fit in a page at full resolution.
SIZE = (210, 200, 180)


def value(x, y, z):
    return (7 * x + 13 * y + 29 * z + x * y % 31) % 4001 - 2000


class ViewTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="voxtile-view-")
        cls.here = cls.folder.name
        images.nifti(f"{cls.here}/scan.nii", value, SIZE)
        images.nifti(f"{cls.here}/small.nii", value)
        cls.browser = chromium.Browser(chromium.find(), width=1200, height=900)

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def start(self, *arguments):
        """Starts the server and returns its address."""
        self.server = subprocess.Popen([pages.PROGRAM, "view", *arguments, "--no-browser"], cwd=self.here, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        return self.server.stdout.readline().strip()

    def stop(self):
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
        self.server.stdout.close()
        self.assertEqual(self.server.wait(20), 0)

    def wait(self, expression):
        self.browser.value(f"""new Promise((done, fail) => {{ const end = Date.now() + 20000; const look = () =>
            ({expression}) ? done(true) : Date.now() > end ? fail(new Error('timed out')) : setTimeout(look, 20);
            look(); }})""")

    def readout(self):
        self.browser.frame()
        return self.browser.value("document.getElementById('readout').textContent")

    def test_slices_are_loaded_at_full_resolution(self):
        address = self.start("scan.nii", "--patch", "96", "--overlap", "32")
        self.assertRegex(address, r"^http://127\.0\.0\.1:\d+/[0-9a-f]{32}/$")
        browser = self.browser
        browser.errors.clear()
        browser.requests.clear()
        browser.open(address, pages.READY)
        self.assertFalse(browser.value("voxtile.layers[0].isExact"))
        self.wait("voxtile.layers[0].finer.kept.size === 3")
        for cursor in ([3, 5, 7], [190, 100, 170], [209, 199, 179]):
            browser.value(f"voxtile.state.set({{cursor: {cursor}}})")
            browser.frame()
            self.wait(f"[0, 1, 2].every(a => voxtile.layers[0].finer.kept.has(a + '/' + {cursor}[a]))")
            self.assertIn(f"({cursor[0]}, {cursor[1]}, {cursor[2]}) {value(*cursor)}", self.readout())
            for axis in range(3):
                columns, rows = [size for other, size in enumerate(SIZE) if other != axis]
                found = browser.value(f"""(() => {{ voxtile.state.window = [-2000, 2000];
                    const c = voxtile.layers[0].finest({axis}, {cursor[axis]});
                    return [c.width, c.height, ...c.getContext('2d').getImageData(0, 0, c.width, 4).data]; }})()""")
                self.assertEqual(found[:2], [columns, rows])
                for row in range(4):
                    for column in range(0, columns, 7):
                        voxel = [column, row]
                        voxel.insert(axis, cursor[axis])
                        gray = int(255 * (value(*voxel) + 2000) / 4000 + 0.5)
                        self.assertEqual(found[2 + 4 * (row * columns + column)], gray, voxel)
        # Dragging across many slices loads only a few of them, and always the last one.
        browser.requests.clear()
        x, y, width, height = browser.box(".views figure:first-child canvas")
        browser.drag([(x + width * (0.2 + 0.01 * i), y + height * 0.5) for i in range(60)])
        browser.frame()
        self.wait("[0, 1, 2].every(a => voxtile.layers[0].finer.kept.has(a + '/' + voxtile.state.cursor[a]))")
        cursor = browser.value("voxtile.state.cursor")
        self.assertIn(f"({cursor[0]}, {cursor[1]}, {cursor[2]}) {value(*cursor)}", self.readout())
        self.assertEqual(browser.errors, [])
        self.assertTrue(browser.requests)
        self.assertEqual([r for r in browser.requests if not r.startswith((address, "data:", "about:"))], [])

    def test_a_zoomed_slice_shows_the_voxels_of_the_file(self):
        address = self.start("scan.nii", "--patch", "96", "--overlap", "32")
        browser = self.browser
        browser.errors.clear()
        browser.open(address, pages.READY)
        x, y, width, height = browser.box(".views figure:first-child canvas")
        for _ in range(11):
            browser.mouse("mouseWheel", x + width / 2, y + height / 2, deltaX=0, deltaY=-120, modifiers=2)
            browser.frame()
        self.assertGreater(browser.value("Math.min(...voxtile.views[0].scale)"), 16)
        browser.value("voxtile.state.set({window: [-2000, 2000], showsGrid: false, showsCross: false})")
        self.wait("[0, 1, 2].every(a => voxtile.layers[0].finer.kept.has(a + '/' + voxtile.state.cursor[a]))")
        browser.frame()
        # Pixels away from the letters at the edges, each with the voxel that it shows.
        shown = browser.value("""(() => { const v = voxtile.views[0], c = v.canvas, found = [];
            const copy = Object.assign(document.createElement('canvas'), {width: c.width, height: c.height});
            const context = copy.getContext('2d', {willReadFrequently: true}), z = voxtile.state.cursor[2];
            context.drawImage(c, 0, 0);
            for (let i = 2; i < 9; i += 1) {
              const at = v.shape.map((size, side) => size * (0.1 * i + 0.013 * side));
              const voxel = v.pointAt(at).map(Math.floor);
              const [px, py] = at.map((value, side) => Math.round(value * (side ? c.height : c.width) / v.shape[side]));
              found.push([voxel[0], voxel[1], z, context.getImageData(px, py, 1, 1).data[0]]);
            } return found; })()""")
        self.assertEqual(len(shown), 7)
        right = sum(int(255 * (value(*voxel) + 2000) / 4000 + 0.5) == gray for *voxel, gray in shown)
        # A pixel at the border of two voxels may show the other one.
        self.assertGreaterEqual(right, 6, shown)
        self.assertEqual(browser.errors, [])

    def test_the_page_still_works_after_the_server_has_stopped(self):
        address = self.start("small.nii", "--patch", "12")
        self.browser.open(address, pages.READY)
        self.wait("voxtile.layers[0].finer.kept.size === 3")
        self.stop()
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(address, timeout=5)
        self.browser.value("voxtile.state.set({cursor: [1, 2, 3]})")
        self.wait("!document.getElementById('failure').hidden")
        self.assertIn("(1, 2, 3) ≈", self.readout())


if __name__ == "__main__":
    pages.main()
