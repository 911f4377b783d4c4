"""G2NPAN fitted to scored images, and asked for scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_unshuffle

from fusion_metrics.image import Array
from learned.g2npan.config import Config
from learned.g2npan.generator import Generator
from learned.g2npan.network import Network
from learned.g2npan.trainee import Adversaries, Assessing, chunks, unit
from learned.training.devices import threads
from learned.training.kept import Task
from learned.training.regression import Inputs, Regression
from learned.training.sets import select
from learned.training.settings import Choice
from learned.training.trainee import Data


class Guided(Regression[Config]):
    """Images beside what a generator makes of them; generator and assessor are trained in turn or together."""

    together = 64

    def __init__(self, config: Config) -> None:
        super().__init__(config, lambda load: Network(config, load=load))

    def stacked(self, inputs: Inputs) -> Tensor:
        """Stack pixels, and fold squares of them into channels, laid out as convolutions are fastest with."""
        folded = pixel_unshuffle(super().stacked(inputs), self.config.fold)
        return folded.contiguous(memory_format=torch.channels_last)

    def seen(self, network: nn.Module, x: Tensor) -> Tensor:
        """Bring bytes to 0..1."""
        return unit(x)

    def read(self, found: Tensor) -> Tensor:
        """Read q, s(Q_pre)."""
        return torch.sigmoid(found)

    def train(self, task: Task, checkpoint: Path) -> nn.Module:
        """Train generator, discriminator and assessor, then the assessor alone if that is configured."""
        config, aside = self.config, self.aside(task)
        data = {"x": self.stacked(task.examples.inputs), **self.targets(task.examples)}
        learnt, held = select(data, ~aside), select(data, aside) if aside.any() else None
        if task.judge is not None:
            held = {"x": self.stacked(task.judge.inputs), **self.targets(task.judge)}
        members = task.examples.part(~aside)
        random = np.random.default_rng(task.seed)
        chosen, group = choose_references(members.q, members.groups, random)
        learnt["group"] = torch.from_numpy(group)
        sampled = random.permutation(len(group)) < config.adversarial_share * len(group)

        def run(kind: type[Assessing], epochs: int, taught: Data) -> None:
            references = {name: learnt[name][torch.from_numpy(chosen)] for name in learnt if name != "group"}
            settings = replace(
                self.settings(task.seed, checkpoint if config.resumes else None),
                epochs=epochs * config.repeats(len(members.q)),
                checkpoint_every=max(1, epochs // 100),
            )
            choice = Choice(held, "test" if task.judge is not None else "inner validation") if held else None
            self.run(kind(config, network, references), taught, settings, choice, task.digest)

        # Layers as small as those of the narrow network are not worth sharing between threads.
        with torch.random.fork_rng([]), threads(1 if config.light else None):
            torch.manual_seed(task.seed)
            network = Network(config)
            if network.generator is None:
                run(Assessing, config.epochs + config.alone, learnt)
            else:
                run(Adversaries, config.epochs, learnt if sampled.all() else select(learnt, sampled))
                if config.alone:
                    for part in [learnt, held] if held else [learnt]:
                        part |= _made(network.generator, part)
                    network.generator.requires_grad_(False)
                    run(Assessing, config.alone, learnt)
        return network


def choose_references(
    q: Array, groups: Sequence[str], random: np.random.Generator
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Choose the reference image of every group: the one with the highest score, among equals one at random.

    Parameters
    ----------
    q : ndarray, shape (n,)
    groups : sequence of str
        The source pair of each image.
    random : Generator

    Returns
    -------
    references : ndarray, shape (m,)
        The reference image of each group.
    group : ndarray, shape (n,)
        The place in `references` of that of each image.

    Examples
    --------
    >>> references, group = choose_references(np.array([0.2, 0.9, 0.4]), ["p", "p", "r"], np.random.default_rng(0))
    >>> references.tolist(), group.tolist()
    ([1, 2], [0, 0, 1])
    """
    names, group = np.unique(np.array(groups), return_inverse=True)
    best = [np.flatnonzero((group == i) & (q == q[group == i].max())) for i in range(len(names))]
    return np.array([random.choice(members) for members in best]), group


def _made(generator: Generator, data: Data) -> dict[str, Tensor]:
    """Generate once what the assessor then sees in every epoch."""
    generated, features = [], []
    with torch.no_grad():
        for part in chunks(data):
            made = generator(unit(part["x"]))
            generated.append((255 * made.image).round().to(torch.uint8))
            features.append(made.features)
    return {"generated": torch.cat(generated), "features": torch.cat(features)}
