#!/usr/bin/env python3
"""Writes small DICOM series, each in a folder of its own. All texts in them are made up; none may come back from a reader.

Made with Python 3.11, numpy 2.4.6, pydicom 3.0.2, which is not among the packages of script/bootstrap.
Run: python3 make_dicom_fixtures.py
"""

import os
import shutil

import numpy
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dicom")
ROOT = "1.2.826.0.1.3680043.8.498."
COLUMNS, ROWS = 12, 10
TEXTS = {
    "PatientName": "Secret^Person",
    "PatientID": "SECRET77",
    "PatientBirthDate": "19610415",
    "StudyDate": "20010203",
    "SeriesDate": "20010203",
    "AcquisitionDate": "20010203",
    "StudyTime": "112233",
    "AcquisitionTime": "112233.5",
    "ImageComments": "Secret comment",
    "StudyDescription": "Secret study",
    "SeriesDescription": "Secret series",
    "ProtocolName": "SecretProtocol",
    "InstitutionName": "Secret clinic",
    "AccessionNumber": "SECRET88",
    "ReferringPhysicianName": "Doctor^Secret",
    "StudyID": "SECRET99",
}


def oblique(angle):
    """Directions of a row and of a column, turned about two axes."""
    turn = numpy.deg2rad(angle)
    row = numpy.array([numpy.cos(turn), numpy.sin(turn), 0])
    column = numpy.array([-numpy.sin(turn) * 0.8, numpy.cos(turn) * 0.8, 0.6])
    return row, column


def save(folder, number, z, position, directions=None, dtype="<u2", series=None, tilt=0.0):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = f"{ROOT}{abs(hash_of(folder))}.{number}.{z + 1}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID = CTImageStorage
    file.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    file.StudyInstanceUID = f"{ROOT}1.{hash_of(folder)}"
    file.SeriesInstanceUID = f"{ROOT}2.{hash_of(folder)}.{series or number}"
    for name, text in TEXTS.items():
        setattr(file, name, text)
    file.Modality, file.Manufacturer = "CT", "Nobody"
    file.SeriesNumber, file.InstanceNumber, file.AcquisitionNumber = number, z + 1, 1
    row, column = directions if directions else (numpy.array([1.0, 0, 0]), numpy.array([0, 1.0, 0]))
    file.ImageOrientationPatient = [f"{value:.10g}" for value in [*row, *column]]
    file.ImagePositionPatient = [f"{value:.10g}" for value in position]
    file.PixelSpacing, file.SliceThickness = [0.75, 0.5], 2.5
    if tilt:
        file.GantryDetectorTilt = tilt
    file.Rows, file.Columns = ROWS, COLUMNS
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit = 16, 16, 15
    file.PixelRepresentation = 1 if dtype == "<i2" else 0
    file.RescaleIntercept, file.RescaleSlope = -1024, 1
    random = numpy.random.default_rng(100 * number + z)
    file.PixelData = random.integers(0, 4000, (ROWS, COLUMNS)).astype(dtype).tobytes()
    path = os.path.join(FOLDER, folder)
    os.makedirs(path, exist_ok=True)
    file.save_as(os.path.join(path, f"IM{number}{z:03d}"), enforce_file_format=True)


def hash_of(name):
    return sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 10**8


shutil.rmtree(FOLDER, ignore_errors=True)
ROW, COLUMN = oblique(20)
NORMAL = numpy.cross(ROW, COLUMN)
for z in range(5):
    save("even", 4, z, numpy.array([-30, 20, -50]) + 2.5 * z * NORMAL, (ROW, COLUMN))
    save("straight", 5, z, [-30, 20, -50 + 2.5 * z], dtype="<i2")
    save("uneven", 6, z, [-30, 20, -50 + 2.5 * z + (40 if z > 2 else 0)])
    save("projections", 7, z, [-30, 20, -50 + 0.1 * z], oblique(30 * z))
    lean = numpy.deg2rad(15)
    leaning = (numpy.array([1.0, 0, 0]), numpy.array([0, numpy.cos(lean), -numpy.sin(lean)]))
    save("tilted", 8, z, [-30, 20, -50 + 2.5 * z], leaning, dtype="<i2", tilt=15.0)
    save("tilted-unsigned", 8, z, [-30, 20, -50 + 2.5 * z], leaning, tilt=15.0)
    save("several", 2, z, [-30, 20, -50 + 2.5 * z])
    save("several", 3, z, [-30, 20, -50 + 5 * z])
for z in range(3):
    save("same-number", 2, z, [-30, 20, -50 + 2.5 * z], series=21)
    save("same-number", 2, z + 10, [-30, 20, -50 + 2.5 * z], series=22)
save("one", 1, 0, [-30, 20, -50])


def save_smallest():
    """As little as dcm2niix takes for an image, without any text."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.SOPInstanceUID, file.SeriesInstanceUID = CTImageStorage, "1.2.3", "1.2"
    file.Modality, file.SeriesNumber, file.InstanceNumber = "CT", 1, 1
    file.ImageOrientationPatient, file.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 0]
    file.PixelSpacing, file.SliceThickness, file.Rows, file.Columns = [1, 1], 1, 3, 4
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 16, 15, 1
    file.PixelData = numpy.arange(1, 13, dtype="<i2").tobytes()
    os.makedirs(os.path.join(FOLDER, "smallest"))
    file.save_as(os.path.join(FOLDER, "smallest", "image.dcm"), enforce_file_format=True)


save_smallest()
