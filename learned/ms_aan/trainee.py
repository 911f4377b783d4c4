"""How MS-AAN learns from a batch: cross-entropy over the classes, and the attention loss where a lesion is known."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from learned.ms_aan.config import Config
from learned.ms_aan.losses import class_shares, cross_entropy, dice_loss, expected_score, soft_mask
from learned.training.steps import half_cosine, mirrored
from learned.training.trainee import Data, Position, Trainee, Update


class Classifier(Trainee):
    """Trains `Network` or `FrozenNetwork`.

    Batches hold "x" (what the network takes), "q", and, where the network is to learn where to look, "mask", shape
    (b, H, W) on the grid of the attention map, and "masked", which of them are known.
    """

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
        """Make one step down ``L_cls + lambda L_att`` (eq. 9)."""
        x, shares = batch["x"].float(), class_shares(batch["q"])
        mask = batch.get("mask")
        if self.config.flip:
            x, *masks = mirrored(0.5, x, *([] if mask is None else [mask]))
            mask = masks[0] if masks else None
        logits, attention = networks["network"](x, shares.argmax(dim=1))
        losses = {"classes": cross_entropy(logits, shares)}
        total = losses["classes"]
        if mask is not None and bool(batch["masked"].any()):
            known = batch["masked"]
            soft = soft_mask(attention[known].float(), self.config.alpha, self.config.beta)
            losses["attention"] = dice_loss(soft, mask[known]).mean()
            total = total + self.config.attention_weight * losses["attention"]
        update("adam", total)
        return {name: loss.detach() for name, loss in losses.items()}

    def predict(self, batch: Data) -> Tensor:
        """Read q as the expected class."""
        return expected_score(self.logits(batch))

    def logits(self, batch: Data) -> Tensor:
        """Class scores, shape (b, 5)."""
        logits: Tensor = self.networks["network"](batch["x"].float())[0]
        return logits
