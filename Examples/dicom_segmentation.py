#!/usr/bin/env python3
"""Write labels that were made of a DICOM series as a DICOM segmentation, with highdicom.

    pip install highdicom nibabel
    dicom_segmentation.py SERIES LABELS OUTPUT [--name 1=liver --name 2=tumor] [--series-number N]

SERIES is the folder of the series, LABELS a NIfTI file on the grid of its voxels, as
`voxtile infer SERIES --output labels.nii.gz` writes it, and OUTPUT the file to make, such as labels.dcm. Voxels are matched by
where they lie, so that the order of slices and the directions of axes do not matter. The segmentation carries the patient's
data of the series, as DICOM wants it.
"""

import argparse
import collections
import pathlib
import sys

import highdicom as hd
import nibabel as nib
import numpy as np
import pydicom
from highdicom.sr.coding import CodedConcept

# What a segmentation has to say of its series, though it may say nothing.
MAY_BE_EMPTY = [
    "AccessionNumber", "PatientBirthDate", "PatientID", "PatientName", "PatientSex", "ReferringPhysicianName", "StudyDate",
    "StudyID", "StudyTime",
]


def read_series(folder, number=None):
    """The images of one series in a folder, without their pixels."""
    series = collections.defaultdict(list)
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.is_file():
            try:
                image = pydicom.dcmread(path, stop_before_pixels=True)
            except pydicom.errors.InvalidDicomError:
                continue
            if "ImagePositionPatient" in image and number in (None, image.get("SeriesNumber")):
                series[image.SeriesInstanceUID].append(image)
    if len(series) != 1:
        numbers = sorted({str(images[0].get("SeriesNumber")) for images in series.values()})
        raise SystemExit(f"{folder} holds {len(series)} series ({', '.join(numbers)}); choose one with --series-number")
    images = series.popitem()[1]
    for image in images:
        for keyword in MAY_BE_EMPTY:
            if keyword not in image:
                setattr(image, keyword, "")
    normal = np.cross(images[0].ImageOrientationPatient[:3], images[0].ImageOrientationPatient[3:])
    return sorted(images, key=lambda image: np.dot(normal, image.ImagePositionPatient))


def label_map(images, labels):
    """The labels at the pixels of each image, as an array (images, rows, columns)."""
    stored = np.asanyarray(labels.dataobj)
    values = np.reshape(stored, stored.shape[:3])
    # NIfTI counts millimeters to the right, to the front and up; DICOM to the left, to the back and up.
    to_voxels = np.linalg.inv(np.diag([-1, -1, 1, 1]) @ labels.affine)
    slices = []
    for image in images:
        rows, columns = np.mgrid[: image.Rows, : image.Columns]
        across, down = np.reshape(image.ImageOrientationPatient, (2, 3))
        between_rows, between_columns = image.PixelSpacing
        place = np.asarray(image.ImagePositionPatient, dtype=float)
        points = place + columns[..., None] * between_columns * across + rows[..., None] * between_rows * down
        exact = points @ to_voxels[:3, :3].T + to_voxels[:3, 3]
        voxels = np.rint(exact).astype(int)
        if np.abs(exact - voxels).max() > 0.05 or voxels.min() < 0 or (voxels >= values.shape).any():
            raise SystemExit(f"the labels do not lie on the voxels of the series, at {place}; give those of this series")
        slices.append(values[tuple(np.moveaxis(voxels, -1, 0))])
    return np.stack(slices)


def segmentation(images, found, names):
    """The DICOM object: a segment for each label other than 0."""
    numbers = [int(number) for number in np.unique(found) if number != 0]
    tissue = CodedConcept("85756007", "SCT", "Tissue")
    algorithm = hd.AlgorithmIdentificationSequence(
        name="voxtile", version="1", family=CodedConcept("123110", "DCM", "Artificial Intelligence"))
    segments = [
        hd.seg.SegmentDescription(
            segment_number=index + 1, segment_label=names.get(number, f"label {number}"),
            segmented_property_category=tissue, segmented_property_type=tissue,
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC, algorithm_identification=algorithm)
        for index, number in enumerate(numbers)
    ]
    # Segments are numbered from 1 without gaps.
    pixels = np.searchsorted(numbers, found) + 1
    pixels[found == 0] = 0
    return hd.seg.Segmentation(
        source_images=images, pixel_array=pixels.astype(np.uint8 if len(numbers) < 256 else np.uint16),
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY, segment_descriptions=segments,
        series_instance_uid=hd.UID(), series_number=int(images[0].get("SeriesNumber") or 0) + 1000,
        sop_instance_uid=hd.UID(), instance_number=1, manufacturer="voxtile", manufacturer_model_name="voxtile",
        software_versions="1", device_serial_number="1")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("series", help="the folder of the series")
    parser.add_argument("labels", help="the labels, a NIfTI file")
    parser.add_argument("output", help="the DICOM file to write")
    parser.add_argument("--name", action="append", default=[], metavar="1=liver", help="the name of a label")
    parser.add_argument("--series-number", type=int, help="which series, where the folder holds several")
    options = parser.parse_args()
    names = {int(number): name for number, _, name in (text.partition("=") for text in options.name)}
    images = read_series(options.series, options.series_number)
    if "FrameOfReferenceUID" not in images[0]:
        raise SystemExit("the series has no frame of reference, so nothing can be said to lie on it")
    found = label_map(images, nib.load(options.labels))
    if not found.any():
        raise SystemExit("all labels are 0, and a segmentation without segments is none")
    segmentation(images, found, names).save_as(options.output)
    print(f"{len(np.unique(found)) - bool((found == 0).any())} segments over {len(images)} images in {options.output}")


if __name__ == "__main__":
    sys.exit(main())
