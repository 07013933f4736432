"""The MNI152 template from the nilearn package, without a download."""
from importlib.util import find_spec
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy.ndimage import uniform_filter


def mni152():
    """The brain-extracted T1 template with 1 mm voxels, as a NIfTI image in RAS orientation."""
    # find_spec locates the file without importing nilearn, which needs scikit-learn.
    package = find_spec("nilearn")
    if package is None:
        raise SystemExit("nilearn is not installed; run: pip install -r requirements.txt")
    folder = Path(package.origin).parent / "datasets" / "data"
    return nib.load(folder / "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz")


def sharpened(image, amount):
    """The image plus `amount` times its difference from the local mean (3 voxels wide) of the brain.

    A template is an average of many people, so it is blurred where they differ. Sharpening undoes some of that. The mean
    is taken over voxels above 0 only; otherwise the rim of the brain would become bright.
    """
    image = np.asarray(image, np.float32)
    brain = (image > 0).astype(np.float32)
    mean = uniform_filter(image, 3) / np.maximum(uniform_filter(brain, 3), 1 / 27)
    # Brain voxels stay above 0, because 0 is background.
    return np.where(brain > 0, np.maximum(image + amount * (image - mean), 1), 0).astype(np.float32)
