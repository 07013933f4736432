#!/usr/bin/env python3
"""Shows several overlays at a time, and probabilities as heat, in headless Chromium.

usage: overlays_test.py [PROGRAM], as for report_test.py
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from images import nifti
from pages import PageCase, main


def truth(x, y, z):
    return 4 if 5 < x < 20 and 4 < y < 20 and 2 < z < 14 else 0


def predicted(x, y, z):
    return 4 if 8 < x < 24 and 4 < y < 20 and 2 < z < 14 else 6 if x < 4 else 0


def chance(x, y, z, channel):
    """Of a background, and of two labels that share the rest; y and z play no part."""
    return (1 - x / 32, x / 64, x / 64 if x < 20 else 0)[channel]


class OverlaysTest(PageCase):
    def pixel(self, x, y, z=8):
        """The color of a voxel in the axial slice, as it is seen."""
        self.browser.value(f"voxtile.state.set({{cursor: [{x}, {y}, {z}], showsCross: false, showsGrid: false}})")
        self.browser.frame()
        return self.browser.value(f"""(() => {{ const view = voxtile.views[0], c = view.canvas, scale = c.width / view.shape[0];
            const at = [view.place(0, {x} + 0.5), view.place(1, {y} + 0.5)].map((p) => Math.round(p * scale));
            const one = Object.assign(document.createElement('canvas'), {{width: 1, height: 1}});
            const copy = one.getContext('2d', {{willReadFrequently: true}});
            copy.drawImage(c, ...at, 1, 1, 0, 0, 1, 1);
            return Array.from(copy.getImageData(0, 0, 1, 1).data).slice(0, 3); }})()""")

    def drag_range(self, label, part):
        """Drags the handle of a slider to a part of its way."""
        selector = f'#controls [aria-label="{label}"]'
        now = self.browser.value(f"(i => (i.value - i.min) / (i.max - i.min))(document.querySelector('{selector}'))")
        x, y, width, height = self.browser.box(selector)

        def place(share):
            # The middle of a handle of 16 pixels.
            return (x + 8 + (width - 16) * share, y + height / 2)

        self.browser.drag([place(now), place((now + part) / 2), place(part)])
        self.browser.frame()

    def click(self, label):
        self.browser.click(f'#controls [aria-label="{label}"]')
        self.browser.frame()

    def maps(self):
        nifti(f"{self.here}/truth.nii", truth)
        nifti(f"{self.here}/predicted.nii", predicted)
        Path(self.here, "truth.txt").write_text("4 liver 250 10 20\n", encoding="utf-8")
        Path(self.here, "predicted.txt").write_text("4 found 20 240 30\n6 spleen 30 20 245\n", encoding="utf-8")
        return self.open(
            "page.html", "report", "scan.nii", "--patch", "12", "--overlay", "truth.nii", "--label-table", "truth.txt",
            "--overlay", "predicted.nii", "--label-table", "predicted.txt", "-o", "page.html")

    def test_two_overlays_are_shown_at_a_time_each_in_its_own_way(self):
        browser = self.maps()
        self.assertEqual(browser.value("voxtile.state.overlays"), [1, 2])
        both, one, other, none = (14, 12), (6, 12), (22, 12), (28, 24)
        # The first is filled, the second is outlines over it.
        plain = {place: self.pixel(*place) for place in (both, one, other, none)}
        red, green = plain[one], self.pixel(23, 12)
        self.assertTrue(red[0] > red[1] + 80 and green[1] > green[0] + 80, (red, green))
        self.assertTrue(plain[both][0] > plain[both][1] + 80, plain)
        self.assertEqual(len(set(plain[other])), 1)
        self.assertIn("truth.nii: label 4: liver, predicted.nii: label 4: found", self.readout(*both))
        # Filled.
        self.click("Outlines of predicted.nii")
        filled = self.pixel(*other)
        self.assertTrue(filled[1] > filled[0] + 80, filled)
        self.assertNotEqual(self.pixel(*both), plain[both])
        # Less of it.
        self.drag_range("Opacity of predicted.nii", 0.1)
        self.assertLess(abs(browser.value("voxtile.layers[2].opacity") - 0.1), 0.04)
        self.assertEqual(browser.value("voxtile.layers[1].opacity"), 0.55)
        faint = self.pixel(*other)
        self.assertTrue(0 < faint[1] - faint[0] < filled[1] - filled[0] - 50, (faint, filled))
        # One hidden, then all by a key.
        self.click("Show truth.nii")
        self.assertEqual(browser.value("voxtile.state.overlays"), [2])
        self.assertEqual(len(set(self.pixel(*one))), 1)
        browser.value("document.querySelector('.views canvas').focus()")
        browser.key("o")
        self.assertEqual(self.pixel(*other), plain[other])
        browser.key("o")
        self.assertEqual(self.pixel(*other), faint)
        self.check_silence()

    def readout(self, x, y, z=8):
        self.pixel(x, y, z)
        return self.browser.value("document.getElementById('readout').textContent")

    def test_rows_of_labels_are_grouped_by_their_overlays_and_a_click_shows_the_right_one(self):
        browser = self.maps()
        heads = browser.value("Array.from(document.querySelectorAll('#labels h3'), (h) => h.textContent)")
        self.assertEqual(heads, ["Labels of truth.nii", "Labels of predicted.nii", "truth.nii compared with predicted.nii"])
        names = browser.value("""Array.from(document.querySelectorAll('#labels .labels'),
            (p) => Array.from(p.querySelectorAll('tbody th'), (r) => r.innerText.trim()).join())""")
        self.assertEqual(names[:2], ["4 liver", "4 found,6 spleen"])
        for name, shown in (("spleen", [1, 2]), ("only truth.nii", [3])):
            browser.value(f"""Array.from(document.querySelectorAll('#labels .name'))
                .find((b) => b.innerText.includes('{name}')).id = 'it'""")
            browser.click("#it")
            browser.value("document.getElementById('it').id = ''")
            browser.frame()
            self.assertEqual(browser.value("voxtile.state.overlays"), shown)
        box = '[aria-label="Show truth.nii compared with predicted.nii"]'
        self.assertTrue(browser.value(f"document.querySelector('{box}').checked"))
        # The maps do not lie over their comparison, unless one asks for them.
        browser.value("voxtile.state.set({overlays: [1, 2]})")
        browser.frame()
        browser.click(box)
        self.assertEqual(browser.value("voxtile.state.overlays"), [3])
        browser.click('[aria-label="Show truth.nii"]')
        self.assertEqual(browser.value("voxtile.state.overlays"), [1, 3])
        self.check_silence()

    def test_play_reveals_overlays_where_patches_have_been(self):
        browser = self.maps()
        early, late = (8, 8), (18, 18)
        self.assertTrue(all(color[0] > color[2] + 80 for color in (self.pixel(*early), self.pixel(*late))))
        play = "#space-controls button[aria-label='Step through the patches']"
        browser.click(play)
        browser.click(play)
        self.assertTrue(browser.value("document.getElementById('build').checked"))
        # The first layer of patches: the last of them has the late voxel, and the first has the early one.
        for apart in ("0", "0.5"):
            browser.value(f"voxtile.space.apart = {apart}")
            browser.value("choosePatch(0)")
            browser.frame()
            self.assertEqual(browser.value("[voxtile.state.revealed, voxtile.space.shown]"), [0, 1])
            red, gray = self.pixel(*early), self.pixel(*late)
            self.assertTrue(red[0] > red[2] + 80 and len(set(gray)) == 1, (red, gray))
            browser.value("choosePatch(voxtile.grid.count - 1)")
            browser.frame()
            self.assertTrue(self.pixel(*late)[0] > self.pixel(*late)[2] + 80)
        browser.value("choosePatch(0)")
        browser.click("#space-controls button[aria-label='Clear the selection']")
        self.assertIsNone(browser.value("voxtile.state.revealed"))
        self.assertTrue(self.pixel(*late)[0] > self.pixel(*late)[2] + 80)
        self.check_silence()

    def test_an_address_keeps_which_overlays_are_shown(self):
        browser = self.maps()
        self.click("Show truth.nii")
        hash_ = browser.value("viewAsHash()")
        self.assertIn("overlay=2", hash_)
        self.click("Show predicted.nii")
        self.assertIn("overlay=none", browser.value("viewAsHash()"))
        browser.value(f"location.hash = '{hash_}'")
        browser.frame()
        self.assertEqual(browser.value("voxtile.state.overlays"), [2])

    def test_tables_are_one_for_all_or_one_for_each(self):
        self.maps()
        self.voxtile("report", "scan.nii", "--patch", "12", "--overlay", "truth.nii", "--label-table", "truth.txt",
                     "--label-table", "truth.txt", "-o", "wrong.html", status=1)
        self.assertFalse(Path(self.here, "wrong.html").exists())

    def test_probabilities_are_heat_of_one_channel_from_a_value_on(self):
        nifti(f"{self.here}/chances.nii", chance, kind="f", channels=3)
        Path(self.here, "chances.nii.txt").write_text("0 background\n1 liver\n2 spleen\n", encoding="utf-8")
        browser = self.open("page.html", "report", "scan.nii", "--overlay", "chances.nii", "--patch", "12", "-o", "page.html")
        choice = '#controls [aria-label="Channel of chances.nii"]'
        names = browser.value(f"Array.from(document.querySelector('{choice}').options, (o) => o.text)")
        self.assertEqual(names, ["background", "liver", "spleen"])
        self.assertEqual(browser.value("voxtile.state.overlays"), [1])
        self.assertIn("chances.nii, background: ", self.readout(8, 5))
        # The bar reaches from 0 to 1, whatever values there are.
        self.assertEqual(browser.value("document.querySelector('.heat-key').innerText.split(/\\s+/).slice(0, 2)"), ["0", "1"])
        browser.value(f"document.querySelector('{choice}').focus()")
        browser.key("ArrowDown")
        browser.key("ArrowDown")
        browser.frame()
        self.assertEqual(browser.value("voxtile.state.overlays"), [3])
        self.assertIn("chances.nii, spleen: ", self.readout(16, 5))
        weak, strong, none = self.pixel(3, 5), self.pixel(19, 5), self.pixel(25, 5)
        self.assertEqual(len(set(none)), 1)
        self.assertTrue(strong[0] > strong[2] + 10, strong)
        self.drag_range("Least value shown of chances.nii", 0.2)
        least = browser.value("voxtile.layers[3].threshold")
        self.assertLess(abs(least - 0.2), 0.03)
        self.assertEqual(len(set(self.pixel(int(64 * least) - 1, 5))), 1)
        self.assertEqual(self.pixel(19, 5), strong)
        self.assertNotEqual(self.pixel(int(64 * least) + 2, 5)[0], self.pixel(int(64 * least) + 2, 5)[2])
        self.assertIn("from 0.", browser.value("document.querySelector('.heat-key output').textContent"))
        self.drag_range("Least value shown of chances.nii", 0)
        self.assertEqual(self.pixel(3, 5), weak)
        self.assertIn("all values", browser.value("document.querySelector('.heat-key output').textContent"))
        # The controls fit on a phone.
        browser.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
        try:
            wide = browser.value("""Math.max(...Array.from(document.querySelectorAll('.overlay > *'),
                (e) => e.getBoundingClientRect().right))""")
            self.assertLessEqual(wide, 390)
        finally:
            browser.call("Emulation.setDeviceMetricsOverride", width=1200, height=900, deviceScaleFactor=1, mobile=False)
        self.check_silence()


if __name__ == "__main__":
    main()
