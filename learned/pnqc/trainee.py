"""How PNQC learns from a batch."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from learned.pnqc.config import Config
from learned.pnqc.losses import pnqc_loss
from learned.training.steps import half_cosine, mirrored
from learned.training.trainee import Data, Position, Trainee, Update


class Contrasting(Trainee):
    """Trains `Network` or `FrozenNetwork`; batches hold "x" (what the network takes) and "q"."""

    def __init__(self, network: nn.Module, config: Config) -> None:
        self.networks = {"network": network}
        self.config = config

    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """AdamW over everything."""
        rate, decay = self.config.learning_rate, self.config.weight_decay
        return {"adam": torch.optim.AdamW(self.networks["network"].parameters(), lr=rate, weight_decay=decay)}

    def rate(self, at: Position) -> float:
        """1, or half a cosine from 1 to 0."""
        return half_cosine(at.step, at.steps) if self.config.decay else 1.0

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Make one step down the mean squared error plus the contrast loss."""
        [x] = mirrored(0.5, batch["x"]) if self.config.flip else [batch["x"]]
        score, z = networks["network"](x)
        loss = pnqc_loss(score, z, batch["q"], self.config.contrast)
        update("adam", loss)
        return {"loss": loss.detach()}

    def predict(self, batch: Data) -> Tensor:
        """Predict q."""
        score: Tensor = self.networks["network"](batch["x"]).score
        return score
