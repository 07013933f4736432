"""Files and folders of patches, where the library has them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import voxtile
from voxtile import VoxtileError


@pytest.fixture
def scan(tmp_path):
    array = np.random.default_rng(0).integers(0, 1000, (20, 21, 22)).astype("int16")
    np.save(tmp_path / "scan.npy", array)
    return tmp_path / "scan.npy", array


def test_a_folder_of_patches_merges_to_the_image(scan, tmp_path):
    path, array = scan
    told = []
    report = voxtile.crop_file(
        path, tmp_path / "patches", patch=(8, 9, 10), overlap=(0.5, 3, 0.25), progress=lambda *numbers: told.append(numbers)
    )
    grid = voxtile.PatchGrid(array.shape, patch=(8, 9, 10), overlap=(0.5, 3, 0.25))
    assert report["patches"] == len(grid) == len(report["files"]) and max(told) == (len(grid), len(grid))
    for patch in grid:
        cut = np.load(tmp_path / "patches" / report["files"][patch.index])
        np.testing.assert_array_equal(cut, grid.crop(array, patch.index))
    assert voxtile.verify(tmp_path / "patches", against=path)["findings"] == []
    report = voxtile.merge_folder(tmp_path / "patches", tmp_path / "merged.npy", blend="gaussian")
    assert report["blend"] == "gaussian" and report["dtype"] == "int16" and report["uncovered_voxels"] == 0
    np.testing.assert_array_equal(np.load(tmp_path / "merged.npy"), array)


@pytest.mark.parametrize(
    "options", [{"patch": (8, 8)}, {"patch": (8,)}, {"patch": 8, "overlap": (2, 2)}, {"patch": 8, "edge": ("shift", "pad")}]
)
def test_a_value_for_each_axis_is_needed_as_in_a_grid(scan, tmp_path, options):
    path, array = scan
    with pytest.raises(VoxtileError, match="values for 3 axes") as caught:
        voxtile.crop_file(path, tmp_path / "patches", **options)
    with pytest.raises(VoxtileError) as wanted:
        voxtile.PatchGrid(array.shape, **options)
    assert str(caught.value) == str(wanted.value) and not (tmp_path / "patches").exists()


def test_a_picture_has_two_axes(tmp_path):
    np.save(tmp_path / "picture.npy", np.arange(20 * 21, dtype=np.uint16).reshape(20, 21))
    options = {"patch": (8, 9), "overlap": (2, 0.5), "edge": ("pad", "shift")}
    report = voxtile.crop_file(tmp_path / "picture.npy", tmp_path / "patches", **options)
    assert report["patches"] == len(voxtile.PatchGrid((20, 21), **options))
    with pytest.raises(VoxtileError, match="3 values for 2 axes"):
        voxtile.crop_file(tmp_path / "picture.npy", tmp_path / "other", patch=(1, 8, 9))


def test_damage_is_found(scan, tmp_path):
    path, _ = scan
    files = voxtile.crop_file(path, tmp_path / "patches", patch=8)["files"]
    (tmp_path / "patches" / files[3]).write_bytes(b"no array")
    (tmp_path / "patches" / files[5]).unlink()
    findings = voxtile.verify(tmp_path / "patches")["findings"]
    assert [(f["patch"], f["kind"]) for f in findings] == [(3, "corrupt"), (3, "unreadable"), (5, "missing")]
    with pytest.raises(VoxtileError):
        voxtile.merge_folder(tmp_path / "patches", tmp_path / "merged.npy")
    assert not (tmp_path / "merged.npy").exists()


def test_an_image_is_described_and_converted(scan, tmp_path):
    path, array = scan
    assert voxtile.info(path)["shape"] == [20, 21, 22] and voxtile.info(path)["dtype"] == "int16"
    report = voxtile.convert(path, tmp_path / "scan.nii.gz", dtype="float32")
    assert report["info"]["dtype"] == "float32"
    found = voxtile.info(tmp_path / "scan.nii.gz")
    assert found["shape"] == [20, 21, 22] and len(found["affine"]) >= 3 and found["spacing"] == [1, 1, 1]
    voxtile.convert(tmp_path / "scan.nii.gz", tmp_path / "back.npy", dtype="int16")
    np.testing.assert_array_equal(np.load(tmp_path / "back.npy"), array)


def test_every_misuse_is_an_exception(scan, tmp_path):
    path, _ = scan
    with pytest.raises(OSError) as caught:
        voxtile.info(tmp_path / "nothing.nii")
    assert caught.value.code == "fileAccess" and "nothing.nii" in str(caught.value)
    (tmp_path / "text.nii").write_text("no image")
    (tmp_path / "there.npy").write_text("")
    for call in [
        lambda: voxtile.info(tmp_path / "text.nii"), lambda: voxtile.info("a\0b"), lambda: voxtile.info(""),
        lambda: voxtile.info(tmp_path), lambda: voxtile.convert(path, tmp_path / "there.npy"),
        lambda: voxtile.convert(path, tmp_path / "out.xyz"), lambda: voxtile.convert(path, tmp_path / "o.npy", channel=3),
        lambda: voxtile.convert(path, tmp_path / "o.npy", threads=-1),
        lambda: voxtile.convert(path, tmp_path / "o.npy", memory=1),
        lambda: voxtile.convert(path, tmp_path / "o.npy", dtype=complex),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch=0), lambda: voxtile.crop_file(path, tmp_path / "p", patch=-1),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch="many"),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch=2**70),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch=8, overlap=8),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch=(8,) * 4),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch=8, edge="glue"),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch=8, suffix="/../x"),
        lambda: voxtile.crop_file(path, tmp_path / "p", patch=8, format="exe"),
        lambda: voxtile.merge_folder(tmp_path, tmp_path / "m.npy"), lambda: voxtile.verify(tmp_path),
    ]:  # fmt: skip
        with pytest.raises(VoxtileError):
            call()
    assert not (tmp_path / "p").exists()
    assert (tmp_path / "there.npy").read_text() == ""


def test_what_a_follower_raises_stops_a_job_and_leaves_nothing(scan, tmp_path):
    path, _ = scan

    def stop(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        voxtile.crop_file(path, tmp_path / "patches", patch=4, progress=stop)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scan.npy"]


def test_an_interrupt_stops_a_job_and_leaves_nothing(scan, tmp_path):
    path, _ = scan
    code = f"""
import os, signal, threading, time, voxtile
def slow(done, total):
    if done == 3:
        os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.05)
try:
    voxtile.crop_file({str(path)!r}, {str(tmp_path / "patches")!r}, patch=4, threads=1, progress=slow)
except KeyboardInterrupt:
    print("interrupted")
"""
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "interrupted\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scan.npy"]


def test_objects_that_patches_numbered_on_their_own_become_one_numbering(tmp_path):
    image = np.zeros((24, 24), np.uint8)
    image[2:20, 3:6], image[10:13, 12:22] = 1, 1
    np.save(tmp_path / "scan.npy", image)
    voxtile.crop_file(tmp_path / "scan.npy", tmp_path / "patches", patch=12, overlap=6)
    for number, path in enumerate(sorted((tmp_path / "patches").glob("*.npy"))):
        patch = np.load(path)
        left = np.arange(patch.shape[-1]) < 9
        # Two objects at most, each with a number that no other patch uses.
        np.save(path, np.where(patch > 0, np.where(left, 2 * number + 1, 2 * number + 2), 0).astype(np.uint8))
    voxtile.merge_folder(tmp_path / "patches", tmp_path / "joined.npy", blend="instances", instance_iou=0)
    joined = np.load(tmp_path / "joined.npy")
    assert ((joined > 0) == (image > 0)).all() and joined[3, 3] == joined[18, 5] != joined[11, 20]
    with pytest.raises(ValueError, match="instance_iou"):
        voxtile.merge_folder(tmp_path / "patches", tmp_path / "other.npy", instance_iou=0.5)
    with pytest.raises(ValueError, match="from 0 to 1"):
        voxtile.merge_folder(tmp_path / "patches", tmp_path / "other.npy", blend="instances", instance_iou=2)


def test_channels_become_labels(tmp_path):
    chances = np.random.default_rng(3).random((3, 9, 10, 11), np.float32)
    np.save(tmp_path / "chances.npy", chances)
    voxtile.crop_file(tmp_path / "chances.npy", tmp_path / "patches", patch=6, overlap=2)
    voxtile.merge_folder(tmp_path / "patches", tmp_path / "labels.npy", output_kind="labels")
    np.testing.assert_array_equal(np.load(tmp_path / "labels.npy"), chances.argmax(axis=0))


def test_the_lines_of_a_table_are_converted_cut_merged_and_checked(scan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # Names of files are relative to where the caller is.
    path, array = scan
    np.save("small.npy", array[:10])
    Path("scans.csv").write_text("case,image\nwhole,scan.npy\nsmall,small.npy\nnone,none.npy\n")
    done = voxtile.convert("", "converted", cases="scans.csv", dtype=np.float64, format="npy")
    assert {row["name"]: row["status"] for row in done["rows"]} == {"whole": "done", "small": "done", "none": "failed"}
    assert np.load("converted/small.npy").dtype == np.float64
    for options, argument in [({"type": "int16"}, "dtype"), ({"jobs": 2}, "threads")]:
        with pytest.raises(ValueError, match=f"use {argument}="):
            voxtile.convert("", "converted", cases="scans.csv", **options)
    with pytest.raises(ValueError, match="use dtype="):
        voxtile.merge_folder("", "merged", cases="scans.csv", type="int16")
    again = voxtile.convert("", "converted", cases="scans.csv", dtype=np.float64, format="npy", resume=True)
    assert sorted(row["status"] for row in again["rows"]) == ["failed", "skipped", "skipped"]
    for name, source in [("whole", path), ("small", "small.npy")]:
        voxtile.crop_file(source, f"cut-{name}", patch=8)
    Path("cut.csv").write_text("case,image\nwhole,cut-whole\nsmall,cut-small\n")
    merged = voxtile.merge_folder("", "merged", cases="cut.csv", blend="average")
    assert len(merged["rows"]) == 2 and (np.load("merged/whole.npy") == array).all()
    next(Path("cut-small").glob("*.npy")).unlink()
    found = voxtile.verify("", cases="cut.csv")["cases"]
    assert [one["isVerified"] for one in found] == [True, False]
    with pytest.raises(voxtile.VoxtileError, match="leave out"):
        voxtile.convert(path, "other", cases="scans.csv")
    with pytest.raises(voxtile.VoxtileError, match="resume is no option for one image"):
        voxtile.convert(path, "other.npy", resume=True)
