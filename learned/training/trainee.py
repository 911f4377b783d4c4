"""What the engine of `learned.training.engine` asks of a network that is to be trained."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fusion_metrics.image import Array

#: What is learnt from: tensors of one first dimension, by name. "q" are the scores in 0..1; the rest is the trainee's.
Data = Mapping[str, Tensor]
#: ``update(name, loss)``: one step of the optimiser `name` down the gradient of `loss`.
Update = Callable[[str, Tensor], None]


@dataclass(frozen=True)
class Position:
    """Where a training stands; both count from 0.

    Attributes
    ----------
    epoch, epochs : int
    step, steps : int
        Over all epochs.
    """

    epoch: int
    epochs: int
    step: int
    steps: int


class Trainee(ABC):
    """What the engine trains.

    A subclass sets `networks` and defines `optimisers`, `step` and `predict`; the rest has defaults. For training on
    several devices it must be picklable, as modules are.

    Attributes
    ----------
    networks : dict of str to Module
        Everything with weights or buffers. The engine moves them to the device, and leaves the chosen weights in them.
    """

    networks: dict[str, nn.Module]

    @abstractmethod
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """Make the optimisers, by name, over the parameters of `networks`; called once, on the device."""

    @abstractmethod
    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Learn from one batch.

        Parameters
        ----------
        networks : mapping of str to Module
            `networks`, wrapped for device and precision: call these wherever a gradient is wanted of their weights.
            (A network through which gradients only pass, such as the discriminator while the generator learns, may be
            taken from ``self.networks`` with its parameters frozen.)
        batch : mapping of str to Tensor
        update : callable
            ``update(name, loss)`` clears the gradients of the optimiser `name`, computes those of `loss` and makes a
            step. A classifier calls it once, a GAN once for each side.

        Returns
        -------
        mapping of str to Tensor
            Losses to be shown, each a detached scalar.
        """

    @abstractmethod
    def predict(self, batch: Data) -> Tensor:
        """Predict q of each image of a batch, shape (b,), with ``self.networks``; those are in evaluation mode."""

    def rate(self, at: Position) -> float:
        """Return the factor on the learning rate of every optimiser at some step; 1 by default."""
        return 1.0

    def merit(self, predicted: Array, q: Array) -> float:
        """Say how good predictions are, more is better: by default the negative root mean squared error."""
        return -float(np.sqrt(np.mean((predicted - q) ** 2)))

    @staticmethod
    def describe(merit: float) -> str:
        """Put what `merit` returned into words."""
        return f"rmse {-merit:.3f}"

    def on_epoch_start(self, epoch: int) -> None:  # noqa: B027 - may be left as it is
        """Do something before an epoch; nothing by default. Also called for the first epoch after a resumption."""
