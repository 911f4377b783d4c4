"""A network that one optimiser trains: what the trainees of such networks have in common."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

import torch
from torch import Tensor, nn

from learned.training.recipe import Descent
from learned.training.steps import half_cosine, mirrored
from learned.training.trainee import Data, Position, Trainee

C = TypeVar("C", bound=Descent)


class Descending(Trainee, Generic[C]):
    """Trains one network, which gives a tuple whose first part is the predicted q; a subclass defines `step`.

    Batches hold "x" (what the network takes) and "q".

    Parameters
    ----------
    network : Module
    config : Descent

    Attributes
    ----------
    optimiser : type
        A class of `torch.optim`.
    """

    optimiser: ClassVar[type[torch.optim.Adam]] = torch.optim.AdamW

    def __init__(self, network: nn.Module, config: C) -> None:
        self.networks = {"network": network}
        self.config = config

    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """Make one optimiser over everything."""
        rate, decay = self.config.learning_rate, self.config.weight_decay
        return {"adam": self.optimiser(self.networks["network"].parameters(), lr=rate, weight_decay=decay)}

    def rate(self, at: Position) -> float:
        """Leave the learning rate as it is, or let it fall along half a cosine; see `Descent.period`."""
        period = self.config.period
        return 1.0 if period is None else half_cosine(at.step, period or at.steps)

    def mirrored(self, *tensors: Tensor) -> list[Tensor]:
        """Mirror some of the images, the same in all tensors."""
        return mirrored(self.config.flip, *tensors) if self.config.flip else list(tensors)

    def predict(self, batch: Data) -> Tensor:
        """Predict q."""
        predicted: Tensor = self.networks["network"](batch["x"])[0]
        return predicted
