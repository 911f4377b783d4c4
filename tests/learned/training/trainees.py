"""Networks of a few weights that tests of the engine train: one with one optimiser, and a pair of adversaries."""

from __future__ import annotations

import torch
from torch import nn

from learned.training.trainee import Trainee


class Killed(Exception):
    pass


class Line(Trainee):
    """q from four numbers, with everything in it that has a state: momentum, running statistics, dropout."""

    def __init__(self, *, killed_before: int | None = None, rates: list[float] | None = None) -> None:
        torch.manual_seed(0)
        layers = [nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1)]
        self.networks = {"line": nn.Sequential(*layers)}
        self.killed_before, self.rates = killed_before, rates

    def optimisers(self):
        return {"adam": torch.optim.Adam(self.networks["line"].parameters(), lr=0.02)}

    def step(self, networks, batch, update):
        loss = (networks["line"](batch["x"])[:, 0] - batch["q"]).square().mean()
        update("adam", loss)
        return {"squares": loss.detach()}

    def predict(self, batch):
        return self.networks["line"](batch["x"])[:, 0]

    def rate(self, at):
        if self.rates is not None:
            self.rates.append(at.step / at.steps)
        return 0.9**at.epoch

    def on_epoch_start(self, epoch):
        if epoch == self.killed_before:
            raise Killed


class Adversaries(Trainee):
    """A generator of one number, and a discriminator that tells it from the mean of the data."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.networks = {"generator": nn.Linear(1, 1), "discriminator": nn.Linear(1, 1)}

    def optimisers(self):
        return {name: torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.5) for name, net in self.networks.items()}

    def step(self, networks, batch, update):
        made = networks["generator"](torch.ones(len(batch["q"]), 1))
        real, fake = (networks["discriminator"](x) for x in (batch["q"][:, None], made.detach()))
        loss = nn.functional.softplus(-real).mean() + nn.functional.softplus(fake).mean()
        update("discriminator", loss)
        fooled = nn.functional.softplus(-networks["discriminator"](made)).mean()
        update("generator", fooled)
        return {"discriminator": loss.detach(), "generator": fooled.detach()}

    def predict(self, batch):
        return self.networks["generator"](torch.ones(len(batch["q"]), 1))[:, 0]


def data(count: int = 50) -> dict[str, torch.Tensor]:
    x = torch.rand(count, 4, generator=torch.Generator().manual_seed(1))
    return {"x": x, "q": x.mean(dim=1)}


def weights(trainee: Trainee) -> dict[str, torch.Tensor]:
    return {f"{n}.{key}": value for n, net in trainee.networks.items() for key, value in net.state_dict().items()}


def same(one: Trainee, other: Trainee) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(other).values(), strict=True))
