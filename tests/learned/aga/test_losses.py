"""AGA: its heads, scores and losses against their formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from learned.aga.losses import exceedance, ordinal_loss, soft_score
from learned.aga.network import Network, WeightedHead
from learned.aga.trainee import Assessing
from tests.learned.aga.configurations import SMALL


def test_a_head_weighs_places() -> None:
    head = WeightedHead(3, 5, 2, dropout=0.0, first=0.5)
    tokens = torch.randn(4, 7, 3)
    value, weight = head.value(tokens), head.weight(tokens)
    assert bool(((weight > 0) & (weight < 1)).all())
    shares = weight / weight.sum(dim=1, keepdim=True)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(4, 2))
    torch.testing.assert_close(head(tokens), (value * shares).sum(dim=1))
    nn.init.zeros_(head.value[3].weight)
    torch.testing.assert_close(head(tokens), torch.full((4, 2), 0.5))  # the scores start in the middle


def test_probabilities_come_from_pairs() -> None:
    y = torch.tensor([[1.0, 3.0, 2.0, 0.0, 0.0, 0.0]])
    np.testing.assert_allclose(exceedance(y), [[0.75, 0, 0]], atol=1e-6)


def test_the_soft_score_interpolates_between_bins() -> None:
    """The released formula: the middles of two neighbouring bins, weighted by the fraction of the sum."""
    p = torch.rand(20, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    total = p.sum(dim=1)
    whole = total.floor()
    low, high = (2 * whole + 1) / 2 / 31, (2 * whole + 3) / 2 / 31
    torch.testing.assert_close(soft_score(p), low * (1 - (total - whole)) + high * (total - whole))


def test_the_ordinal_loss_by_hand() -> None:
    """Four thresholds: q = 0.7 has the label round(2.1) = 2, q = 0 the label 0."""
    p = torch.tensor([[0.9, 0.8, 0.3, 0.1], [0.2, 0.1, 0.0, 0.0]])
    first = math.log(0.9) + math.log(0.8) + math.log(0.7) + math.log(0.9)
    second = math.log(0.8) + math.log(0.9)
    assert ordinal_loss(p, torch.tensor([0.7, 0.0])).item() == pytest.approx(-(first + second) / 2, rel=1e-5)
    certain = ordinal_loss(torch.zeros(1, 4), torch.tensor([1.0])).item()
    assert certain == pytest.approx(-3 * math.log(1e-6), rel=1e-5)  # finite


def test_the_whole_loss_by_hand() -> None:
    torch.manual_seed(0)
    network = Network(SMALL).eval()
    config = replace(SMALL, flip=0.0)
    batch = {"x": torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8), "q": torch.tensor([0.0, 0.5, 1.0])}
    losses: list[torch.Tensor] = []
    trainee = Assessing(network, config)
    told = trainee.step(trainee.networks, batch, lambda name, loss: losses.append(loss))
    score, exceeded = network(batch["x"])
    mse, ordinal = ((score - batch["q"]) ** 2).mean(), ordinal_loss(exceeded, batch["q"])
    torch.testing.assert_close(losses[0], mse + 0.005 * ordinal)
    torch.testing.assert_close(told["ordinal"], ordinal.detach())
