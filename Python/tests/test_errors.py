"""Errors are exceptions with a code, a text, and the class that fits."""

import errno
import multiprocessing
import os
import pickle
import re
import traceback
from pathlib import Path

import pytest
import voxtile
from voxtile import PatchGrid, VoxtileError, errors

SWIFT = Path(__file__).parents[2] / "Sources/Voxtile/VoxtileError.swift"


def fail(arguments):
    raise errors.make_error(*arguments)


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


@pytest.mark.parametrize("code", [*errors.CLASSES, "unknown"])
def test_tracebacks_name_the_public_class(code):
    error = errors.make_error(code, "it is 3, not 4")
    assert traceback.format_exception(error)[-1] == "voxtile.VoxtileError: it is 3, not 4\n"
    assert traceback.format_exception(errors.make_error("fileAccess", f"no: {os.strerror(errno.ENOENT)}"))[-1].startswith(
        "voxtile.VoxtileError: no: "
    )


@pytest.mark.parametrize("code", ["invalidGrid", "missingPatch", "targetExists", "fileAccess"])
def test_errors_come_from_other_processes(code):
    arguments = (code, f"it is not there: {os.strerror(errno.ENOENT)}", "use 4", {"file": "a.nii"})
    wanted = errors.make_error(*arguments)
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(type(wanted)) as caught:
        pool.apply(fail, (arguments,))
    assert (str(caught.value), caught.value.code, caught.value.context) == (str(wanted), code, {"file": "a.nii"})


MISSING = [
    lambda path: voxtile.read(path / "none.nii.gz"), lambda path: voxtile.info(path / "none.zarr"),
    lambda path: voxtile.merge_folder(path / "none", path / "out.npy"),
    lambda path: voxtile.resample(path / "none.npy", path / "out.npy", size=5),
    lambda path: voxtile.report(path / "none.npy", path / "page.html", patch=8),
]  # fmt: skip


@pytest.mark.parametrize("call", MISSING)
def test_a_missing_file_is_what_open_raises(tmp_path, call):
    with pytest.raises(FileNotFoundError, match="none") as caught:
        call(tmp_path)
    assert caught.value.code == "fileAccess" and isinstance(caught.value, VoxtileError)
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert type(error) is type(caught.value) and str(error) == str(caught.value)
        assert (error.errno, error.strerror) == (errno.ENOENT, os.strerror(errno.ENOENT))
        assert error.filename == error.context.get("file")


def test_a_file_that_may_not_be_read_is_what_open_raises():
    text = os.strerror(errno.EACCES)
    error = errors.make_error("fileAccess", f"cannot be opened: {text}; ask its owner", context={"file": "a.nii"})
    assert isinstance(error, PermissionError) and error.errno == errno.EACCES and error.filename == "a.nii"
    for message in [f"{text} is no reason", f"cannot be read as '{text}'", "cannot be read"]:
        error = errors.make_error("fileAccess", message)
        assert type(error) is errors.CLASSES["fileAccess"] and error.errno is None


def test_a_message_with_sizes_says_their_order():
    with pytest.raises(VoxtileError) as caught:
        PatchGrid((2**31 - 1, 2**31 - 1, 2**31 - 1), patch=1, overlap=0)
    assert "width" in str(caught.value) or "along" in str(caught.value)
    for message in [
        "it is 3x4x5", "the image is 3x4, but 'a' is not", "/data/a.nii is 4x4x4, but /data/b.nii is 5x5x5",
        "voxels of 0.8x0.8x1.5 mm", "the image's size 3x3 isn't that.", "voxtile plan: /a b/c.nii: the patch 3x4x5 is too large",
    ]:  # fmt: skip
        assert str(errors.make_error("shapeMismatch", message)).endswith("(sizes are width x height x depth)")


@pytest.mark.parametrize("message", [
    "cannot be opened", "there is no option '2x2'", 'it is called "2x2"', "voxtile infer: /a/2x2/nope.nii.gz: cannot be opened",
    "voxtile infer: /a/my 2x2 scans/nope.nii.gz: cannot be opened", "there is no file 2x2/nope.nii", "scan2x2 is damaged",
    "2x2.nii is damaged", "a-2x2-b is damaged", "model_3x3 is damaged", "see https://a.org/2x2",
])  # fmt: skip
def test_paths_and_texts_of_others_hold_no_sizes(message):
    error = errors.make_error("fileAccess", message, context={"file": "/tmp/2x2/nope 3x3 .nii.gz"})
    assert str(error) == f"/tmp/2x2/nope 3x3 .nii.gz: {message}"


def test_a_folder_with_a_size_in_its_name_is_none(tmp_path):
    for call in (voxtile.read, lambda path: voxtile.resample(path, tmp_path / "out.npy", size=5)):
        with pytest.raises(VoxtileError) as caught:
            call(tmp_path / "my 2x2/nope.nii.gz")
        assert "width" not in str(caught.value)
