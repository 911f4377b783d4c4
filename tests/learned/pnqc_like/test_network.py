"""PNQC-like: its losses and its network against their formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import normalize

from learned.pnqc_like.config import configure
from learned.pnqc_like.losses import contrast_loss, pnqc_loss
from learned.pnqc_like.network import FeaturePyramid, FrozenNetwork, Head, Network
from learned.pnqc_like.trainee import Contrasting
from learned.training.engine import train
from learned.training.settings import Settings
from learned.training.trainee import Position

PAPER = configure("paper", backbone="resnet34", weights="random")
QUICK = configure("quick", backbone="resnet34", weights="random")
#: All parts, but small enough for a test.
SMALL = replace(PAPER, backbone="resnet18", size=32, levels=(1, 2), width=8, embedding=16)


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_contrast_by_hand() -> None:
    """Three embeddings in a plane, at 0, 60 and 90 degrees."""
    angles = torch.tensor([0.0, 60.0, 90.0]).deg2rad()
    z = torch.stack([angles.cos(), angles.sin()], dim=1)
    q = torch.tensor([1.0, 0.75, 0.25])
    pairs = [(0.5 - 0.75) ** 2, (0 - 0.25) ** 2, (math.cos(math.radians(30)) - 0.5) ** 2]
    assert contrast_loss(z, q).item() == pytest.approx(sum(pairs) / 3, rel=1e-5)
    score = torch.tensor([0.5, 0.75, 0.75])
    expected = (0.25 + 0 + 0.25) / 3 + 0.1 * sum(pairs) / 3
    assert pnqc_loss(score, z, q, 0.1).item() == pytest.approx(expected, rel=1e-5)


def test_one_image_has_no_contrast() -> None:
    assert contrast_loss(torch.tensor([[1.0, 0.0]]), torch.tensor([0.3])).item() == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8), st.integers(0, 99))
def test_contrast_is_bounded_and_blind_to_order(scores, seed) -> None:
    """(z_i . z_j) lies in -1..1 and what is wanted in 0..1."""
    q = torch.tensor(scores)
    z = normalize(torch.randn(len(q), 3, generator=torch.Generator().manual_seed(seed)), dim=1)
    loss = contrast_loss(z, q).item()
    assert -1e-6 <= loss <= 4
    assert contrast_loss(z.flip(0), q.flip(0)).item() == pytest.approx(loss, abs=1e-5)


def test_the_pyramid_by_hand() -> None:
    pyramid = FeaturePyramid((2, 3), 4, 3)
    fine, coarse = torch.rand(1, 2, 4, 4), torch.rand(1, 3, 2, 2)
    found = pyramid([fine, coarse])
    above = pyramid.lateral[1](coarse)
    torch.testing.assert_close(found[1], pyramid.smooth[1](above))
    below = pyramid.lateral[0](fine) + above.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(found[0], pyramid.smooth[0](below))


def test_a_pyramid_of_averages_is_the_average_of_a_pyramid() -> None:
    """As long as nothing is smoothed across the borders."""
    torch.manual_seed(0)
    maps, averages = FeaturePyramid((2, 3), 4, 1), FeaturePyramid((2, 3), 4, 0)
    averages.load_state_dict(
        {name: tensor.flatten(1) if tensor.ndim == 4 else tensor for name, tensor in maps.state_dict().items()}
    )
    x = [torch.rand(2, 2, 8, 8), torch.rand(2, 3, 4, 4)]
    for one, other in zip(averages([part.mean(dim=(2, 3)) for part in x]), maps(x), strict=True):
        torch.testing.assert_close(one, other.mean(dim=(2, 3)))


def test_the_head_by_hand() -> None:
    head = Head(5, 3, 0.0)
    g = torch.rand(2, 5)
    score, z = head(g)
    e = g @ head.embed.weight.T + head.embed.bias
    torch.testing.assert_close(z, e / e.norm(dim=1, keepdim=True))
    torch.testing.assert_close(score, torch.sigmoid(e.relu() @ head.score.weight.T + head.score.bias)[:, 0])


def test_the_paper_network_by_hand() -> None:
    """ResNet34 without its classifier, its norms three times, four levels of 256 channels at three scales, 128, 1."""
    with torch.device("meta"):
        network = Network(PAPER, load=False)
    norms = 2 * (7 * 64 + 9 * 128 + 13 * 256 + 7 * 512)
    assert count(network.backbone) == 21_797_672 - 513_000 + 2 * norms
    lateral = sum(channels * 256 + 256 for channels in (64, 128, 256, 512))
    assert count(network.pyramid) == lateral + 4 * (9 * 256 * 256 + 256)
    assert count(network.head) == 3 * 4 * 256 * 128 + 128 + 128 + 1
    assert count(network) == 24_319_297


def test_the_paper_network_sees_three_scales() -> None:
    network = Network(replace(PAPER, backbone="resnet18"), load=False).eval()
    seen: list[tuple[int, ...]] = []
    network.backbone.conv1.register_forward_hook(lambda module, inputs, output: seen.append(tuple(inputs[0].shape)))
    with torch.inference_mode():
        score, z = network(torch.randint(0, 256, (2, 3, 128, 128), dtype=torch.uint8))
    assert seen == [(2, 3, size, size) for size in (128, 64, 32)]
    assert (score.shape, z.shape) == ((2,), (2, 128))
    assert bool(((score > 0) & (score < 1)).all())
    torch.testing.assert_close(z.norm(dim=1), torch.ones(2))


def test_every_scale_has_its_own_statistics() -> None:
    """In evaluation a batch is then normalised as in training, if the statistics are those of the batch."""
    network = Network(replace(SMALL, scales=(1, 4)))
    for norm in network.norms:
        for of_scale in norm.norms:
            of_scale.momentum = None  # the mean over all batches, of which there is one
    x = torch.randint(0, 256, (8, 3, 32, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    trained = network.train()(x).score
    torch.testing.assert_close(network.eval()(x).score, trained, rtol=0, atol=0.02)
    first, second = network.norms[0].norms
    assert not torch.allclose(first.running_var, second.running_var, rtol=0.5)


def test_the_quick_network_by_hand() -> None:
    network = FrozenNetwork(QUICK)
    pyramid = (64 * 64 + 64) + (128 * 64 + 64) + 2 * (64 * 64 + 64)
    assert count(network) == pyramid + (6 * 64 * 128 + 128) + 128 + 1 == 70_145
    assert network.standard.mean.shape == (3 * (64 + 128),)


def test_scales_do_not_mix_before_the_head() -> None:
    """What the quick network makes of one image's scales: levels of the first scale first, fine to coarse."""
    torch.manual_seed(0)
    network = FrozenNetwork(QUICK).eval()
    vectors = torch.randn(2, 576)
    expected = []
    for scale in range(3):
        part = vectors[:, 192 * scale : 192 * (scale + 1)]
        expected += network.pyramid([part[:, :64], part[:, 64:]])
    torch.testing.assert_close(network(vectors).score, network.head(torch.cat(expected, dim=1)).score)


@pytest.mark.parametrize("frozen", [False, True])
def test_sixteen_images_are_learnt_by_heart(frozen) -> None:
    random = torch.Generator().manual_seed(0)
    if frozen:
        config = replace(QUICK, dropout=0.0, epochs=60)
        x, network = torch.randn(16, 576, generator=random), FrozenNetwork
    else:
        config = replace(SMALL, levels=(1,), flip=0.0, epochs=60, learning_rate=3e-3, period=0)
        x, network = torch.randint(0, 256, (16, 3, 32, 32), generator=random, dtype=torch.uint8), Network
    torch.manual_seed(0)
    data = {"x": x, "q": torch.linspace(0, 1, 16)}
    trainee = Contrasting(network(config), config)
    history = train(trainee, data, Settings(config.epochs, 16))
    assert history.epochs[-1].losses["loss"] < 0.4 * history.epochs[0].losses["loss"]
    with torch.inference_mode():
        rmse = torch.mean((trainee.predict(data) - data["q"]) ** 2).sqrt()
    assert rmse < data["q"].std() / 2  # what the mean alone would leave is the deviation


def test_the_learning_rate() -> None:
    falling, constant = (Contrasting(Head(1, 1, 0.0), config) for config in (QUICK, PAPER))
    assert [round(falling.rate(Position(0, 1, step, 8)), 4) for step in (0, 4, 8)] == [1, 0.5, 0]
    assert constant.rate(Position(0, 1, 7, 8)) == 1


def test_half_of_the_images_are_mirrored() -> None:
    class Still(torch.nn.Module):
        def forward(self, x):
            self.seen = x
            score = x.float().mean(dim=(1, 2, 3)).requires_grad_()
            return score, normalize(score[:, None], dim=1)

    x = torch.randint(0, 256, (64, 3, 4, 4), dtype=torch.uint8)
    for config in (SMALL, replace(SMALL, flip=0.0)):
        network = Still()
        Contrasting(network, config).step({"network": network}, {"x": x, "q": torch.rand(64)}, lambda name, loss: None)
        unchanged = (network.seen == x).flatten(1).all(dim=1)
        mirrored = (network.seen == x.flip(-1)).flatten(1).all(dim=1)
        assert bool((unchanged | mirrored).all())
        assert 16 < unchanged.sum() < 48 if config.flip else unchanged.all()
