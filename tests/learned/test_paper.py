"""The networks as published, for a few steps: everything in them learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from learned.g2npan.config import configure as configure_g2npan
from learned.g2npan.network import Network as Guided
from learned.g2npan.trainee import Adversaries
from learned.ms_aan.config import configure as configure_ms_aan
from learned.ms_aan.network import Network as Streams
from learned.ms_aan.trainee import Classifier
from learned.training.engine import train
from learned.training.settings import Settings
from learned.training.trainee import Data, Trainee


def ms_aan() -> tuple[Trainee, Data]:
    config = configure_ms_aan("paper", backbone="resnet34", weights="random", multiscale=True, attention=True)
    assert (config.streams, config.stages, config.narrow, config.frozen) == (4, 3, 1, False)
    masks = torch.zeros(2, 8, 8)
    masks[:, 2:4, 3:5] = 1
    x = torch.rand(2, 4, 3, 128, 128).half()
    data = {"x": x, "q": torch.tensor([0.2, 0.9]), "mask": masks, "masked": torch.tensor([True, False])}
    return Classifier(Streams(config), config), data


def g2npan() -> tuple[Trainee, Data]:
    config = configure_g2npan("paper")
    assert (config.fold, config.narrow, config.warehouses) == (1, 1, 5)
    x = torch.randint(0, 256, (2, 3, 128, 128), dtype=torch.uint8)
    data = {"x": x, "q": torch.tensor([0.2, 0.9]), "group": torch.tensor([0, 0])}
    return Adversaries(config, Guided(config), {"x": x[1:]}), data


@pytest.mark.parametrize(
    ("made", "losses"),
    [(ms_aan, {"classes", "attention"}), (g2npan, {"discriminator", "generator", "mse", "assessor"})],
    ids=["ms_aan", "g2npan"],
)
def test_two_steps_of_the_published_network_reach_every_weight(made, losses) -> None:
    trainee, data = made()
    before = {
        (name, key): parameter.detach().clone()
        for name, network in trainee.networks.items()
        for key, parameter in network.named_parameters()
    }
    history = train(trainee, data, Settings(epochs=2, batch_size=2, device="cpu"))
    assert [set(epoch.losses) for epoch in history.epochs] == [losses, losses]
    assert np.isfinite([loss for epoch in history.epochs for loss in epoch.losses.values()]).all()
    for (name, key), parameter in before.items():
        assert not torch.equal(dict(trainee.networks[name].named_parameters())[key], parameter), (name, key)
