#!/usr/bin/env python3
"""Goes to places, links, colors and saves the slices of a report in headless Chromium.

usage: slices_test.py [PROGRAM], as for report_test.py
"""
import base64
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from images import DEPTH, HEIGHT, WIDTH, nifti
from pages import READY, main
from slicing import AXIAL, SliceCase


class SlicesTest(SliceCase):
    def test_a_place_is_reached_by_voxel_and_by_millimeters(self):
        browser = self.page()
        self.go_to("3, 4, 5", "voxel")
        self.assertEqual(self.state("cursor"), [3, 4, 5])
        self.go_to("-10 -6 9", "mm")
        wanted = browser.value("toVoxel([-10, -6, 9]).map(Math.round)")
        millimeters = browser.value("toMillimeters(toVoxel([-10, -6, 9]))")
        for found, asked in zip(millimeters, (-10, -6, 9)):
            self.assertAlmostEqual(found, asked)
        inside = all(0 <= v < n for v, n in zip(wanted, (WIDTH, HEIGHT, DEPTH)))
        told = browser.value("document.getElementById('told').textContent")
        self.assertEqual(self.state("cursor") == wanted, inside)
        self.assertEqual(told == "", inside)
        self.go_to("99, 0, 0", "voxel")
        self.assertIn("outside the image", browser.value("document.getElementById('told').textContent"))
        self.check_silence()

    def test_the_address_leads_back(self):
        browser = self.page()
        browser.value("voxtile.state.set({cursor: [3, 4, 5], zoom: 2, center: [10, 9, 8], window: [-50, 60], colors: 'hot', "
                      "isRadiological: true, single: 1})")
        browser.value("new Promise(done => setTimeout(done, 700))")
        address = browser.value("location.href")
        self.assertIn("#at=3,4,5&zoom=2", address)
        browser.call("Page.navigate", url="about:blank")
        browser.open(address, READY)
        keys = ("cursor", "zoom", "center", "window", "colors", "isRadiological", "single")
        self.assertEqual([self.state(key) for key in keys], [[3, 4, 5], 2, [10, 9, 8], [-50, 60], "hot", True, 1])
        # An address that makes no sense shows the page as ever.
        for nonsense in ("#at=3,4", "#at=99,0,0", "#at=1,2,3&zoom=-5&window=b&slice=w&overlay=77", "#slices"):
            browser.call("Page.navigate", url="about:blank")
            browser.open(address.split("#")[0] + nonsense, READY)
            self.assertEqual(self.state("zoom"), 1)
        self.assertEqual(browser.errors, [])

    def test_the_convention_swaps_left_and_right(self):
        browser = self.page()
        letters = "voxtile.views.map(v => v.letters.left + v.letters.right).join(' ')"
        self.assertEqual(browser.value(letters), "LR LR PA")
        browser.value("voxtile.state.set({cursor: [3, 4, 5]})")
        browser.frame()
        place = browser.value("voxtile.views[0].place(0, 3.5) / voxtile.views[0].shape[0]")
        thumbnails = "document.querySelector('.thumbnail b').textContent"
        first = browser.value(thumbnails)
        self.choose("Patient’s right", "on the left (radiological)")
        self.assertEqual(browser.value(letters), "RL RL PA")
        self.assertAlmostEqual(browser.value("voxtile.views[0].place(0, 3.5) / voxtile.views[0].shape[0]"), 1 - place)
        self.assertNotEqual(browser.value(thumbnails), first)
        self.check_silence()

    def test_colors_and_windows_of_ct_and_the_saved_picture(self):
        nifti(f"{self.here}/ct.nii", lambda x, y, z: -1000 + 100 * y if x < 8 else 40 + y if x < 20 else 900 + x / 7, kind="f")
        browser = self.page("ct.nii")
        browser.click("button[title='0 to 80 HU']")
        self.assertEqual(self.state("window"), [0, 80])
        self.choose("Colors of the image", "hot")
        colors = browser.value("""(() => { const slice = voxtile.layers[0].painted(2, 8);
            const c = slice.getContext('2d').getImageData(10, 0, 1, 26).data;
            return Array.from({length: 26}, (_, y) => c.slice(4 * y, 4 * y + 3).join()); })()""")
        self.assertGreater(len(set(colors)), 9)
        self.assertTrue(any(r != g for r, g, _ in (color.split(",") for color in colors)))
        saved = browser.value("slicesAsPicture().toDataURL('image/png')").split(",")[1]
        width, height = struct.unpack(">II", base64.b64decode(saved)[16:24])
        sizes = browser.value("voxtile.views.map(v => [v.canvas.width, v.canvas.height])")
        self.assertEqual((width, height), (sum(w for w, _ in sizes) + 16, max(h for _, h in sizes)))
        self.check_silence()

    def test_a_two_dimensional_image_is_measured_in_pixels(self):
        browser = self.page("photo.png")
        x, y, width, height = browser.box(AXIAL)
        self.press("left", 1, [(x + 0.25 * width, y + height / 2), (x + 0.75 * width, y + height / 2)], modifiers=8)
        self.assertEqual(browser.value("rulerWords(voxtile.state.ruler)"), "60 pixels")
        words = browser.value("document.body.innerText + document.getElementById('keys').textContent")
        self.assertNotIn("voxel", words)
        self.check_silence()


if __name__ == "__main__":
    main()
