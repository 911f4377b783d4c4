"""How MS-AAN learns from a batch: cross-entropy over the classes, and the attention loss where a lesion is known."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d

from learned.ms_aan.config import Config
from learned.ms_aan.losses import class_shares, cross_entropy, dice_loss, expected_score, soft_mask
from learned.training.descent import Descending
from learned.training.steps import mirrored, moved
from learned.training.trainee import Data, Update


class Classifier(Descending[Config]):
    """Trains `Network` or `FrozenNetwork`.

    Batches hold "x" (what the network takes), "q", and, where the network is to learn where to look, "mask", shape
    (b, H, W), and "masked", which of them are known. Masks come on the grid of the attention map, or finer; a cell of
    the grid is lesion if any part of it is.
    """

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Make one step down ``L_cls + lambda L_att`` (eq. 9)."""
        shares = class_shares(batch["q"])
        x, *masks = self.varied(*(batch[name] for name in ("x", "mask") if name in batch))
        logits, attention = networks["network"](x, shares.argmax(dim=1))
        losses = {"classes": cross_entropy(logits, shares)}
        total = losses["classes"]
        if masks and bool(batch["masked"].any()):
            known = batch["masked"]
            soft = soft_mask(attention[known].float(), self.config.alpha, self.config.beta)
            losses["attention"] = dice_loss(soft, on_grid(masks[0][known], self.config.grid)).mean()
            total = total + self.config.attention_weight * losses["attention"]
        update("adam", total)
        return {name: loss.detach() for name, loss in losses.items()}

    def varied(self, *tensors: Tensor) -> list[Tensor]:
        """Mirror and move some of the images, the same in all tensors; scores stay what they are."""
        found = self.mirrored(*tensors)
        if self.config.vertical:
            found = mirrored(self.config.vertical, *found, axis=-2)
        return moved(self.config.shift, *found) if self.config.shift else found

    def predict(self, batch: Data) -> Tensor:
        """Read q as the expected class."""
        return expected_score(self.logits(batch))

    def logits(self, batch: Data) -> Tensor:
        """Class scores, shape (b, 5)."""
        logits: Tensor = self.networks["network"](batch["x"])[0]
        return logits


def on_grid(masks: Tensor, grid: int) -> Tensor:
    """Bring masks (B, H, W) to a grid: a cell is lesion if any part of it is."""
    return masks.float() if masks.shape[-1] == grid else adaptive_max_pool2d(masks.float()[:, None], grid)[:, 0]
