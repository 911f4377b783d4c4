"""What a frozen network sees on one core: the same as torch computes, but for rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import conv2d

from learned.backbones import evaluation as module
from learned.backbones.evaluation import Evaluation
from learned.backbones.frozen import frozen_network
from learned.backbones.products import multiply, panels
from learned.backbones.winograd import Winograd


def random(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers as behind a rectifier would have them before it, in single precision."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def definition(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The convolution with zeros outside, in double precision."""
    x, kernel, bias = (torch.from_numpy(each.astype(np.float64)) for each in (x, kernel, bias))
    return conv2d(x.permute(2, 0, 1)[None], kernel, bias, padding=1)[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize(
    ("shape", "outputs"),
    [
        ((12, 16, 64), 64),  # whole tiles
        ((13, 30, 64), 128),  # tiles that leave the map
        ((9, 11, 128), 64),
        ((1, 1, 64), 64),  # less than a tile
        ((90, 66, 64), 64),  # several blocks
        ((61, 67, 256), 256),  # blocks of several products
    ],
)
def test_the_fast_convolution_is_the_definition_but_for_rounding(shape: tuple[int, ...], outputs: int) -> None:
    x, kernel, bias = random(*shape), random(outputs, shape[2], 3, 3, seed=1), random(outputs, seed=2)
    expected = definition(x, kernel, bias)
    added = random(*expected.shape, seed=3)
    convolve = Winograd(kernel, bias)
    close = {"rtol": 0, "atol": 2e-5 * np.abs(expected).max()}
    np.testing.assert_allclose(convolve(x), np.maximum(expected, 0), **close)
    np.testing.assert_allclose(convolve(x, added), np.maximum(expected + added, 0), **close)


def test_which_convolutions_are_worth_it() -> None:
    assert Winograd.suits((8, 8, 64), (128, 64, 3, 3))
    assert not Winograd.suits((4, 8, 64), (128, 64, 3, 3))  # two tiles
    assert not Winograd.suits((64, 64, 64), (96, 64, 3, 3))


@pytest.mark.parametrize(("n", "channels", "outputs"), [(7, 64, 64), (61, 256, 256), (200, 512, 64), (129, 128, 128)])
def test_products_in_pieces(n: int, channels: int, outputs: int) -> None:
    x, matrix = random(2, n, channels), random(2, channels, outputs, seed=1)
    y = np.full((2, n, outputs), np.nan, np.float32)
    multiply(x, panels(matrix), y)
    np.testing.assert_allclose(y, x.astype(np.float64) @ matrix, rtol=0, atol=1e-4)


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50"])
@pytest.mark.parametrize("shape", [(1, 1), (33, 70), (70, 33, 3), (64, 96, 3)])
def test_every_map_is_that_of_the_network(backbone: str, shape: tuple[int, ...], monkeypatch) -> None:
    monkeypatch.setattr(module, "CORES", 1_000_000)
    network = frozen_network(backbone, "random")
    picture = np.random.default_rng(0).random(shape, dtype=np.float32)
    colours = picture if picture.ndim == 3 else np.dstack([picture] * 3)
    with torch.inference_mode():
        expected = network.maps(torch.from_numpy(colours).permute(2, 0, 1)[None])[1:]
    for map_, tensor in zip(Evaluation(network).maps(picture), expected, strict=True):
        reference = tensor[0].permute(1, 2, 0).numpy()
        np.testing.assert_allclose(map_, reference, rtol=0, atol=1e-5 * reference.max())


def test_three_equal_channels_are_seen_as_grey(monkeypatch) -> None:
    monkeypatch.setattr(module, "CORES", 1_000_000)
    evaluation = Evaluation(frozen_network("resnet18", "random"))
    grey = np.random.default_rng(0).random((50, 60), dtype=np.float32)
    for of_grey, of_colours in zip(evaluation.maps(grey), evaluation.maps(np.dstack([grey] * 3)), strict=True):
        np.testing.assert_array_equal(of_grey, of_colours)


def test_torch_computes_where_it_has_many_cores(monkeypatch) -> None:
    network = frozen_network("resnet18", "random")
    picture = np.random.default_rng(0).random((40, 40), dtype=np.float32)
    maps = {}
    for cores in (0, 1_000_000):
        monkeypatch.setattr(module, "CORES", cores)
        maps[cores] = Evaluation(network).maps(picture)
    for torchs, ours in zip(*maps.values(), strict=True):
        np.testing.assert_allclose(ours, torchs, rtol=0, atol=1e-5 * torchs.max())
    assert not all((torchs == ours).all() for torchs, ours in zip(*maps.values(), strict=True))
