#!/usr/bin/env python3
"""Zooms, moves, measures and links the slices of a report in headless Chromium, by mouse, wheel, fingers and keys.

usage: slices_test.py [PROGRAM], as for report_test.py
"""
import base64
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from images import DEPTH, HEIGHT, WIDTH, nifti
from pages import READY, PageCase, main

AXIAL = ".views figure:first-child canvas"


class SlicesTest(PageCase):
    def page(self, name="scan.nii", *more):
        return self.open("page.html", "report", name, "--patch", "12", "--overlap", "4", *more, "-o", "page.html")

    def point(self, browser, at):
        """The point of the image under a position on the axial slice, in voxels."""
        return browser.value(f"voxtile.views[0].pointAt([{at[0]}, {at[1]}])")

    def under(self, browser, x, y):
        box = browser.value(f"(b => [b.x, b.y])(document.querySelector('{AXIAL}').getBoundingClientRect())")
        return self.point(browser, (x - box[0], y - box[1]))

    def state(self, key):
        self.browser.frame()
        return self.browser.value(f"voxtile.state.{key}")

    def test_the_wheel_and_a_double_click_zoom_at_the_pointer(self):
        browser = self.page()
        x, y, width, height = browser.box(AXIAL)
        at = (x + 0.3 * width, y + 0.35 * height)
        before = self.under(browser, *at)
        for _ in range(4):
            browser.mouse("mouseWheel", *at, deltaX=0, deltaY=-120, modifiers=2)
        self.assertAlmostEqual(self.state("zoom"), 3.32, places=2)
        for found, wanted in zip(self.under(browser, *at), before):
            self.assertAlmostEqual(found, wanted, places=1)
        self.assertEqual(browser.value("document.querySelector('.percent').textContent"), "332 %")
        # The other planes are zoomed, too, and show the same part along the axis that they share.
        middle = "(v, side) => v.coordinate(side, (v.shape[side] / 2 - v.offset[side]) / v.scale[side])"
        self.assertEqual(*browser.value(f"voxtile.views.slice(0, 2).map(v => ({middle})(v, 0).toFixed(3))"))
        self.assertGreater(browser.value("voxtile.views[1].imageBox[2] / voxtile.views[1].shape[0]"), 3)
        cursor = self.state("cursor")
        for _ in range(2):
            browser.mouse("mousePressed", *at, button="left", buttons=1, clickCount=_ + 1)
            browser.mouse("mouseReleased", *at, button="left", clickCount=_ + 1)
        self.assertAlmostEqual(self.state("zoom"), 6.64, places=2)
        self.assertNotEqual(self.state("cursor"), cursor)
        browser.key("0")
        self.assertEqual([self.state("zoom"), self.state("center")], [1, None])
        self.check_silence()

    def test_keys_zoom_maximize_and_switch_what_is_drawn(self):
        browser = self.page()
        browser.box(AXIAL)
        browser.value(f"document.querySelector('{AXIAL}').focus()")
        browser.key("+", times=2)
        self.assertAlmostEqual(self.state("zoom"), 2.25)
        browser.key("-")
        self.assertAlmostEqual(self.state("zoom"), 1.5)
        # The cursor stays in sight when it moves on.
        browser.key("+", times=3)
        browser.key("ArrowRight", times=WIDTH)
        view = "voxtile.views[0]"
        browser.frame()
        self.assertTrue(browser.value(f"(v => {{ const x = v.place(0, voxtile.state.cursor[v.u] + 0.5);"
                                      f" return x >= 0 && x <= v.shape[0]; }})({view})"))
        browser.key("1")
        self.assertAlmostEqual(browser.value(f"Math.min(...{view}.scale)"), 1, places=3)
        browser.key("0")
        browser.key("m")
        self.assertEqual(browser.value("voxtile.views.map(v => v.figure.offsetWidth > 0)"), [True, False, False])
        browser.key("m")
        self.assertEqual(browser.value("voxtile.views.map(v => v.figure.offsetWidth > 0)"), [True, True, True])
        for key, name in (("g", "showsGrid"), ("c", "showsCoverage"), ("x", "showsCross")):
            before = self.state(name)
            browser.key(key)
            self.assertEqual(self.state(name), not before)
        browser.key("?")
        self.assertTrue(browser.value("document.getElementById('keys').open"))
        self.assertIn("full screen", browser.value("document.getElementById('keys').innerText"))
        browser.key("Escape")
        # A letter outside of the slices does nothing.
        browser.value("document.activeElement.blur()")
        before = self.state("showsGrid")
        browser.key("g")
        self.assertEqual(self.state("showsGrid"), before)
        self.check_silence()

    def test_drags_move_window_and_measure(self):
        browser = self.page()
        x, y, width, height = browser.box(AXIAL)
        middle = (x + width / 2, y + height / 2)
        browser.value("voxtile.state.set({zoom: 3, center: [15, 13, 8]})")
        browser.frame()
        before = self.under(browser, *middle)
        self.press("middle", 4, [middle, (middle[0] + 40, middle[1] - 30)])
        for found, wanted in zip(self.under(browser, middle[0] + 40, middle[1] - 30)[:2], before[:2]):
            self.assertAlmostEqual(found, wanted, places=1)
        window = self.state("window")
        self.assertIsNone(window)
        self.press("right", 2, [middle, (middle[0] + 60, middle[1] - 30)])
        low, high = self.state("window")
        first, last = browser.value("voxtile.layers[0].window")
        self.assertLess(high - low, last - first)
        self.assertLess(low + high, first + last)
        browser.key("0")
        browser.frame()
        # Shift and a drag: half of the width of the slice, in mm.
        self.press("left", 1, [(x + 0.25 * width, middle[1]), (x + 0.75 * width, middle[1])], modifiers=8)
        self.assertEqual(browser.value("rulerWords(voxtile.state.ruler)"), f"{WIDTH * 2 / 2:g} mm")
        browser.key("Escape")
        self.assertIsNone(self.state("ruler"))
        self.check_silence()

    def press(self, button, buttons, points, modifiers=0):
        self.browser.mouse("mousePressed", *points[0], button=button, buttons=buttons, clickCount=1, modifiers=modifiers)
        for point in points[1:]:
            self.browser.mouse("mouseMoved", *point, button=button, buttons=buttons, modifiers=modifiers)
        self.browser.mouse("mouseReleased", *points[-1], button=button, clickCount=1, modifiers=modifiers)
        self.browser.frame()

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

    def go_to(self, place, unit):
        self.browser.value("document.getElementById('place').value = ''")
        self.browser.click("#place")
        self.browser.call("Input.insertText", text=place)
        self.choose("Unit of the place", unit)
        self.browser.click("#toolbar form button")

    def choose(self, name, value):
        """Chooses a value of the menu with a name."""
        self.browser.value(f"""(menu => {{ menu.value = '{value}'; menu.dispatchEvent(new Event('change')); }})
            (document.querySelector('select[aria-label="{name}"]'))""")
        self.browser.frame()

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
        tiles = "document.querySelector('.tile b').textContent"
        first = browser.value(tiles)
        self.choose("Patient’s right", "on the left (radiological)")
        self.assertEqual(browser.value(letters), "RL RL PA")
        self.assertAlmostEqual(browser.value("voxtile.views[0].place(0, 3.5) / voxtile.views[0].shape[0]"), 1 - place)
        self.assertNotEqual(browser.value(tiles), first)
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

    def test_fingers_scroll_the_page_pick_and_pinch(self):
        browser = self.page()
        metrics = {"deviceScaleFactor": 2, "mobile": True, "height": 844}
        try:
            browser.call("Emulation.setDeviceMetricsOverride", width=390, **metrics)
            browser.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=2)
            browser.frame()
            self.assertEqual(browser.value("document.documentElement.scrollWidth"), 390)
            x, y, width, height = browser.box(AXIAL)
            cursor = self.state("cursor")
            scroll = browser.value("scrollY")
            self.swipe([(x + width / 2, y + height / 2 + 60 - 12 * i) for i in range(14)])
            self.assertGreater(browser.value("scrollY"), scroll + 40)
            self.assertEqual(self.state("cursor"), cursor)
            x, y, width, height = browser.box(AXIAL)
            self.swipe([(x + 0.25 * width, y + 0.3 * height)])
            wanted = browser.value(f"voxtile.views[0].pointAt([{0.25 * width}, {0.3 * height}]).map(Math.floor)")
            self.assertEqual(self.state("cursor"), wanted)
            # The read-out is on the screen while the slices are.
            bottom = browser.value("document.getElementById('readout').getBoundingClientRect().bottom")
            self.assertLessEqual(bottom, 844)
            middle = (x + width / 2, y + height / 2)
            fingers = [[(middle[0] - far, middle[1]), (middle[0] + far, middle[1])] for far in range(20, 84, 8)]
            before = self.under(browser, *middle)
            self.touch("touchStart", fingers[0])
            for pair in fingers[1:]:
                self.touch("touchMove", pair)
            self.touch("touchEnd", [])
            self.assertAlmostEqual(self.state("zoom"), 76 / 20, delta=0.3)
            for found, wanted in zip(self.under(browser, *middle)[:2], before[:2]):
                self.assertAlmostEqual(found, wanted, delta=0.6)
        finally:
            browser.call("Emulation.setTouchEmulationEnabled", enabled=False)
            browser.call("Emulation.setDeviceMetricsOverride", width=1200, height=900, deviceScaleFactor=1, mobile=False)
        self.check_silence()

    def touch(self, kind, points):
        self.browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=[
            {"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)])

    def swipe(self, points):
        self.touch("touchStart", points[:1])
        for point in points[1:]:
            self.touch("touchMove", [point])
            self.browser.frame()
        self.touch("touchEnd", [])
        self.browser.frame()


if __name__ == "__main__":
    main()
