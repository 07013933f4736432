"""Predictions of patches at a URL, which workers fetch and send."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._urls import Place
from .errors import make_error

_CHUNKS, _CHECKSUMS = "predictions/c", "checksums/c"
# What stands in the place of a chunk that was merged and removed, as the program writes it (the guide "Stored Predictions").
_REMOVED, _REMOVED_SKIPPED = b"merged\n", b"merged, skipped\n"


@dataclass(frozen=True)
class RemotePredictions:
    """Predictions at a URL, in the layout that they have in a folder, and marks of the parts that are merged."""

    place: Place
    # Whose marks are meant: several calls may merge the same predictions.
    call: str
    # Whether patches may have been skipped.
    has_skipped: bool

    @property
    def _marks(self) -> Place:
        return Place(f"{self.place.url}/merged/{self.call}", self.place.options)

    def fetch_documents(self, folder: str) -> None:
        """Copies all but predictions."""
        weights = [f"weights/{name}" for name in self.place.sizes("weights")]
        names = ["zarr.json", "predictions/zarr.json", "checksums/zarr.json", *weights]
        if Place(f"{self.place.url}/zarr.json", self.place.options).exists():
            self.place.fetch(folder, names)

    def send_documents(self, folder: str) -> None:
        """Sends all but predictions. The document of the group comes last: where it is, the others are."""
        names = [name for name in files_in(folder) if not name.startswith((f"{_CHUNKS}/", f"{_CHECKSUMS}/"))]
        self.place.send(folder, [name for name in names if "/" in name])
        self.place.send(folder, [name for name in names if "/" not in name])

    def stand_in(self, folder: str, patches: range) -> None:
        """Puts a short file in the place of each prediction that there is, so that the program takes the patch for done."""
        size = _chunk_size(folder)
        for patch, found in self._sizes().items():
            # Others are not meant, or another program left them unfinished.
            if patch in patches and found in (size, len(_REMOVED), len(_REMOVED_SKIPPED)):
                path = os.path.join(folder, _chunk(patch))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(_REMOVED_SKIPPED if self._is_skipped(folder, patch, found) else _REMOVED)

    def send_patches(self, folder: str, patches: range) -> None:
        """Sends the predictions that were made."""
        size = _chunk_size(folder)
        paths = {patch: os.path.join(folder, _chunk(patch)) for patch in patches}
        made = [patch for patch, path in paths.items() if os.path.exists(path) and os.path.getsize(path) == size]
        if not Place(f"{self.place.url}/zarr.json", self.place.options).exists():
            message = "the predictions were removed, since the call had ended"
            raise make_error("cancelled", message, context={"file": self.place.url})
        # A patch is done when its chunk is there, so that comes last.
        self.place.send(folder, [_checksum(patch) for patch in made])
        self.place.send(folder, [_chunk(patch) for patch in made])

    def fetch_patches(self, folder: str, patches: range) -> None:
        """Copies the predictions that there are."""
        size = _chunk_size(folder)
        found = {patch: count for patch, count in self._sizes().items() if patch in patches}
        self.place.fetch(folder, [_chunk(patch) for patch in found])
        self.place.fetch(folder, [_checksum(patch) for patch in found if found[patch] == size])

    def remove_patches(self, folder: str, patches: Iterable[int]) -> None:
        """Leaves a short file in the place of each prediction; ``folder`` holds the documents."""
        sizes = self._sizes()
        for patch in patches:
            size = sizes.get(patch, 0)
            if size > len(_REMOVED_SKIPPED):
                self.place.write(_chunk(patch), _REMOVED_SKIPPED if self._is_skipped(folder, patch, size) else _REMOVED)

    def marked_parts(self) -> set[int]:
        """The parts that are merged."""
        return {int(name.removeprefix("part-")) for name in self._marks.sizes() if name.startswith("part-")}

    def mark(self, part: int, parts: str) -> None:
        """Notes that a part is merged; ``parts`` is the folder where the program notes it."""
        job = os.path.join(parts, "job")
        if os.path.exists(job):
            with open(job, "rb") as file:
                self._marks.write("job", file.read())
        self._marks.write(f"part-{part}", b"")

    def fetch_marks(self, parts: str) -> None:
        """Puts the marks where the program looks for them."""
        self._marks.fetch(parts, self._marks.sizes())

    def _sizes(self) -> dict[int, int]:
        """The patches of which there is something, with its number of bytes."""
        found = self.place.sizes(_CHUNKS)
        return {int(name.split("/")[0]): size for name, size in found.items() if name.endswith("/0/0/0/0")}

    def _is_skipped(self, folder: str, patch: int, size: int) -> bool:
        """Whether a patch was skipped: its prediction begins with a NaN."""
        if not self.has_skipped or size == len(_REMOVED):
            return False
        if size == len(_REMOVED_SKIPPED):
            return True
        kind = np.dtype(document_of(os.path.join(folder, "predictions"))["data_type"]).newbyteorder("<")
        return bool(np.isnan(np.frombuffer(self.place.first_bytes(_chunk(patch), kind.itemsize), kind)[0]))


def files_in(folder: str) -> list[str]:
    """The files below a folder, by their paths below it."""
    found = [os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in os.walk(folder) for name in names]
    return sorted(name.replace(os.sep, "/") for name in found)


def document_of(folder: str) -> dict[str, Any]:
    """The document of a group or an array."""
    with open(os.path.join(folder, "zarr.json"), encoding="utf-8") as file:
        return json.load(file)


def _chunk(patch: int) -> str:
    return f"{_CHUNKS}/{patch}/0/0/0/0"


def _checksum(patch: int) -> str:
    return f"{_CHECKSUMS}/{patch}"


def _chunk_size(folder: str) -> int:
    """The number of bytes of a chunk: its values and a checksum."""
    array = document_of(os.path.join(folder, "predictions"))
    return math.prod(array["shape"][1:]) * np.dtype(array["data_type"]).itemsize + 4
