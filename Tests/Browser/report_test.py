#!/usr/bin/env python3
"""Opens reports in a headless Chromium, uses them as a person would, and reads what they say.

usage: report_test.py [PROGRAM]

PROGRAM is the built voxtile; by default that of VOXTILE_PROGRAM or of the debug build. Skipped, with a word, where
there is no Chromium. Needs nothing but Python's own library.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import chromium  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
READY = "document.documentElement.dataset.ready === 'true'"
WIDTH, HEIGHT, DEPTH = 30, 26, 17


def nifti(path, value, size=(WIDTH, HEIGHT, DEPTH), spacing=(2, 1.5, 3), kind="h"):
    """Writes voxels (h: int16, i: int32, f: float32) whose x axis points to the left, front and head like the others."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *size, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, *{"h": (4, 16), "i": (8, 32), "f": (16, 32)}[kind])
    struct.pack_into("<8f", header, 76, 1, *spacing, 0, 0, 0, 0)
    struct.pack_into("<f", header, 108, 352)
    struct.pack_into("<2h", header, 252, 0, 1)
    for row in range(3):
        numbers = [0.0] * 4
        numbers[row] = -spacing[row] if row == 0 else spacing[row]
        struct.pack_into("<4f", header, 280 + 16 * row, *numbers)
    header[344:348] = b"n+1\0"
    voxels = (value(x, y, z) for z in range(size[2]) for y in range(size[1]) for x in range(size[0]))
    count = size[0] * size[1] * size[2]
    Path(path).write_bytes(bytes(header) + struct.pack(f"<{count}{kind}", *voxels))


def png(path, width, height):
    """Writes an RGB picture."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in (x % 256, y % 256, 90)) for y in range(height))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def brain_like(x, y, z):
    return (x * x + 3 * y * z) % 201 - 100


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="voxtile-pages-")
        cls.here = cls.folder.name
        nifti(f"{cls.here}/scan.nii", brain_like)
        nifti(f"{cls.here}/labels.nii", lambda x, y, z: 0 if x < 8 else 3 if y < 12 else 7)
        png(f"{cls.here}/photo.png", 120, 80)
        cls.browser = chromium.Browser(chromium.find(), width=1200, height=900)

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def voxtile(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.here, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def open(self, name, *arguments):
        """Makes a page, opens it, and gives the browser."""
        self.voxtile(*arguments, "--force")
        self.browser.errors.clear()
        self.browser.requests.clear()
        self.browser.media()
        self.browser.call("Page.navigate", url="about:blank")
        seconds = self.browser.open(f"file://{self.here}/{name}", READY)
        self.assertLess(seconds, 10)
        return self.browser

    def check_silence(self):
        """Nothing was complained about, and nothing was asked for but the file itself."""
        self.browser.frame()
        self.assertEqual(self.browser.errors, [])
        self.assertEqual([r for r in self.browser.requests if not r.startswith(("about:", "data:"))],
                         [r for r in self.browser.requests if r.startswith(f"file://{self.here}/")])
        self.assertEqual(len([r for r in self.browser.requests if r.startswith("file:")]), 1)

    def plan(self, *grid):
        return json.loads(self.voxtile("plan", *grid, "--json"))

    def test_numbers_are_those_of_plan(self):
        grid = ("scan.nii", "--patch", "12x10x8", "--overlap", "4x3x2", "--edge", "discard")
        plan = self.plan(*grid)
        browser = self.open("page.html", "report", *grid, "-o", "page.html")
        for key in ("patches", "imageVoxels", "coveredVoxels"):
            text = browser.value(f"document.querySelector('[data-key={key}]').textContent")
            self.assertEqual(text, f"{plan[key]:,}", key)
        lost = browser.value("document.querySelector('[data-key=lostVoxels]').textContent")
        self.assertTrue(lost.startswith(f"{plan['lostVoxels']:,} ("), lost)
        self.assertGreater(plan["lostVoxels"], 0)
        self.assertIn("in no patch", browser.value("document.getElementById('lost-note').textContent"))
        words = browser.value("document.getElementById('terms').innerText")
        for term in ("Patch", "Overlap", "Stride", "Lost border", "12\u00a0×\u00a010\u00a0×\u00a08"):
            self.assertIn(term, words)
        self.check_silence()

    def test_coverage_is_a_brute_force_count(self):
        for edge in ("discard", "shift", "pad-both"):
            grid = ("scan.nii", "--patch", "12x10x8", "--overlap", "4x3x2", "--edge", edge)
            starts = self.plan(*grid)["starts"]
            browser = self.open("page.html", "report", *grid, "-o", "page.html")
            sizes = (12, 10, 8)
            boxes = [(x, y, z) for x in starts["x"] for y in starts["y"] for z in starts["z"]]

            def count(*voxel):
                return sum(all(s <= v < s + n for s, v, n in zip(box, voxel, sizes)) for box in boxes)

            expected = [count(x, y, z) for z in range(DEPTH) for y in range(HEIGHT) for x in range(WIDTH)]
            found = browser.value(f"""Array.from({{length: {WIDTH * HEIGHT * DEPTH}}}, (_, i) => voxtile.grid.coverage(
                [i % {WIDTH}, Math.floor(i / {WIDTH}) % {HEIGHT}, Math.floor(i / {WIDTH * HEIGHT})]))""")
            self.assertEqual(found, expected, edge)
            # The colours over the slice at z = 9, pixel by pixel, and how many patches are named there.
            colors = browser.value("""(() => { voxtile.state.set({cursor: [3, 4, 9]}); const c = voxtile.views[0].coverage();
                return Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data); })()""")
            wanted = browser.value(f"Array.from({{length: 65}}, (_, n) => coverColor(n, voxtile.grid.mostCovers))")
            for y in range(HEIGHT):
                for x in range(WIDTH):
                    at = 4 * (y * WIDTH + x)
                    self.assertEqual(colors[at:at + 3], wanted[count(x, y, 9)], (edge, x, y))
            named = browser.value("voxtile.grid.patchesAt([13, 11, 9]).length")
            self.assertEqual(named, count(13, 11, 9))
            self.check_silence()

    def test_the_cursor_is_dragged_scrolled_and_moved_by_keys(self):
        browser = self.open("page.html", "report", "scan.nii", "--patch", "12", "--overlap", "4", "-o", "page.html")
        x, y, width, height = browser.box(".views figure:first-child canvas")
        slowest = "globalThis.slowest = 0; voxtile.state.watch(['cursor'], () => requestAnimationFrame(() => { slowest = Math.max(slowest, voxtile.state.frameTime); }))"
        browser.value(slowest)
        browser.drag([(x + width * (0.3 + 0.02 * i), y + height * 0.4) for i in range(25)])
        browser.frame()
        cursor = browser.value("voxtile.state.cursor")
        # The x axis of the scan points to the left, and the right of the patient is at the right.
        self.assertLessEqual(abs(cursor[0] - (1 - 0.78) * WIDTH), 1)
        self.assertLessEqual(abs(cursor[1] - 0.6 * HEIGHT), 1)
        self.assertGreater(browser.value("slowest"), 0)
        readout = browser.value("document.getElementById('readout').textContent")
        self.assertIn(f"({cursor[0]}, {cursor[1]}, {cursor[2]})", readout)
        self.assertIn(str(brain_like(*cursor)), readout)
        self.assertRegex(readout, r"patch \d+ · 12\W×\W12\W×\W12 at \(\d+, \d+, \d+\)")
        browser.key("ArrowUp", times=2)
        browser.key("PageUp")
        self.assertEqual(browser.value("voxtile.state.cursor"), [cursor[0], cursor[1] + 2, cursor[2] + 1])
        browser.mouse("mouseWheel", x + width / 2, y + height / 2, deltaX=0, deltaY=120)
        browser.frame()
        self.assertEqual(browser.value("voxtile.state.cursor[2]"), cursor[2])
        letters = browser.value("voxtile.views.map(v => [v.name, v.letters.left, v.letters.right, v.letters.up].join(' '))")
        self.assertEqual(letters, ["axial (z) L R A", "coronal (y) L R S", "sagittal (x) P A S"])
        self.check_silence()

    def test_the_space_is_turned_and_patches_are_stepped_through(self):
        self.voxtile("crop", "scan.nii", "--patch", "12", "--overlap", "4", "-o", "patches", "--force")
        browser = self.open("page.html", "report", "patches", "-o", "page.html")
        picture = "document.getElementById('space-view').toDataURL()"
        browser.box("#space-view")
        before = browser.value(picture)
        browser.value("document.getElementById('space-view').focus()")
        browser.key("ArrowRight", times=3)
        turned = browser.value(picture)
        self.assertNotEqual(before, turned)
        x, y, width, height = browser.box("#space-view")
        browser.drag([(x + width / 2 + 9 * i, y + height / 2) for i in range(8)])
        browser.frame()
        self.assertNotEqual(browser.value(picture), turned)
        self.assertIsNone(browser.value("voxtile.state.chosen"))
        for expected in (0, 1, 2):
            browser.click("#space-controls button[aria-label='Next patch']")
            self.assertEqual(browser.value("voxtile.state.chosen"), expected)
        self.assertIn("patch_0002_", browser.value("document.getElementById('space-readout').textContent"))
        self.assertIn("patch_0002_", browser.value("document.getElementById('readout').textContent"))
        browser.click("#space-controls button[aria-label='Previous patch']")
        self.assertEqual(browser.value("document.querySelector('.tile[aria-pressed=true] b').textContent"), "1")
        browser.click("#space-controls button[aria-label='Step through the patches']")
        browser.value("new Promise(done => setTimeout(done, 900))")
        browser.click("#space-controls button[aria-label='Step through the patches']")
        self.assertGreaterEqual(browser.value("voxtile.state.chosen"), 2)
        browser.click(".tile:nth-child(2)")
        chosen = browser.value("voxtile.state.chosen")
        self.assertEqual(browser.value("document.querySelector('.tile:nth-child(2) b').textContent"), str(chosen))
        browser.value("voxtile.space.apart = 0; voxtile.state.set({view: 1})")
        self.check_silence()

    def test_a_merge_shows_difference_seams_and_labels(self):
        self.voxtile("crop", "scan.nii", "--patch", "12", "--overlap", "4", "-o", "patches", "--force")
        browser = self.open("page.html", "merge", "patches", "-o", "merged.nii", "--blend", "average", "--report", "page.html")
        results = browser.value("document.getElementById('results').innerText")
        self.assertIn("None. All 13,260 values", results)
        self.assertIn("Do the borders of patches show?", results)
        self.assertGreater(browser.value("document.querySelectorAll('#results svg circle').length"), 5)
        self.check_silence()
        browser = self.open("page.html", "report", "patches", "--overlay", "labels.nii", "-o", "page.html")
        self.assertEqual(browser.value("voxtile.layers[voxtile.state.overlay].kind"), "labels")
        self.assertIn("label 7", browser.value("document.getElementById('results').innerText"))
        browser.value("voxtile.state.set({cursor: [20, 20, 5], opacity: 0.2})")
        browser.frame()
        self.assertIn("labels.nii: label 7", browser.value("document.getElementById('readout').textContent"))
        self.check_silence()

    def test_a_wrong_patch_is_what_is_seen_first(self):
        def merge():
            return self.open("page.html", "merge", "patches", "-o", "merged.nii", "--blend", "center", "--force",
                             "--report", "page.html")

        self.voxtile("crop", "scan.nii", "--patch", "12", "--overlap", "4", "-o", "patches", "--force")
        self.assertIsNone(merge().value("voxtile.state.overlay"))
        patch = next(Path(self.here, "patches").glob("patch_0005_*.nii"))
        patch.write_bytes(patch.read_bytes()[:352] + struct.pack("<h", 9000) * 12 ** 3)
        browser = merge()
        self.assertEqual(browser.value("voxtile.layers[voxtile.state.overlay].kind"), "difference")
        difference = browser.value("voxtile.data.merge.difference")
        self.assertGreater(difference["largest"], 8000)
        self.assertEqual(browser.value("voxtile.state.cursor"), difference["position"])
        self.assertIn("Yes.", browser.value("document.getElementById('results').innerText"))
        self.check_silence()
        # Values of which none has a finite difference differ, but nowhere most.
        page = Path(self.here, "page.html")
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(f'"position":[{",".join(map(str, difference["position"]))}],', "", 1), encoding="utf-8")
        browser.open(f"file://{page}", READY + " && voxtile.data.merge.difference.position === undefined")
        self.assertIn("values that differ", browser.value("document.getElementById('results').innerText"))
        self.assertEqual(browser.errors, [])

    def test_what_differs_by_no_number_is_shown_too(self):
        nifti(f"{self.here}/gaps.nii", lambda x, y, z: float("nan") if x < 5 else x * y, kind="f")
        nifti(f"{self.here}/filled.nii", lambda x, y, z: 0 if x < 5 else x * y, kind="f")
        browser = self.open("page.html", "report", "gaps.nii", "--patch", "12", "--merged", "filled.nii", "-o", "page.html")
        results = browser.value("document.getElementById('results').innerText")
        self.assertRegex(results, r"by no number \(NaN or infinite in one of both\)\s+2,210")
        self.assertEqual(browser.value("voxtile.state.cursor"), [0, 0, 0])
        self.check_silence()

    def test_a_border_that_alone_jumps_shows(self):
        nifti(f"{self.here}/noise.nii", brain_like, size=(32, 32, 16), kind="f")
        nifti(f"{self.here}/steps.nii", lambda x, y, z: 1.5 if x < 16 else 2.5, size=(32, 32, 16), kind="f")
        grid = ("--patch", "16", "--overlap", "0", "-o", "page.html")
        for original, words in (("noise.nii", "Yes."), ("steps.nii", "No.")):
            browser = self.open("page.html", "report", original, "--merged", "steps.nii", *grid)
            panel = browser.value("document.querySelector('#results .wide').innerText")
            self.assertIn(words, panel)
            self.assertIn("At x = 16 values jump by 1 on average, and beside it not at all", panel)
            self.check_silence()

    def test_every_digit_of_a_label_matters(self):
        nifti(f"{self.here}/atlas.nii", lambda x, y, z: 606826647 if x < 9 else 607344830, kind="i")
        browser = self.open("page.html", "report", "atlas.nii", "--patch", "12", "-o", "page.html")
        results = browser.value("document.getElementById('results').innerText")
        for label in ("label 606826647", "label 607344830"):
            self.assertIn(label, results)
        browser.value("voxtile.state.set({cursor: [20, 20, 5]})")
        browser.frame()
        self.assertIn("label 607344830", browser.value("document.getElementById('readout').textContent"))
        # A page has room for 254 labels.
        many = Path(self.here, "many.nii")
        nifti(many, lambda x, y, z: 1 + x + 30 * (y % 10), kind="i")
        many.write_bytes(many.read_bytes()[:68] + struct.pack("<h", 1002) + many.read_bytes()[70:])
        browser = self.open("page.html", "report", "many.nii", "--patch", "12", "-o", "page.html")
        self.assertIn("≈ label", browser.value("document.getElementById('readout').textContent"))
        self.check_silence()

    def test_a_long_picture_and_a_ct_are_shown(self):
        png(f"{self.here}/long.png", 70000, 4)
        browser = self.open("page.html", "report", "long.png", "--patch", "700x4", "--merged", "long.png", "-o", "page.html")
        self.assertIn("None. All", browser.value("document.getElementById('results').innerText"))
        self.assertTrue(browser.value("document.getElementById('failure').hidden"))
        nifti(f"{self.here}/ct.nii", lambda x, y, z: -1000 + 100 * y if x < 8 else 40 + y if x < 20 else 900 + x / 7, kind="f")
        browser = self.open("page.html", "report", "ct.nii", "--patch", "12", "-o", "page.html")
        browser.click("button[title='-160 to 240 HU']")
        browser.frame()
        self.assertEqual(browser.value("voxtile.state.window"), [-160, 240])
        self.check_silence()

    def test_a_phone_shows_it_without_scrolling_sideways(self):
        self.voxtile("crop", "scan.nii", "--patch", "6", "--overlap", "2", "-o", "patches", "--force")
        browser = self.open("page.html", "merge", "patches", "-o", "merged.nii", "--force", "--report", "page.html")
        metrics = {"deviceScaleFactor": 1, "mobile": False, "height": 900}
        try:
            browser.call("Emulation.setDeviceMetricsOverride", width=400, **metrics)
            browser.frame()
            self.assertEqual(browser.value("document.documentElement.scrollWidth"), 400)
            # Words in drawings are as large as they are meant to be.
            sizes = browser.value("""Array.from(document.querySelectorAll('#axes svg, #results svg'),
                s => s.getBoundingClientRect().width / s.viewBox.baseVal.width)""")
            self.assertGreater(len(sizes), 5)
            self.assertGreater(min(sizes), 0.95)
        finally:
            browser.call("Emulation.setDeviceMetricsOverride", width=1200, **metrics)
        self.check_silence()

    def test_large_voxels_are_seen_as_boxes(self):
        nifti(f"{self.here}/tiny.nii", lambda x, y, z: 100 * x, size=(4, 3, 2))
        browser = self.open("page.html", "report", "tiny.nii", "--patch", "2", "-o", "page.html")
        browser.value("voxtile.state.set({showsGrid: false, showsCross: false})")
        browser.frame()
        greys = browser.value("""(() => { const v = voxtile.views[0], c = v.canvas, row = Math.round(c.height * 0.3);
            return Array.from(c.getContext('2d').getImageData(30, row, c.width - 60, 1).data).filter((_, i) => i % 4 === 0); })()""")
        self.assertEqual(len(set(greys)), 4)

    def test_a_prediction_is_shown_where_there_is_one(self):
        self.voxtile("report", "scan.nii", "--patch", "12", "--overlap", "4", "--overlay", "labels.nii", "-o", "page.html",
                     "--force")
        page = Path(self.here, "page.html")
        prediction = {"model": "net.onnx", "labels": [{"value": 2, "voxels": 4321, "milliliters": 38.889}],
                      "winningProbability": [0, 5, 10, 4300], "disagreement": {"voxels": 999, "differing": 111, "layer": "labels.nii"}}
        text = page.read_text(encoding="utf-8").replace('"summary":', f'"prediction":{json.dumps(prediction)},"summary":', 1)
        page.write_text(text, encoding="utf-8")
        self.browser.errors.clear()
        self.browser.requests.clear()
        self.browser.open(f"file://{page}", READY + " && voxtile.data.prediction != null")
        results = self.browser.value("document.getElementById('results').innerText")
        for words in ("After the prediction", "4,321", "38.89", "0.75 to 1", "4,300", "111 voxels of 999"):
            self.assertIn(words, results)
        # Where patches disagree is a map, not an anatomy.
        self.assertNotIn("Labels of labels.nii", results)
        self.browser.value("voxtile.state.set({overlay: null})")
        self.browser.value("Array.from(document.querySelectorAll('#results button')).find(b => b.textContent === 'Show where').click()")
        self.assertEqual(self.browser.value("voxtile.layers[voxtile.state.overlay].name"), "labels.nii")
        self.check_silence()

    def test_many_patches_are_capped_and_said_to_be(self):
        browser = self.open("page.html", "report", "scan.nii", "--patch", "3", "--overlap", "2", "-o", "page.html")
        self.assertEqual(browser.value("voxtile.grid.count"), 28 * 24 * 15)
        self.assertIn("180 of 10,080 patches", browser.value("document.getElementById('sheet-note').textContent"))
        self.assertIn("one in 7 drawn", browser.value("document.getElementById('space-title').textContent"))
        browser.value("choosePatch(10079)")
        browser.frame()
        self.assertIn("patch 10079", browser.value("document.getElementById('readout').textContent"))
        self.check_silence()

    def test_pictures_label_maps_and_paper(self):
        browser = self.open("page.html", "report", "photo.png", "--patch", "48", "--overlap", "16", "-o", "page.html")
        self.assertEqual(browser.value("voxtile.views.length"), 1)
        self.assertEqual(browser.value("voxtile.views[0].figure.querySelector('figcaption').textContent"), "the picture")
        browser.value("voxtile.state.set({cursor: [50, 60, 0]})")
        browser.frame()
        self.assertIn("(50, 60) rgb 50, 60, 90", browser.value("document.getElementById('readout').textContent"))
        self.check_silence()
        browser = self.open("page.html", "report", "labels.nii", "--patch", "12", "--overlap", "4", "-o", "page.html")
        self.assertEqual(browser.value("voxtile.layers[0].kind"), "labels")
        ground = "getComputedStyle(document.body).backgroundColor"
        light = browser.value(ground)
        browser.media(dark=True, calm=True)
        browser.frame()
        dark = browser.value(ground)
        self.assertNotEqual(light, dark)
        browser.click("#theme")
        self.assertEqual(browser.value(ground), light)
        pdf = browser.call("Page.printToPDF", printBackground=True)["data"]
        self.assertGreater(len(pdf), 20_000)
        unnamed = browser.value("""Array.from(document.querySelectorAll('button, input, select, canvas[tabindex]')).filter(e =>
            !(e.ariaLabel || e.labels?.length || e.textContent.trim())).map(e => e.outerHTML.slice(0, 90))""")
        self.assertEqual(unnamed, [])
        self.check_silence()


def program():
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        return str(Path(sys.argv.pop(1)).resolve())
    if os.environ.get("VOXTILE_PROGRAM"):
        return os.environ["VOXTILE_PROGRAM"]
    return str(ROOT / ".build/debug/voxtile")


if __name__ == "__main__":
    if chromium.find() is None:
        print("there is no Chromium; the pages are not tested in a browser")
        sys.exit()
    PROGRAM = program()
    unittest.main()
