"""Files at URLs, which fsspec reads and writes: copied to where the program finds them, and back."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import VoxtileError, make_error

# Files of these kinds have others of the same name beside them.
_WITH_COMPANIONS = (".hdr", ".img", ".hdr.gz", ".img.gz", ".mhd", ".nhdr", ".onnx")


def is_url(path: Any) -> bool:
    """Whether a path is a URL, such as ``s3://bucket/scan.nii.gz``."""
    return isinstance(path, str) and "://" in path


@dataclass(frozen=True)
class Place:
    """A file or a folder at a URL."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.url.rstrip("/").rsplit("/", 1)[-1]

    @property
    def folder(self) -> Place:
        """The folder that it lies in."""
        return Place(self.url.rstrip("/").rsplit("/", 1)[0], self.options)

    def exists(self) -> bool:
        files, path = self._opened()
        return bool(_tried(self.url, files.exists, path))

    def sizes(self, folder: str = "") -> dict[str, int]:
        """The files below a folder in it, by their paths below it, with their numbers of bytes."""
        files, path = self._opened()
        base = f"{path}/{folder}" if folder else path
        found = _tried(self.url, files.find, base, detail=True)
        start = len(base) + 1
        return {name[start:]: int(info.get("size") or 0) for name, info in found.items() if len(name) > start}

    def content(self) -> bytes:
        files, path = self._opened()
        return _tried(self.url, files.cat_file, path)

    def first_bytes(self, name: str, count: int) -> bytes:
        """The first bytes of a file below it."""
        files, path = self._opened()
        return _tried(self.url, files.cat_file, f"{path}/{name}", start=0, end=count)

    def fetch(self, folder: str, names: Iterable[str]) -> None:
        """Copies files below it to a local folder."""
        files, path = self._opened()
        names = list(names)
        targets = [os.path.join(folder, name) for name in names]
        for target in {os.path.dirname(target) for target in targets}:
            os.makedirs(target, exist_ok=True)
        if names:
            _tried(self.url, files.get, [f"{path}/{name}" for name in names], targets)

    def send(self, folder: str, names: Iterable[str]) -> None:
        """Copies files of a local folder to places below it."""
        files, path = self._opened()
        names = list(names)
        targets = [f"{path}/{name}" for name in names]
        for target in {target.rsplit("/", 1)[0] for target in targets}:
            _tried(self.url, files.makedirs, target, exist_ok=True)
        if names:
            _tried(self.url, files.put, [os.path.join(folder, name) for name in names], targets)

    def write(self, name: str, content: bytes) -> None:
        files, path = self._opened()
        target = f"{path}/{name}"
        _tried(self.url, files.makedirs, target.rsplit("/", 1)[0], exist_ok=True)
        _tried(self.url, files.pipe_file, target, content)

    def remove(self) -> None:
        files, path = self._opened()
        if _tried(self.url, files.exists, path):
            _tried(self.url, files.rm, path, recursive=True)

    def local_path(self) -> str | None:
        """Its path, where it is a file of this machine."""
        files, path = self._opened()
        return path if "file" in _names(files.protocol) else None

    def version(self) -> str:
        """What changes when it is replaced."""
        files, path = self._opened()
        if not _tried(self.url, files.exists, path):
            raise make_error("fileAccess", f"cannot be opened: {os.strerror(errno.ENOENT)}", context={"file": self.url})
        found = _tried(self.url, files.find, path, detail=True)
        return repr(sorted((name, sorted((key, str(value)) for key, value in info.items())) for name, info in found.items()))

    def fetch_image(self, folder: str) -> str:
        """Copies a file, with those that belong to it, or a folder of files, to a local folder; gives its path there."""
        files, path = self._opened()
        name = self.name
        if _tried(self.url, files.isdir, path):
            self.fetch(os.path.join(folder, name), self.sizes())
            return os.path.join(folder, name)
        names = [name]
        if name.lower().endswith(_WITH_COMPANIONS):
            stem = name.split(".")[0] + "."
            others = _tried(self.url, files.ls, path.rsplit("/", 1)[0], detail=False)
            names += [other for other in (each.rsplit("/", 1)[-1] for each in others) if other.startswith(stem)]
        self.folder.fetch(folder, sorted(set(names)))
        return os.path.join(folder, name)

    def _opened(self) -> tuple[Any, str]:
        try:
            import fsspec
        except ImportError as error:
            raise make_error("runtimeNotFound", "fsspec is not installed", "pip install voxtile[dask]") from error
        files, path = _tried(self.url, fsspec.core.url_to_fs, self.url, **self.options)
        # Other processes write there, too.
        files.invalidate_cache()
        return files, path.rstrip("/")


def _names(protocol: str | Iterable[str]) -> list[str]:
    return [protocol] if isinstance(protocol, str) else list(protocol)


def _tried(url: str, function: Any, *arguments: Any, **options: Any) -> Any:
    try:
        return function(*arguments, **options)
    except VoxtileError:
        raise
    except Exception as error:
        raise make_error("fileAccess", f"{type(error).__name__}: {error}", context={"file": url}) from error
