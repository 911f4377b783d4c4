"""G2NPAN fitted to scored images, and asked for scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import pixel_unshuffle

from fusion_metrics.execution import execution
from fusion_metrics.image import Array
from learned.g2npan.config import Config
from learned.g2npan.generator import Generator
from learned.g2npan.network import Network
from learned.g2npan.trainee import Adversaries, Assessing, chunks, unit
from learned.training.engine import threads, train
from learned.training.kept import State, digest_of, filled, fitted
from learned.training.sets import select, set_aside
from learned.training.settings import Choice, Settings, tell
from learned.training.trainee import Data

Inputs = Sequence[npt.NDArray[Any]]
Judge = tuple[Inputs, Array]


def fit(
    config: Config,
    inputs: Inputs,
    q: Array,
    groups: Sequence[str],
    *,
    seed: int,
    judge: Judge | None = None,
    version: int = 1,
) -> State:
    """Train, or return what the same training gave before; see `fusion_metrics.Learner.fit` for the arguments."""
    digest = digest_of(f"g2npan {version} {config} {seed}", inputs, q, groups, None, judge)
    return fitted(digest, partial(_train, config, inputs, q, groups, seed, judge, digest))


def predict(config: Config, state: Mapping[str, npt.NDArray[Any]], inputs: Inputs) -> Array:
    """Predict q of images, shape (n,), in 0..1."""
    network = restored(config, state)
    with torch.inference_mode():
        scores = [network(unit(_x(config, inputs[i : i + 64]))).score for i in range(0, len(inputs), 64)]
        q: Array = torch.sigmoid(torch.cat(scores)).double().numpy()
    return q


def restored(config: Config, state: Mapping[str, npt.NDArray[Any]]) -> Network:
    """Build a network that has been trained."""
    with torch.random.fork_rng([]):
        network = Network(config, load=False)
    return filled(network, state)


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


def _train(
    config: Config,
    inputs: Inputs,
    q: Array,
    groups: Sequence[str],
    seed: int,
    judge: Judge | None,
    digest: str,
    checkpoint: Path,
) -> State:
    aside = set_aside(groups, 0.0 if judge else config.validation_share, seed)
    data = {"x": _x(config, inputs), "q": torch.from_numpy(q).float()}
    learnt, held = select(data, ~aside), select(data, aside) if aside.any() else None
    if judge is not None:
        held = {"x": _x(config, judge[0]), "q": torch.from_numpy(judge[1]).float()}
    members = [group for group, out in zip(groups, aside, strict=True) if not out]
    chosen, group = choose_references(q[~aside], members, np.random.default_rng(seed))
    learnt["group"] = torch.from_numpy(group)
    how = execution()

    def run(kind: type[Assessing], epochs: int) -> None:
        references = {name: learnt[name][torch.from_numpy(chosen)] for name in learnt if name != "group"}
        settings = Settings(
            epochs=epochs * config.repeats(len(members)),
            batch_size=config.batch_size,
            seed=seed,
            # A narrow network takes seconds on one thread: the same numbers with and without a GPU.
            device="cpu" if config.narrow > 1 else how.device,
            devices=1 if config.narrow > 1 else how.devices,
            # Where there is a second training both take seconds: nothing worth resuming.
            checkpoint=None if config.alone else checkpoint,
            checkpoint_every=max(1, epochs // 100),
        )
        choice = Choice(held, "test" if judge else "inner validation") if held else None
        trainee = kind(config, network, references)
        on_epoch = partial(tell, how.on_epoch, trainee.describe)
        train(trainee, learnt, settings, choice=choice, identity=digest, on_epoch=on_epoch)

    # Layers as small as those of the narrow network are not worth sharing between threads.
    with torch.random.fork_rng([]), threads(1 if config.narrow > 1 else None):
        torch.manual_seed(seed)
        network = Network(config)
        if network.generator is None:
            run(Assessing, config.epochs + config.alone)
        else:
            run(Adversaries, config.epochs)
            if config.alone:
                for part in [learnt, held] if held else [learnt]:
                    part |= _made(network.generator, part)
                network.generator.requires_grad_(False)
                run(Assessing, config.alone)
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def _made(generator: Generator, data: Data) -> dict[str, Tensor]:
    """Generate once what the assessor then sees in every epoch."""
    with torch.no_grad():
        parts = [generator(unit(part["x"])) for part in chunks(data)]
    generated = (255 * torch.cat([part.image for part in parts])).round().to(torch.uint8)
    return {"generated": generated, "features": torch.cat([part.features for part in parts])}


def _x(config: Config, inputs: Inputs) -> Tensor:
    """Stack pixels, and fold squares of them into channels."""
    return pixel_unshuffle(torch.from_numpy(np.stack(inputs)), config.fold)
