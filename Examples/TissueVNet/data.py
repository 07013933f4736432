"""Training patches: the set that `voxtile sample` made, and an endless number of augmented patches from it.

Both are map-style datasets, so a `DataLoader` can read them with any number of workers.
"""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import torch
from augmentation import Augmentation
from contract import PATCH
from torch.utils.data import Dataset


class SampledSet(Dataset):
    """The pairs of a set: an image float32 `[x, y, z]` in [0, 1.3] and its labels uint8 `[x, y, z]`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.patches = json.loads((self.folder / "voxtile-samples.json").read_text())["patches"]

    def __len__(self):
        return len(self.patches)

    def __getitem__(self, index):
        files = [*self.patches[index]["images"], self.patches[index]["labels"]]
        image, labels = (np.asarray(nib.load(self.folder / file).dataobj) for file in files)
        return torch.from_numpy(image.astype(np.float32)), torch.from_numpy(labels.astype(np.uint8))


class AugmentedPatches(Dataset):
    """Patch number k of a training run: a pair of the set, warped and with the contrast of another scanner.

    The pairs come in a new random order in each pass over the set. Patch k depends on k and the seed only, so it is the
    same with any number of workers and after `--resume`.
    """

    def __init__(self, pairs, count, seed, patch=PATCH):
        self.pairs, self.seed, self.patch = pairs, seed, patch
        generator = torch.Generator().manual_seed(seed)
        passes = [torch.randperm(len(pairs), generator=generator) for _ in range(-(-count // len(pairs)))]
        self.order = torch.cat(passes)[:count].tolist()

    def __len__(self):
        return len(self.order)

    def __getitem__(self, k):
        """One image `[1, p, p, p]` in [0, 1.3] and its label indices `[p, p, p]`."""
        seed = int(np.random.SeedSequence([self.seed, k]).generate_state(1, np.uint64)[0] >> 1)
        augment = Augmentation(self.patch, torch.Generator().manual_seed(seed))
        return augment(*self.pairs[self.order[k]])
