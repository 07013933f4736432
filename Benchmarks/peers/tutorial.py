"""Cropping and merging as in numpy tutorials: a list of slices, and a sum divided by a count."""

import numpy
from placement import boxes


def crop(volume, patch, overlap, edge):
    """All patches in one array."""
    return numpy.asarray([volume[box] for box in boxes(volume.shape, patch, overlap, edge)])


def merge(patches, shape, overlap, edge):
    """The mean of all patches at each voxel; NaN for voxels in no patch."""
    total = numpy.zeros(shape)
    count = numpy.zeros(shape)
    for box, values in zip(boxes(shape, patches.shape[1:1 + len(overlap)], overlap, edge), patches):
        total[box] += values
        count[box] += 1
    with numpy.errstate(invalid="ignore"):
        total /= count
    return total
