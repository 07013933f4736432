"""Patch positions for the comparisons. Sizes are in array order: z, y, x."""

import itertools


def starts(length, patch, overlap, edge):
    """The first index of each patch along one axis."""
    stride = patch - overlap
    regular = list(range(0, length - patch + 1, stride))
    if edge == "shift" and regular[-1] + patch < length:
        regular.append(length - patch)
    return regular


def boxes(shape, patch, overlap, edge):
    """Yields every patch as a tuple of slices, with the last axis fastest."""
    axes = [starts(*sizes, edge) for sizes in zip(shape, patch, overlap)]
    for corner in itertools.product(*axes):
        yield tuple(slice(start, start + size) for start, size in zip(corner, patch))
