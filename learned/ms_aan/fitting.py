"""MS-AAN fitted to scored images, and asked for scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d

from fusion_metrics.execution import execution
from fusion_metrics.image import Array
from learned.ms_aan.config import Config, Readout
from learned.ms_aan.inputs import scales_of
from learned.ms_aan.losses import expected_score, likeliest_score
from learned.ms_aan.network import FrozenNetwork, Network
from learned.ms_aan.trainee import Classifier
from learned.training.engine import threads, train
from learned.training.kept import State, digest_of, filled, fitted
from learned.training.sets import select, set_aside
from learned.training.settings import Choice, Settings, tell

Masks = Sequence[npt.NDArray[np.bool_] | None]
Judge = tuple[Sequence[npt.NDArray[Any]], Array]


def fit(
    config: Config,
    inputs: Sequence[npt.NDArray[Any]],
    q: Array,
    groups: Sequence[str],
    *,
    seed: int,
    masks: Masks | None = None,
    judge: Judge | None = None,
    version: int = 1,
) -> State:
    """Train, or return what the same training gave before; see `fusion_metrics.Learner.fit` for the arguments."""
    used = masks if config.attention else None
    digest = digest_of(f"ms_aan {version} {config} {seed}", inputs, q, groups, used, judge)
    return fitted(digest, partial(_train, config, inputs, q, groups, seed, used, judge, digest))


def predict(network: FrozenNetwork | Network, config: Config, inputs: Sequence[npt.NDArray[Any]]) -> Tensor:
    """Predict the class scores of images, shape (n, 5)."""
    with torch.no_grad():
        parts = [network(_x(config, inputs[i : i + 64]).float())[0] for i in range(0, len(inputs), 64)]
    return torch.cat(parts)


def read(logits: Tensor, readout: Readout) -> Array:
    """Read q from class scores, shape (n,)."""
    score = expected_score if readout == "expectation" else likeliest_score
    return score(logits.double()).numpy()


def restored(config: Config, state: Mapping[str, npt.NDArray[Any]]) -> FrozenNetwork | Network:
    """Build a network that has been trained."""
    with torch.random.fork_rng([]):
        network = FrozenNetwork(len(state["mean"]), config) if config.frozen else Network(config, load=False)
    return filled(network, state)


def _train(
    config: Config,
    inputs: Sequence[npt.NDArray[Any]],
    q: Array,
    groups: Sequence[str],
    seed: int,
    masks: Masks | None,
    judge: Judge | None,
    digest: str,
    checkpoint: Path,
) -> State:
    data = {"x": _x(config, inputs), "q": torch.from_numpy(q).float()}
    if masks is not None and any(mask is not None for mask in masks):
        data |= _targets(masks, config.grid)
    aside = set_aside(groups, 0.0 if judge else config.validation_share, seed)
    choice = Choice(select(data, aside), "inner validation") if aside.any() else None
    if judge is not None:
        choice = Choice({"x": _x(config, judge[0]), "q": torch.from_numpy(judge[1]).float()}, "test")
    training = select(data, ~aside)
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        network: nn.Module
        if config.frozen:
            network = FrozenNetwork(data["x"].shape[1], config)
            network.standardise(training["x"].float())
        else:
            network = Network(config)
    how = execution()
    settings = Settings(
        epochs=config.epochs,
        batch_size=config.batch_size,
        seed=seed,
        device="cpu" if config.frozen else how.device,
        devices=1 if config.frozen else how.devices,
        # A frozen network is trained in seconds: nothing worth resuming.
        checkpoint=None if config.frozen else checkpoint,
    )
    # Matrices as small as a frozen network's are not worth sharing between threads.
    with threads(1 if config.frozen else None):
        trainee = Classifier(network, config)
        on_epoch = partial(tell, how.on_epoch, trainee.describe)
        train(trainee, training, settings, choice=choice, identity=digest, on_epoch=on_epoch)
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def _x(config: Config, inputs: Sequence[npt.NDArray[Any]]) -> Tensor:
    """Stack what was prepared; of pixels, compute the scales once, in half precision."""
    if config.frozen:
        return torch.from_numpy(np.stack(inputs))
    scales = scales_of(config)
    with torch.no_grad():
        parts = [
            torch.stack(scales(torch.from_numpy(np.stack(inputs[i : i + 16])).float() / 255), dim=1).half()
            for i in range(0, len(inputs), 16)
        ]
    return torch.cat(parts)


def _targets(masks: Masks, grid: int) -> dict[str, Tensor]:
    """Bring lesion masks to the grid of the attention map: a cell belongs to the lesion if any of its pixels does."""
    known = torch.tensor([mask is not None for mask in masks])
    cells = torch.zeros(len(masks), grid, grid)
    for i, mask in enumerate(masks):
        if mask is not None:
            cells[i] = adaptive_max_pool2d(torch.from_numpy(mask).float()[None], grid)[0]
    return {"mask": cells, "masked": known}
