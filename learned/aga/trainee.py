"""How AGA learns from a batch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from scipy import stats
from torch import Tensor, nn

from fusion_metrics.image import Array
from learned.aga.config import Config
from learned.aga.losses import ordinal_loss
from learned.training.steps import half_cosine, mirrored
from learned.training.trainee import Data, Position, Trainee, Update


class Assessing(Trainee):
    """Trains `Network` or `FrozenNetwork`; batches hold "x" (what the network takes) and "q"."""

    def __init__(self, network: nn.Module, config: Config) -> None:
        self.networks = {"network": network}
        self.config = config

    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """Adam over everything, with the weight decay in the gradient."""
        rate, decay = self.config.learning_rate, self.config.weight_decay
        return {"adam": torch.optim.Adam(self.networks["network"].parameters(), lr=rate, weight_decay=decay)}

    def rate(self, at: Position) -> float:
        """Fall along half a cosine, and with a period shorter than the training rise and fall again."""
        return half_cosine(at.step, self.config.period or at.steps)

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Make one step down ``mean((score - q)^2) + ordinal L_ordinal``."""
        [x] = mirrored(self.config.flip, batch["x"]) if self.config.flip else [batch["x"]]
        score, exceeded = networks["network"](x)
        losses = {"mse": torch.mean((score - batch["q"]) ** 2)}
        total = losses["mse"]
        if exceeded is not None:
            losses["ordinal"] = ordinal_loss(exceeded, batch["q"])
            total = total + self.config.ordinal * losses["ordinal"]
        update("adam", total)
        return {name: loss.detach() for name, loss in losses.items()}

    def predict(self, batch: Data) -> Tensor:
        """Predict q."""
        score: Tensor = self.networks["network"](batch["x"]).score
        return score

    @staticmethod
    def describe(merit: float) -> str:
        """Name it."""
        return f"SRCC + PLCC {merit:.3f}"

    def merit(self, predicted: Array, q: Array) -> float:
        """SRCC + PLCC; 0 where one side is constant, which correlates with nothing."""
        if np.ptp(predicted) == 0 or np.ptp(q) == 0:
            return 0.0
        return float(stats.spearmanr(predicted, q).statistic + stats.pearsonr(predicted, q).statistic)
