"""The MNI152 template that the nilearn package carries: no download, one file for the image and each tissue map."""
from importlib.util import find_spec
from pathlib import Path

import nibabel as nib


def mni152(kind):
    """The 1 mm template image `"t1"` (brain-extracted), or its tissue map `"gm"` or `"wm"` (0 to 255), as stored: RAS."""
    # find_spec locates the files without importing nilearn, which would want scikit-learn.
    package = find_spec("nilearn")
    if package is None:
        raise SystemExit("nilearn is not installed; run: pip install -r requirements.txt")
    folder = Path(package.origin).parent / "datasets" / "data"
    return nib.load(folder / f"mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz")
