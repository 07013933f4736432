"""Cuts and merges 300x512x512 voxels by one loop, and prints seconds of the clock and of the processor for each of some runs.

usage: python loops.py NAME [RUNS]

NAME is one of: voxtile, voxtile-gaussian, numpy, monai, monai-gaussian, torchio, torchio-hann, tiler, tiler-hann.
RUNS is 2 where it is missing; with - for it, a run begins with each line of the standard input, for
Benchmarks/peers/python_loops.py.
"""

import sys
import time
import warnings

import numpy as np
import voxtile

PATCH, OVERLAP = 96, 32


def by_voxtile(scan, blend):
    grid = voxtile.PatchGrid(scan.shape, patch=PATCH, overlap=OVERLAP)
    with voxtile.Merger(grid, blend) as merger:
        for patch in grid:
            merger.add(grid.crop(scan, patch.index), patch.index)
    return merger.result


def by_numpy(scan):
    total, count = np.zeros_like(scan), np.zeros_like(scan)
    for patch in voxtile.PatchGrid(scan.shape, patch=PATCH, overlap=OVERLAP):
        total[patch.slices] += scan[patch.slices]
        count[patch.slices] += 1
    return total / count


def by_monai(scan, mode):
    import torch
    from monai.inferers import sliding_window_inference

    inputs = torch.from_numpy(scan)[None, None]
    with torch.inference_mode():
        return sliding_window_inference(inputs, PATCH, 4, lambda x: x, overlap=OVERLAP / PATCH, mode=mode)[0, 0].numpy()


def by_torchio(scan, mode):
    import torch
    import torchio

    subject = torchio.Subject(image=torchio.ScalarImage(tensor=torch.from_numpy(scan)[None]))
    sampler = torchio.data.GridSampler(subject, PATCH, OVERLAP)
    aggregator = torchio.data.GridAggregator(sampler, mode)
    for batch in torch.utils.data.DataLoader(sampler, batch_size=4):
        aggregator.add_batch(batch["image"][torchio.DATA], batch[torchio.LOCATION])
    return aggregator.get_output_tensor()[0].numpy()


def by_tiler(scan, window):
    import tiler

    cutter = tiler.Tiler(scan.shape, (PATCH, PATCH, PATCH), overlap=OVERLAP / PATCH)
    merger = tiler.Merger(cutter, window=window)
    for number, tile in cutter(scan):
        merger.add(number, tile)
    return merger.merge()


LOOPS = {
    "voxtile": lambda scan: by_voxtile(scan, "average"),
    "voxtile-gaussian": lambda scan: by_voxtile(scan, "gaussian"),
    "numpy": by_numpy,
    "monai": lambda scan: by_monai(scan, "constant"),
    "monai-gaussian": lambda scan: by_monai(scan, "gaussian"),
    "torchio": lambda scan: by_torchio(scan, "average"),
    "torchio-hann": lambda scan: by_torchio(scan, "hann"),
    "tiler": lambda scan: by_tiler(scan, "boxcar"),
    "tiler-hann": lambda scan: by_tiler(scan, "hann"),
}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in LOOPS:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    scan = np.random.default_rng(0).random((300, 512, 512), np.float32)
    runs = sys.argv[2] if len(sys.argv) > 2 else "2"
    for _ in sys.stdin if runs == "-" else range(int(runs)):
        clock, processor = time.perf_counter(), time.process_time()
        result = LOOPS[sys.argv[1]](scan)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        error = np.abs(result - scan).max()
        print(f"{sys.argv[1]}: {clock:.2f} s, processor {processor:.2f} s, off by at most {error:.1e}", flush=True)
        del result


if __name__ == "__main__":
    main()
