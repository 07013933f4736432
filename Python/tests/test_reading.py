"""Reading files, and boxes of them, as arrays."""

import numpy as np
import pytest
import voxtile

nib = pytest.importorskip("nibabel", reason="nibabel is not installed")


def save(path, array, slope=None, dtype=None):
    image = nib.Nifti1Image(array.T, np.diag([1, 2, 3, 1]))
    if slope is not None:
        image.header.set_slope_inter(slope, 5)
        image.header.set_data_dtype(dtype)
    nib.save(image, path)


def test_files_and_boxes_of_every_kind(tmp_path):
    random = np.random.default_rng(0)
    image = random.integers(-900, 900, (7, 9, 11)).astype("int16")
    for name in ["a.nii", "a.nii.gz"]:
        save(tmp_path / name, image)
    voxtile.convert(tmp_path / "a.nii", tmp_path / "a.mha")
    voxtile.convert(tmp_path / "a.nii", tmp_path / "a.zarr")
    box = (slice(2, 6), slice(None), slice(3, 4))
    for name in ["a.nii", "a.nii.gz", "a.mha", "a.zarr"]:
        whole = voxtile.read(tmp_path / name)
        assert whole.dtype == np.int16 and np.array_equal(whole, image)
        assert np.array_equal(voxtile.read(tmp_path / name, box), image[box])
        real = voxtile.read(tmp_path / name, box, dtype="float32")
        assert real.dtype == np.float32 and np.array_equal(real, image[box])
    channels = random.random((3, 7, 9, 11)).astype("float32")
    np.save(tmp_path / "b.npy", channels)
    found = voxtile.read(tmp_path / "b.npy", box)
    assert np.array_equal(found, channels[(slice(None), *box)] if found.ndim == 4 else None)
    picture = random.integers(0, 255, (5, 6)).astype("uint8")
    np.save(tmp_path / "c.npy", picture)
    assert np.array_equal(voxtile.read(tmp_path / "c.npy", (slice(1, 3), slice(0, 6))), picture[1:3])


def test_an_array_of_nibabel_has_the_other_order(tmp_path):
    random = np.random.default_rng(0)
    save(tmp_path / "a.nii.gz", random.integers(-900, 900, (7, 9, 11)).astype("int16"))
    assert np.array_equal(nib.load(tmp_path / "a.nii.gz").get_fdata().T, voxtile.read(tmp_path / "a.nii.gz"))


def test_scaled_values_are_real(tmp_path):
    save(tmp_path / "a.nii", np.arange(24, dtype=np.int16).reshape(2, 3, 4), slope=0.5, dtype=np.int16)
    found = voxtile.read(tmp_path / "a.nii")
    assert found.dtype == np.float32 and np.allclose(found.ravel(), np.arange(24) * 0.5 + 5)
    with pytest.raises(voxtile.VoxtileError, match="the file holds scaled int16"):
        voxtile.read(tmp_path / "a.nii", dtype="int16")


@pytest.mark.parametrize("dtype", [">f4", ">f8", ">i2", "<f4", "<i2"])
def test_values_come_in_the_byte_order_that_was_asked_for(tmp_path, dtype):
    image = np.arange(-12, 12, dtype="int16").reshape(2, 3, 4)
    for stored in ["<i2", ">i2"]:
        np.save(tmp_path / "a.npy", image.astype(stored))
        found = voxtile.read(tmp_path / "a.npy", dtype=dtype)
        assert found.dtype == np.dtype(dtype) and np.array_equal(found, image)


def test_what_cannot_be_read_is_an_error(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((4, 5, 6), np.int16))
    for box in [(slice(0, 5), slice(0, 1), slice(0, 1)), (slice(0, 1),), (slice(2, 2), slice(0, 1), slice(0, 1)), 3]:
        with pytest.raises(voxtile.VoxtileError, match="box") as error:
            voxtile.read(tmp_path / "a.npy", box)
        assert error.value.code == "invalidOption"
    for dtype in ["uint8", "float16"]:
        with pytest.raises(voxtile.VoxtileError):
            voxtile.read(tmp_path / "a.npy", dtype=dtype)
    with pytest.raises(voxtile.VoxtileError):
        voxtile.read(tmp_path / "none.npy")
