#!/usr/bin/env python3
"""Zooms, moves, windows and measures the slices of a report in headless Chromium, by mouse, wheel, fingers and keys.

usage: gestures_test.py [PROGRAM], as for report_test.py
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from images import WIDTH
from pages import main
from slicing import AXIAL, SliceCase


class GesturesTest(SliceCase):
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

    def test_the_keyboard_alone_measures_and_walks_through_the_tools(self):
        browser = self.page()
        browser.box(AXIAL)
        browser.value("document.querySelector('#toolbar button').focus()")
        names = []
        for _ in range(40):
            browser.key("Tab")
            names.append(browser.value("document.activeElement.ariaLabel ?? document.activeElement.textContent"))
            if browser.value("document.activeElement.tagName") == "CANVAS":
                break
        for name in ("Move", "Window", "Ruler", "Zoom in (+)", "Show the whole image (0)", "Place to go to", "Go", "Keys (?)"):
            self.assertIn(name, names)
        self.assertIn("axial (z): slice with the patch grid", names)
        browser.key("r")
        browser.key("Enter")
        browser.key("ArrowRight", times=5)
        browser.key("Enter")
        self.assertEqual(browser.value("rulerWords(voxtile.state.ruler)"), "10 mm")
        browser.key("Escape")
        browser.key("r")
        self.assertEqual([self.state("ruler"), self.state("tool")], [None, "point"])
        self.check_silence()

    def test_the_tools_and_full_screen_are_used_with_the_mouse(self):
        browser = self.page()
        browser.value("voxtile.state.set({zoom: 3, center: [15, 13, 8]})")
        browser.click("#toolbar button[title^='A drag moves the image']")
        x, y, width, height = browser.box(AXIAL)
        middle = (x + width / 2, y + height / 2)
        before = self.under(browser, *middle)
        cursor = self.state("cursor")
        browser.drag([middle, (middle[0] - 30, middle[1] + 20)])
        self.assertEqual(self.state("cursor"), cursor)
        for found, wanted in zip(self.under(browser, middle[0] - 30, middle[1] + 20)[:2], before[:2]):
            self.assertAlmostEqual(found, wanted, places=1)
        self.assertEqual(browser.value(f"getComputedStyle(document.querySelector('{AXIAL}')).touchAction"), "none")
        browser.click("#toolbar button[title='A drag moves the crosshair']")
        self.assertEqual(browser.value(f"getComputedStyle(document.querySelector('{AXIAL}')).touchAction"), "pan-y")
        browser.click(".views figure:nth-child(2) button")
        self.assertEqual(self.state("single"), 1)
        browser.click("#toolbar button[title='Full screen (F)']")
        browser.value("new Promise(done => setTimeout(done, 600))")
        self.assertEqual(browser.value("document.fullscreenElement?.id"), "stage")
        self.assertEqual(browser.value("document.getElementById('stage').offsetHeight"), browser.value("innerHeight"))
        browser.click("#toolbar button[title='Full screen (F)']")
        browser.value("new Promise(done => setTimeout(done, 600))")
        self.assertIsNone(browser.value("document.fullscreenElement"))
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


if __name__ == "__main__":
    main()
