"""Names the wheel after the machine that its library is for: any Python 3, one kind of processor, one libc."""

import os

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelTag(BuildHookInterface):
    """Sets the tag of the wheel to that of script/build-wheel."""

    def initialize(self, version, build_data):
        library = os.path.join(self.root, "voxtile", "libVoxtilePython.so")
        if not os.path.exists(library):
            raise FileNotFoundError(f"{library} is not built; run script/build-wheel")
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + os.environ.get("VOXTILE_WHEEL_PLATFORM", "linux_x86_64")
