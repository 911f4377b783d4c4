"""What frozen networks see is computed once, and is what the network gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fusion_metrics import Image
from learned.backbones import frozen
from learned.backbones.frozen import FROZEN_SEED, STAGES, Standard, channels_of, frozen_network, stage_map
from learned.backbones.pixels import pixels, standardised
from learned.backbones.resnet import resnet
from learned.backbones.weights import MEAN, STD
from tests.pictures import picture


def look(image: Image, stage: int, size: int = 32) -> torch.Tensor:
    return stage_map(image, backbone="resnet18", weights="random", size=size, stage=stage)


def test_stages_are_those_of_the_network():
    image = Image(picture((32, 32)))
    with torch.random.fork_rng([]), torch.no_grad():
        torch.manual_seed(FROZEN_SEED)
        network = resnet("resnet18", stages=STAGES).eval()
        expected = network.maps(standardised(torch.tensor(pixels(image, size=32))[None]))
    for stage in range(STAGES + 1):
        torch.testing.assert_close(look(image, stage), expected[stage], rtol=1e-4, atol=1e-4)
        if stage:
            assert look(image, stage).shape[1] == channels_of("resnet18", stage)


def test_no_stage_is_computed_twice(monkeypatch):
    image = Image(picture((32, 32)))
    second, first = look(image, 2), look(image, 1)
    monkeypatch.setattr(frozen, "frozen_network", None)
    assert look(image, 2) is second
    assert look(image, 1) is first
    with pytest.raises(TypeError):
        look(image, 1, size=16)


def test_all_processes_draw_the_same_random_weights():
    before = frozen_network("resnet18", "random", 1)
    frozen_network.cache_clear()
    again = frozen_network("resnet18", "random", 1)
    assert again is not before
    assert torch.equal(again.conv1.weight, before.conv1.weight)


def test_pixels_are_standardised():
    x = torch.randint(0, 256, (2, 3, 4, 4), dtype=torch.uint8)
    expected = (x.numpy() / 255 - np.reshape(MEAN, (3, 1, 1))) / np.reshape(STD, (3, 1, 1))
    np.testing.assert_allclose(standardised(x), expected, rtol=1e-5, atol=1e-6)


def test_channels_get_mean_0_and_deviation_1():
    standard = Standard(3)
    x = torch.rand(5, 4, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 100.0, 0.0]) + 7
    kept = x.clone()
    standard.learn(x)
    found = standard(x)
    torch.testing.assert_close(found.mean(dim=(0, 1)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.std(dim=(0, 1), correction=0), torch.tensor([1.0, 1.0, 0.0]), atol=1e-4, rtol=0)
    assert torch.equal(x, kept)
    assert standard.std[2] == 1  # of a channel that never changes


@pytest.mark.parametrize("value", [0.1, 0.3, 1.7, 7.3, 123.4])
def test_a_channel_that_never_changes_has_no_deviation_of_rounding(value: float) -> None:
    standard = Standard(1)
    for count in (3, 6, 40, 129):
        standard.learn(torch.full((count, 1), value))
        assert standard.std.item() == 1
        assert abs(standard(torch.tensor([[value]])).item()) < 1e-4
