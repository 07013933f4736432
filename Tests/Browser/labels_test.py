#!/usr/bin/env python3
"""Finds, hides, recolors and outlines the labels of a page in headless Chromium.

usage: labels_test.py [PROGRAM], as for report_test.py
"""
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from images import DEPTH, HEIGHT, WIDTH, nifti
from pages import PageCase, main

ROWS = "Array.from(document.querySelectorAll('#labels tbody tr'), r => r.querySelector('th').innerText.trim())"


def ball(x, y, z):
    """A ball of label 5 in a box of label 2, and one voxel of label 9."""
    if (x, y, z) == (27, 3, 2):
        return 9
    if (x - 10) ** 2 + (y - 12) ** 2 + (z - 8) ** 2 < 20:
        return 5
    return 2 if 3 < x < 24 and 4 < y < 22 else 0


class LabelsTest(PageCase):
    def page(self, *more):
        nifti(f"{self.here}/ball.nii", ball)
        Path(self.here, "ball.nii.txt").write_text("2 box\n5 ball_L 4101\n9 speck\n", encoding="utf-8")
        return self.open("page.html", "report", "scan.nii", "--overlay", "ball.nii", "--patch", "12", "--overlap", "4", *more,
                         "-o", "page.html")

    def colors(self, view=2):
        """The colors of the overlay's slice at the cursor, row by row, as `r,g,b,a`."""
        self.browser.frame()
        return self.browser.value(f"""(() => {{ const slice = voxtile.layers[1].painted({view}, voxtile.state.cursor[{view}]);
            const c = Object.assign(document.createElement('canvas'), {{width: slice.width, height: slice.height}});
            const context = c.getContext('2d', {{willReadFrequently: true}});
            context.drawImage(slice, 0, 0);
            const d = context.getImageData(0, 0, c.width, c.height).data;
            return Array.from({{length: c.width * c.height}}, (_, i) => d.slice(4 * i, 4 * i + 4).join()); }})()""")

    def at(self, x, y):
        return self.colors()[y * WIDTH + x]

    def click_named(self, name):
        self.browser.click(f'#labels [aria-label="{name}"]')

    def test_names_lie_beside_the_file_and_a_click_leads_to_the_label(self):
        browser = self.page()
        self.assertEqual(browser.value(ROWS), ["2 box", "5 ball_L", "9 speck"])
        browser.media(calm=True)
        self.assertIn("3 labels: box", browser.value("document.getElementById('verdict').innerText"))
        for name, label, near in (("ball_L", 5, [10, 12, 8]), ("speck", 9, [27, 3, 2]), ("box", 2, None)):
            browser.value("voxtile.state.set({overlays: [], cursor: [0, 0, 0]})")
            browser.value(f"""Array.from(document.querySelectorAll('#labels .name'))
                .find(b => b.innerText.includes('{name}')).id = 'it'""")
            browser.click("#it")
            browser.value("document.getElementById('it').id = ''")
            cursor = browser.value("voxtile.state.cursor")
            self.assertEqual(ball(*cursor), label)
            if near:
                self.assertEqual(cursor, near)
            self.assertIn(f"ball.nii: label {label}: {name}", browser.value("document.getElementById('readout').textContent"))
            box = browser.value("(b => [b.top, b.bottom])(document.getElementById('views').getBoundingClientRect())")
            self.assertTrue(box[0] < 900 and box[1] > 0, box)
        browser.value("document.getElementById('place').value = ''")
        browser.click("#place")
        browser.call("Input.insertText", text="ball")
        browser.click("#toolbar form button")
        self.assertEqual(browser.value("voxtile.state.cursor"), [10, 12, 8])
        self.check_silence()

    def test_labels_are_hidden_shown_alone_and_recolored(self):
        browser = self.page()
        browser.value("voxtile.state.set({cursor: [10, 12, 8]})")
        box, middle = self.at(5, 6), self.at(10, 12)
        self.assertEqual([box == middle, box.endswith(",255"), self.at(0, 0)], [False, True, "0,0,0,0"])
        self.click_named("Show label 5: ball_L")
        self.assertEqual([self.at(5, 6), self.at(10, 12)], [box, "0,0,0,0"])
        self.click_named("Show only label 5: ball_L")
        self.assertEqual([self.at(5, 6), self.at(10, 12)], ["0,0,0,0", middle])
        pressed = "document.querySelectorAll('#labels [aria-pressed=true]').length"
        self.assertEqual(browser.value(pressed), 1)
        self.click_named("Show only label 5: ball_L")
        self.assertEqual([self.at(5, 6), self.at(10, 12), browser.value(pressed)], [box, "0,0,0,0", 0])
        browser.value("""(i => { i.value = '#0102ff'; i.dispatchEvent(new Event('input')); })
            (document.querySelector('#labels [aria-label="Color of label 2: box"]'))""")
        self.assertEqual(self.at(5, 6), "1,2,255,255")
        # A jump shows what was hidden.
        browser.value("goToLabel('ball')")
        self.assertEqual(self.at(10, 12), middle)
        self.check_silence()

    def test_outlines_leave_the_borders(self):
        browser = self.page()
        browser.value("voxtile.state.set({cursor: [10, 12, 8]})")
        browser.value("document.querySelector('.views canvas').focus()")
        browser.key("l")
        colors = self.colors()

        def is_border(x, y):
            own = ball(x, y, 8)
            return own != 0 and any(ball(x + i, y + j, 8) != own for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1)))

        for y in range(1, HEIGHT - 1):
            for x in range(1, WIDTH - 1):
                self.assertEqual(colors[y * WIDTH + x].endswith(",255"), is_border(x, y), (x, y))
        self.assertTrue(browser.value("document.querySelector('[aria-label=\"Outlines of ball.nii\"]').checked"))
        self.check_silence()

    def test_a_long_list_is_sorted_and_searched(self):
        atlas = Path(self.here, "atlas.nii")
        nifti(atlas, lambda x, y, z: 1 + x if y < 5 + x // 2 else 0)
        # The header says that these are labels.
        atlas.write_bytes(atlas.read_bytes()[:68] + struct.pack("<h", 1002) + atlas.read_bytes()[70:])
        lines = "".join(f'{n} {n} 7 9 1 1 1 "region {31 - n}"\n' for n in range(1, 31))
        Path(self.here, "table.txt").write_text(f"# ITK-SnAP Label Description File\n{lines}", encoding="utf-8")
        browser = self.open("page.html", "report", "scan.nii", "--overlay", "atlas.nii", "--label-table", "table.txt",
                            "--patch", "12", "-o", "page.html")
        self.assertEqual(browser.value(ROWS)[0], "29 region 2")
        browser.click("#labels thead th button")
        self.assertEqual(browser.value(ROWS)[:2], ["1 region 30", "2 region 29"])
        self.assertEqual(browser.value("Array.from(document.querySelectorAll('#labels thead th'), h => h.ariaSort)"),
                         ["ascending", "none", "none"])
        browser.click("#labels input[type=search]")
        browser.call("Input.insertText", text="region 3")
        browser.frame()
        self.assertEqual(browser.value(ROWS), ["1 region 30", "28 region 3"])
        self.assertEqual(browser.value("voxtile.layers[1].styles.color(28)"), [28, 7, 9])
        # Hides what is found.
        browser.value("Array.from(document.querySelectorAll('#labels button')).find(b => b.textContent === 'Hide all').click()")
        self.assertEqual(browser.value("[1, 2, 28].map(v => voxtile.layers[1].styles.isHidden(v))"), [True, False, True])
        # 1 voxel is 9 cubic millimeters.
        cells = browser.value("Array.from(document.querySelectorAll('#labels tbody tr:first-child td.n'), c => c.innerText)")
        self.assertEqual(cells[:2], [f"{5 * DEPTH}", f"{5 * DEPTH * 9 / 1000:g}"])
        self.check_silence()

    def test_the_list_fits_a_phone_and_a_dark_page(self):
        browser = self.page()
        browser.media(dark=True, calm=True)
        try:
            browser.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
            browser.frame()
            self.assertEqual(browser.value("document.documentElement.scrollWidth"), 390)
            shown = "Array.from(document.querySelectorAll('#labels thead th'), h => h.offsetWidth > 0)"
            self.assertEqual(browser.value(shown), [True, False, True])
            for name in ("Show only label 5: ball_L", "Show label 9: speck"):
                x, _, width, _ = browser.box(f'#labels [aria-label="{name}"]')
                self.assertTrue(x >= 0 and x + width <= 390, name)
                self.click_named(name)
            self.assertEqual(browser.value("[2, 5, 9].map(v => voxtile.layers[1].styles.isHidden(v))"), [True, False, False])
        finally:
            browser.call("Emulation.setDeviceMetricsOverride", width=1200, height=900, deviceScaleFactor=1, mobile=False)
        self.check_silence()

    def test_two_label_maps_are_compared(self):
        nifti(f"{self.here}/other.nii", lambda x, y, z: 5 if ball(x + 2, y, z) == 5 else 2 if 3 < x < 22 and 4 < y < 25 else 0)
        browser = self.page("--overlay", "other.nii")
        self.assertEqual(browser.value("voxtile.layers.map(l => l.name)")[3], "ball.nii compared with other.nii")
        rows = browser.value("""Object.fromEntries(voxtile.layers[3].labels.map(l => [l.name, [l.voxels, ...l.find()]]))""")

        def count(fits):
            pairs = ((ball(x, y, z), 5 if ball(x + 2, y, z) == 5 else 2 if 3 < x < 22 and 4 < y < 25 else 0)
                     for z in range(DEPTH) for y in range(HEIGHT) for x in range(WIDTH))
            return sum(fits(*pair) for pair in pairs)

        self.assertEqual({name: row[0] for name, row in rows.items()}, {
            "both agree": count(lambda a, b: a == b != 0), "only ball.nii": count(lambda a, b: a != 0 and b == 0),
            "only other.nii": count(lambda a, b: a == 0 and b != 0), "different labels": count(lambda a, b: 0 != a != b != 0)})
        self.assertEqual(ball(*rows["only other.nii"][1:]), 0)
        counts = [row[0] for row in rows.values()]
        verdict = browser.value("document.getElementById('verdict').innerText")
        self.assertIn(f"ball.nii and other.nii agree in {round(100 * rows['both agree'][0] / sum(counts), 1):g} % of the "
                      f"{sum(counts):,} voxels that have a label in either.", verdict)
        self.click_button("#verdict", "Show where")
        self.assertEqual(browser.value("voxtile.state.overlays"), [3])
        browser.value("""Array.from(document.querySelectorAll('#labels .name'))
            .find(b => b.innerText.trim() === 'different labels').id = 'it'""")
        browser.click("#it")
        self.assertIn("ball.nii compared with other.nii: different labels",
                      browser.value("document.getElementById('readout').textContent"))
        self.check_silence()

    def test_a_damaged_table_is_an_error(self):
        Path(self.here, "wrong.txt").write_text("scanned on Monday", encoding="utf-8")
        self.voxtile("report", "scan.nii", "--patch", "12", "--label-table", "wrong.txt", "-o", "wrong.html", status=1)
        self.assertFalse(Path(self.here, "wrong.html").exists())


if __name__ == "__main__":
    main()
