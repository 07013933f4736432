"""Cutting patches, compared with slices and numpy.pad."""

import numpy as np
import pytest
from voxtile import PatchGrid, VoxtileError

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64", "bool"]
PADDINGS = {
    "constant": {"mode": "constant"},
    "constant:7": {"mode": "constant", "constant_values": 7},
    "edge": {"mode": "edge"},
    "reflect": {"mode": "reflect"},
    "symmetric": {"mode": "symmetric"},
    "wrap": {"mode": "wrap"},
}


def image(shape, dtype, seed=0):
    return np.random.default_rng(seed).integers(0, 2 if dtype == "bool" else 100, shape).astype(dtype)


def expected(array, patch, axes, padding):
    """A patch of an array that is padded by numpy."""
    margin = 8
    width = [(0, 0)] * (array.ndim - axes) + [(margin, margin)] * axes
    padded = np.pad(array, width, **PADDINGS[padding])
    place = tuple(slice(s + margin, s + margin + n) for s, n in zip(patch.start, patch.shape))
    return padded[(..., *place)]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("padding", PADDINGS)
def test_a_padded_patch_is_that_of_numpy(dtype, padding):
    array = image((2, 9, 10, 11), dtype)
    if dtype == "bool" and padding == "constant:7":
        pytest.skip("a truth value is no 7")
    grid = PatchGrid(array.shape[1:], patch=(4, 5, 6), overlap=2, edge="pad-both", padding=padding)
    every = grid.crop_all(array)
    assert every.dtype == array.dtype and every.shape == (len(grid), 2, 4, 5, 6)
    for patch in grid:
        cut = grid.crop(array, patch.index)
        assert cut.dtype == array.dtype
        np.testing.assert_array_equal(cut, expected(array, patch, 3, padding))
        np.testing.assert_array_equal(cut, every[patch.index])


def test_a_patch_inside_is_a_view_of_the_array():
    array = image((20, 20), "float32")
    grid = PatchGrid(array.shape, patch=8)
    cut = grid.crop(array, 3)
    assert np.shares_memory(cut, array)
    assert not np.shares_memory(grid.crop(array, 3, copy=True), array)
    # Of any type, since nothing is computed.
    assert grid.crop(array.astype(complex), 0).dtype == complex


@pytest.mark.parametrize("seed", range(30))
def test_arrays_need_not_be_contiguous(seed):
    random = np.random.default_rng(seed)
    whole = random.integers(0, 1000, (3, 8, 9, 10)).astype(random.choice(["int16", "float32", ">i4", "float16"]))
    views = [
        whole[:, ::2], whole[:, ::-1, :, ::-1], whole[..., ::3], whole.transpose(3, 2, 1, 0), np.asfortranarray(whole),
        np.broadcast_to(whole[:1], whole.shape), np.broadcast_to(whole[..., :1], whole.shape), whole[1], whole[1, ::-1],
        whole[:, 2:3], np.moveaxis(whole, 0, -1)[..., 0],
    ]  # fmt: skip
    for view in views:
        grid = PatchGrid(view.shape[-3:], patch=tuple(min(3, n + 1) for n in view.shape[-3:]), overlap=0, edge="pad")
        every = grid.crop_all(view)
        assert every.dtype == view.dtype
        for patch in grid:
            np.testing.assert_array_equal(every[patch.index], expected(view, patch, 3, "constant"))
            np.testing.assert_array_equal(grid.crop(view, patch.index), every[patch.index])


def test_misaligned_and_read_only_arrays_are_read():
    data = np.zeros(4 * 25 + 1, np.uint8)
    array = data[1:].view(np.float32).reshape(5, 5)
    array[:] = image((5, 5), "float32")
    array.flags.writeable = False
    grid = PatchGrid((5, 5), patch=4, overlap=0, edge="pad")
    np.testing.assert_array_equal(grid.crop_all(array)[0], array[:4, :4])


def test_a_run_of_patches_is_that_of_all():
    array = image((10, 11, 12), "int16")
    grid = PatchGrid(array.shape, patch=5, overlap=2)
    every = grid.crop_all(array)
    for threads in (1, 2, 7):
        np.testing.assert_array_equal(grid.crop_all(array, first=3, count=4, threads=threads), every[3:7])
    for first, count in [(0, 0), (0, -1), (len(grid), 1), (1, len(grid)), (2**70, 1)]:
        with pytest.raises(VoxtileError):
            grid.crop_all(array, first=first, count=count)


def test_patches_of_several_sizes_are_cut_one_at_a_time():
    array = image((7, 7), "uint8")
    grid = PatchGrid(array.shape, patch=4, overlap=0, edge="partial")
    assert [grid.crop(array, p.index).shape for p in grid] == [(4, 4), (4, 3), (3, 4), (3, 3)]
    with pytest.raises(VoxtileError, match="several sizes"):
        grid.crop_all(array)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((10, 11)), np.zeros(10), np.zeros((2, 2, 10, 10)), np.zeros((0, 10, 10)), [], None, 3, "text", {},
        np.zeros((10, 10), object), np.zeros((10, 10), "U3"), np.zeros((10, 10), "M8[s]"),
        np.zeros((10, 10), [("a", "f4")]),
    ],
)  # fmt: skip
def test_arrays_of_another_shape_or_type_are_exceptions(array):
    grid = PatchGrid((10, 10), patch=4, overlap=0, edge="pad")
    for cut in (lambda: grid.crop(array, len(grid) - 1), lambda: grid.crop_all(array)):
        with pytest.raises(VoxtileError) as caught:
            cut()
        assert caught.value.code in ("shapeMismatch", "typeMismatch")


def test_complex_numbers_are_cut_wherever_the_patch_lies():
    array = image((10, 10), "float64")
    grid = PatchGrid(array.shape, patch=4, overlap=1, edge="pad", padding="reflect")
    for patch in grid:
        np.testing.assert_array_equal(grid.crop(array * 1j, patch.index), grid.crop(array, patch.index) * 1j)


class OnDisk:
    """An array that counts what is read of it."""

    def __init__(self, values):
        self.values, self.shape, self.dtype, self.read = values, values.shape, values.dtype, 0

    def __getitem__(self, place):
        self.read += self.values[place].size
        return self.values[place]

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("the whole array is read")


@pytest.mark.parametrize("edge", ["shift", "pad", "partial"])
@pytest.mark.parametrize("padding", ["constant:3", "edge", "reflect"])
@pytest.mark.parametrize("lead", [(), (2,)])
def test_of_an_array_on_disk_only_the_patch_is_read(edge, padding, lead):
    array = image((*lead, 21, 22, 23), "int16")
    grid = PatchGrid((21, 22, 23), patch=8, overlap=2, edge=edge, padding=padding)
    for patch in grid:
        stored = OnDisk(array)
        found = grid.crop(stored, patch.index)
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, grid.crop(array, patch.index))
        if patch.is_inside or padding != "reflect":
            assert stored.read <= found.size
    if edge != "partial":
        np.testing.assert_array_equal(grid.crop_all(OnDisk(array), count=5), grid.crop_all(array, count=5))


def test_a_masked_array_and_what_is_no_array_say_what_to_do():
    grid = PatchGrid((10, 10), patch=4, overlap=1)
    masked = np.ma.masked_array(np.zeros((10, 10)), np.eye(10))
    with pytest.raises(VoxtileError, match="masked"):
        grid.crop(masked, 0)
    assert grid.crop(np.ma.masked_array(np.ones((10, 10))), 0).sum() == 16
    with pytest.raises(VoxtileError, match=r"voxtile\.read"):
        grid.crop("scan.nii.gz", 0)


@pytest.mark.parametrize("index", [100, -101, 2**80, 1.0, True, "1", None])
def test_a_patch_that_is_not_there_is_an_exception(index):
    grid = PatchGrid((10, 10), patch=4, overlap=1)
    with pytest.raises(VoxtileError):
        grid.crop(np.zeros((10, 10)), index)


def test_everything_with_dlpack_is_read():
    class Foreign:
        def __init__(self, array):
            self.array = array

        def __dlpack__(self, **options):
            return self.array.__dlpack__(**options)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    array = image((6, 6), "float32")
    grid = PatchGrid(array.shape, patch=4)
    assert np.shares_memory(grid.crop(Foreign(array), 0), array)
    array.flags.writeable = False
    np.testing.assert_array_equal(grid.crop(array.tolist(), 0), array[:4, :4])
