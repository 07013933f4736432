"""The sliding window of MONAI: the same results, call by call, where MONAI is installed."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
monai = pytest.importorskip("monai.inferers", reason="MONAI is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

from monai.data import MetaTensor  # noqa: E402
from monai.data.utils import compute_importance_map  # noqa: E402
from voxtile import VoxtileError  # noqa: E402
from voxtile.monai import SlidingWindowInferer, importance_map, sliding_window_inference  # noqa: E402


def network(x):
    """Depends on where in its window a voxel lies, so that a wrong place or weight shows."""
    ramp = sum(torch.arange(n, dtype=x.dtype).reshape(-1, *[1] * (x.ndim - 3 - k)) / n for k, n in enumerate(x.shape[2:]))
    return torch.cat([x[:, :1] * 2, x[:, :1] * ramp], 1)


def both(inputs, *arguments, **options):
    with torch.no_grad():
        return (
            sliding_window_inference(inputs, *arguments, **options),
            monai.sliding_window_inference(inputs, *arguments, **options),
        )


def same(ours, theirs, tolerance=2e-6):
    assert type(ours) is type(theirs)
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        ours, theirs = list(ours.values()), list(theirs.values())
    if isinstance(theirs, (tuple, list)):
        for a, b in zip(ours, theirs, strict=True):
            same(a, b, tolerance)
        return
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype and ours.device == theirs.device
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


SHAPES = [((1, 1, 20, 21, 22), (8, 9, 10)), ((2, 3, 16, 7, 30), 8), ((1, 1, 40, 33), (16, 8)), ((2, 1, 50), (12,)),
          ((1, 1, 5, 40, 9), (8, -1, 16)), ((1, 2, 9, 9, 9), (9, 9, 9)), ((1, 1, 4, 4, 4), 7)]  # fmt: skip


@pytest.mark.parametrize(("shape", "roi"), SHAPES)
@pytest.mark.parametrize("mode", ["constant", "gaussian"])
@pytest.mark.parametrize(("overlap", "batch"), [(0.25, 1), (0.5, 4), (0, 3), (0.8, 16)])
def test_windows_of_every_shape_give_the_same(shape, roi, mode, overlap, batch):
    inputs = torch.rand(shape, generator=torch.Generator().manual_seed(1))
    same(*both(inputs, roi, batch, network, overlap=overlap, mode=mode))


@pytest.mark.parametrize("padding", ["constant", "reflect", "replicate", "circular"])
def test_every_padding_and_value(padding):
    inputs = torch.rand(1, 1, 10, 11, 12)
    same(*both(inputs, (14, 8, 13), 2, network, padding_mode=padding, cval=0.5 if padding == "constant" else 0.0))


@pytest.mark.parametrize("sigma", [0.125, 0.05, 0.5, (0.1, 0.2, 0.3)])
def test_windows_weigh_as_in_monai(sigma):
    for patch in [(8, 9, 10), (96, 96, 96), (1, 5, 64)]:
        theirs = compute_importance_map(patch, "gaussian", sigma)
        torch.testing.assert_close(importance_map(patch, "gaussian", sigma), theirs, rtol=2e-7, atol=0)
    same(*both(torch.rand(1, 1, 20, 21, 22), 8, 2, network, mode="gaussian", sigma_scale=sigma))


def test_tuples_dicts_and_outputs_of_other_sizes():
    inputs = torch.rand(2, 1, 32, 24, 16)
    # A copy, since MONAI writes to what it gets, and so to what shares its memory.
    outputs = [
        lambda x: (x, network(x)), lambda x: [x], lambda x: {"b": x, "a": network(x)}, lambda x: x[..., ::2, ::2, ::2],
        lambda x: (x[..., ::2], torch.nn.functional.interpolate(x, scale_factor=2)),
        lambda x: {1: x, 2: x[..., ::4, :, :].clone()},
    ]  # fmt: skip
    for output in outputs:
        for mode in ("constant", "gaussian"):
            same(*both(inputs, (8, 8, 8), 3, output, overlap=0.5, mode=mode))


def test_a_weight_map_a_process_function_coordinates_and_a_condition():
    inputs = torch.rand(1, 1, 20, 20, 20)
    weights = torch.rand(8, 8, 8) + 0.1
    same(*both(inputs, 8, 2, network, roi_weight_map=weights[None, None]))
    same(*both(inputs, (8, 8, 8), 2, network, process_fn=lambda outputs, data, w: (outputs, w * 2), mode="gaussian"))

    seen = []

    def placed(x, places, *rest, **more):
        seen.append([tuple((s.start, s.stop) for s in place) for place in places])
        return x * sum(place[2].start for place in places) + sum(rest) + more["plus"]

    same(*both(inputs, 8, 1, placed, with_coord=True, plus=3))
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]
    same(*both(inputs, 8, 3, lambda x, condition: x * condition, condition=inputs + 1))


def test_four_axes_and_gradients():
    same(*both(torch.rand(1, 1, 9, 8, 7, 6), 4, 3, network, mode="gaussian"))
    inputs = torch.rand(1, 1, 12, 12, 12, requires_grad=True)
    gradients = []
    for function in (sliding_window_inference, monai.sliding_window_inference):
        result = function(inputs, 8, 2, network, mode="gaussian", overlap=0.5)
        gradients.append(torch.autograd.grad((result**2).sum(), inputs)[0])
    torch.testing.assert_close(*gradients, rtol=1e-5, atol=1e-5)


def test_buffers_are_taken_and_change_nothing():
    inputs = torch.rand(2, 1, 24, 20, 16)
    for steps, axis in [(1, -1), (3, 0), (2, 1), (None, 5)]:
        same(*both(inputs, 8, 2, network, buffer_steps=steps, buffer_dim=axis))
    for axis in (-4, 4):
        with pytest.raises(ValueError):
            sliding_window_inference(inputs, 8, 2, network, buffer_steps=1, buffer_dim=axis)


def test_whole_numbers_are_refused_as_in_monai():
    for inputs, net, code in [
        (torch.zeros(1, 1, 8, 8, 8, dtype=torch.uint8), lambda x: x.float() / 255, "typeMismatch"),
        (torch.rand(1, 2, 8, 8, 8), lambda x: x.argmax(1, keepdim=True), "predictionFailed"),
    ]:
        with pytest.raises(RuntimeError):
            monai.sliding_window_inference(inputs, 4, 1, net, 0.5, mode="gaussian")
        with pytest.raises(VoxtileError) as caught:
            sliding_window_inference(inputs, 4, 1, net, 0.5, mode="gaussian")
        assert caught.value.code == code
    with pytest.raises(TypeError, match="ndarray"):
        sliding_window_inference(np.zeros((1, 1, 8, 8, 8), "f4"), 4, 1, lambda x: x)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_types_are_kept(dtype):
    inputs = torch.rand(1, 1, 12, 12, 12).to(dtype)
    ours, theirs = both(inputs, 8, 2, lambda x: x)
    same(ours, theirs, 1e-2 if dtype != torch.float64 else 1e-6)


def test_a_meta_tensor_stays_one():
    inputs = MetaTensor(torch.rand(1, 1, 12, 12, 12), affine=torch.diag(torch.tensor([2.0, 3, 4, 1])))
    ours, theirs = both(inputs, 8, 2, network)
    same(ours, theirs)
    assert isinstance(ours, MetaTensor) and (ours.affine == theirs.affine).all()


def test_the_inferer_takes_what_that_of_monai_takes():
    inputs = torch.rand(1, 1, 20, 20, 20)
    for options in [
        {}, {"mode": "gaussian", "overlap": 0.5}, {"cache_roi_weight_map": True, "mode": "gaussian"}, {"cpu_thresh": 10},
        {"buffer_steps": 2}, {"padding_mode": "reflect", "sw_device": "cpu", "device": "cpu"},
    ]:
        ours = SlidingWindowInferer((8, 8, 8), 4, **options)(inputs, network)
        theirs = monai.SlidingWindowInferer((8, 8, 8), 4, **options)(inputs, network)
        same(ours, theirs)


def test_nothing_of_the_predictor_is_written_to_and_exceptions_go_through():
    inputs = torch.rand(1, 1, 12, 12, 12)
    kept = []
    sliding_window_inference(inputs, 8, 1, lambda x: kept.append((x, x.clone())) or x, mode="gaussian")
    assert all((a == b).all() for a, b in kept)

    def broken(x):
        raise KeyError("no")

    with pytest.raises(KeyError):
        sliding_window_inference(inputs, 8, 1, broken)


@pytest.mark.parametrize(
    "options",
    [
        {"overlap": 1.0}, {"overlap": -0.1}, {"roi_size": (8, 8)}, {"sw_batch_size": 0}, {"mode": "cosine"},
        {"predictor": lambda x: x[..., 1:] if x.sum() > 0 else None}, {"predictor": lambda x: None},
        {"predictor": lambda x: np.zeros(3)}, {"inputs": torch.zeros(3, 3)},
        {"overlap": (0.1, 0.2)}, {"roi_weight_map": torch.ones(1, 2, 8, 8, 8)},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_exception(options):
    arguments = {"inputs": torch.rand(1, 1, 12, 12, 12), "roi_size": 8, "sw_batch_size": 2, "predictor": network}
    if "predictor" in options and options["predictor"](torch.ones(1, 1, 8, 8, 8)) is not None:
        sizes = iter([8, 7])
        options = {"predictor": lambda x: x[..., : next(sizes)]}
        arguments["sw_batch_size"] = 4
    with pytest.raises(VoxtileError):
        sliding_window_inference(**{**arguments, **options})
