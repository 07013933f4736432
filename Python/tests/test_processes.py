"""Forked and spawned processes, threads, memory that stays flat, and how long the import takes."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import resource
import subprocess
import sys

import numpy as np
import pytest
from voxtile import Merger, PatchGrid


def round_trip(seed):
    """Crop and merge, with all threads that there are."""
    array = np.random.default_rng(seed).normal(size=(40, 41, 42)).astype("float32")
    grid = PatchGrid(array.shape, patch=16)
    every = grid.crop_all(array)
    with Merger(grid, blend="gaussian") as merger:
        for index in range(len(grid)):
            merger.add(every[index], index)
    return float(np.abs(merger.result - array).max())


def crop_of(task):
    grid, index = task
    return grid.crop(np.arange(1000.0).reshape(10, 10, 10), index)


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_children_work_after_the_parent_used_threads(method):
    assert round_trip(0) < 1e-5
    grid = PatchGrid((10, 10, 10), patch=4)
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert max(pool.map(round_trip, range(4), timeout=60)) < 1e-5
        for patch, cut in zip(grid, pool.map(crop_of, [(grid, p.index) for p in grid], timeout=60)):
            assert cut.shape == patch.shape and cut[0, 0, 0] == sum(np.array(patch.start) * [100, 10, 1])
    assert round_trip(1) < 1e-5


def test_memory_stays_flat_over_10000_crops_and_merges():
    grid = PatchGrid((6, 8, 10), patch=4, overlap=2, edge="pad")
    array = np.zeros(grid.shape, np.float32)

    def some(count):
        for _ in range(count // len(grid)):
            with Merger(grid, blend="gaussian") as merger:
                for patch in grid:
                    merger.add(grid.crop(array, patch.index), patch.index)
            for wrong in (-1, 7):
                with contextlib.suppress(ValueError):
                    PatchGrid((5, 5), patch=wrong)

    some(2000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    some(10_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4 << 10


def test_the_import_costs_little_over_that_of_numpy():
    code = "import numpy, time; t = time.perf_counter(); import voxtile; print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
        for _ in range(5)
    ]
    # Sorted, since other processes may run at the same time.
    assert min(times) < 0.2, times


def test_an_interrupt_ends_a_prediction():
    code = """
import numpy as np, os, signal, voxtile
calls = []
def model(batch):
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGINT)
    return batch
try:
    voxtile.predict(np.zeros((64, 64, 64), np.float32), model, patch=16)
except KeyboardInterrupt:
    print("interrupted", len(calls))
"""
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.startswith("interrupted")
    assert os.path.exists(sys.executable)
