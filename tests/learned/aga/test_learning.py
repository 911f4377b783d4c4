"""AGA: how its networks learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from learned.aga.network import FrozenNetwork, Network
from learned.aga.trainee import Assessing
from learned.training.engine import train
from learned.training.settings import Settings
from learned.training.trainee import Position
from tests.learned.aga.configurations import PAPER, QUICK, SMALL


@pytest.mark.parametrize("kind", ["quick", "transposed", "reshaped"])
def test_sixteen_images_are_learnt_by_heart(kind) -> None:
    random = torch.Generator().manual_seed(0)
    if kind == "quick":
        config = replace(QUICK, dropout=0.0, epochs=60)
        x, network = torch.randn(16, 64, 128, generator=random), FrozenNetwork
    else:
        dropouts = {"attention_dropout": 0.0, "window_dropout": 0.0, "dropout": 0.0, "window_drop": 0.0}
        config = replace(SMALL, order=kind, flip=0.0, epochs=50, learning_rate=5e-3, period=0, **dropouts)
        x, network = torch.randint(0, 256, (16, 3, 32, 32), generator=random, dtype=torch.uint8), Network
    torch.manual_seed(0)
    data = {"x": x, "q": torch.linspace(0, 1, 16)}
    trainee = Assessing(network(config), config)
    train(trainee, data, Settings(config.epochs, 16))
    with torch.inference_mode():
        rmse = torch.mean((trainee.predict(data) - data["q"]) ** 2).sqrt()
    assert rmse < data["q"].std() / 2  # what the mean alone would leave is the deviation


def test_the_learning_rate_swings_as_released() -> None:
    """A cosine of 50 steps, moved after every batch, falls and rises again; other presets have one fall."""
    published, quick = (Assessing(nn.Linear(1, 1), config) for config in (PAPER, QUICK))
    rates = [published.rate(Position(0, 1, step, 1000)) for step in (0, 25, 50, 100, 150)]
    np.testing.assert_allclose(rates, [1, 0.5, 0, 1, 0], atol=1e-12)
    assert quick.rate(Position(0, 1, 500, 1000)) == pytest.approx(0.5)
    [group] = published.optimisers()["adam"].param_groups
    assert (group["lr"], group["weight_decay"]) == (1e-5, 1e-5)


def test_the_best_epoch_correlates_best() -> None:
    trainee = Assessing(nn.Linear(1, 1), PAPER)
    predicted, q = np.array([0.1, 0.5, 0.4, 0.9]), np.array([0.0, 0.2, 0.6, 1.0])
    expected = stats.spearmanr(predicted, q).statistic + np.corrcoef(predicted, q)[0, 1]
    assert trainee.merit(predicted, q) == pytest.approx(expected)
    assert trainee.merit(np.full(4, 0.3), q) == 0
