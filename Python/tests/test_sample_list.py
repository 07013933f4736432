"""The list of a set of training patches, held against its JSON Schema."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import voxtile

ROOT = Path(__file__).resolve().parents[2]

CASES = [
    {"count": 3},
    {"cover": "lesions:2", "margin": 1, "min_lesion": 2, "lesion_classes": "1,2", "connectivity": 6, "negatives": "30%"},
    {"count": 5, "ratio": "0:1,1:2", "placement": "inner:50%", "split": "50%", "labels_map": "2:7", "max_overlap": "30%"},
    {"count": 4, "balance": "voxels", "placement": "center", "tissue": 0, "min_tissue": "5%", "min_foreground": "0.1%"},
    {"count": 4, "balance": "lesions", "list_only": True},
    {"count": 4, "compat": "nnunet"},
    {"count": 2, "patch": (40, 9, 8), "edge": "pad", "padding": "reflect", "label_padding": -1, "layout": "msd"},
]


@pytest.mark.parametrize("options", CASES, ids=lambda options: " ".join(options))
def test_a_list_fits_its_schema_and_is_verified(tmp_path, options):
    random = np.random.default_rng(0)
    for name in "ab":
        labels = np.zeros((20, 24, 28), np.uint8)
        for corner in random.integers(0, 17, (4, 3)):
            z, y, x = corner
            labels[z : z + 3, y : y + 3, x : x + 3] = random.integers(1, 3)
        for folder, array in [("images", random.normal(size=labels.shape).astype("float32")), ("labels", labels)]:
            (tmp_path / folder).mkdir(exist_ok=True)
            np.save(tmp_path / folder / f"{name}.npy", array)
    options = {"patch": 8, "weight": str(tmp_path / "labels/{case}.npy"), **options}
    if "compat" in options:
        del options["weight"]
    voxtile.sample(tmp_path / "images", tmp_path / "set", labels=tmp_path / "labels", **options)
    schema = json.loads((ROOT / "Schema/voxtile-samples-1.schema.json").read_text())
    jsonschema.validate(json.loads((tmp_path / "set/voxtile-samples.json").read_text()), schema)
    assert voxtile.verify(tmp_path / "set", against=tmp_path, memory=1 << 30, threads=1) == {
        "findings": [], "unlisted_files": [], "compared_scans": 2, "partly_compared_scans": 0,
    }  # fmt: skip
    with pytest.raises(ValueError, match="pattern is for patches of one image"):
        voxtile.verify(tmp_path / "set", pattern="a")
    listed = json.loads((tmp_path / "set/voxtile-samples.json").read_text())
    listed["settings"]["seed"] += 1
    (tmp_path / "set/voxtile-samples.json").write_text(json.dumps(listed))
    assert "chosen again at" in str(voxtile.verify(tmp_path / "set", against=tmp_path)["findings"])
