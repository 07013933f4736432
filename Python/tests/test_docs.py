"""Examples of docstrings and of the guide run and give what they say."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import voxtile
from voxtile import VoxtileError

# Of packages that need not be there; their tests run the examples of the guides.
OTHERS = ("__main__", "_dask_arrays", "_dask_tasks", "_windows", "dask", "monai", "torchio", "torch", "libVoxtilePython")
MODULES = ["voxtile", *(f"voxtile.{m.name}" for m in pkgutil.iter_modules(voxtile.__path__) if m.name not in OTHERS)]
GUIDES = sorted(Path(__file__).parents[1].glob("*.md"))


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_give_what_they_say(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


def test_the_example_of_errors_gives_what_it_says():
    # It is of no module of its own, since tracebacks name the package.
    runner = doctest.DocTestRunner()
    for example in doctest.DocTestFinder(recurse=False).find(VoxtileError, "VoxtileError"):
        runner.run(example)
    assert runner.summarize() == (0, 2)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_examples_of_guides_run(guide, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"network_file": Path(__file__).parents[2] / "Tests/VoxtileInferenceTests/Fixtures/models/identity.onnx"}
    blocks = re.findall(r"^```python\n(.*?)^```", guide.read_text(), re.M | re.S)
    assert blocks
    if guide.name == "README.md":
        exec("import numpy as np\nscan = np.zeros((100, 110, 120), np.float32)\nmodel = lambda x: x", names)
    for block in blocks:
        others = "torch|monai|torchio|nnunetv2|nibabel|dask|distributed|onnxruntime"
        needed = set(re.findall(rf"^\s*(?:import|from) ({others})\b", block, re.M))
        if re.search(r"from voxtile\.(monai|torchio|torch) ", block):
            needed.add(re.search(r"from voxtile\.(\w+) ", block).group(1))
        if all(importlib.util.find_spec(name) for name in needed):
            exec(compile(block, str(guide), "exec"), names)
