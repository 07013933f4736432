"""Writes orientation.json: the axis letters and voxel sizes that nibabel reads from affines.

    python3 Tests/VoxtileTests/Fixtures/make_orientation_goldens.py

Affines whose columns are about as near to one world axis as to another are left out: which letter
they get is a matter of rounding.
"""

import json
import pathlib

import nibabel as nib
import numpy as np
from nibabel.orientations import aff2axcodes

random = np.random.default_rng(20240607)


def rotation(x, y, z):
    """Turns by degrees about x, then y, then z."""
    x, y, z = np.deg2rad([x, y, z])
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def affine(matrix, spacing=(1, 1, 1), translation=(0, 0, 0)):
    result = np.eye(4)
    result[:3, :3] = np.asarray(matrix, float) @ np.diag(spacing)
    result[:3, 3] = translation
    return result


# Columns are voxel axes: where x, y and z point.
NAMED = {
    "neurological": affine(np.eye(3), (1, 1, 1), (-90, -126, -72)),
    "radiological": affine(np.diag([-1, 1, 1]), (2, 2, 2), (90, -126, -72)),
    "dicom": affine(np.diag([-1, -1, 1]), (0.488, 0.488, 5)),
    "all reversed": affine(np.diag([-1, -1, -1]), (0.7, 0.8, 0.9)),
    "upside down": affine(np.diag([1, 1, -1]), (1, 1, 3)),
    "sagittal": affine([[0, 0, 1], [1, 0, 0], [0, 1, 0]], (1, 1, 1.2), (-80, -120, -100)),
    "sagittal, reversed": affine([[0, 0, -1], [-1, 0, 0], [0, -1, 0]], (1, 1, 1.2)),
    "coronal": affine([[1, 0, 0], [0, 0, 1], [0, -1, 0]], (0.9, 0.9, 4)),
    "x and y swapped": affine([[0, 1, 0], [1, 0, 0], [0, 0, 1]], (1, 2, 3)),
    "slightly oblique": affine(rotation(8, -5, 3), (0.94, 0.94, 5.5), (-110, -80, -30)),
    "oblique": affine(rotation(30, 20, -25), (1, 1, 2)),
    "oblique, reversed": affine(rotation(-32, 12, 28) @ np.diag([-1, 1, -1]), (0.5, 0.5, 6)),
    "double oblique sagittal": affine(
        rotation(15, -22, 10) @ [[0, 0, 1], [-1, 0, 0], [0, -1, 0]], (0.8, 0.8, 1)),
    "gantry tilt": affine([[1, 0, 0], [0, 1, -0.3], [0, 0, 0.95]], (0.5, 0.5, 3)),
}


def is_clear(candidate):
    """Whether each column has one world axis to itself by a good margin."""
    columns = np.abs(candidate[:3, :3] / np.linalg.norm(candidate[:3, :3], axis=0))
    top = np.sort(columns, axis=0)
    return len(set(np.argmax(columns, axis=0))) == 3 and np.all(top[2] - top[1] > 0.05)


cases = dict(NAMED)
while len(cases) < len(NAMED) + 24:
    angles = random.uniform(-180, 180, 3).round()
    candidate = affine(rotation(*angles), random.uniform(0.3, 6, 3).round(2), random.uniform(-99, 99, 3).round(1))
    if is_clear(candidate):
        cases["turned by " + ", ".join(f"{angle:g}" for angle in angles)] = candidate

fixture = {
    "nibabel": nib.__version__,
    "numpy": np.__version__,
    "cases": [
        {
            "name": name,
            "rows": value[:3].tolist(),
            "letters": "".join(aff2axcodes(value)),
            "spacing": nib.affines.voxel_sizes(value).tolist(),
            "world_of_7_-3_11": nib.affines.apply_affine(value, [7, -3, 11]).tolist(),
        }
        for name, value in cases.items()
    ],
}
target = pathlib.Path(__file__).with_name("orientation.json")
target.write_text(json.dumps(fixture, indent=1) + "\n")
