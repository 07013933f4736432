#!/usr/bin/env python3
"""Opens the pages of many scans in headless Chromium, searches and sorts them, and checks what they show.

usage: cohort_test.py [PROGRAM], as for report_test.py
"""
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import cohorts
import images
from pages import READY, PageCase, main

NAMES = "Array.from(document.querySelectorAll('.case'), (row) => row.dataset.name)"
CHOOSE = """(() => {{ const list = document.getElementById('{}');
  list.selectedIndex = Array.from(list.options, (option) => option.text).indexOf('{}');
  list.dispatchEvent(new Event('change')); return list.selectedIndex; }})()"""
SEARCH = "(() => {{ const box = document.getElementById('search'); box.value = '{}'; box.dispatchEvent(new Event('input')); }})()"


class CohortTest(PageCase):
    def cohort(self, name, make, failed):
        """Writes a folder of results and its page, and opens that."""
        folder = Path(self.here, name)
        folder.mkdir(exist_ok=True)
        make(folder)
        self.voxtile("summary", name, status=1 if failed else 0)
        return self.show(f"{name}/index.html")

    def show(self, path):
        self.browser.errors.clear()
        self.browser.requests.clear()
        self.browser.media()
        self.browser.call("Page.navigate", url="about:blank")
        self.browser.open(f"file://{self.here}/{path}", READY)
        return self.browser

    def text(self, name):
        return self.browser.value(f"document.getElementById('{name}').innerText")

    def choose(self, control, option):
        self.assertGreaterEqual(self.browser.value(CHOOSE.format(control, option)), 0, option)
        return self.browser.value(NAMES)

    def search(self, words):
        self.browser.value(SEARCH.format(words))
        return self.browser.value(NAMES)

    def test_a_thousand_scans_open_at_once_with_the_worst_first(self):
        browser = self.cohort("large", cohorts.large, failed=True)
        self.assertLess(Path(self.here, "large/index.html").stat().st_size, 10_000_000)
        # The best of some times, since the machine may have other work.
        times = [browser.value("voxtile.readyTime")]
        while min(times) >= 1000 and len(times) < 8:
            self.show("large/index.html")
            times.append(browser.value("voxtile.readyTime"))
        self.assertLess(min(times), 1000)
        self.assertEqual(browser.value("voxtile.data.rows.length"), 1000)
        self.assertEqual(browser.value(NAMES)[0], "sub-0417")
        first = browser.value("document.querySelector('.case').innerText")
        for words in ("stands out", "liver 12 ml, usually", "disagreement 31 %", "5 mm thick"):
            self.assertIn(words, first)
        verdict = self.text("glance")
        for words in ("994 of 1,000 scans are done", "5 failed", "1 was not finished", "sub-0417"):
            self.assertIn(words, verdict)
        self.assertEqual(set(browser.value("voxtile.data.rows.filter((row) => row.reasons.length).map((row) => row.name)")[:3]),
                         {"sub-0417", "sub-0101", "sub-0777"})
        self.assertIn("no spleen", browser.value("document.getElementById('list').innerText"))
        self.assertIn("ends after 1,048,576", self.text("failures"))
        self.check_silence()

    def test_all_rows_come_when_they_are_scrolled_to_or_printed(self):
        browser = self.cohort("large", cohorts.large, failed=True)
        made = browser.value("document.querySelectorAll('.case').length")
        self.assertLess(made, 200)
        for _ in range(60):
            browser.value("window.scrollTo(0, document.body.scrollHeight)")
            browser.frame()
            if browser.value("voxtile.made") == 1000:
                break
        self.assertEqual(browser.value("document.querySelectorAll('.case').length"), 1000)
        self.assertEqual(len(set(browser.value(NAMES))), 1000)
        self.search("sub-09")
        self.search("")
        browser.value("window.dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(browser.value("document.querySelectorAll('.case').length"), 1000)
        self.check_silence()

    def test_scans_are_searched_filtered_and_sorted(self):
        browser = self.cohort("large", cohorts.large, failed=True)
        self.assertEqual(self.search("0777"), ["sub-0777"])
        self.assertEqual(self.text("count"), "1 of 1,000 scans")
        self.assertEqual(self.search("COPY 0300"), ["sub-0300"])
        self.assertEqual(self.search("<b>"), ["site 2/<b>sub-0600</b>&"])
        self.assertEqual(self.search("no such scan"), [])
        self.assertEqual(self.text("count"), "no scan is like that")
        self.search("")
        self.assertEqual(self.choose("sort", "name")[:3], ["site 2/<b>sub-0600</b>&", "sub-0001", "sub-0002"])
        browser.click("#direction")
        self.assertEqual(browser.value(NAMES)[0], "sub-1000")
        self.assertEqual(self.choose("sort", "disagreement")[0], "sub-0417")
        self.assertEqual(self.choose("sort", "confidence")[0], "sub-0417")
        self.assertEqual(self.choose("sort", "volume of left kidney")[0], "sub-0777")
        self.assertEqual(self.choose("sort", "status")[:5], [f"sub-{number:04}" for number in (12, 300, 301, 302, 999)])
        self.choose("sort", "seconds")
        seconds = browser.value("voxtile.shown.map((row) => row.seconds).filter((value) => value != null)")
        self.assertEqual(seconds, sorted(seconds, reverse=True))
        self.assertEqual(self.choose("filter", "not done").__len__(), 6)
        # The name in the verdict leads back to the worst one.
        browser.click("#glance a")
        self.assertEqual(browser.value(NAMES)[0], "sub-0417")
        self.check_silence()

    def test_a_warning_of_most_scans_is_said_once(self):
        browser = self.cohort("warned", cohorts.warned, failed=False)
        self.assertEqual(self.text("warnings").count("twice as thick"), 1)
        self.assertIn("Warning in 5 scans", self.text("warnings"))
        self.assertEqual(browser.value("document.querySelectorAll('.case .warning').length"), 1)
        self.assertEqual(len(self.choose("filter", "with warnings")), 5)
        self.check_silence()

    def test_three_scans_are_not_compared(self):
        browser = self.cohort("small", cohorts.small, failed=False)
        self.assertIn("All 3 scans are done. Fewer than 5 scans are not compared", self.text("glance"))
        self.assertEqual(browser.value("document.querySelectorAll('.case').length"), 3)
        self.assertEqual(browser.value("document.querySelectorAll('.case.odd').length"), 0)
        order = browser.value("voxtile.data.rows.map((row) => row.disagreement)")
        self.assertEqual(order, sorted(order, reverse=True))
        self.assertFalse(browser.value("document.getElementById('failures').checkVisibility()"))
        self.check_silence()

    def test_it_fits_a_phone_and_follows_the_colors_of_the_system(self):
        browser = self.cohort("large", cohorts.large, failed=True)
        light = browser.value("getComputedStyle(document.body).backgroundColor")
        browser.media(dark=True)
        self.assertNotEqual(browser.value("getComputedStyle(document.body).backgroundColor"), light)
        browser.call("Emulation.setDeviceMetricsOverride", width=375, height=800, deviceScaleFactor=1, mobile=False)
        browser.frame()
        self.assertLessEqual(browser.value("document.documentElement.scrollWidth"), 375)
        browser.call("Emulation.setDeviceMetricsOverride", width=1200, height=900, deviceScaleFactor=1, mobile=False)
        self.check_silence()

    def test_labels_have_the_colors_of_the_page_of_one_scan(self):
        browser = self.cohort("large", cohorts.large, failed=True)
        colors = browser.value("voxtile.data.labels.map(({ label, color }) => [label, color])")
        browser = self.open("page.html", "report", "scan.nii", "--patch", "12", "-o", "page.html")
        for label, color in colors:
            parts = browser.value(f"labelColor({label})")
            self.assertEqual(color, "#" + "".join(f"{part:02x}" for part in parts))

    def test_real_files_have_pictures_and_pages(self):
        folder = Path(self.here, "scans")
        folder.mkdir(exist_ok=True)
        for number in range(3):
            images.nifti(folder / f"scan {number}#.nii", images.brain_like)
        Path(folder, "broken.nii").write_bytes(struct.pack("<i", 348))
        self.voxtile("crop", "scans", "--patch", "16", "--overlap", "4", "-o", "cut", "--reports", status=1)
        browser = self.show("cut/index.html")
        self.assertEqual(browser.value("document.querySelectorAll('.case img').length"), 3)
        browser.value("Promise.all(Array.from(document.images, (image) => image.decode()))")
        sizes = browser.value("Array.from(document.images, (image) => Math.max(image.naturalWidth, image.naturalHeight))")
        self.assertEqual(sizes, [96, 96, 96])
        self.assertIn("broken", self.text("failures"))
        self.check_silence()
        address = browser.value("document.querySelector('.case h3 a').href")
        self.browser.open(address, READY)
        self.assertIn("scan", browser.value("document.getElementById('title').textContent"))
        # The page is written again without the scans, and without one of the pages.
        for path in folder.iterdir():
            path.unlink()
        Path(self.here, "cut/scan 0#.html").unlink()
        self.voxtile("summary", "cut", status=1)
        browser = self.show("cut/index.html")
        self.assertEqual(browser.value("document.querySelectorAll('.case img').length"), 3)
        self.assertEqual(browser.value("document.querySelectorAll('.case h3 a').length"), 2)


if __name__ == "__main__":
    main()
