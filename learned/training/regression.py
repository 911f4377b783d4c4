"""Fitting and asking a network that predicts q of an image in one pass: what PNQC and AGA have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from fusion_metrics.execution import execution
from fusion_metrics.image import Array
from learned.training.engine import threads, train
from learned.training.kept import State, digest_of, filled, fitted
from learned.training.sets import select, set_aside
from learned.training.settings import Choice, Settings, tell
from learned.training.trainee import Trainee

Inputs = Sequence[npt.NDArray[Any]]
Judge = tuple[Inputs, Array]
#: Images that a network is asked about at a time: enough to be fast, and few enough for the largest network.
TOGETHER = 16


class Recipe(Protocol):
    """What the configuration of such a network says of its training.

    Attributes
    ----------
    frozen : bool
        Whether it stands on a network that is not trained. It then has a `learned.backbones.frozen.Standard` named
        ``standard``, through which everything goes before it reaches the network, and is trained in seconds, on one
        thread.
    epochs, batch_size : int
    validation_share : float
        Of the source pairs, set aside to choose the best epoch; with 0 the last epoch is kept.
    """

    @property
    def frozen(self) -> bool: ...  # noqa: D102
    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102
    @property
    def validation_share(self) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class Regression:
    """A network and how it is trained.

    Attributes
    ----------
    config : Recipe
        Its ``repr`` is part of the name under which a fit is kept.
    network : callable
        ``network(load)`` makes it, starting from the weights that the configuration names, or at random if they are
        to be replaced anyway. It takes what was prepared of images, stacked, and gives something with a ``score`` (B,).
    trainee : callable
        ``trainee(network)`` trains it.
    """

    config: Recipe
    network: Callable[[bool], nn.Module]
    trainee: Callable[[nn.Module], Trainee]


def fit(
    about: str,
    regression: Regression,
    inputs: Inputs,
    q: Array,
    groups: Sequence[str],
    *,
    seed: int,
    judge: Judge | None = None,
) -> State:
    """Train, or return what the same training gave before.

    Parameters
    ----------
    about : str
        Name and version of the metric.
    regression : Regression
    inputs, q, groups, seed, judge
        See `fusion_metrics.Learner.fit`.
    """
    digest = digest_of(f"{about} {regression.config} {seed}", inputs, q, groups, None, judge)
    return fitted(digest, partial(_train, regression, inputs, q, groups, seed, judge, digest))


def predict(network: nn.Module, inputs: Inputs, *, frozen: bool) -> Array:
    """Predict q of images, shape (n,); with a network that is not frozen on a GPU, where training may use one."""
    device = "cuda" if not frozen and execution().device != "cpu" and torch.cuda.is_available() else "cpu"
    network.to(device)
    with torch.inference_mode():
        parts = [
            network(_seen(network, _stacked(inputs[i : i + TOGETHER]).to(device), frozen)).score
            for i in range(0, len(inputs), TOGETHER)
        ]
        return torch.cat(parts).double().cpu().numpy()


def restored(regression: Regression, state: Mapping[str, npt.NDArray[Any]]) -> nn.Module:
    """Build a network that has been trained."""
    with torch.random.fork_rng([]):
        network = regression.network(False)
    return filled(network, state)


def _train(
    regression: Regression,
    inputs: Inputs,
    q: Array,
    groups: Sequence[str],
    seed: int,
    judge: Judge | None,
    digest: str,
    checkpoint: Path,
) -> State:
    config = regression.config
    aside = set_aside(groups, 0.0 if judge else config.validation_share, seed)
    x = _stacked(inputs)
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        network = regression.network(True)
    if config.frozen:
        cast(Any, network).standard.learn(x[torch.from_numpy(~aside)])
    data = {"x": _seen(network, x, config.frozen), "q": torch.from_numpy(q).float()}
    choice = Choice(select(data, aside), "inner validation") if aside.any() else None
    if judge is not None:
        others = _seen(network, _stacked(judge[0]), config.frozen)
        choice = Choice({"x": others, "q": torch.from_numpy(judge[1]).float()}, "test")
    how = execution()
    settings = Settings(
        epochs=config.epochs,
        batch_size=config.batch_size,
        seed=seed,
        device="cpu" if config.frozen else how.device,
        devices=1 if config.frozen else how.devices,
        # What stands on a frozen network is trained in seconds: nothing worth resuming.
        checkpoint=None if config.frozen else checkpoint,
    )
    # Matrices as small as those on a frozen network are not worth sharing between threads.
    with threads(1 if config.frozen else None):
        trainee = regression.trainee(network)
        on_epoch = partial(tell, how.on_epoch, trainee.describe)
        train(trainee, select(data, ~aside), settings, choice=choice, identity=digest, on_epoch=on_epoch)
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def _stacked(inputs: Inputs) -> Tensor:
    return torch.from_numpy(np.stack(inputs))


def _seen(network: nn.Module, x: Tensor, frozen: bool) -> Tensor:
    return cast(Any, network).standard(x) if frozen else x
