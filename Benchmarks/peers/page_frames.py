"""How long the page of `voxtile view` takes for a frame, over a scan of 512x512x600 voxels with labels, in headless Chromium.

usage: page_frames.py PROGRAM [FOLDER [PATCH]]      FOLDER keeps the scan for the next run

Each gesture is made of real input events, one a frame. A frame's work is the time that the page's script takes to draw it; a
pause is the time from one animation frame to the next, which is 16.7 ms where nothing is late.
"""
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nibabel
import numpy

sys.path.insert(0, str(Path(__file__).parents[2] / "Tests/Browser"))
import chromium

SIZE = (512, 512, 600)
READY = "window.voxtile?.views?.length > 0"
# Notes the work of each frame that the page draws, and the time from one animation frame to the next while a gesture lasts.
WATCH = """(() => { const state = voxtile.state, tell = Object.getPrototypeOf(state).tell ?? state.tell;
  window.work = []; window.pauses = [];
  if (!window.isWatched) { window.isWatched = true;
    state.tell = function () { tell.call(this); window.work.push(this.frameTime); }; }
  window.run = (window.run ?? 0) + 1;
  const own = window.run; let last = null;
  requestAnimationFrame(function tick(now) { if (own !== window.run) return;
    if (last !== null) window.pauses.push(now - last); last = now; requestAnimationFrame(tick); }); })()"""


def make(folder):
    """Writes a scan with smooth structures and noise, and a label map of 40 labels."""
    scan, labels = folder / "scan.nii.gz", folder / "labels.nii.gz"
    if not scan.exists():
        random = numpy.random.default_rng(0)
        coarse = random.integers(0, 1000, [size // 8 for size in SIZE]).astype(numpy.int16)
        voxels = numpy.kron(coarse, numpy.ones((8, 8, 8), numpy.int16))
        voxels += random.integers(0, 64, SIZE, dtype=numpy.int16)
        nibabel.save(nibabel.Nifti1Image(voxels, numpy.diag([0.8, 0.8, 0.8, 1])), scan)
        parts = random.integers(0, 41, [(size + 63) // 64 for size in SIZE]).astype(numpy.uint8)
        map_ = numpy.kron(parts, numpy.ones((64, 64, 64), numpy.uint8))[:SIZE[0], :SIZE[1], :SIZE[2]]
        nibabel.save(nibabel.Nifti1Image(map_, numpy.diag([0.8, 0.8, 0.8, 1])), labels)
    return scan, labels


def frames(browser, gesture):
    """Makes a gesture, an event a frame; the work of the frames that were drawn, and the pauses between all, in ms."""
    browser.value(WATCH)
    gesture()
    return browser.value("(() => { window.run += 1; return [work, pauses]; })()")


def row(name, work, pauses):
    def share(values, part):
        return sorted(values)[min(len(values) - 1, int(part * len(values)))]
    print(f"| {name} | {statistics.median(work):.1f} | {share(work, 0.95):.1f} | {statistics.median(pauses):.1f} "
          f"| {share(pauses, 0.95):.1f} | {len(work)} |", flush=True)


def main():
    program = str(Path(sys.argv[1]).resolve())
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="voxtile-frames-"))
    folder.mkdir(exist_ok=True)
    patch = sys.argv[3] if len(sys.argv) > 3 else "96"
    scan, labels = make(folder)
    start = time.monotonic()
    server = subprocess.Popen(
        [program, "view", str(scan), "--patch", patch, "--overlap", "0.25", "--overlay", str(labels), "--no-browser"], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    address = server.stdout.readline().strip()
    print(f"address after {time.monotonic() - start:.2f} s")
    try:
        first = None
        while True:
            progress = json.load(urllib.request.urlopen(address + "progress"))
            if first is None and progress.get("picture"):
                first = time.monotonic() - start
            if progress["isReady"]:
                break
            time.sleep(0.02)
        page = urllib.request.urlopen(address).read()
        first = f"{first:.2f} s" if first else "none"
        print(f"first slice after {first}, page of {len(page) / 1e6:.1f} MB after {time.monotonic() - start:.2f} s\n")
        with chromium.Browser(chromium.find(), width=1400, height=1000) as browser:
            opened = browser.open(address, READY, timeout=120)
            print(f"opened in {opened:.2f} s\n")
            print("| Gesture | work, median | 95 % | pause, median | 95 % | frames |\n|---|---|---|---|---|---|")
            gestures(browser)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


def gestures(browser):
    time.sleep(2)
    x, y, width, height = browser.box("canvas")
    middle = (x + width / 2, y + height / 2)

    def step(kind, at, **more):
        browser.mouse(kind, *at, **more)
        browser.value("new Promise(done => requestAnimationFrame(() => done(true)))")

    def move_cross():
        step("mousePressed", middle, button="left", buttons=1, clickCount=1)
        for i in range(60):
            place = (x + width * (0.2 + 0.6 * i / 60), y + height * (0.3 + 0.4 * i / 60))
            step("mouseMoved", place, button="left", buttons=1)
        step("mouseReleased", middle, button="left", clickCount=1)

    def zoom():
        for i in range(40):
            step("mouseWheel", middle, deltaX=0, deltaY=-40 if i < 20 else 40, modifiers=2)

    def scroll():
        for i in range(60):
            browser.value(f"voxtile.state.set({{cursor: [256, 256, {200 + i}]}})")
            browser.value("new Promise(done => requestAnimationFrame(() => done(true)))")

    def window():
        step("mousePressed", middle, button="right", buttons=2, clickCount=1)
        for i in range(40):
            step("mouseMoved", (middle[0] + i, middle[1] + i / 2), button="right", buttons=2)
        step("mouseReleased", middle, button="right", clickCount=1)

    named = (("move the cross", move_cross), ("zoom", zoom), ("scroll slices", scroll), ("window by right drag", window))
    for name, gesture in named:
        row(name, *frames(browser, gesture))
    if browser.value("!!document.getElementById('space')"):
        sx, sy, sw, sh = browser.box("#space-view")

        def turn():
            browser.mouse("mousePressed", sx + sw / 2, sy + sh / 2, button="left", buttons=1, clickCount=1)
            for i in range(40):
                step("mouseMoved", (sx + sw / 2 + 3 * i, sy + sh / 2 + i), button="left", buttons=1)
            browser.mouse("mouseReleased", sx + sw / 2, sy + sh / 2, button="left", clickCount=1)

        patches = browser.value("voxtile.grid.count")
        row(f"turn {patches} patches in 3D", *frames(browser, turn))


if __name__ == "__main__":
    main()
