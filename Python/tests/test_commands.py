"""Pages, scores and other voxels, made by the program."""

import numpy as np
import pytest
import voxtile


@pytest.fixture
def scan(tmp_path):
    np.save(tmp_path / "scan.npy", np.random.default_rng(0).random((20, 24, 28), np.float32))
    return tmp_path / "scan.npy"


def test_a_page_of_patches_and_one_of_training_patches(scan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # Names of files are relative to where the caller is.
    voxtile.crop_file("scan.npy", "patches", patch=16)
    voxtile.merge_folder("patches", "merged.npy")
    np.save("labels.npy", (np.load("scan.npy") > 0.5).astype(np.uint8))
    assert voxtile.report("patches", "page.html", merged="merged.npy", against="scan.npy", overlay="labels.npy") is None
    assert voxtile.report("scan.npy", "grid.html", patch=(8, 12, 14), overlay=["labels.npy", "merged.npy"]) is None
    voxtile.sample("scan.npy", "set", labels="labels.npy", patch=8, count=3)
    voxtile.report("set", "set.html")
    for name in ["page", "grid", "set"]:
        assert (tmp_path / f"{name}.html").read_text().lstrip().lower().startswith("<!doctype html>")
    with pytest.raises(voxtile.VoxtileError, match="exists"):
        voxtile.report("set", "set.html")
    voxtile.report("set", "set.html", replace=True)
    voxtile.report("scan.npy", patch=8, overlay="labels.npy", animate="scan.gif")
    assert (tmp_path / "scan.gif").read_bytes()[:4] == b"GIF8"
    with pytest.raises(voxtile.VoxtileError, match="nothing would be written"):
        voxtile.report("scan.npy", patch=8)


def test_scores_of_folders_name_what_is_missing(tmp_path):
    for folder, names in [("truth", "ab"), ("predicted", "a")]:
        (tmp_path / folder).mkdir()
        for name in names:
            labels = np.zeros((8, 8, 8), np.uint8)
            labels[2:5] = 1
            np.save(tmp_path / folder / f"{name}.npy", labels)
    scores = voxtile.evaluate(tmp_path / "predicted", tmp_path / "truth", tmp_path / "scores.csv")
    assert scores["cases"][0]["labels"][0]["scores"]["dice"] == 1 and "b" in str(scores)
    assert (tmp_path / "scores.csv").exists()
    with pytest.raises(voxtile.VoxtileError, match=r"scores\.csv"):
        voxtile.evaluate(tmp_path / "predicted", tmp_path / "truth", tmp_path / "scores.csv")
    np.save(tmp_path / "other.npy", np.zeros((4, 4, 4), np.uint8))
    unlike = voxtile.evaluate(tmp_path / "other.npy", tmp_path / "truth/a.npy")
    assert "is 4x4, but" in unlike["failed"][0]["message"] and unlike["cases"] == []
    assert unlike["meanOverLabels"]["dice"] is None
    with pytest.raises(ValueError, match="tolerance"):
        voxtile.evaluate(tmp_path / "predicted", tmp_path / "truth", tolerance=-1)


def test_an_image_gets_other_voxels(scan, tmp_path):
    voxtile.resample(scan, tmp_path / "half.npy", size=(10, 12, 14), interpolation="linear", convention="monai")
    assert np.load(tmp_path / "half.npy").shape == (10, 12, 14)
    voxtile.resample(scan, tmp_path / "like.npy", like=tmp_path / "half.npy")
    assert np.load(tmp_path / "like.npy").shape == (10, 12, 14)
    with pytest.raises(voxtile.VoxtileError, match="spacing"):
        voxtile.resample(scan, tmp_path / "none.npy", spacing=-1)
    assert not (tmp_path / "none.npy").exists()


def test_many_images_get_other_voxels(scan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # Names of files are relative to where the caller is.
    one = voxtile.resample(scan, "one.npy", size=(10, 12, 14), memory=1 << 30, threads=1)
    assert one["extent"] == [14, 12, 10] and np.load("one.npy").shape == (10, 12, 14)
    (tmp_path / "list.csv").write_text(f"case,image\na,{scan}\nb,one.npy\nnone,none.npy\n")
    steps = []
    done = voxtile.resample("", "out", cases="list.csv", like="one.npy", progress=lambda *step: steps.append(step))
    assert {row["name"]: row["status"] for row in done["rows"]} == {"a": "done", "b": "done", "none": "failed"}
    assert np.load("out/a.npy").shape == (10, 12, 14) and steps[-1][0] <= steps[-1][1]
    assert (np.load("out/a.npy") == np.load("one.npy")).all()
    again = voxtile.resample("", "out", cases="list.csv", like="one.npy", resume=True)
    assert sorted(row["status"] for row in again["rows"]) == ["failed", "skipped", "skipped"]
    (tmp_path / "folder").mkdir()
    np.save("folder/c.npy", np.load("one.npy"))
    assert voxtile.resample("folder", "fives", size=5, name="{case}_5")["rows"][0]["status"] == "done"
    assert np.load("fives/c_5.npy").shape == (5, 5, 5)
    with pytest.raises(voxtile.VoxtileError, match="leave out"):
        voxtile.resample("folder", "other", cases="list.csv", size=5)
