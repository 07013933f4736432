"""ONNX networks over patches of arrays, by the package onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from .errors import make_error

__all__ = ["OnnxModel"]

# The settings of a network's file that say how its image was prepared, with the values that ask for nothing.
_PREPARATION = {"normalize": "none", "orientation": "source", "axes": "zyx", "spacing": None}
_LAYOUTS = ("NCHW", "NCDHW")


class OnnxModel:
    """An ONNX network of one input and one output, loaded once by each process."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, patches: np.ndarray) -> Any:
        session = self._session
        return session.run(None, {session.get_inputs()[0].name: patches.astype(np.float32, copy=False)})[0]

    @property
    def patch(self) -> int | list[int] | None:
        """The size of a patch that its file carries, in the order of the axes that the network takes."""
        text = self._settings.get("patch")
        if text is None:
            return None
        sizes = text.split("x")
        if not all(size.isascii() and size.isdecimal() for size in sizes):
            message = f"the network says voxtile.patch = '{text}', which cannot be read; fix its metadata"
            raise make_error("modelNotUsable", message, context={"file": self.path, "found": text})
        first_is_x = self._settings.get("axes") == "xyz"
        return int(sizes[0]) if len(sizes) == 1 else [int(size) for size in (sizes if first_is_x else reversed(sizes))]

    def check_image(self, is_prepared: bool) -> None:
        """Refuses a network for which the image would have to be prepared, where that was not done.

        Raises
        ------
        VoxtileError
            ``invalidOption``, with the settings that the file carries.
        """
        found = self._settings
        asked = [name for name, idle in _PREPARATION.items() if found.get(name, idle) != idle]
        if asked and not is_prepared:
            raise self._refusal(
                asked, "prepare the image so and set is_prepared=True, or predict a file by voxtile.dask.predict, which does it"
            )
        if found.get("layout", _LAYOUTS[0]).upper() not in _LAYOUTS:
            raise self._refusal(["layout"], "give a function that runs it on patches of shape (n, channels, *patch)")

    @property
    def _settings(self) -> dict[str, str]:
        """What the file carries, by names without ``voxtile.``."""
        carried = self._session.get_modelmeta().custom_metadata_map
        return {key.removeprefix("voxtile."): text for key, text in carried.items() if key.startswith("voxtile.")}

    @property
    def _session(self) -> Any:
        try:
            state = os.stat(self.path)
        except OSError as error:
            raise make_error("fileAccess", f"cannot be opened: {error.strerror}", context={"file": self.path}) from error
        return _loaded(self.path, state.st_mtime_ns, state.st_size)

    def _refusal(self, names: Sequence[str], remedy: str) -> Exception:
        listed = ", ".join(f"voxtile.{name} = '{self._settings[name]}'" for name in names)
        message = f"the network's file says {listed}, which an array is not prepared by"
        return make_error("invalidOption", message, remedy, {"file": self.path})


@lru_cache(maxsize=4)
def _loaded(path: str, time: int, size: int) -> Any:
    """A network; its file is loaded once more where another one took its place."""
    # Before the library is loaded: it tells nobody what it runs.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise make_error("runtimeNotFound", "onnxruntime is not installed", "pip install voxtile[onnx]") from error
    options = onnxruntime.SessionOptions()
    # Dask runs as many tasks at a time as a worker has threads.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
