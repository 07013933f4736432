"""Reads a MONAI bundle's configuration: metadata, and the items of the inference configuration.

References (`@network_def`, `@displayable_configs#sw_overlap`) are followed here. A value that is an expression (`$...`) is code:
it is handed to `evaluate`, and only where it is needed. Macros (`%`) and relative references (`@#name`) are MONAI's to resolve.
"""

import json
import re

SUM = re.compile(r"\$\s*@[\w#:]+\s*(\+\s*@[\w#:]+\s*)*$")
SUFFIXES = (".json", ".yaml", ".yml")


class Unresolved(Exception):
    """A value that only running code would give."""


def find_configuration(folder, name):
    """The file of a configuration, in one of the formats that MONAI reads."""
    for suffix in SUFFIXES:
        path = folder / "configs" / (name + suffix)
        if path.is_file():
            return path
    raise SystemExit(f"{folder} has no configs/{name}.json or .yaml, so it is no MONAI bundle that predicts")


def read(path):
    """A configuration as it is written."""
    text = path.read_text()
    if path.suffix == ".json":
        return json.loads(text)
    import yaml
    return yaml.safe_load(text)


def needs_monai(value):
    """Whether a configuration has macros or relative references."""
    if isinstance(value, dict):
        return any(needs_monai(item) for item in value.values())
    if isinstance(value, list):
        return any(needs_monai(item) for item in value)
    return isinstance(value, str) and (value.startswith("%") or re.search(r"@(#|::)", value) is not None)


class Configuration:
    """The items of a configuration."""

    def __init__(self, items, evaluate=None):
        """`evaluate` gives the value of an expression; without it, one that is needed raises `Unresolved`."""
        self.items = items
        self._evaluate = evaluate

    def __contains__(self, name):
        return name in self.items

    def at(self, name):
        """What stands at `a#b#0`, as it is written."""
        value = self.items
        for part in name.replace("::", "#").split("#"):
            try:
                value = value[int(part)] if isinstance(value, list) else value[part]
            except (KeyError, IndexError, ValueError, TypeError):
                raise Unresolved(f"the configuration has no '{name}'") from None
        return value

    def resolve(self, value, depth=0):
        """A value with its references and the expressions in it resolved; what has a `_target_` is never made."""
        if depth > 50:
            raise Unresolved("references lead to each other")
        if isinstance(value, dict):
            return {key: self.resolve(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item, depth + 1) for item in value]
        if not isinstance(value, str):
            return value
        if value.startswith("@"):
            return self.resolve(self.at(value[1:]), depth + 1)
        if value.startswith("%"):
            raise Unresolved(f"'{value}' is a macro")
        if not value.startswith("$"):
            return value
        if self._evaluate is None:
            raise Unresolved(f"'{value}' is an expression")
        return self._evaluate(value)

    def transforms(self, name):
        """The transforms of an item as they are written: a Compose, a list, or a sum of lists by reference."""
        if self.items.get(name) is None:
            return []
        return [item for item in self._listed(self.items[name]) if not self._is_disabled(item)]

    def _listed(self, value):
        if isinstance(value, dict):
            if str(value.get("_target_", "")).rsplit(".", 1)[-1] == "Compose":
                return self._listed(value.get("transforms", []))
            return [value]
        if isinstance(value, list):
            return [part for item in value for part in self._listed(item)]
        if isinstance(value, str) and value.startswith("@"):
            return self._listed(self.at(value[1:]))
        if isinstance(value, str) and SUM.match(value):
            return [part for one in re.findall(r"@[\w#:]+", value) for part in self._listed(one)]
        raise Unresolved(f"{value!r} is an expression, and what it makes cannot be looked at")

    def _is_disabled(self, item):
        value = self.resolve(item.get("_disabled_", False))
        return value is True or str(value).lower() == "true"
