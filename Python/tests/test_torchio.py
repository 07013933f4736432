"""TorchIO's sampler and aggregator: the same volumes, where TorchIO is installed."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
tio = pytest.importorskip("torchio", reason="TorchIO is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

from voxtile import VoxtileError  # noqa: E402
from voxtile.torchio import GridAggregator, GridSampler  # noqa: E402


def subject(shape, channels=1):
    return tio.Subject(image=tio.ScalarImage(tensor=torch.rand(channels, *shape)))


def filled(sampler, aggregators, output, batch=3):
    for patches in torch.utils.data.DataLoader(sampler, batch_size=batch):
        values = output(patches["image"][tio.DATA])
        for aggregator in aggregators:
            aggregator.add_batch(values, patches[tio.LOCATION])
    return [aggregator.get_output_tensor() for aggregator in aggregators]


@pytest.mark.parametrize("mode", ["crop", "average", "hann"])
@pytest.mark.parametrize("padding", [None, "reflect"])
@pytest.mark.parametrize(
    ("shape", "patch", "overlap"), [((20, 21, 22), 8, 4), ((16, 30, 9), (8, 10, 9), (2, 4, 0)), ((9, 9, 9), 9, 0)]
)
def test_every_mode_gives_what_torchio_gives(mode, padding, shape, patch, overlap):
    image = subject(shape)
    sampler = GridSampler(image, patch, overlap, padding_mode=padding)
    theirs = tio.data.GridSampler(image, patch, overlap, padding_mode=padding)
    assert len(sampler) == len(theirs)
    # Depends on the place in the patch, so that a wrong place or weight shows.
    output = lambda x: torch.cat([x, x * torch.linspace(0, 1, x.shape[-1])], 1)  # noqa: E731
    a, b = filled(sampler, [GridAggregator(sampler, mode), tio.data.GridAggregator(theirs, mode)], output)
    torch.testing.assert_close(a, b, rtol=2e-6, atol=2e-6)


def test_outputs_that_are_smaller_and_labels():
    image = subject((16, 16, 16))
    sampler = GridSampler(image, 8, 4)
    a, b = filled(
        sampler, [GridAggregator(sampler, "crop", 2), tio.data.GridAggregator(sampler, "crop", 2)],
        lambda x: x[..., ::2, ::2, ::2],
    )  # fmt: skip
    torch.testing.assert_close(a, b)
    # TorchIO puts smaller outputs in the wrong places where it averages.
    (smaller,) = filled(sampler, [GridAggregator(sampler, "average", 2)], lambda x: x[..., ::2, ::2, ::2])
    torch.testing.assert_close(smaller, image["image"].data[..., ::2, ::2, ::2])
    a, b = filled(sampler, [GridAggregator(sampler), tio.data.GridAggregator(sampler)], lambda x: (x > 0.5).to(torch.uint8))
    assert a.dtype == b.dtype == torch.uint8 and (a == b).all()
    (labels,) = filled(sampler, [GridAggregator(sampler)], lambda x: (x * 1e10).to(torch.int64))
    assert labels.dtype == torch.int64 and labels.max() > 2**32


def test_many_patches_of_bytes_do_not_overflow_and_voxels_without_a_patch_are_0():
    image = subject((8, 8, 8))
    sampler = GridSampler(image, 4, 2)
    aggregator = GridAggregator(sampler, "average")
    ones = torch.full((1, 1, 4, 4, 4), 200, dtype=torch.uint8)
    for _ in range(300):
        aggregator.add_batch(ones, torch.tensor([[0, 0, 0, 4, 4, 4]]))
    result = aggregator.get_output_tensor()
    assert (result[:, :4, :4, :4] == 200).all() and (result[:, 4:] == 0).all()


@pytest.mark.parametrize(
    ("batch", "location"),
    [
        (torch.zeros(1, 1, 4, 4, 3), [[0, 0, 0, 4, 4, 4]]), (torch.zeros(1, 1, 4, 4, 4), [[5, 0, 0, 9, 4, 4]]),
        (torch.zeros(1, 1, 4, 4, 4), [[-1, 0, 0, 3, 4, 4]]), (torch.zeros(2, 1, 4, 4, 4), [[0, 0, 0, 4, 4, 4]]),
        (torch.zeros(1, 4, 4, 4), [[0, 0, 0, 4, 4, 4]]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_exception(batch, location):
    for mode in ("crop", "average"):
        aggregator = GridAggregator(GridSampler(subject((8, 8, 8)), 4, 2), mode)
        with pytest.raises(VoxtileError):
            aggregator.add_batch(batch, torch.tensor(location))
        with pytest.raises(VoxtileError):
            aggregator.get_output_tensor()
    with pytest.raises(ValueError):
        GridAggregator(GridSampler(subject((8, 8, 8)), 4, 2), "wrong")
