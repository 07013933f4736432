"""Shared by the tests that use the slices of a page: what lies where, drags with any button, and fingers."""
from pages import PageCase

AXIAL = ".views figure:first-child canvas"


class SliceCase(PageCase):
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

    def press(self, button, buttons, points, modifiers=0):
        self.browser.mouse("mousePressed", *points[0], button=button, buttons=buttons, clickCount=1, modifiers=modifiers)
        for point in points[1:]:
            self.browser.mouse("mouseMoved", *point, button=button, buttons=buttons, modifiers=modifiers)
        self.browser.mouse("mouseReleased", *points[-1], button=button, clickCount=1, modifiers=modifiers)
        self.browser.frame()

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
