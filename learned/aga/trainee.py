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
from learned.training.descent import Descending
from learned.training.trainee import Data, Update


class Assessing(Descending[Config]):
    """Trains `Network` or `FrozenNetwork` by Adam, with the weight decay in the gradient."""

    optimiser = torch.optim.Adam

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Make one step down ``mean((score - q)^2) + ordinal L_ordinal``."""
        [x] = self.mirrored(batch["x"])
        score, exceeded = networks["network"](x)
        losses = {"mse": torch.mean((score - batch["q"]) ** 2)}
        total = losses["mse"]
        if exceeded is not None:
            losses["ordinal"] = ordinal_loss(exceeded, batch["q"])
            total = total + self.config.ordinal * losses["ordinal"]
        update("adam", total)
        return {name: loss.detach() for name, loss in losses.items()}

    @staticmethod
    def describe(merit: float) -> str:
        """Name it."""
        return f"SRCC + PLCC {merit:.3f}"

    def merit(self, predicted: Array, q: Array) -> float:
        """SRCC + PLCC; 0 where one side is constant, which correlates with nothing."""
        if np.ptp(predicted) == 0 or np.ptp(q) == 0:
            return 0.0
        return float(stats.spearmanr(predicted, q).statistic + stats.pearsonr(predicted, q).statistic)
