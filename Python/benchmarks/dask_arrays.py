"""Predicts an array of Dask with a halo of 16 voxels in one thread, and prints seconds of the clock and of the processor.

usage: python dask_arrays.py MODEL.onnx|identity [RUNS]

`map_overlap` takes blocks of 32 voxels with 16 around them and keeps the blocks; `voxtile.dask.from_array` takes patches of 64
that overlap by half and blends them. Both show the network windows of 64 voxels, 32 apart. They run in turn.
"""

import sys
import time

import dask
import dask.array
import numpy as np
import voxtile.dask

SHAPE, BLOCK, HALO = (160, 192, 160), 32, 16


def load(model):
    """A function from a window `[z, y, x]` to what the model gives of it, `[channels, z, y, x]`."""
    if model == "identity":
        return lambda window: window[None]
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    name = session.get_inputs()[0].name
    return lambda window: session.run(None, {name: np.ascontiguousarray(window[None, None])})[0][0]


def by_map_overlap(image, predict, channels):
    def block(window):
        inner = (slice(None), *(slice(HALO, -HALO) for _ in range(3)))
        return predict(window)[inner]

    grown = dask.array.overlap.overlap(image.rechunk(BLOCK), HALO, "reflect")
    chunks = ((channels,), *image.rechunk(BLOCK).chunks)
    result = grown.map_blocks(block, new_axis=0, chunks=chunks, meta=np.empty((0,) * 4, np.float32))
    return result.compute()


def by_voxtile(image, predict, channels):
    lazy = voxtile.dask.from_array(
        image, lambda batch: np.stack([predict(one[0]) for one in batch]), patch=2 * BLOCK, overlap=0.5, outputs=channels,
        dtype=np.float32,
    )  # fmt: skip
    return lazy.compute()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    windows = []
    model = load(sys.argv[1])
    channels = model(np.zeros((2 * BLOCK,) * 3, np.float32)).shape[0]

    def predict(window):
        windows.append(window.shape)
        return model(window)

    image = dask.array.from_array(np.random.default_rng(0).random(SHAPE, np.float32), chunks=BLOCK)
    with dask.config.set(scheduler="synchronous"):
        for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
            for name, job in (("map_overlap", by_map_overlap), ("voxtile", by_voxtile)):
                windows.clear()
                clock, processor = time.perf_counter(), time.process_time()
                result = job(image, predict, channels)
                clock, processor = time.perf_counter() - clock, time.process_time() - processor
                print(f"{name}: {clock:.2f} s, processor {processor:.2f} s, {len(windows)} windows, {result.shape}", flush=True)


if __name__ == "__main__":
    main()
