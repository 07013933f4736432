"""Where patches lie, compared with plain loops."""

import pickle

import numpy as np
import pytest
import voxtile
from voxtile import PatchGrid, VoxtileError


def starts_of_shift(length, patch, overlap):
    """The starts of a grid whose last patch is moved inward, one after another."""
    starts, start = [], 0
    while start + patch < length:
        starts.append(start)
        start += patch - overlap
    return [*starts, length - patch]


@pytest.mark.parametrize("length", range(3, 12))
@pytest.mark.parametrize("patch", range(1, 4))
def test_shifted_patches_lie_where_a_loop_puts_them(length, patch):
    for overlap in range(patch):
        grid = PatchGrid((length, 7), patch=(patch, 3), overlap=(overlap, 1))
        rows = sorted({p.start[0] for p in grid})
        assert rows == starts_of_shift(length, patch, overlap)


def test_a_grid_is_a_sequence_of_patches_in_the_order_of_the_array():
    grid = PatchGrid((5, 6, 7), patch=(2, 3, 4), overlap=0)
    assert len(grid) == 3 * 2 * 2 == len(list(grid))
    assert grid.counts == (3, 2, 2) and grid.patch == (2, 3, 4) and grid.shape == (5, 6, 7)
    assert [p.start for p in grid[:3]] == [(0, 0, 0), (0, 0, 3), (0, 3, 0)]
    assert grid[-1].index == len(grid) - 1 and grid[-1].start == (3, 3, 3)
    assert grid[-1] in grid and grid.index(grid[2]) == 2
    with pytest.raises(IndexError):
        grid[len(grid)]
    with pytest.raises(IndexError):
        grid[-len(grid) - 1]


def test_the_order_z_runs_along_the_first_axis():
    grid = PatchGrid((4, 4, 4), patch=2, overlap=0, order="z")
    assert [p.start for p in grid[:2]] == [(0, 0, 0), (2, 0, 0)]


def test_every_edge_policy_covers_what_it_says():
    for edge, lost in [("shift", 0), ("balance", 0), ("pad", 0), ("pad-both", 0), ("partial", 0), ("discard", 1)]:
        grid = PatchGrid((11,) * 2, patch=4, overlap=1, edge=edge)
        counts = np.zeros(grid.shape, int)
        for patch in grid:
            counts[patch.slices] += 1
        assert (counts == grid.coverage.counts()).all(), edge
        assert ((counts == 0).sum() > 0) == bool(lost)
        assert (counts == 0).sum() == grid.coverage.lost_voxels


def test_a_whole_number_is_voxels_and_another_one_a_part():
    assert PatchGrid((20, 20), patch=8, overlap=0.5).stride == (4, 4)
    assert PatchGrid((20, 20), patch=8, overlap=2).stride == (6, 6)
    assert PatchGrid((20, 20), patch=8, overlap=(0.5, 2)).stride == (4, 6)
    # One voxel has nothing to share.
    assert PatchGrid((1, 20, 20), patch=(1, 8, 8), overlap=2).stride == (1, 6, 6)


def test_a_grid_and_its_patches_pickle_and_compare():
    grid = PatchGrid((30, 40, 50), patch=(8, 16, 16), overlap=(0.5, 4, 0.25), edge="pad", padding="constant:-1024", order="z")
    copy = pickle.loads(pickle.dumps(grid))
    assert copy == grid and hash(copy) == hash(grid) and list(copy) == list(grid)
    assert pickle.loads(pickle.dumps(grid[3])) == grid[3]
    assert grid != PatchGrid((30, 40, 50), patch=8)
    assert "30, 40, 50" in repr(grid)


def test_a_plan_knows_what_a_merge_takes_and_refuses_too_little():
    grid = PatchGrid((64, 64, 64), patch=32, overlap=16)
    plan = grid.plan(dtype=np.float64, channels=2, output_channels=3)
    assert plan.patches == 27 and plan.lost_voxels == 0
    assert plan.patch_bytes == 32**3 * 8 * 2 and plan.result_bytes == 64**3 * 8 * 3
    assert plan.peak_bytes == plan.result_bytes + plan.held_bytes
    with pytest.raises(MemoryError) as caught:
        grid.plan(memory=1000)
    assert caught.value.code == "memoryTooLow"


def test_a_grid_over_an_image_that_no_memory_holds_is_planned_and_not_merged():
    grid = PatchGrid((2**31 - 1, 4), patch=(2**20, 4), overlap=0)
    assert len(grid) == 2**11 and grid.plan().lost_voxels == 0
    with pytest.raises(VoxtileError):
        _ = grid.coverage
    with pytest.raises((VoxtileError, MemoryError)):
        voxtile.Merger(grid, dtype="uint8").add(np.zeros((2**20, 4), np.uint8), 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (((0, 10), 3), "invalidGrid"),
        (((-1, 10), 3), "invalidGrid"),
        (((2**62, 2**62, 10), 3), "invalidGrid"),
        (((2**64, 10), 3), "invalidOption"),
        (((10,), 3), "invalidOption"),
        (((10, 10, 10, 10), 3), "invalidOption"),
        ((10, 3), "invalidOption"),
        (("10", 3), "invalidOption"),
        ((None, 3), "invalidOption"),
        (((10.0, 10), 3), "invalidOption"),
        (((True, 10), 3), "invalidOption"),
        (((10, 10), 0), "invalidGrid"),
        (((10, 10), -3), "invalidGrid"),
        (((10, 10), 11), "invalidGrid"),
        (((10, 10), (3, 3, 3)), "invalidOption"),
        (((10, 10), 3, 3), "invalidGrid"),
        (((10, 10), 3, -1), "invalidGrid"),
        (((10, 10), 3, 1.0), "invalidGrid"),
        (((10, 10), 3, -0.5), "invalidGrid"),
        (((10, 10), 3, float("nan")), "invalidGrid"),
        (((10, 10), 3, float("inf")), "invalidGrid"),
        (((10, 10), 3, 2**80), "invalidOption"),
        (((10, 10), 3, "half"), "invalidOption"),
        (((10, 10), 3, 1, "wrong"), "invalidArgument"),
        (((10, 10), 3, 1, "shift\0"), "invalidOption"),
        (((10, 10), 3, 1, "shift,shift"), "invalidArgument"),
        (((10, 10), 3, 1, 5), "invalidOption"),
    ],
)
def test_what_makes_no_grid_is_an_exception(arguments, code):
    with pytest.raises(VoxtileError) as caught:
        PatchGrid(*arguments)
    assert caught.value.code == code
    assert isinstance(caught.value, ValueError)
    assert str(caught.value)


def test_sizes_are_named_in_the_order_of_the_array():
    with pytest.raises(VoxtileError, match=r"^shape is \(10, 20, -3\); no size can be negative$"):
        PatchGrid((10, 20, -3), patch=3)
    with pytest.raises(VoxtileError, match=r"^patch is \(4, -5, 6\); no size can be negative$"):
        PatchGrid((10, 20, 30), patch=(4, -5, 6))


def test_a_message_names_an_array_and_does_not_print_it():
    grid = PatchGrid((10, 10), patch=3)
    with pytest.raises(VoxtileError, match=r"^index is an array of float64 of shape \(3, 3\), not a whole number$"):
        grid[np.zeros((3, 3))]
    with pytest.raises(VoxtileError, match="not a name") as error:
        PatchGrid((10, 10), patch=3, padding=list(range(1000)))
    assert len(str(error.value)) < 150


def test_the_shape_of_a_grid_stays():
    with pytest.raises(AttributeError):
        PatchGrid((10, 10), patch=3).shape = (20, 20)


@pytest.mark.parametrize("option", [{"padding": "glue"}, {"padding": "constant:nan"}, {"order": "y"}, {"padding": 0}])
def test_wrong_names_are_exceptions(option):
    with pytest.raises(VoxtileError):
        PatchGrid((10, 10), patch=3, **option)


def test_the_version_is_that_of_the_library():
    assert voxtile.__version__.count(".") == 2
