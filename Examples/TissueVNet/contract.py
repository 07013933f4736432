"""The input and output of the network. Needs only numpy.

Training, export and evaluation use these constants. `export.py` also writes them to the ONNX file, so that a program that
runs the network can check them.
"""
import numpy as np

LABELS = ("background", "csf", "grey", "white")
"""The name of class k. "csf" is cerebrospinal fluid and everything else inside the brain mask. "grey" is gray matter."""

MULTIPLE = 8
"""Width, height and depth of a patch must be multiples of this, because the network halves them three times."""

PATCH = 64
"""The patch width in training, in voxels of about 1 mm."""

PERCENTILE = 99
"""The percentile of the voxels above 0 that is scaled to 1."""

CEILING = 1.3
"""Brighter voxels, mostly vessels, are clipped to this value."""

METADATA = {
    "voxtile.normalize": f"peak:{PERCENTILE},{CEILING}",
    "voxtile.orientation": "RAS",
    "voxtile.axes": "xyz",
    "voxtile.labels": ",".join(LABELS),
    "voxtile.patch": str(PATCH),
    "voxtile.spacing": "1",
}
"""Stored in the ONNX file as `metadata_props`. The model card explains each key."""


def normalize(image):
    """Scale a brain-extracted scan so that the 99th percentile of its voxels above 0 is 1, and clip to [0, 1.3].

    The image can have any numeric type. Its background must be 0; negative voxels count as background. Returns float32.
    The percentile is interpolated linearly between the two nearest ranks, as numpy does by default.
    """
    image = np.maximum(np.asarray(image, np.float32), 0)
    inside = image[image > 0]
    if inside.size == 0:
        raise ValueError("no voxel is above 0: is this a brain-extracted scan?")
    return np.clip(image / np.percentile(inside, PERCENTILE), 0, CEILING).astype(np.float32)
