"""Cropping and merging in memory, with each peer used as its documentation recommends.

Creating a job prepares its input. Only run() is timed. check() returns how many values of the last result differ from the
volume, and the largest difference.
"""

import numpy
import tutorial
from placement import boxes


class Job:
    """A task with sizes in array order (z, y, x); the channels of 2D images come last."""

    def __init__(self, task):
        self.work = task["work"]
        self.blend = task["blend"]
        self.edge = task["edge"]
        self.jobs = task["jobs"]
        planar = task["extent"][2] == 1
        axes = (lambda sizes: sizes[1::-1]) if planar else (lambda sizes: sizes[::-1])
        self.shape, self.patch, self.overlap = (
            tuple(axes(task[name])) for name in ("extent", "patch", "overlap"))
        if task["channels"] > 1:
            self.shape += (task["channels"],)
            self.patch += (task["channels"],)
            self.overlap += (0,)
        self.step = tuple(max(1, p - o) for p, o in zip(self.patch, self.overlap))
        noise = numpy.random.default_rng(1).integers(0, 256, self.shape, numpy.uint8)
        self.volume = noise if task["type"] == "uint8" else noise.astype(task["type"])
        if task["type"] == "float32":
            self.volume /= 255
        self.result = None
        self.prepare()

    def prepare(self):
        """Prepares the input, which is not timed."""

    def boxes(self):
        return boxes(self.shape, self.patch, self.overlap, self.edge)

    def drop(self):
        self.result = None

    def check(self):
        if self.work == "crop":
            return self.check_crop(self.result)
        covered = tuple(slice(0, max(box[axis].stop for box in self.boxes())) for axis in range(len(self.shape)))
        return difference(numpy.asarray(self.result).reshape(self.shape)[covered], self.volume[covered])

    def check_crop(self, patches):
        wrong, count = 0, 0
        for box, values in zip(self.boxes(), patches):
            wrong += int((numpy.asarray(values).reshape(self.patch) != self.volume[box]).sum())
            count += 1
        return {"wrong": wrong if count == len(patches) else -1, "worst": 0}


def difference(found, expected):
    """Counts differing values and finds the largest difference, slice by slice to save memory."""
    wrong, worst = 0, 0.0
    for a, b in zip(found, expected):
        off = numpy.abs(a.astype(numpy.float64) - b)
        wrong += int(numpy.count_nonzero(~(off == 0)))
        worst = max(worst, float(off.max()))
    return {"wrong": wrong, "worst": worst}


class Tutorial(Job):
    def prepare(self):
        if self.work == "merge":
            self.patches = tutorial.crop(self.volume, self.patch, self.overlap, self.edge)

    def run(self):
        if self.work == "crop":
            self.result = tutorial.crop(self.volume, self.patch, self.overlap, self.edge)
        else:
            self.result = tutorial.merge(self.patches, self.shape, self.overlap, self.edge)


class Patchify(Job):
    """Its merge needs a grid that fits exactly. In overlaps it keeps the last value instead of the mean."""

    def prepare(self):
        import patchify

        self.library = patchify
        # The library uses one step for all axes. The channel axis has only one window, so its step is irrelevant.
        if self.work == "merge":
            self.patches = self.cut()

    def cut(self):
        windows = self.library.patchify(self.volume, self.patch, step=self.step[0])
        # The library returns a view; copying it is the actual crop.
        return numpy.ascontiguousarray(windows)

    def run(self):
        if self.work == "crop":
            self.result = self.cut()
        else:
            self.result = self.library.unpatchify(self.patches, self.shape)

    def check_crop(self, patches):
        return super().check_crop(patches.reshape((-1,) + self.patch))


class ScikitImage(Job):
    def prepare(self):
        from skimage.util import view_as_windows

        self.windows = view_as_windows

    def run(self):
        self.result = numpy.ascontiguousarray(self.windows(self.volume, self.patch, self.step))

    def check_crop(self, patches):
        return super().check_crop(patches.reshape((-1,) + self.patch))


class TorchIO(Job):
    """TorchIO names the array axes x, y, z, but the memory layout is the same."""

    def prepare(self):
        import torch
        import torchio

        self.library = torchio
        torch.set_num_threads(self.jobs)
        image = torchio.ScalarImage(tensor=torch.from_numpy(self.volume)[None])
        self.sampler = torchio.data.GridSampler(torchio.Subject(scan=image), self.patch, self.overlap)
        if self.work == "merge":
            self.patches = [
                (patch["scan"][torchio.DATA][None].clone(), patch[torchio.LOCATION][None]) for patch in self.sampler]

    def run(self):
        if self.work == "crop":
            # The sampler returns views; copying them, as its loader does, is the actual crop.
            self.result = [patch["scan"][self.library.DATA].clone() for patch in self.sampler]
            return
        mode = "crop" if self.blend == "center" else self.blend
        aggregator = self.library.data.GridAggregator(self.sampler, overlap_mode=mode)
        for values, location in self.patches:
            aggregator.add_batch(values, location)
        self.result = aggregator.get_output_tensor()


class Monai(Job):
    """Crops and merges in a single step: sliding-window inference with an identity network."""

    def prepare(self):
        import torch
        from monai.inferers import sliding_window_inference

        torch.set_num_threads(self.jobs)
        self.infer = sliding_window_inference
        self.image = torch.from_numpy(self.volume)[None, None]

    def run(self):
        mode = {"average": "constant", "gaussian": "gaussian"}[self.blend]
        overlap = tuple(o / p for o, p in zip(self.overlap, self.patch))
        self.result = self.infer(
            self.image, self.patch, sw_batch_size=4, predictor=lambda patches: patches, overlap=overlap, mode=mode)


PEERS = {
    "numpy": Tutorial, "patchify": Patchify, "scikit-image": ScikitImage, "TorchIO": TorchIO, "MONAI": Monai,
}
