"""Random training patches from one labeled brain, warped and with simulated scanner contrast.

There is only one training brain, in several degrees of sharpness, so all other variety is synthetic.
`PatchSampler.draw` applies these steps:

1. place: a patch centered near a random brain voxel, rotated, scaled, bent, and sometimes mirrored left to right;
2. contrast: a different gamma, different mean intensities of the tissues, or new intensities painted from the labels;
3. margin: sometimes an eroded brain mask, because brain extraction tools differ by a voxel or two;
4. scanner: blur, a smooth bias field, gain and noise.

All random numbers come from one `torch.Generator`, so a seed fixes the sequence of patches.
"""
import math
from pathlib import Path

import nibabel as nib
import numpy as np
import torch
import torch.nn.functional as F
from contract import CEILING, LABELS, PATCH, normalize

ROTATION = math.radians(20)
SCALE = (0.85, 1.2)
BEND = ((3, 4.0), (10, 1.6))
"""Random displacement: control points per axis, and the largest standard deviation of their shift in voxels."""


def load_training_set(folder):
    """Load the pairs of image and labels made by `prepare.py`, each as a tensor `[1 + 4, x, y, z]`.

    The first channel is the normalized image. The others are one-hot labels.
    """
    volumes = []
    for path in sorted(Path(folder).glob("image-*.nii.gz")):
        image = np.asanyarray(nib.load(path).dataobj)
        labels = np.asanyarray(nib.load(path.with_name(path.name.replace("image", "labels"))).dataobj)
        channels = [normalize(image)] + [labels == k for k in range(len(LABELS))]
        volumes.append(torch.from_numpy(np.stack(channels).astype(np.float32)))
    if not volumes:
        raise SystemExit(f"{folder} has no image-*.nii.gz; make the training set with: prepare.py {folder}")
    return volumes


def tissue_means(volume):
    """The mean intensities of CSF, gray matter and white matter."""
    image, *shares = volume
    return [(image * share).sum().item() / max(share.sum().item(), 1) for share in shares[1:]]


class PatchSampler:
    """Draws augmented patches from the volumes of `load_training_set`, which have the same size and brain mask."""

    def __init__(self, volumes, seed, patch=PATCH):
        self.volumes = [volume[None] for volume in volumes]
        self.means = [tissue_means(volume) for volume in volumes]
        self.patch = patch
        self.generator = torch.Generator().manual_seed(seed)
        self.extent = torch.tensor(volumes[0].shape[1:], dtype=torch.float32)
        self.brain_voxels = (volumes[0][1] == 0).nonzero()

    def batch(self, size):
        """Images `[size, 1, p, p, p]` and label indices `[size, p, p, p]`."""
        images, labels = zip(*(self.draw() for _ in range(size)))
        return torch.cat(images), torch.cat(labels)

    def draw(self):
        """One image `[1, 1, p, p, p]` in [0, 1.3] and its labels `[1, p, p, p]`."""
        pick = int(torch.randint(len(self.volumes), (), generator=self.generator))
        warped = F.grid_sample(self.volumes[pick], self._grid(), padding_mode="border", align_corners=True)
        image, shares = warped[:, :1], warped[:, 1:].clamp_min(0)
        labels = shares.argmax(1)
        image = self._contrast(image, shares, self.means[pick])
        if self._chance(0.3):
            labels = self._eroded(labels)
        image = self._scanner(image) * (labels > 0)[:, None]
        return image.clamp(0, CEILING), labels

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

    def _center(self):
        """Usually near a brain voxel; sometimes anywhere, so that the network also sees background."""
        if self._chance(0.9):
            pick = torch.randint(len(self.brain_voxels), (), generator=self.generator)
            anchor = self.brain_voxels[pick].float()
        else:
            anchor = self.extent * torch.tensor([self._uniform(0.1, 0.9) for _ in range(3)])
        return anchor + 8 * torch.randn(3, generator=self.generator)

    def _grid(self):
        """The position in the volume of each voxel of the patch, in the coordinates of `grid_sample`."""
        axis = torch.arange(self.patch) - (self.patch - 1) / 2
        offsets = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1)
        voxels = offsets @ self._linear_map().T + self._center()
        for points, most in BEND:
            shift = self._smooth_noise(points, channels=3) * self._uniform(0, most)
            voxels = voxels + shift[0].permute(1, 2, 3, 0)
        # grid_sample expects -1...1 between the centers of the outermost voxels, and the last axis first.
        return (2 * voxels / (self.extent - 1) - 1).flip(-1)[None]

    # 2. Contrast

    def _contrast(self, image, shares, means):
        kind = self._uniform(0, 1)
        if kind < 0.3:
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
