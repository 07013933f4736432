"""What the network expects of its input and says with its output. Needs only numpy.

Training, export and evaluation all take these facts from here, and `export.py` writes them into the ONNX file, so
that a program which runs the network can check them.
"""
import numpy as np

LABELS = ("background", "csf", "grey", "white")
"""Class k of the logits. "csf" stands for cerebrospinal fluid and whatever else is inside the brain mask."""

MULTIPLE = 8
"""Width, height and depth of a patch are multiples of this: the network halves them three times."""

PATCH = 64
"""The patch width that it was trained with, in voxels of about 1 mm."""

PERCENTILE = 99
"""The percentile of the voxels above 0 that becomes 1."""

CEILING = 1.3
"""The largest value that the network sees; brighter voxels (vessels, mostly) are clipped to it."""

METADATA = {
    "voxtile.normalize": f"peak:{PERCENTILE},{CEILING}",
    "voxtile.orientation": "RAS",
    "voxtile.axes": "xyz",
    "voxtile.labels": ",".join(LABELS),
    "voxtile.patch": str(PATCH),
}
"""Stored in the ONNX file as `metadata_props`. The model card explains each key."""


def normalise(image):
    """Scale a brain-extracted scan so that the 99th percentile of its voxels above 0 is 1, and clip to [0, 1.3].

    Takes an array of any numeric type whose background is 0 (negative voxels count as background) and returns
    float32. The percentile is interpolated linearly between the two nearest ranks, numpy's default.
    """
    image = np.maximum(np.asarray(image, np.float32), 0)
    inside = image[image > 0]
    if inside.size == 0:
        raise ValueError("no voxel is above 0: is this a brain-extracted scan?")
    return np.clip(image / np.percentile(inside, PERCENTILE), 0, CEILING).astype(np.float32)
