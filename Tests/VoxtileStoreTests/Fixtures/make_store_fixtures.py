"""Makes the patch folders of manifest version 1 that must stay readable.

    python make_store_fixtures.py path/to/voxtile

They were made once, with voxtile 0.1.0, nibabel 5.4 and Pillow 13.0. Do not make them again with a later program:
what was written then is what has to be read. A new version of the manifest gets folders of its own.
"""

import pathlib
import subprocess
import sys

import nibabel
import numpy
from PIL import Image

here = pathlib.Path(__file__).parent


def crop(source, *options):
    folder = here / "manifest-1" / source.split(".")[0]
    command = [sys.argv[1], "crop", str(here / "manifest-1" / source), "--output", str(folder)]
    subprocess.run(command + list(options), check=True)


(here / "manifest-1").mkdir(exist_ok=True)
random = numpy.random.default_rng(2026)

affine = numpy.array([[0, -1.5, 0.25, 12.5], [-0.75, 0, 0, -40.25], [0, 0.125, 2.5, 7.75], [0, 0, 0, 1]])
scan = nibabel.Nifti1Image(random.integers(-500, 500, (7, 6, 5)).astype(numpy.int16), affine)
scan.header.set_slope_inter(0.5, -10)
scan.header["descrip"] = b"a scan for tests"
nibabel.save(scan, here / "manifest-1" / "scan.nii.gz")
crop("scan.nii.gz", "--patch", "4x4x3", "--overlap", "1x0x1", "--edge", "shift,pad-both,partial", "--padding", "reflect")

photo = random.integers(0, 256, (7, 9, 3)).astype(numpy.uint8)
Image.fromarray(photo).save(here / "manifest-1" / "photo.png", dpi=(254, 254))
crop("photo.png", "--patch", "4", "--overlap", "25%", "--edge", "discard", "--order", "z")

labels = numpy.zeros((6, 5, 4), numpy.uint8)
labels[:3, :2] = 7
labels[3:, 2:, 1:] = 21
image = nibabel.Nifti1Image(labels, affine)
image.header.set_intent("label")
nibabel.save(image, here / "manifest-1" / "labels.nii")
crop("labels.nii", "--patch", "4x3x3", "--overlap", "1", "--edge", "balance,pad,shift", "--padding", "constant:3.5")
