"""One scan whose patches are shared out: what each task does.

Tasks run the program. It finds its files in folders that all workers share, or, where they lie at URLs, in a folder of the
worker's own: a task then fetches what it needs and sends what it has made. What a task has finished stands in files, so that the
task finds it there when it is run again, since its worker died.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ._command import command, local_options, path_words, words_of
from ._remote_predictions import RemotePredictions, document_of, files_in
from ._staging import staged, worker_folder
from ._urls import Place, is_url
from .errors import VoxtileError, make_error

# The first of some numbers, and the one after the last.
Range = tuple[int, int]
# The number of a part, from 1 on, and of how many equal ones.
Part = tuple[int, int]


def parts_for(workers: int) -> list[Part]:
    """Four parts for each worker. The last of them are in halves, so that workers end at about the same time."""
    count = 4 * workers
    return [(part, count) for part in range(1, 3 * workers + 1)] + [
        (half, 2 * count) for half in range(6 * workers + 1, 2 * count + 1)
    ]


@dataclass(frozen=True)
class Shares:
    """The parts of the patches, which patches these are, and which patches each task needs to merge its slices."""

    parts: list[Part]
    predicted: list[Range]
    merged: list[Range]


@dataclass(frozen=True)
class Options:
    """The options of ``voxtile infer``, as words for predicting and for merging, and those that name files at URLs."""

    predicting: list[str]
    merging: list[str]
    at_urls: dict[str, str]
    skips: bool

    @staticmethod
    def of(options: Mapping[str, Any]) -> Options:
        known = local_options(options)
        at_urls = {name: str(value) for name, value in known.items() if is_url(value)}
        # The format of the image concerns the merge alone, and memory both.
        merging = [word for name in _RESULT + _BOTH for word in words_of(name, known.get(name))]
        others = {name: value for name, value in known.items() if name not in at_urls and name not in _RESULT}
        predicting = [word for name, value in others.items() for word in words_of(name, value)]
        return Options(predicting, merging, at_urls, options.get("skip_below") is not None)


_RESULT = ["chunk", "zarr_version", "compression"]
_BOTH = ["memory"]


@dataclass(frozen=True)
class PartsJob:
    """What all tasks know. Paths are absolute, or URLs; where the output is at a URL, so are the predictions."""

    scan: list[str]
    models: list[str]
    output: str
    store: str
    kind: str
    threads: int
    options: Options
    # Whether predictions are removed as soon as no task needs them.
    removes: bool
    # What fsspec needs to know of URLs.
    storage: dict[str, Any] = field(default_factory=dict)
    # Whether an older result is replaced.
    replaces: bool = False
    # The name of this call, so that its tasks take no other call's work for theirs.
    call: str = field(default_factory=lambda: uuid.uuid4().hex)

    def begin(self, parts: list[Part], merges: int | None, most_merges: int) -> Shares:
        """Makes the place for predictions, and shares the patches out.

        Parameters
        ----------
        parts : list of tuple
            What each task predicts.
        merges : int, optional
            How many tasks merge; with None, as many as the image allows, up to ``most_merges``.
        """
        with self._local() as local:
            # The first of very many parts predicts nothing.
            patches = json.loads(command([*self._infer(local), "--part", "1/1000000", "--json"]))["patches"]
            if local.remote is not None:
                local.remote.send_documents(local.store)
            batch = document_of(local.store)["attributes"]["voxtile_predictions"]["settings"]["batch"]
            batches = -(-patches // batch)
            predicted = [
                (batches * (part - 1) // count * batch, min(patches, batches * part // count * batch)) for part, count in parts
            ]
            if merges is None:
                merges = min(most_merges, self._merge_plan(local, [])["mostParts"])
            plans = [self._merge_plan(local, _part(part, merges)) for part in range(1, merges + 1)]
            # The scan, the network, and the format of the result are good.
            if self.replaces:
                remove_result(self.output, self.storage)
            return Shares(parts, predicted, [(plan["patches"][0], plan["patches"][1]) for plan in plans])

    def predict(self, part: int, shares: Shares) -> None:
        """Predicts the patches of a part, but for those that have been predicted."""
        first, end = shares.predicted[part - 1]
        if first == end:
            return
        with self._local() as local:
            if local.remote is not None:
                local.remote.stand_in(local.store, range(first, end))
            done = json.loads(command([*self._infer(local), *_part(*shares.parts[part - 1]), "--json"]))
            if (done["firstPatch"], done["partPatches"]) != (first, end - first):
                found = f"{done['partPatches']} patches from {done['firstPatch']}"
                raise make_error("other", f"part {part} has {found}, not {end - first} from {first}")
            if local.remote is not None:
                local.remote.send_patches(local.store, range(first, end))

    def merge(self, part: int, shares: Shares) -> None:
        """Merges a part of the image, or all of it where there is one part."""
        count = len(shares.merged)
        with self._local() as local:
            # What one task has merged by itself it merges again, when it is run again.
            words = [*self._merge(local), *(_part(part, count) or ["--force"])]
            if local.remote is None:
                command([*words, "--remove-merged"] if self.removes and count > 1 else words)
                return
            if part in local.remote.marked_parts():
                return
            local.remote.fetch_patches(local.store, range(*shares.merged[part - 1]))
            try:
                command(words)
            except VoxtileError:
                # Another worker may have merged the same meanwhile, and removed predictions.
                if part in local.remote.marked_parts():
                    return
                raise
            if count == 1:
                self._send_result(local, [])
            elif self._output is not None:
                # The chunks; the documents of the image follow when it is complete.
                self._output.send(local.output, files_in(local.output))
            local.remote.mark(part, local.parts)
            if self.removes and count > 1:
                marked = local.remote.marked_parts()
                needed = [range(*span) for other, span in enumerate(shares.merged, 1) if other not in marked]
                own = [patch for other in marked for patch in range(*shares.merged[other - 1])]
                local.remote.remove_patches(
                    local.store, [patch for patch in sorted(set(own)) if not any(patch in others for others in needed)]
                )

    def finish(self, shares: Shares) -> dict[str, Any]:
        """Completes an image at a URL that several tasks have merged; gives how the image was made."""
        count = len(shares.merged)
        if self._output is None:
            return json.loads(_read(f"{self.output}.voxtile.json"))
        with self._local() as local:
            if count > 1 and local.remote is not None:
                local.remote.stand_in(local.store, range(shares.predicted[-1][1]))
                local.remote.fetch_marks(local.parts)
                sent = list(self._output.sizes())
                self._output.fetch(local.output, sent)
                command([*self._merge(local), *_part(count, count)])
                self._send_result(local, sent)
        return json.loads(self._record.content())

    # The program's words and files.

    @property
    def _output(self) -> Place | None:
        return Place(self.output, self.storage) if is_url(self.output) else None

    @property
    def _record(self) -> Place:
        return Place(f"{self.output}.voxtile.json", self.storage)

    @contextmanager
    def _local(self) -> Iterator[_Local]:
        """Where the program finds its files on this worker."""
        if not is_url(self.store):
            folder, name = os.path.split(self.output)
            yield _Local(self.store, self.output, os.path.join(folder, f".{name}.voxtile-parts"), None)
            return
        name = self.output.rstrip("/").rsplit("/", 1)[-1]
        with tempfile.TemporaryDirectory(prefix="voxtile-", dir=worker_folder()) as folder:
            remote = RemotePredictions(Place(self.store, self.storage), self.call, has_skipped=self.options.skips)
            remote.fetch_documents(os.path.join(folder, "predictions.zarr"))
            output = os.path.join(folder, name) if self._output is not None else self.output
            parts = os.path.join(os.path.dirname(output), f".{name}.voxtile-parts")
            yield _Local(os.path.join(folder, "predictions.zarr"), output, parts, remote)

    def _infer(self, local: _Local) -> list[str]:
        models = [staged(model, self.storage) for model in self.models]
        named = [word for name, url in self.options.at_urls.items() for word in words_of(name, staged(url, self.storage))]
        return [
            "infer", *path_words([staged(path, self.storage) for path in self.scan]), *words_of("model", [models]),
            *self.options.predicting, *named, "--jobs", str(self.threads),
            "--output-kind", "predictions", "--output", local.store,
        ]  # fmt: skip

    def _merge(self, local: _Local) -> list[str]:
        return [
            "merge", local.store, "--output", local.output, "--output-kind", self.kind, "--jobs", str(self.threads),
            *self.options.merging,
        ]  # fmt: skip

    def _merge_plan(self, local: _Local, words: Sequence[str]) -> dict[str, Any]:
        return json.loads(command([*self._merge(local), *words, "--dry-run", "--json"]))

    def _send_result(self, local: _Local, sent: Iterable[str]) -> None:
        """Sends what is not there yet of a complete image, and how it was made."""
        if self._output is None:
            return
        if os.path.isdir(local.output):
            names = sorted(set(files_in(local.output)) - set(sent))
            # Where the document of the group is, the image is complete.
            self._output.send(local.output, [name for name in names if "/" in name])
            self._output.send(local.output, [name for name in names if "/" not in name])
        else:
            folder, name = os.path.split(local.output)
            # All files of the image, such as a header and its voxels.
            made = json.loads(_read(f"{local.output}.voxtile.json"))
            self._output.folder.send(folder, [file["name"] for file in made["outputs"][0]["files"]])
        folder, name = os.path.split(f"{local.output}.voxtile.json")
        self._output.folder.send(folder, [name])


@dataclass(frozen=True)
class _Local:
    """Where the program finds its files on this worker."""

    store: str
    output: str
    # Where the program notes which parts of the output are merged.
    parts: str
    # Where the predictions are, if this is not where all workers see them.
    remote: RemotePredictions | None


def remove_result(path: str, storage: Mapping[str, Any]) -> None:
    """Removes an image, complete or not, and what the program has noted of it."""
    folder, name = path.rsplit("/", 1)
    for each in (f"{path}.voxtile.json", f"{folder}/.{name}.voxtile-parts", path):
        remove(each, storage)


def remove(path: str, storage: Mapping[str, Any]) -> None:
    """Removes a file or a folder, here or at a URL, if it is there."""
    if is_url(path):
        Place(path, storage).remove()
    elif os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _part(number: int, count: int) -> list[str]:
    """The words of a part; none where there is one."""
    return ["--part", f"{number}/{count}"] if count > 1 else []
