"""How `voxtile infer` does what a MONAI bundle does: what the network's file carries, options, and what is not the same."""

import re
from dataclasses import dataclass, field

from bundle import Unresolved
from intensity import Intensity, NotExact


@dataclass(frozen=True)
class Finding:
    """What is not the same as in MONAI. A fatal one makes a result quietly wrong unless it is accepted by its name."""

    name: str
    text: str
    is_fatal: bool


@dataclass
class Plan:
    """All that is known of a bundle."""

    channels: int = 1
    intensity: Intensity = field(default_factory=Intensity)
    orientation: str | None = None
    spacing: tuple | None = None
    interpolation: str = "linear"
    foreground: str | None = None
    patch: tuple | None = None
    input_names: list = field(default_factory=list)
    label_names: list = field(default_factory=list)
    options: list = field(default_factory=list)  # (words of the command line, reason)
    cleaning: list = field(default_factory=list)  # the same, of `voxtile convert`
    findings: list = field(default_factory=list)

    def refuse(self, name, text):
        self.findings.append(Finding(name, text, True))

    def warn(self, name, text):
        self.findings.append(Finding(name, text, False))

    def refused(self, accepted):
        """What stands in the way, but for what is accepted by its name, in any case of letters."""
        accepted = {name.casefold() for name in accepted}
        return [finding for finding in self.findings if finding.is_fatal and finding.name.casefold() not in accepted]

    def metadata(self):
        """What the network's file says of itself."""
        carried = {
            "voxtile.normalize": self.intensity.name(self.foreground is not None),
            "voxtile.axes": "xyz",
            "voxtile.patch": by_x(self.patch) if self.patch else None,
            "voxtile.orientation": self.orientation,
            "voxtile.spacing": by_x(self.spacing) if self.spacing else None,
            "voxtile.convention": "monai" if self.spacing else None,
            "voxtile.labels": ",".join(self.label_names) or None,
        }
        return {key: value for key, value in carried.items() if value is not None}

    def command(self, model):
        """The words of the command that predicts a scan."""
        names = [re.sub(r"\W+", "-", name).strip("-").lower() or "scan" for name in self.input_names]
        inputs = names if len(names) == self.channels > 1 else ["scan"] if self.channels == 1 else [
            f"scan_{channel:04}" for channel in range(self.channels)]
        words = ["voxtile", "infer", *(name + ".nii.gz" for name in inputs), "--model", str(model)]
        return [*words, *(word for flag, _ in self.options for word in flag.split())]


def by_x(sizes):
    """Sizes as the command line takes them."""
    return "x".join(f"{size:g}" if float(f"{size:g}") == size else repr(float(size)) for size in sizes)


class Call:
    """A transform or inferer of a configuration, and its arguments, which are resolved when they are asked for."""

    def __init__(self, item, configuration):
        target = str(item["_target_"]) if isinstance(item, dict) and "_target_" in item else None
        self.target = target or repr(item)
        self.arguments = item if isinstance(item, dict) else {}
        self.configuration = configuration
        self.is_monai = target is not None and ("." not in target or target.startswith("monai."))

    @property
    def name(self):
        """`Spacingd` and `monai.transforms.Spacingd` are one; so are `SpacingD`, `SpacingDict` and `Spacing`."""
        name = self.target.rsplit(".", 1)[-1]
        name = name.removesuffix("ict") if name.endswith("Dict") else name
        return name[:-1] if name.endswith(("d", "D")) else name

    @property
    def shown(self):
        return self.target.rsplit(".", 1)[-1] if self.is_monai else self.target

    def get(self, key, default=None):
        return self.configuration.resolve(self.arguments.get(key, default))

    def keys(self):
        keys = self.get("keys", [])
        return [keys] if isinstance(keys, str) else list(keys)

    def unknown(self, known):
        """Arguments that nobody here looks at."""
        ignored = {"_target_", "_disabled_", "_mode_", "_desc_", "keys", "allow_missing_keys", "lazy", "device", *known}
        return [key for key in self.arguments if key not in ignored]


def is_changed_type(call):
    """Whether values become something else than real numbers of 32 or 64 bits."""
    text = str(call.arguments.get("dtype") or "float32")
    return any(word in text for word in ("int", "bool", "byte", "half", "float16"))


def translate(call, handlers, plan):
    """Lets the handler of a call change the plan; what has none, or goes wrong, is refused by name."""
    handler = handlers.get(call.name) if call.is_monai else None
    if handler is None:
        what = {key: value for key, value in call.arguments.items() if key not in ("_target_", "keys")}
        plan.refuse(call.shown, f"it is not known here, and what it does is left out: {what}")
        return
    handle, known = handler
    try:
        handle(call)
        for key in call.unknown(known):
            plan.refuse(call.shown, f"{key} = {call.arguments[key]!r} is not known here, and is left out")
    except (NotExact, Unresolved) as error:
        plan.refuse(call.shown, str(error))
    except (TypeError, ValueError) as error:
        plan.refuse(call.shown, f"its arguments are not as expected ({error}): {call.arguments}")
