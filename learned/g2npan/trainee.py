"""How G2NPAN learns from a batch: generator and assessor as one against the discriminator, or the assessor alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from learned.g2npan.config import Config
from learned.g2npan.discriminator import Discriminator
from learned.g2npan.losses import (
    assessor_loss,
    cam_loss,
    discriminator_loss,
    generator_loss,
    mse_loss,
    perceptual_weight,
    quality_loss,
    total_loss,
)
from learned.g2npan.network import Network, Scored
from learned.training.steps import warmed_up
from learned.training.trainee import Data, Position, Trainee, Update


class Assessing(Trainee):
    """Trains the assessor: on images, or on images beside what a generator that no longer learns makes of them.

    Batches hold "x" (bytes, folded), "q", "group" (the place of the reference image in `references`) and, where there
    is a generator, "generated" (bytes) and "features".

    F_GT, the truth for attention, is not explained in the paper: here it is the attention on the reference image, not
    learnt from. All images of a pair share one, so it is computed once per epoch.

    Parameters
    ----------
    config : Config
    network : Network
    references : mapping of str to Tensor
        What batches hold of images, of the reference image of each group.
    """

    def __init__(self, config: Config, network: Network, references: Data) -> None:
        self.config, self.references = config, references
        self.networks: dict[str, nn.Module] = {"network": network}
        self.truth: Tensor | None = None

    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """Give each network its own Adam."""
        rate, betas = self.config.learning_rate, self.config.betas
        # All weights at a time: the same digits as one by one, in half of the time.
        adam = partial(torch.optim.Adam, lr=rate, betas=betas, foreach=True)
        return {name: adam(network.parameters()) for name, network in self.networks.items()}

    def rate(self, at: Position) -> float:
        """``decay`` to the power 0, 1, .., ``rates`` - 1, each for the same number of steps, or with a warm-up."""
        if self.config.warm_up:
            return warmed_up(at.step, at.steps, self.config.warm_up)
        return self.config.decay ** (at.step * self.config.rates // at.steps)

    def on_epoch_start(self, epoch: int) -> None:
        """Look at the reference images."""
        network = self.networks["network"].eval()
        device = next(network.parameters()).device
        self.references = {name: tensor.to(device) for name, tensor in self.references.items()}
        if self.config.attention:
            with torch.no_grad():
                self.truth = torch.cat([look(network, part).attention for part in chunks(self.references)])

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Update the assessor down equation 9."""
        loss = self.assessor_loss(look(networks["network"], batch), batch)
        update("network", loss)
        return {"assessor": loss.detach()}

    def predict(self, batch: Data) -> Tensor:
        """Predict q, s(Q_pre), in 0..1."""
        return torch.sigmoid(look(self.networks["network"], batch).score.float())

    def assessor_loss(self, scored: Scored, batch: Data) -> Tensor:
        """Compute equation 9, of which L_QA remains where attention is not supervised."""
        quality = quality_loss(scored.score, batch["q"])
        if self.truth is None:
            return quality
        return assessor_loss(cam_loss(scored.attention, self.truth[batch["group"]]), quality, self.config.phi)


class Adversaries(Assessing):
    """Trains the whole network against a discriminator; takes the same arguments."""

    def __init__(self, config: Config, network: Network, references: Data) -> None:
        super().__init__(config, network, references)
        self.networks["discriminator"] = Discriminator(config)

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Update the discriminator up equation 11, then the network down equation 12."""
        scored = look(networks["network"], batch)
        generated = cast(Tensor, scored.generated)
        reference = unit(self.references["x"][batch["group"]])

        play = networks["discriminator"]
        weight = self._weight(generated.detach())
        discriminator = discriminator_loss(play(reference), play(generated.detach()), weight)
        update("discriminator", -discriminator)

        judge = self.networks["discriminator"].requires_grad_(False)
        mse = mse_loss(generated, reference)
        generator = generator_loss(judge(generated), mse, self.config.theta)
        judge.requires_grad_(True)
        assessor = self.assessor_loss(scored, batch)
        update("network", total_loss(generator, assessor, self.config.gamma))
        losses = {"discriminator": discriminator, "generator": generator, "mse": mse, "assessor": assessor}
        return {name: loss.detach() for name, loss in losses.items()}

    def _weight(self, generated: Tensor) -> Tensor:
        """W_I of generated images, scored like any other image: by what the generator would make of them."""
        if not self.config.perceptual:
            return torch.zeros(len(generated), device=generated.device)
        network = self.networks["network"].eval()
        with torch.no_grad():
            score = network(generated).score
        network.train()
        return perceptual_weight(score, self.config.acceptable)


def look(network: nn.Module, batch: Data) -> Scored:
    """Score the images of a batch."""
    made = [unit(batch["generated"]), batch["features"]] if "generated" in batch else []
    scored: Scored = network(unit(batch["x"]), *made)
    return scored


def unit(x: Tensor) -> Tensor:
    """Bring bytes to 0..1, laid out as convolutions are fastest with."""
    return x.to(torch.float32, memory_format=torch.channels_last).div_(255)


def chunks(data: Data, size: int = 64) -> Iterator[Data]:
    """Cut data into parts that fit into memory."""
    for start in range(0, len(data["x"]), size):
        yield {name: tensor[start : start + size] for name, tensor in data.items()}
