#!/usr/bin/env python3
"""Opens the page that voxtile view shows while it reads a file, in headless Chromium.

usage: waiting_test.py, as for report_test.py

The page is put together from its sources, and a server that pretends to read a file answers it: how long a real one takes is not
known.
"""
import http.server
import json
import re
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import chromium
import pages

SOURCES = Path(__file__).parents[2] / "Sources/VoxtileReport/Page"
SIZE = (6, 4)

# A pixel of a copy of the picture.
PIXEL = """(() => { const copy = Object.assign(document.createElement('canvas'), {width: 6, height: 4});
    const context = copy.getContext('2d', {willReadFrequently: true});
    context.drawImage(document.getElementById('picture'), 0, 0); return context.getImageData(2, 2, 1, 1).data[0]; })()"""


def page():
    script = "\n".join((SOURCES / name).read_text() for name in ("base.js", "waiting.js"))
    script = "'use strict';\n" + re.sub(r"^export ", "", re.sub(r"^import .*\n", "", script, flags=re.M), flags=re.M)
    style = "".join((SOURCES / name).read_text() for name in ("style.css", "waiting.css"))
    parts = {"title": "scan.nii.gz", "style": style, "script": script}
    return re.sub(r"\{\{(\w+)\}\}", lambda part: parts[part[1]], (SOURCES / "waiting.html").read_text())


class Server(http.server.ThreadingHTTPServer):
    """Pretends to read a file; what it says is in `progress`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.progress = {"isReady": False, "fraction": 0}
        self.gray = 0
        self.ends_with_picture = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/token/"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        if server.ends_with_picture and self.path == "/token/picture":
            self.close_connection = True
            return
        body = {
            "/token/progress": lambda: json.dumps(server.progress).encode(),
            "/token/picture": lambda: bytes([server.gray] * (SIZE[0] * SIZE[1])),
            "/token/": lambda: (b"<title>the report</title>" if server.progress["isReady"] else page().encode()),
        }[self.path]()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if self.path.endswith("/") else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class WaitingTest(unittest.TestCase):
    def setUp(self):
        self.browser = chromium.Browser(chromium.find(), width=390, height=844)
        self.addCleanup(self.browser.__exit__)
        self.server = Server()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def wait(self, expression):
        self.browser.value(f"""new Promise((done, fail) => {{ const end = Date.now() + 20000; const look = () =>
            ({expression}) ? done(true) : Date.now() > end ? fail(new Error('timed out')) : setTimeout(look, 20);
            look(); }})""")

    def title(self):
        try:
            return self.browser.value("document.title")
        except RuntimeError:
            # The page is just being replaced.
            return None

    def say(self, slice, fraction, gray):
        self.server.gray = gray
        self.server.progress = {
            "isReady": False, "fraction": fraction,
            "picture": {"slice": slice, "count": 600, "plane": "axial", "width": SIZE[0], "height": SIZE[1]}}

    def test_slices_and_progress_until_the_report_is_there(self):
        browser = self.browser
        browser.open(self.server.address)
        self.wait("document.getElementById('done').textContent === '0 % read'")
        self.assertTrue(browser.value("document.getElementById('figure').hidden"))
        for slice, fraction, gray in ((32, 0.053, 40), (300, 0.5, 200)):
            self.say(slice, fraction, gray)
            self.wait(f"document.getElementById('caption').textContent.startsWith('axial slice {slice} of 600')")
            self.wait(f"{PIXEL} === {gray}")
        self.assertEqual(browser.value("document.getElementById('done').textContent"), "50 % read")
        self.assertEqual(browser.value("document.getElementById('bar').value"), 0.5)
        self.assertFalse(browser.value("document.documentElement.scrollWidth > innerWidth"))
        self.say(600, 1, 9)
        self.wait("document.getElementById('done').textContent === 'drawing the page'")
        self.assertEqual(browser.errors, [])
        self.server.progress = {"isReady": True, "fraction": 1}
        end = time.monotonic() + 20
        while self.title() != "the report" and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(self.title(), "the report")

    def test_why_there_is_no_report(self):
        self.browser.open(self.server.address)
        self.server.progress = {"isReady": False, "fraction": 0.2, "failure": "scan.nii.gz: ends early"}
        self.wait("!document.getElementById('failure').hidden")
        self.assertEqual(self.browser.value("document.getElementById('failure').textContent"), "scan.nii.gz: ends early")
        self.assertTrue(self.browser.value("document.getElementById('waiting').hidden"))

    def test_the_program_has_ended(self):
        self.browser.open(self.server.address)
        self.wait("document.getElementById('done').textContent !== ''")
        self.server.shutdown()
        self.server.server_close()
        self.wait("document.getElementById('failure').textContent.includes('terminal')")

    def test_the_program_ends_before_it_gives_a_picture(self):
        self.server.ends_with_picture = True
        self.say(32, 0.053, 40)
        self.browser.open(self.server.address)
        self.wait("document.getElementById('failure').textContent.includes('terminal')")


if __name__ == "__main__":
    pages.main()
