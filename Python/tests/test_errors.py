"""Errors are exceptions with a code, a text, and the class that fits."""

import pickle
import re
from pathlib import Path

import pytest
from voxtile import PatchGrid, VoxtileError, errors

SWIFT = Path(__file__).parents[2] / "Sources/Voxtile/VoxtileError.swift"


def test_every_code_of_the_library_has_a_class():
    codes = re.findall(r'Code\(rawValue: "(\w+)"\)', SWIFT.read_text())
    assert len(codes) > 10
    assert not set(codes) - set(errors.CLASSES)


def test_every_code_that_the_package_gives_has_a_class():
    sources = Path(errors.__file__).parent.glob("*.py")
    codes = {code for source in sources for code in re.findall(r'make_error\(\s*"(\w+)"', source.read_text())}
    assert len(codes) > 8
    assert not codes - set(errors.CLASSES)


def test_a_wrong_shape_is_what_numpy_and_torch_raise():
    error = errors.make_error("shapeMismatch", "it is 3, not 4")
    assert isinstance(error, ValueError) and isinstance(error, RuntimeError)


@pytest.mark.parametrize("code", errors.CLASSES)
def test_errors_say_everything_and_pickle(code):
    error = errors.make_error(code, "it is 3, not 4", "use 4", {"file": "a.nii", "found": "3"})
    copy = pickle.loads(pickle.dumps(error))
    for each in (error, copy):
        assert isinstance(each, VoxtileError)
        assert (each.code, each.message, each.remedy, each.context["found"]) == (code, "it is 3, not 4", "use 4", "3")
        assert str(each) == "a.nii: it is 3, not 4; use 4"
        assert type(each) is errors.CLASSES[code]


def test_a_message_with_sizes_says_their_order():
    with pytest.raises(VoxtileError) as caught:
        PatchGrid((2**31 - 1, 2**31 - 1, 2**31 - 1), patch=1, overlap=0)
    assert "width" in str(caught.value) or "along" in str(caught.value)
    assert "width x height x depth" in str(errors.make_error("shapeMismatch", "it is 3x4x5"))
