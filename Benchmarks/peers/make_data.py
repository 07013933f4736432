"""Creates input files and compares volumes, in a separate process so that the driver needs little memory.

usage: make_data.py brain TEMPLATE OUTPUT        an int16 brain of 394x466x378, upsampled from a template
       make_data.py noise X Y Z OUTPUT           a .nii file of int16 noise, written slice by slice
       make_data.py large MEGABYTES OUTPUT       a .nii.gz file of that size, with noise that hardly compresses
       make_data.py compare A B                  prints the number of differing voxels
       make_data.py near A B                     the same with a tolerance for float32 rounding, and the largest difference
"""

import gzip
import sys

import nibabel
import numpy

BRAIN = (394, 466, 378)


def brain(template, output):
    values = numpy.asanyarray(nibabel.load(template).dataobj).astype(numpy.float32)
    for axis, size in enumerate(BRAIN):
        places = numpy.linspace(0, values.shape[axis] - 1, size)
        low = numpy.minimum(places.astype(int), values.shape[axis] - 2)
        part = (places - low).astype(numpy.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        values = values.take(low, axis) * (1 - part) + values.take(low + 1, axis) * part
    # 12 bits, as from a scanner.
    scaled = numpy.rint(values * (4095 / values.max())).astype(numpy.int16)
    nibabel.save(nibabel.Nifti1Image(scaled, numpy.diag([0.4, 0.4, 0.4, 1])), output)


def header(shape):
    made = nibabel.Nifti1Header()
    made.set_data_dtype(numpy.int16)
    made.set_data_shape(shape)
    made.set_zooms((0.5, 0.5, 0.5))
    made.set_sform(numpy.diag([0.5, 0.5, 0.5, 1]), code=1)
    made["magic"] = b"n+1"
    made["vox_offset"] = 352
    return made.binaryblock + bytes(4)


def slices(shape):
    """Noise slices, all taken from one array at different offsets."""
    noise = numpy.random.default_rng(1).integers(0, 4096, shape[0] * shape[1] * 2, numpy.int16)
    for z in range(shape[2]):
        start = z * 7919 % (shape[0] * shape[1])
        yield noise[start:start + shape[0] * shape[1]].tobytes()


def noise(x, y, z, output):
    shape = int(x), int(y), int(z)
    with open(output, "wb") as file:
        file.write(header(shape))
        for part in slices(shape):
            file.write(part)


def large(megabytes, output):
    # 12 random bits in 16: compression saves about one fifth.
    shape = 512, 512, int(float(megabytes) * 1e6 / (512 * 512 * 2) / 0.81)
    with gzip.open(output, "wb", compresslevel=1) as file:
        file.write(header(shape))
        for part in slices(shape):
            file.write(part)


def compare(a, b):
    first, second = (nibabel.load(path) for path in (a, b))
    wrong = 0
    for z in range(0, first.shape[2], 64):
        wrong += int((first.dataobj[..., z:z + 64] != second.dataobj[..., z:z + 64]).sum())
    print(wrong)


def near(a, b):
    first, second = (numpy.asarray(nibabel.load(path).dataobj) for path in (a, b))
    exact = first.dtype.kind in "iu"
    different = numpy.abs(first.astype(numpy.float32) - second.astype(numpy.float32))
    limit = 0 if exact else 1e-6 * max(1, float(numpy.abs(first).max()))
    print(int((different > limit).sum()), float(different.max()))


verbs = {"brain": brain, "noise": noise, "large": large, "compare": compare, "near": near}
verbs[sys.argv[1]](*sys.argv[2:])
