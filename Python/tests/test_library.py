"""The functions of the library take any arguments: what is wrong is an error, never a crash."""

import ctypes
import random
import subprocess
import sys

import numpy as np
import pytest
from voxtile import PatchGrid, VoxtileError, _native

HUGE = [0, 1, -1, 2, 7, 2**31, 2**62, 2**63 - 1, -(2**63)]


def handle_of_grid():
    grid = PatchGrid((4, 5, 6), patch=3, overlap=1)
    return grid, grid._handle


def test_wrong_handles_are_errors():
    _grid, handle = handle_of_grid()
    for wrong in [0, -1, 2**63 - 1, handle + 1000]:
        with pytest.raises(VoxtileError) as caught:
            _native.call("grid_info", wrong, _native.sizes([0] * 13), 13)
        assert caught.value.code == "closedObject"
    with pytest.raises(VoxtileError):
        _native.call("merger_check", handle)
    _native.close(12345678)


def test_null_everywhere_is_an_error():
    _grid, handle = handle_of_grid()
    for name, arguments in _native._FUNCTIONS.items():
        for number in (0, 1, handle):
            values = [number if kind in (_native._size, _native.c_int32, _native.c_double) else None for kind in arguments]
            values = [_native.FOLLOWER() if kind is _native.FOLLOWER else v for kind, v in zip(arguments, values)]
            with pytest.raises(VoxtileError):
                _native.call(name, *values)


def test_random_arguments_are_errors_or_results():
    chance = random.Random(5)
    _grid, handle = handle_of_grid()
    memory = np.zeros(4096, np.float64)
    texts = [None, b"", b"x", b"float32", b"int64", b"shift,shift,pad", b"constant:1e999", b"gaussian", b"ignore", b"\xff\xfe"]

    def argument(kind):
        if kind is _native._text:
            return chance.choice(texts)
        if kind is _native._size:
            return chance.choice([*HUGE, handle, 13, 15, 27, 120])
        if kind is _native.c_int32:
            return chance.choice([0, 1, 2, 3, -1, 2**31 - 1])
        if kind is _native.c_double:
            return chance.choice([0.0, 1.0, -1.0, float("nan"), float("inf"), 1e308])
        if kind is _native.c_void_p:
            return chance.choice([None, memory.ctypes.data, memory.ctypes.data + 1])
        if kind is _native._sizes:
            return chance.choice([None, _native.sizes([chance.choice(HUGE) for _ in range(64)]), _native.sizes([1] * 64)])
        return None if chance.random() < 0.3 else (kind._type_ * 64)(*[1] * 64)

    # Only what can be refused for what it says: numbers of values that are really there are not made up for memory.
    # The program would end the process.
    functions = _native._FUNCTIONS
    safe = [n for n in functions if _native.c_void_p not in functions[n] and not n.startswith("file") and n != "program"]
    codes = set()
    for _ in range(20_000):
        name = chance.choice(safe)
        values = [argument(kind) for kind in _native._FUNCTIONS[name]]
        if name in ("grid_info", "grid_patch", "grid_coverage"):
            values[-2] = _native.sizes([0] * 128)
        if name == "version":
            values = [ctypes.create_string_buffer(128), chance.choice([0, -1, 1, 5, 128])]
        try:
            _native.call(name, *values)
        except VoxtileError as error:
            codes.add(error.code)
    assert {"invalidArgument", "closedObject"} <= codes


def test_random_numbers_over_real_memory_are_errors_or_results():
    """The memory is as long as is said, whatever else is."""
    chance = random.Random(6)
    _grid, handle = handle_of_grid()
    values, target = np.zeros(2000, np.float32), np.zeros(2000, np.float32)
    done = 0
    for _ in range(20_000):
        strides = _native.sizes([chance.choice([0, 1, 2, 6, 30, 120, -1, 2**62]) for _ in range(4)])
        channels, index = chance.choice([0, 1, 2, -1, 2**62]), chance.choice([0, 1, 5, -1, 2**40])
        common = [b"float32", channels, values.ctypes.data, chance.choice([0, 1, 120, 240, 2000]), strides]
        calls = [
            ("grid_cut", [handle, index, *common, target.ctypes.data, chance.choice([27, 54, 0, 2000])]),
            (
                "grid_cut_some",
                [handle, index, chance.choice([1, 2, -1, 2**62]), *common, target.ctypes.data, chance.choice([54, 27]), 2],
            ),
        ]
        try:
            _native.call(*(lambda name, arguments: (name, *arguments))(*chance.choice(calls)))
            done += 1
        except VoxtileError:
            pass
    assert done > 0


def test_overlapping_memory_is_an_error():
    _grid, handle = handle_of_grid()
    memory = np.zeros(200, np.float32)
    with pytest.raises(VoxtileError, match="share memory"):
        _native.call(
            "grid_cut", handle, 0, b"float32", 1, memory.ctypes.data, 120, _native.sizes([1, 6, 30, 0]),
            memory.ctypes.data + 400, 27,
        )  # fmt: skip


def test_sums_are_checked():
    values, weights = np.ones(8, np.float32), np.full(8, 0.5, np.float32)
    sums, totals = np.zeros(27, np.float32), np.zeros(27, np.float32)

    def add(image=(3, 3, 3), origin=(1, 1, 1), patch=(2, 2, 2), channels=1, count=8):
        _native.call(
            "sums_add", _native.sizes(image), _native.sizes(origin), _native.sizes(patch), channels, values.ctypes.data,
            count, weights.ctypes.data, 8, sums.ctypes.data, 27, totals.ctypes.data, 0,
        )  # fmt: skip

    add()
    assert sums.sum() == 4 and totals.sum() == 4 and sums.reshape(3, 3, 3)[1:, 1:, 1:].sum() == 4
    for wrong in [
        {"origin": (2, 1, 1)}, {"origin": (-1, 0, 0)}, {"patch": (0, 2, 2)}, {"patch": (2**63 - 1, 2, 2)}, {"channels": 0},
        {"channels": -1}, {"channels": 2**62}, {"image": (2**62, 2**62, 2)}, {"count": 9}, {"image": (3, 3, 4)},
    ]:  # fmt: skip
        with pytest.raises(VoxtileError):
            add(**wrong)
    _native.call("sums_divide", 1, sums.ctypes.data, totals.ctypes.data, 27, 0)
    assert np.nansum(sums) == 8


def test_a_closed_merger_is_let_go_with_its_array():
    code = """
import gc, weakref, numpy as np, voxtile
grid = voxtile.PatchGrid((6, 6), patch=4, overlap=2)
before = voxtile._native.open_count()
merger = voxtile.Merger(grid)
merger.add(np.zeros((4, 4)), 0)
assert voxtile._native.open_count() == before + 1
del merger
gc.collect()
assert voxtile._native.open_count() == before
"""
    subprocess.run([sys.executable, "-c", code], check=True)
