#!/usr/bin/env python3
"""Make synthetic scans of one organ with lesions of many sizes, each with its labels.

  phantoms.py FOLDER [--scans 8] [--seed 0]

Writes FOLDER/images/scan-00.nii and FOLDER/labels/scan-00.nii and so on; labels are 0 and 1, a lesion. A scan depends on the
seed and its number only. It shows a body of noise with an organ. In the organ lie lesions, whose sizes are log-uniform from
3 to 10,000 voxels, and bright tubes like vessels, which are no lesions. Around it lie balls as bright as the organ or
brighter, which are none either.
"""

import argparse
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy.ndimage import binary_dilation, gaussian_filter

EXTENT = (112, 112, 80)
"""The size of a scan in voxels: x, y, z."""

LESIONS = 16
SIZES = (3, 10_000)
"""The smallest and the largest lesion, in voxels."""

TUBES, BALLS = 6, 8
BLUR, NOISE = 0.6, 0.2
"""The standard deviation of the blur in voxels, and that of the noise. The organ is 1 brighter than its surroundings."""


def distances(center, radii=(1.0, 1.0, 1.0)):
    """The distance `[x, y, z]` of each voxel from a center, in units of the radii along the axes."""
    grids = np.ogrid[tuple(slice(0, size) for size in EXTENT)]
    return np.sqrt(sum(((grid - middle) / radius) ** 2 for grid, middle, radius in zip(grids, center, radii)))


def smooth_field(rng, blur):
    """Normal noise `[x, y, z]` that is smooth over `blur` voxels, with standard deviation 1."""
    field = gaussian_filter(rng.standard_normal(EXTENT), blur)
    return field / field.std()


def random_voxel(rng, mask):
    """The position of a random true voxel."""
    return np.array(np.unravel_index(rng.choice(np.flatnonzero(mask)), EXTENT))


def lesion_shape(rng, center, voxels, roughness):
    """A mask of exactly so many voxels around a center: a random ellipsoid with an uneven border."""
    uneven = distances(center, rng.uniform(0.7, 1.4, 3)) * (1 + 0.08 * roughness)
    nearest = np.argpartition(uneven, voxels, axis=None)[:voxels]
    mask = np.zeros(EXTENT, bool)
    mask.flat[nearest] = True
    return mask


def add_lesions(rng, organ):
    """Lesions that touch neither each other nor the border of the organ, the largest first: a list of masks."""
    free, roughness, lesions = organ.copy(), smooth_field(rng, 3), []
    sizes = np.exp(rng.uniform(*np.log(SIZES), LESIONS)).round().astype(int)
    for voxels in sorted(sizes.tolist(), reverse=True):
        for _ in range(100):
            mask = lesion_shape(rng, random_voxel(rng, free), voxels, roughness)
            if free[mask].all():
                lesions.append(mask)
                free &= ~binary_dilation(mask, iterations=3)
                break
    return lesions


def tube(rng, organ):
    """The mask of a bright tube through the organ: a bent line, 1 to 2 voxels in radius."""
    start, middle, end = (random_voxel(rng, organ) for _ in range(3))
    along = np.linspace(0, 1, 60)[:, None]
    line = (1 - along) ** 2 * start + 2 * along * (1 - along) * middle + along**2 * end
    outside = np.ones(EXTENT, bool)
    outside[tuple(line.round().astype(int).T)] = False
    radius = rng.integers(1, 3)
    return binary_dilation(~outside, iterations=int(radius))


def phantom(seed, number):
    """A scan: its image float32 `[x, y, z]` and its labels uint8 `[x, y, z]`."""
    rng = np.random.default_rng([seed, number])
    center = np.array(EXTENT) / 2 + rng.uniform(-6, 6, 3)
    shape = distances(center, rng.uniform((36, 32, 26), (44, 40, 32))) + 0.05 * smooth_field(rng, 6)
    organ = shape < 1
    clean = organ + 0.1 * smooth_field(rng, 4)
    lesions = add_lesions(rng, organ)
    labels = np.any(lesions, axis=0)
    for _ in range(TUBES):
        clean[tube(rng, organ) & organ & ~binary_dilation(labels, iterations=2)] += rng.uniform(0.6, 1.2)
    for _ in range(BALLS):
        ball = distances(random_voxel(rng, shape > 1.2)) < rng.uniform(1, 5)
        clean[ball & ~organ] += rng.uniform(1.0, 1.8)
    for lesion in lesions:
        clean[lesion] += rng.uniform(1.0, 1.6)
    image = gaussian_filter(clean, BLUR) + NOISE * rng.standard_normal(EXTENT)
    return image.astype(np.float32), labels.astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scans", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for part in ("images", "labels"):
        (options.folder / part).mkdir(parents=True, exist_ok=True)
    for number in range(options.scans):
        for part, volume in zip(("images", "labels"), phantom(options.seed, number)):
            nib.save(nib.Nifti1Image(volume, np.eye(4)), options.folder / part / f"scan-{number:02}.nii")
    print(f"{options.folder}: {options.scans} scans of {' x '.join(map(str, EXTENT))} voxels")


if __name__ == "__main__":
    main()
