"""Training patches, chosen and read."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import voxtile

torch = pytest.importorskip("torch", reason="torch is not installed")

from voxtile.torch import SampledPatches  # noqa: E402


@pytest.fixture
def scans(tmp_path):
    random = np.random.default_rng(0)
    for folder in ["images", "labels"]:
        (tmp_path / folder).mkdir()
    for name in ["a", "b", "c"]:
        image = random.normal(size=(20, 24, 28)).astype("float32")
        labels = np.zeros((20, 24, 28), np.uint8)
        for _ in range(3):
            z, y, x = random.integers(0, [17, 21, 25])
            labels[z : z + 3, y : y + 3, x : x + 3] = random.integers(1, 3)
        np.save(tmp_path / f"images/{name}.npy", image)
        np.save(tmp_path / f"labels/{name}.npy", labels)
    return tmp_path / "images", tmp_path / "labels"


def cut(array, start, shape, value=0):
    grown = np.pad(array, [(size, size) for size in shape], constant_values=value)
    return grown[tuple(slice(first + size, first + 2 * size) for first, size in zip(start, shape))]


OPTIONS = {"patch": (8, 9, 10), "count": 6, "cover": "lesions", "seed": 4}


@pytest.mark.parametrize("edge", [{}, {"edge": "pad"}])
def test_a_list_and_its_files_give_the_same(scans, tmp_path, edge):
    images, labels = scans
    report = voxtile.sample(images, tmp_path / "files", labels=labels, **OPTIONS, **edge)
    listed = voxtile.sample(images, tmp_path / "list", labels=labels, list_only=True, **OPTIONS, **edge)
    assert report["patches"] == listed["patches"] == 18 and report["uncovered"] == []
    files, boxes = SampledPatches(tmp_path / "files"), SampledPatches(tmp_path / "list")
    entries = json.loads((tmp_path / "list/voxtile-samples.json").read_text())["patches"]
    assert len(files) == len(boxes) == len(entries) == 18
    for number, entry in enumerate(entries):
        image, truth = files[number]
        assert image.dtype == torch.float32 and truth.dtype == torch.int64
        assert image.shape == (1, 8, 9, 10) and truth.shape == (8, 9, 10)
        other = boxes[number]
        assert torch.equal(image, other[0]) and torch.equal(truth, other[1])
        start = entry["start"][::-1]
        assert np.array_equal(image[0], cut(np.load(images / f"{entry['scan']}.npy"), start, (8, 9, 10)))
        assert np.array_equal(truth, cut(np.load(labels / f"{entry['scan']}.npy"), start, (8, 9, 10)))


def test_workers_parts_labels_and_transforms(scans, tmp_path):
    images, labels = scans
    voxtile.sample(
        images, tmp_path / "set", labels=labels, list_only=True, split="67%", labels_map="1:5,2:7", **OPTIONS
    )
    training, rest = (SampledPatches(tmp_path / "set", split=part) for part in ("training", "validation"))
    assert (len(training), len(rest)) == (12, 6)
    found = {int(label) for _, truth in training for label in truth.unique()}
    assert found <= {0, 5, 7} and len(found) > 1
    summed = SampledPatches(tmp_path / "set", transform=lambda image, truth: image.sum() + truth.sum())
    wanted = torch.stack([summed[number] for number in range(len(summed))])
    for workers, context in [(0, None), (2, "fork"), (2, "spawn")]:
        loader = torch.utils.data.DataLoader(
            training, batch_size=5, num_workers=workers, multiprocessing_context=context if workers else None
        )
        batches = list(loader)
        assert [len(image) for image, _ in batches] == [5, 5, 2]
        sums = torch.stack([i.sum() + t.sum() for image, truth in batches for i, t in zip(image, truth)])
        assert set(sums.tolist()) <= set(wanted.tolist())
    with pytest.raises(voxtile.VoxtileError, match="split"):
        SampledPatches(tmp_path / "set", split="test")
    with pytest.raises(voxtile.VoxtileError, match="fresh"):
        training.set_epoch(1)


def test_each_epoch_has_patches_of_its_own(scans):
    images, labels = scans
    patches = SampledPatches.fresh(images, labels, **OPTIONS)
    first = [image for image, _ in patches]
    patches.set_epoch(1)
    second = [image for image, _ in patches]
    assert not all(torch.equal(a, b) for a, b in zip(first, second))
    patches.set_epoch(0)
    assert all(torch.equal(a, b) for a, b in zip(first, [image for image, _ in patches]))


def test_what_was_not_chosen_says_why(scans, tmp_path):
    images, labels = scans
    assert voxtile.sample(images, labels=labels, **OPTIONS)["patches"] == 18
    with pytest.raises(voxtile.VoxtileError, match="voxtile sample: "):
        voxtile.sample(images, tmp_path / "set", labels=tmp_path / "none", **OPTIONS)
    with pytest.raises(voxtile.VoxtileError, match="count"):
        voxtile.sample(images, tmp_path / "set", labels=labels, patch=8, count="many")
    with pytest.raises(voxtile.VoxtileError, match="output"):
        voxtile.sample(images, labels=labels, list_only=True)


def test_monai_loads_a_set(scans, tmp_path):
    data = pytest.importorskip("monai.data", reason="MONAI is not installed")
    images, labels = scans
    voxtile.sample(images, tmp_path / "set", labels=labels, layout="msd", split="67%", **OPTIONS)
    names = ("training", "validation")
    parts = {name: data.load_decathlon_datalist(tmp_path / "set/dataset.json", True, name) for name in names}
    assert [len(part) for part in parts.values()] == [12, 6]
    ours = SampledPatches(tmp_path / "set", split="training")
    from monai.transforms import LoadImage

    load = LoadImage(image_only=True)
    for item, (image, truth) in zip(parts["training"], ours):
        # MONAI's axes are x, y, z.
        assert np.array_equal(np.asarray(load(item["image"][0])).T, image[0])
        assert np.array_equal(np.asarray(load(item["label"])).T, truth)


def test_nnunet_accepts_a_set(scans, tmp_path):
    pytest.importorskip("nnunetv2", reason="nnU-Net is not installed")
    images, labels = scans
    voxtile.sample(images, tmp_path / "Dataset701_Lesions", labels=labels, layout="nnunet", **OPTIONS)
    script = tmp_path / "check.py"
    script.write_text(
        "import sys\n"
        "from nnunetv2.experiment_planning.verify_dataset_integrity import verify_dataset_integrity\n"
        "if __name__ == '__main__':\n"
        "    verify_dataset_integrity(sys.argv[1], 1)\n"
        "    print('accepted')\n"
    )
    names = ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results")
    environment = {**os.environ, **dict.fromkeys(names, str(tmp_path))}
    ran = subprocess.run(
        [sys.executable, script, tmp_path / "Dataset701_Lesions"], env=environment, capture_output=True, text=True, timeout=300
    )
    assert "accepted" in ran.stdout and "Error" not in ran.stdout, ran.stdout + ran.stderr
