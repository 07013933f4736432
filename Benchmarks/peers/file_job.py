"""The tutorial's crop and merge on files, written with nibabel or SimpleITK.

usage: file_job.py nibabel|SimpleITK VOLUME FOLDER MERGED

Crops a volume into patches of 96 with an overlap of 32; the last patch of a row is shifted inward, so that no voxels are
lost. Writes each patch as .nii.gz with its own affine, reads them back, and merges them by averaging.
"""

import os
import sys

import numpy
from placement import boxes

PATCH, OVERLAP = (96, 96, 96), (32, 32, 32)


class Nibabel:
    """Arrays have the axes x, y, z."""

    def read(self, path):
        import nibabel

        self.nibabel = nibabel
        self.image = nibabel.load(path)
        return numpy.asanyarray(self.image.dataobj)

    def write_patch(self, values, box, path):
        affine = self.image.affine.copy()
        affine[:3, 3] = (self.image.affine @ [*(part.start for part in box), 1])[:3]
        self.nibabel.save(self.nibabel.Nifti1Image(values, affine, dtype=values.dtype), path)

    def read_patch(self, path):
        return numpy.asanyarray(self.nibabel.load(path).dataobj)

    def write(self, values, path):
        self.nibabel.save(self.nibabel.Nifti1Image(values, self.image.affine, dtype=values.dtype), path)


class SimpleITK:
    """Arrays have the axes z, y, x."""

    def read(self, path):
        import SimpleITK

        self.itk = SimpleITK
        self.image = SimpleITK.ReadImage(path)
        return SimpleITK.GetArrayFromImage(self.image)

    def write_patch(self, values, box, path):
        patch = self.itk.GetImageFromArray(values)
        patch.SetSpacing(self.image.GetSpacing())
        patch.SetDirection(self.image.GetDirection())
        patch.SetOrigin(self.image.TransformIndexToPhysicalPoint([part.start for part in reversed(box)]))
        self.itk.WriteImage(patch, path)

    def read_patch(self, path):
        return self.itk.GetArrayFromImage(self.itk.ReadImage(path))

    def write(self, values, path):
        merged = self.itk.GetImageFromArray(values)
        merged.CopyInformation(self.image)
        self.itk.WriteImage(merged, path)


def main():
    library, volume_path, folder, merged_path = sys.argv[1:]
    files = {"nibabel": Nibabel, "SimpleITK": SimpleITK}[library]()
    os.makedirs(folder)
    volume = files.read(volume_path)
    places = list(boxes(volume.shape, PATCH, OVERLAP, "shift"))
    for index, box in enumerate(places):
        files.write_patch(volume[box], box, f"{folder}/{index}.nii.gz")
    total = numpy.zeros(volume.shape)
    count = numpy.zeros(volume.shape)
    for index, box in enumerate(places):
        total[box] += files.read_patch(f"{folder}/{index}.nii.gz")
        count[box] += 1
    files.write(numpy.rint(total / count).astype(volume.dtype), merged_path)


main()
