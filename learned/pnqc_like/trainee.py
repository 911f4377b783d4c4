"""How PNQC learns from a batch."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from learned.pnqc_like.config import Config
from learned.pnqc_like.losses import pnqc_loss
from learned.training.descent import Descending
from learned.training.trainee import Data, Update


class Contrasting(Descending[Config]):
    """Trains `Network` or `FrozenNetwork`."""

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Make one step down the mean squared error plus the contrast loss."""
        [x] = self.mirrored(batch["x"])
        score, z = networks["network"](x)
        loss = pnqc_loss(score, z, batch["q"], self.config.contrast)
        update("adam", loss)
        return {"loss": loss.detach()}
