#!/usr/bin/env python3
"""What the test of Examples/dicom_segmentation.py needs around it. Tried with highdicom 0.28.2 and pydicom 3.0.2.

    check_dicom_segmentation.py prepare SERIES TARGET    a copy of a series that has a frame of reference
    check_dicom_segmentation.py labels SCAN LABELS       3 where values are above the half, 7 where above the tenth
    check_dicom_segmentation.py check SERIES FILE        compares a segmentation with the pixels of the series
"""

import pathlib
import sys

import highdicom as hd
import nibabel as nib
import numpy as np
import pydicom


def thresholds(values):
    return np.quantile(values, [0.5, 0.9])


def prepare(source, target):
    pathlib.Path(target).mkdir()
    for path in pathlib.Path(source).iterdir():
        image = pydicom.dcmread(path)
        image.FrameOfReferenceUID = "1.2.3.4"
        image.save_as(pathlib.Path(target) / path.name)


def labels(scan, target):
    image = nib.load(scan)
    values = np.asanyarray(image.dataobj)
    low, high = thresholds(values)
    found = np.where(values > high, 7, np.where(values > low, 3, 0)).astype(np.uint8)
    nib.save(nib.Nifti1Image(found, image.affine), target)


def check(series, path):
    found = hd.seg.segread(path)
    images = [pydicom.dcmread(file) for file in sorted(pathlib.Path(series).iterdir())]
    real = [i.pixel_array * float(i.RescaleSlope) + float(i.RescaleIntercept) for i in images]
    low, high = thresholds(np.stack(real))
    for image, values in zip(images, real):
        pixels = found.get_pixels_by_source_instance(
            [image.SOPInstanceUID], combine_segments=True, ignore_spatial_locations=True,
            assert_missing_frames_are_empty=True)[0]
        expected = np.where(values > high, 2, np.where(values > low, 1, 0))
        assert (pixels == expected).all(), image.InstanceNumber
    names = ", ".join(segment.SegmentLabel for segment in found.SegmentSequence)
    print(f"{names}: {len(images)} images agree")


if __name__ == "__main__":
    {"prepare": prepare, "labels": labels, "check": check}[sys.argv[1]](*sys.argv[2:])
