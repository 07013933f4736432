#!/usr/bin/env python3
"""Opens reports in headless Chromium, uses them as a person would, and checks what they show.

usage: report_test.py [PROGRAM]

PROGRAM is the voxtile binary. The default is $VOXTILE_PROGRAM, or else the debug build.
"""
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from images import DEPTH, HEIGHT, WIDTH, brain_like, nifti, png
from pages import PageCase, main


class ReportTest(PageCase):
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
        self.assertIn("not in any patch", browser.value("document.getElementById('lost-note').textContent"))
        self.assertIn(f"{plan['lostVoxels']:,} voxels", browser.value("document.getElementById('verdict').innerText"))
        # Definitions are folded, and unfolded by a click or by printing.
        self.assertEqual(browser.value("document.getElementById('terms').innerText"), "")
        browser.click("#words summary")
        words = browser.value("document.getElementById('terms').innerText")
        for term in ("Patch", "Overlap", "Stride", "Lost border", "12\u00a0×\u00a010\u00a0×\u00a08"):
            self.assertIn(term, words)
        self.check_silence()

    def test_coverage_equals_a_brute_force_count(self):
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
            # The coverage colors of the slice at z = 9, pixel by pixel, and the number of patches at a voxel.
            colors = browser.value("""(() => { voxtile.state.set({cursor: [3, 4, 9]}); const c = voxtile.views[0].coverage();
                return Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data); })()""")
            wanted = browser.value("Array.from({length: 65}, (_, n) => coverColor(n, voxtile.grid.maxCovers))")
            for y in range(HEIGHT):
                for x in range(WIDTH):
                    at = 4 * (y * WIDTH + x)
                    self.assertEqual(colors[at:at + 3], wanted[count(x, y, 9)], (edge, x, y))
            named = browser.value("voxtile.grid.patchesAt([13, 11, 9]).length")
            self.assertEqual(named, count(13, 11, 9))
            self.check_silence()

    def test_the_cursor_follows_dragging_scrolling_and_keys(self):
        browser = self.open("page.html", "report", "scan.nii", "--patch", "12", "--overlap", "4", "-o", "page.html")
        x, y, width, height = browser.box(".views figure:first-child canvas")
        browser.value("""globalThis.slowest = 0; voxtile.state.watch(['cursor'], () => requestAnimationFrame(
            () => { slowest = Math.max(slowest, voxtile.state.frameTime); }))""")
        browser.drag([(x + width * (0.3 + 0.02 * i), y + height * 0.4) for i in range(25)])
        browser.frame()
        cursor = browser.value("voxtile.state.cursor")
        # The x axis of the scan points left, and the patient's right is shown on the right.
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

    def test_the_3d_view_rotates_and_steps_through_patches(self):
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
        self.assertEqual(browser.value("document.querySelector('.thumbnail[aria-pressed=true] b').textContent"), "1")
        browser.click("#space-controls button[aria-label='Step through the patches']")
        browser.value("new Promise(done => setTimeout(done, 900))")
        browser.click("#space-controls button[aria-label='Step through the patches']")
        self.assertGreaterEqual(browser.value("voxtile.state.chosen"), 2)
        browser.click(".thumbnail:nth-child(2)")
        chosen = browser.value("voxtile.state.chosen")
        self.assertEqual(browser.value("document.querySelector('.thumbnail:nth-child(2) b').textContent"), str(chosen))
        browser.value("voxtile.space.apart = 0; voxtile.state.set({view: 1})")
        self.check_silence()

    def test_a_very_wide_image_and_a_ct_are_shown(self):
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

    def test_a_phone_shows_the_page_without_scrolling_sideways(self):
        self.voxtile("crop", "scan.nii", "--patch", "6", "--overlap", "2", "-o", "patches", "--force")
        browser = self.open("page.html", "merge", "patches", "-o", "merged.nii", "--force", "--report", "page.html")
        metrics = {"deviceScaleFactor": 1, "mobile": False, "height": 900}
        try:
            browser.call("Emulation.setDeviceMetricsOverride", width=400, **metrics)
            browser.frame()
            self.assertEqual(browser.value("document.documentElement.scrollWidth"), 400)
            # Text in drawings is not scaled down.
            sizes = browser.value("""Array.from(document.querySelectorAll('#axes svg, #results svg'),
                s => s.getBoundingClientRect().width / s.viewBox.baseVal.width)""")
            self.assertGreater(len(sizes), 5)
            self.assertGreater(min(sizes), 0.95)
        finally:
            browser.call("Emulation.setDeviceMetricsOverride", width=1200, **metrics)
        self.check_silence()

    def test_large_voxels_are_drawn_as_boxes(self):
        nifti(f"{self.here}/tiny.nii", lambda x, y, z: 100 * x, size=(4, 3, 2))
        browser = self.open("page.html", "report", "tiny.nii", "--patch", "2", "-o", "page.html")
        browser.value("voxtile.state.set({showsGrid: false, showsCross: false})")
        browser.frame()
        grays = browser.value("""(() => { const v = voxtile.views[0], c = v.canvas, row = Math.round(c.height * 0.3);
            const { data } = c.getContext('2d').getImageData(30, row, c.width - 60, 1);
            return Array.from(data).filter((_, i) => i % 4 === 0); })()""")
        self.assertEqual(len(set(grays)), 4)

    def test_empty_patches_are_left_out_of_the_contact_sheet(self):
        nifti(f"{self.here}/part.nii", lambda x, y, z: x * y if 10 <= x < 20 and y < 8 and z < 6 else 7)
        browser = self.open("page.html", "report", "part.nii", "--patch", "10", "--overlap", "0", "-o", "page.html")
        note = "document.getElementById('sheet-note').textContent"
        shown = "[...document.querySelectorAll('.thumbnail b')].map(b => Number(b.textContent))"
        # 3 x 3 x 2 patches: of the one that is not empty only its layer and its row are there, and it keeps its place.
        self.assertEqual(browser.value(shown), [1])
        self.assertIn("17 empty patches are left out", browser.value(note))
        places = "[...document.querySelectorAll('.thumbnails')].map(row => [...row.children].map(c => c.tagName).join())"
        self.assertEqual(browser.value(places), ["SPAN,BUTTON,SPAN"])
        browser.click("#sheet-empty")
        self.assertEqual(len(browser.value(shown)), 18)
        self.assertIn("All 18 patches", browser.value(note))
        browser.click("#sheet-empty")
        self.assertEqual(browser.value(shown), [1])
        # Where nothing differs anywhere, nothing is left out.
        nifti(f"{self.here}/flat.nii", lambda x, y, z: 5)
        browser = self.open("page.html", "report", "flat.nii", "--patch", "10", "--overlap", "0", "-o", "page.html")
        self.assertEqual(len(browser.value(shown)), 18)
        self.check_silence()

    def test_the_contact_sheet_shows_the_patch_files(self):
        nifti(f"{self.here}/ramp.nii", lambda x, y, z: 100 + 4 * x + y + z)
        cut = ("ramp.nii", "--patch", "10", "--overlap", "0", "--edge", "shift")
        self.voxtile("crop", *cut, "-o", "files")
        names = sorted(path.name for path in Path(self.here, "files").glob("*.nii"))
        # One file holds other values, one is gone.
        other = Path(self.here, "files", names[2])
        head = other.read_bytes()[:352]
        other.write_bytes(head + struct.pack("<1000h", *(100 if at % 10 < 5 else 180 for at in range(1000))))
        Path(self.here, "files", names[4]).unlink()
        browser = self.open("page.html", "report", "files", "--against", "ramp.nii", "-o", "page.html")
        verdict = browser.value("document.getElementById('verdict').innerText")
        self.assertIn("The file of patch 4 cannot be shown: files/", verdict)
        self.assertEqual(browser.value("document.querySelectorAll('.thumbnail .fault').length"), 1)
        # Two columns of pixels of the third patch: x to the left is drawn on the right.
        columns = """(() => { const t = voxtile.sheet.thumbnails.find(({ patch }) => patch.index === 2); voxtile.sheet.draw(t);
            const c = t.canvas, g = c.getContext('2d');
            return [0.2, 0.8].map(at => g.getImageData(Math.round(at * c.width), c.height >> 1, 1, 1).data[0]); })()"""
        left, right = browser.value(columns)
        self.assertGreater(left, right + 60)
        browser.click("#sheet-source")
        self.assertEqual(browser.value("document.querySelectorAll('.thumbnail .fault').length"), 0)
        self.assertIn("The pictures are of the image", browser.value("document.getElementById('sheet-note').textContent"))
        left, right = browser.value(columns)
        self.assertLess(abs(left - right), 60)
        browser.click("#sheet-source")
        self.assertIn("of the patch files", browser.value("document.getElementById('sheet-note').textContent"))
        # A page of an image has no files to show.
        browser = self.open("page.html", "report", *cut[:5], "-o", "page.html")
        self.assertTrue(browser.value("document.getElementById('sheet-source').hidden"))
        self.check_silence()

    def test_only_some_of_many_patches_are_drawn_and_the_page_says_so(self):
        browser = self.open("page.html", "report", "scan.nii", "--patch", "3", "--overlap", "2", "-o", "page.html")
        self.assertEqual(browser.value("voxtile.grid.count"), 28 * 24 * 15)
        self.assertIn("180 of 10,080 patches", browser.value("document.getElementById('sheet-note').textContent"))
        fold = "document.getElementById('sheet-fold').open"
        self.assertFalse(browser.value(fold))
        browser.click("#sheet-more")
        self.assertIn("360 of 10,080 patches", browser.value("document.getElementById('sheet-note').textContent"))
        # Then layer by layer: there is always something new.
        for shown in ("540", "672", "1,344", "2,016"):
            browser.click("#sheet-more")
            self.assertIn(f"{shown} of 10,080 patches", browser.value("document.getElementById('sheet-note').textContent"))
        browser.value("window.dispatchEvent(new Event('beforeprint'))")
        self.assertTrue(browser.value(fold))
        browser.value("window.dispatchEvent(new Event('afterprint'))")
        self.assertFalse(browser.value(fold))
        self.assertIn("1 in 7 shown", browser.value("document.getElementById('space-title').textContent"))
        browser.value("choosePatch(10079)")
        browser.frame()
        self.assertIn("patch 10079", browser.value("document.getElementById('readout').textContent"))
        self.check_silence()

    def test_color_images_label_maps_dark_mode_and_printing(self):
        browser = self.open("page.html", "report", "photo.png", "--patch", "48", "--overlap", "16", "-o", "page.html")
        self.assertEqual(browser.value("voxtile.views.length"), 1)
        self.assertEqual(browser.value("voxtile.views[0].figure.querySelector('figcaption').textContent"), "image")
        browser.value("voxtile.state.set({cursor: [50, 60, 0]})")
        browser.frame()
        self.assertIn("(50, 60) rgb 50, 60, 90", browser.value("document.getElementById('readout').textContent"))
        words = browser.value("document.body.innerText")
        self.assertIn("120\u00a0×\u00a080 pixels", words)
        for word in ("voxel", " mm", "RAS", "orientation"):
            self.assertNotIn(word, words)
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


if __name__ == "__main__":
    main()
