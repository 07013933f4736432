"""Random warps and simulated scanner contrast for training patches.

There is only one training brain, in several degrees of sharpness, so all other variety is synthetic. `Augmentation` applies
these steps to a pair of image and labels that is larger than the patch it gives:

1. place: a patch near the middle of the pair, rotated, scaled, bent, and sometimes mirrored left to right;
2. contrast: a different gamma, different mean intensities of the tissues, or new intensities painted from the labels;
3. margin: sometimes an eroded brain mask, because brain extraction tools differ by a voxel or two;
4. scanner: blur, a smooth bias field, gain and noise.

All random numbers come from one `torch.Generator`, so its seed fixes the patch.
"""

import math

import torch
import torch.nn.functional as F
from contract import CEILING, LABELS

ROTATION = math.radians(20)
SCALE = (0.85, 1.2)
BEND = ((3, 4.0), (10, 1.6))
"""Random displacement: control points per axis, and the largest standard deviation of their shift in voxels."""

JITTER = 4
"""The standard deviation of the distance between the middle of the patch and that of its pair, in voxels along each axis."""

FEWEST = 100
"""A tissue with fewer voxels in a pair has no mean intensity there."""


def tissue_means(channels):
    """The mean intensities of CSF, gray matter and white matter; None if one is missing or they do not rise."""
    image, *shares = channels
    voxels = [share.sum().item() for share in shares[1:]]
    if min(voxels) < FEWEST:
        return None
    means = [(image * share).sum().item() / count for share, count in zip(shares[1:], voxels)]
    return means if 0 < means[0] < means[1] < means[2] else None


class Augmentation:
    """Makes patches of width `patch` from larger pairs. A pair of width 1.6 `patch` holds nearly all of each patch."""

    def __init__(self, patch, generator):
        self.patch = patch
        self.generator = generator

    def __call__(self, image, labels):
        """Maps an image in [0, 1.3] and its labels, both `[x, y, z]`, to `[1, p, p, p]` and label indices `[p, p, p]`."""
        channels = torch.stack([image, *((labels == k).float() for k in range(len(LABELS)))])
        grid = self._grid(torch.tensor(image.shape, dtype=torch.float32))
        warped = F.grid_sample(channels[None], grid, padding_mode="border", align_corners=True)
        image, shares = warped[:, :1], warped[:, 1:].clamp_min(0)
        # Faster than argmax along an axis that is not the last one.
        labels = shares.max(1).indices
        image = self._contrast(image, shares, tissue_means(channels))
        if self._chance(0.3):
            labels = self._eroded(labels)
        image = self._scanner(image) * (labels > 0)[:, None]
        return image.clamp(0, CEILING)[0], labels[0]

    # Random numbers

    def _uniform(self, low, high):
        return low + (high - low) * torch.rand((), generator=self.generator).item()

    def _chance(self, probability):
        return self._uniform(0, 1) < probability

    def _smooth_noise(self, points, channels=1):
        """Normal noise on a coarse lattice, interpolated to patch size: `[1, channels, p, p, p]`."""
        lattice = torch.randn(1, channels, points, points, points, generator=self.generator)
        return F.interpolate(lattice, size=[self.patch] * 3, mode="trilinear", align_corners=True)

    # 1. Place

    def _linear_map(self):
        """A random scaling, mirrored in x half of the time, followed by rotations about the three axes."""
        scale = torch.tensor([self._uniform(*SCALE) for _ in range(3)])
        if self._chance(0.5):
            scale[0] = -scale[0]
        rotation = torch.eye(3)
        for first, second in ((1, 2), (0, 2), (0, 1)):
            angle = self._uniform(-ROTATION, ROTATION)
            turn = torch.eye(3)
            turn[first, first] = turn[second, second] = math.cos(angle)
            turn[first, second], turn[second, first] = -math.sin(angle), math.sin(angle)
            rotation = rotation @ turn
        return rotation @ torch.diag(scale)

    def _grid(self, extent):
        """The position in the pair of each voxel of the patch, in the coordinates of `grid_sample`."""
        axis = torch.arange(self.patch) - (self.patch - 1) / 2
        offsets = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1)
        center = (extent - 1) / 2 + JITTER * torch.randn(3, generator=self.generator)
        voxels = offsets @ self._linear_map().T + center
        for points, most in BEND:
            shift = self._smooth_noise(points, channels=3) * self._uniform(0, most)
            voxels = voxels + shift[0].permute(1, 2, 3, 0)
        # grid_sample expects -1...1 between the centers of the outermost voxels, and the last axis first.
        return (2 * voxels / (extent - 1) - 1).flip(-1)[None]

    # 2. Contrast

    def _contrast(self, image, shares, means):
        kind = self._uniform(0, 1)
        if kind < 0.3 or means is None:
            return image ** self._uniform(0.7, 1.5)
        targets = self._tissue_targets()
        remapped = self._remapped(image, means, targets)
        return remapped if kind < 0.8 else (remapped + self._painted(shares, targets)) / 2

    def _tissue_targets(self):
        """New mean intensities in the order of a T1: CSF < gray < white, with white near 0.9."""
        white = self._uniform(0.85, 0.97)
        gray = white - self._uniform(0.12, 0.33)
        return gray - self._uniform(0.15, 0.4), gray, white

    def _remapped(self, image, means, targets):
        """Apply a monotonic, piecewise linear map that takes the mean of each tissue to its target.

        Intensities between two tissues keep their proportion, so labels stay right for voxels with a mix of tissues.
        """
        result = torch.zeros_like(image)
        low, reached = 0.0, 0.0
        for k, (mean, target) in enumerate(zip(means, targets)):
            slope = (target - reached) / (mean - low)
            # The last piece extends beyond white matter.
            last = k == len(means) - 1
            result += slope * (image - low).clamp(0, None if last else mean - low)
            low, reached = mean, target
        return result

    def _painted(self, shares, targets):
        """An image painted from the labels: the target intensities with smooth texture."""
        painted = torch.zeros_like(shares[:, :1])
        for k, target in enumerate(targets, start=1):
            texture = self._smooth_noise(int(self._uniform(6, 33))) * self._uniform(0, 0.05)
            painted += shares[:, k : k + 1] * (target + texture)
        return painted

    # 3. Margin

    def _eroded(self, labels):
        """The labels with a rim of one or two voxels of the brain set to background."""
        steps = 1 if self._chance(0.6) else 2
        outside = (labels == 0).float()[:, None]
        reach = F.max_pool3d(outside, 2 * steps + 1, stride=1, padding=steps)
        return labels * (reach[:, 0] == 0)

    # 4. Scanner

    def _scanner(self, image):
        if self._chance(0.15):
            image = F.avg_pool3d(image, 3, stride=1, padding=1)
        bias = torch.exp(self._smooth_noise(3) * self._uniform(0, 0.08))
        image = image * bias * self._uniform(0.9, 1.1)
        return image + torch.randn(image.shape, generator=self.generator) * self._uniform(0, 0.05)
