"""Headless Chromium, controlled through its DevTools pipe with Python's standard library only."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def find():
    """The path of Chromium, or None if it is not installed. $VOXTILE_CHROMIUM overrides the search."""
    named = os.environ.get("VOXTILE_CHROMIUM")
    if named:
        return named
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


class Browser:
    """One page in one browser. Records console errors and requests."""

    def __init__(self, program, width=1280, height=900, dark=False):
        self.folder = tempfile.TemporaryDirectory(prefix="voxtile-browser-")
        there, self.output = os.pipe()
        self.input, here = os.pipe()
        flags = ["--headless=new", "--disable-gpu", "--no-first-run", "--no-default-browser-check",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--disable-extensions", "--hide-scrollbars", "--remote-debugging-pipe",
                 f"--window-size={width},{height}", f"--user-data-dir={self.folder.name}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses to sandbox for root.

        def hand_over():
            # The browser reads commands from descriptor 3 and writes answers to descriptor 4.
            reading, writing = os.dup(there), os.dup(here)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            [program, *flags, "about:blank"], preexec_fn=hand_over, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there)
        os.close(here)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.errors, self.requests, self.events = [], [], []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.media(dark=dark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.call("Browser.close", timeout=5)
        except (OSError, RuntimeError, TimeoutError):
            pass
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.output)
        os.close(self.input)
        self.folder.cleanup()

    def call(self, method, timeout=60, **parameters):
        """Calls a DevTools method and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + timeout
        while True:
            answer = self.receive(end)
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def receive(self, end):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not respond")
            part = os.read(self.input, 1 << 20)
            if not part:
                raise RuntimeError("the browser has exited")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        self.note(message.get("method"), message.get("params"))
        return message

    def note(self, method, what):
        if method == "Runtime.exceptionThrown":
            details = what["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(a.get("value", a.get("description"))) for a in what["args"]))
        elif method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.errors.append(what["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"][:200])

    def media(self, dark=False, print_=False, calm=False):
        """Emulates dark mode, printing and reduced motion."""
        self.call("Emulation.setEmulatedMedia", media="print" if print_ else "", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"}])

    def open(self, url, ready="true", timeout=60):
        """Opens a page, waits until the expression `ready` is true, and returns the seconds this took."""
        start = time.monotonic()
        self.call("Page.navigate", url=url)
        while not self.value(f"document.URL != 'about:blank' && !!document.body && ({ready})"):
            if time.monotonic() - start > timeout:
                raise TimeoutError(f"{url} is not ready: {self.errors}")
            time.sleep(0.01)
        return time.monotonic() - start

    def value(self, expression):
        """The value of a JavaScript expression. If it is a promise, waits for its result."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def box(self, selector):
        """Scrolls an element into view and returns its x, y, width and height, once it has stopped moving."""
        element = f"document.querySelector({json.dumps(selector)})"
        place = None
        # Events reach what was drawn last, so the new position has to be drawn first. What is loaded meanwhile moves it again.
        for _ in range(40):
            self.value(f"{element}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
            self.frame()
            before, place = place, self.value(f"(b => [b.x, b.y, b.width, b.height])({element}.getBoundingClientRect())")
            if place == before:
                break
            time.sleep(0.05)
        return place

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def drag(self, points):
        """Presses the mouse button at the first point, moves through the others, and releases it at the last."""
        self.mouse("mousePressed", *points[0], button="left", buttons=1, clickCount=1)
        for point in points[1:]:
            self.mouse("mouseMoved", *point, button="left", buttons=1)
        self.mouse("mouseReleased", *points[-1], button="left", clickCount=1)

    def click(self, selector):
        x, y, width, height = self.box(selector)
        point = (x + width / 2, y + height / 2)
        self.drag([point])
        self.frame()

    def key(self, name, code=None, times=1):
        for _ in range(times):
            for kind in ("keyDown", "keyUp"):
                self.call("Input.dispatchKeyEvent", type=kind, key=name, code=code or name,
                          windowsVirtualKeyCode=KEYS.get(name, 0))
        self.frame()

    def frame(self):
        """Waits until pending changes have been drawn."""
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def screenshot(self, path, selector=None, full=False):
        parameters = {}
        if full:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            parameters["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
            parameters["captureBeyondViewport"] = True
        elif selector:
            x, y, width, height = self.box(selector)
            self.frame()
            parameters["clip"] = {"x": x, "y": self.value("scrollY") + y, "width": width, "height": height, "scale": 1}
            parameters["captureBeyondViewport"] = True
        data = self.call("Page.captureScreenshot", format="png", **parameters)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


KEYS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "PageUp": 33, "PageDown": 34,
        "Enter": 13, "Escape": 27, "Tab": 9, " ": 32}
