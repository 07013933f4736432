"""Patches for torch's loader, and tensors in."""

import doctest

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

import voxtile.torch  # noqa: E402
from voxtile import Merger, PatchGrid, VoxtileError, predict  # noqa: E402
from voxtile.torch import PatchDataset  # noqa: E402


@pytest.mark.parametrize(("workers", "context"), [(0, None), (2, "fork"), (2, "spawn")])
@pytest.mark.parametrize("in_file", [False, True])
def test_a_loader_gives_every_patch_once(workers, context, in_file, tmp_path):
    scan = np.random.default_rng(0).normal(size=(2, 18, 19, 20)).astype("float32")
    grid = PatchGrid(scan.shape[1:], patch=8, edge="pad")
    np.save(tmp_path / "scan.npy", scan)
    dataset = PatchDataset(tmp_path / "scan.npy" if in_file else scan, grid)
    loader = torch.utils.data.DataLoader(dataset, batch_size=5, num_workers=workers, multiprocessing_context=context)
    with Merger(grid) as merger:
        for patches, indices in loader:
            for patch, index in zip(patches, indices):
                merger.add(patch, int(index))
    np.testing.assert_array_equal(merger.result, scan)


@pytest.mark.parametrize("dtype", ["uint8", "int16", ">i4", "float16", "float64", "bool"])
def test_patches_keep_their_type_and_have_memory_of_their_own(dtype):
    scan = np.ones((9, 9, 9), dtype)
    dataset = PatchDataset(scan, PatchGrid(scan.shape, patch=4, overlap=0, edge="pad"), transform=lambda x: x.clone())
    patch, index = dataset[-1]
    assert index == len(dataset) - 1 and patch.shape == (1, 4, 4, 4)
    assert str(patch.dtype).removeprefix("torch.") == scan.dtype.newbyteorder("=").name
    patch, _ = PatchDataset(scan, dataset.grid)[0]
    patch.zero_()
    assert scan.all()


def test_tensors_go_in_without_a_copy_and_bfloat16_becomes_float32():
    scan = torch.rand(20, 20, 20)
    grid = PatchGrid(scan.shape, patch=8)
    assert np.shares_memory(grid.crop(scan, 0), scan.numpy())
    assert grid.crop(scan.bfloat16(), 0).dtype == np.float32
    network = torch.nn.Conv3d(1, 2, 3, padding=1)
    result = predict(scan, lambda batch: network(torch.from_numpy(batch)), patch=8, overlap=0.5, batch=4)
    assert result.shape == (2, 20, 20, 20) and result.dtype == np.float32


def test_an_array_of_another_shape_is_an_exception():
    with pytest.raises(VoxtileError):
        PatchDataset(np.zeros((4, 4, 4)), PatchGrid((8, 8, 8), patch=4))
    with pytest.raises(VoxtileError):
        PatchDataset(np.zeros((8, 8, 8), complex), PatchGrid((8, 8, 8), patch=4))


def test_examples_of_docstrings_give_what_they_say():
    assert doctest.testmod(voxtile.torch).failed == 0
