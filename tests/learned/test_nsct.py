from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics.nsct import BORDERS, DIRECTIONS, PYRAMIDS, insct, nsct

torch = pytest.importorskip("torch")

from learned.nsct import NSCTLayer, SubbandTensors  # noqa: E402

TOLERANCE = {torch.float64: 1e-12, torch.float32: 4e-6}  # of the largest pixel
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")),
]


def images(*shape: int, dtype=torch.float64, device="cpu"):
    return torch.tensor(np.random.default_rng(0).uniform(0, 1, shape), dtype=dtype, device=device)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("shape", [(128, 128), (96, 130), (127, 131), (16, 16), (1, 5)])
def test_same_numbers_as_numpy(shape, border, dtype, device) -> None:
    x = images(1, 1, *shape, dtype=dtype, device=device)
    layer = NSCTLayer(shape, border=border, dtype=dtype).to(device)
    subbands = layer(x)
    expected = nsct(x[0, 0].cpu().numpy(), border=border)
    assert subbands.low.dtype == dtype
    for ours, theirs in zip((subbands.low, *subbands.bands), (expected.low, *expected.bands), strict=True):
        np.testing.assert_allclose(ours[0, 0].cpu().numpy(), theirs, atol=TOLERANCE[dtype], rtol=0)
    assert (layer.inverse(subbands) - x).abs().max() < TOLERANCE[dtype]


@pytest.mark.parametrize("directions", DIRECTIONS)
@pytest.mark.parametrize("pyramid", PYRAMIDS)
def test_batches_channels_and_filters(pyramid, directions) -> None:
    x = images(2, 3, 33, 20)
    layer = NSCTLayer((33, 20), (0, 2, 4), pyramid=pyramid, directions=directions, dtype=torch.float64)
    subbands = layer(x)
    assert [tuple(band.shape) for band in subbands.bands] == [(2, 3, n, 33, 20) for n in (1, 4, 16)]
    expected = nsct(x[1, 2].numpy(), (0, 2, 4), pyramid=pyramid, directions=directions)
    for ours, theirs in zip(subbands.bands, expected.bands, strict=True):
        np.testing.assert_allclose(ours[1, 2].numpy(), theirs, atol=1e-12)
    assert (layer.inverse(subbands) - x).abs().max() < 1e-12


def test_edited_bands_give_the_same_image_as_numpy() -> None:
    x = images(1, 1, 40, 25)
    layer = NSCTLayer((40, 25), (1, 3), dtype=torch.float64)
    subbands = layer(x)
    shrunk = SubbandTensors(subbands.low, tuple(band.clamp(-0.01, 0.01) for band in subbands.extended))
    expected = nsct(x[0, 0].numpy(), (1, 3)).combine(low=lambda low: low, bands=lambda band: band.clip(-0.01, 0.01))
    np.testing.assert_allclose(layer.inverse(shrunk)[0, 0].numpy(), insct(expected), atol=1e-12)


@pytest.mark.parametrize("border", BORDERS)
def test_gradients_pass_in_both_directions(border) -> None:
    layer = NSCTLayer((5, 6), (0, 1, 2), border=border, dtype=torch.float64)
    x = images(1, 2, 5, 6).requires_grad_()
    assert torch.autograd.gradcheck(lambda image: (layer(image).low, *layer(image).bands), (x,), fast_mode=True)
    low, *extended = (tensor.detach().requires_grad_() for tensor in (layer(x).low, *layer(x).extended))
    inverse = lambda low, *extended: layer.inverse(SubbandTensors(low, extended))  # noqa: E731
    assert torch.autograd.gradcheck(inverse, (low, *extended), fast_mode=True)


def test_nothing_to_learn_and_nothing_to_save() -> None:
    layer = NSCTLayer((12, 12))
    assert list(layer.parameters()) == []
    assert layer.state_dict() == {}
    assert repr(layer) == "NSCTLayer(shape=(12, 12), levels=(2, 3, 3, 4), border='symmetric')"


@pytest.mark.parametrize(
    "wrong",
    [images(1, 1, 12, 13, dtype=torch.float32), images(12, 12, dtype=torch.float32), images(1, 1, 12, 12)],
    ids=["size", "axes", "dtype"],
)
def test_refuses_other_images(wrong) -> None:
    with pytest.raises(ValueError, match=r"expected torch.float32 of shape \(B, C, 12, 12\)"):
        NSCTLayer((12, 12))(wrong)


def test_unknown_settings() -> None:
    with pytest.raises(ValueError, match="unknown pyramid"):
        NSCTLayer((12, 12), pyramid="haar")
