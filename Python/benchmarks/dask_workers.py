"""A brain of 512x512x300 by `voxtile infer` on one thread, and by two workers of `voxtile.dask.predict` of one thread, in turns.

usage: python dask_workers.py SCAN MODEL [ROUNDS]

SCAN is an image, which is repeated to 512x512x300 voxels, such as ch2bet.nii.gz; MODEL is the network of Examples/TissueVNet.
The processor predicts, patches of 96, an overlap of 25 %, labels as OME-Zarr. Prints seconds of the clock, and whether the
chunks are the same.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SHAPE, PATCH = (300, 512, 512), "96"


def make_scan(path, folder):
    """A scan of that size, as .npy."""
    subprocess.run([*PROGRAM, "convert", path, f"{folder}/small.npy", "--quiet"], check=True)
    small = np.squeeze(np.load(f"{folder}/small.npy"))
    times = [-(-size // length) for size, length in zip(SHAPE, small.shape)]
    np.save(f"{folder}/scan.npy", np.tile(small, times)[tuple(slice(size) for size in SHAPE)].astype(np.float32))
    return f"{folder}/scan.npy"


PROGRAM = [sys.executable, "-m", "voxtile"]


def chunks(folder):
    """All chunks of an OME-Zarr image by their names."""
    root = Path(folder)
    files = [file for file in root.rglob("*") if file.is_file() and file.suffix != ".json"]
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def main(scan, model, rounds="2"):
    import dask.distributed
    import voxtile.dask

    with tempfile.TemporaryDirectory() as folder:
        scan = make_scan(scan, folder)
        for number in range(int(rounds)):
            alone, shared = f"{folder}/alone{number}.ome.zarr", f"{folder}/shared{number}.ome.zarr"
            start = time.perf_counter()
            subprocess.run(
                [*PROGRAM, "infer", scan, "--model", model, "--patch", PATCH, "--overlap", "25%", "--provider", "cpu",
                 "--jobs", "1", "--orientation", "source", "--output", alone, "--quiet"], check=True)  # fmt: skip
            one = time.perf_counter() - start
            cluster = dask.distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True)
            with cluster, dask.distributed.Client(cluster) as client:
                start = time.perf_counter()
                voxtile.dask.predict(
                    scan, model, patch=96, overlap=0.25, provider="cpu", orientation="source", output=shared, client=client,
                    threads=1)  # fmt: skip
                two = time.perf_counter() - start
            print(
                f"one process {one:.1f} s, two workers {two:.1f} s, {one / two:.2f} times as fast, "
                f"the same chunks: {chunks(alone) == chunks(shared)}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
