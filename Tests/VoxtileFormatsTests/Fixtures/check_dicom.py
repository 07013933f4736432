"""Compares a NIfTI file with the DICOM series that it was made from, as SimpleITK reads that.

usage: check_dicom.py FOLDER FILE

Prints the number of voxels, the greatest distance in mm between their places, and how many have another value.
"""

import sys

import nibabel
import numpy
import SimpleITK

folder, file = sys.argv[1:]
reader = SimpleITK.ImageSeriesReader()
reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))
scan = reader.Execute()
values = SimpleITK.GetArrayFromImage(scan).transpose()
# To RAS, of which NIfTI is.
flip = numpy.diag([-1.0, -1, 1])
directions = flip @ numpy.array(scan.GetDirection()).reshape(3, 3) @ numpy.diag(scan.GetSpacing())
index = numpy.stack(numpy.indices(values.shape), -1).reshape(-1, 3)
places = index @ directions.T + flip @ numpy.array(scan.GetOrigin())

image = nibabel.load(file)
found = nibabel.affines.apply_affine(numpy.linalg.inv(image.affine), places)
nearest = numpy.rint(found).astype(int)
distance = numpy.abs(nibabel.affines.apply_affine(image.affine, nearest) - places).max()
inside = ((nearest >= 0) & (nearest < image.shape)).all(axis=1).all()
same = image.get_fdata()[tuple(nearest.T)] == values.reshape(-1) if inside else numpy.zeros(len(index), bool)
print(len(index), f"{distance:.2e}", int((~same).sum()))
