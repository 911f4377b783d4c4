"""Fitting networks that predict q of an image, and asking them: what all of them have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from fusion_metrics.execution import execution
from fusion_metrics.image import Array
from fusion_metrics.learning import Examples
from learned.backbones.frozen import OnFrozen
from learned.training.devices import threads
from learned.training.engine import train
from learned.training.kept import State, Task, filled, fitted
from learned.training.recipe import Recipe
from learned.training.sets import select, set_aside
from learned.training.settings import Choice, Settings, tell
from learned.training.trainee import Data, Trainee

Inputs = Sequence[npt.NDArray[Any]]
C = TypeVar("C", bound=Recipe)


class Regression(ABC, Generic[C]):
    """A network and how it is trained; a subclass defines `train`, and overrides what its network does otherwise.

    Parameters
    ----------
    config : Recipe
    network : callable
        ``network(load)`` makes it, starting from the weights that the configuration names, or at random if they are
        to be replaced anyway. It takes what `seen` returns and gives a tuple, whose first part `read` turns into q.

    Attributes
    ----------
    together : int
        Images that a network is asked about at a time: enough to be fast, few enough for the largest network.
    engine : callable or None
        What trains, called as `learned.training.engine.train` is; None is that one.
    """

    together: ClassVar[int] = 16

    def __init__(self, config: C, network: Callable[[bool], nn.Module]) -> None:
        self.config, self.network = config, network
        self.engine: Callable[..., object] | None = None

    @abstractmethod
    def train(self, task: Task, checkpoint: Path) -> nn.Module:
        """Train a new network."""

    def used(self, examples: Examples) -> Examples:
        """Leave out what plays no part: lesion masks, by default."""
        return replace(examples, masks=())

    def stacked(self, inputs: Inputs) -> Tensor:
        """Stack what was prepared of images, and compute what training does not change."""
        return torch.from_numpy(np.stack(inputs))

    def targets(self, examples: Examples) -> dict[str, Tensor]:
        """Collect what is learnt from beside "x"."""
        return {"q": torch.from_numpy(examples.q).float()}

    def seen(self, network: nn.Module, x: Tensor) -> Tensor:
        """Turn what `stacked` gave into what the network takes."""
        return network.standard(x) if isinstance(network, OnFrozen) else x

    def read(self, found: Tensor) -> Tensor:
        """Read q of images, shape (n,), from the first part of what the network gives."""
        return found

    def aside(self, task: Task) -> npt.NDArray[np.bool_]:
        """Say which examples are set aside to choose the best epoch: none where others are there to do so."""
        return set_aside(
            task.examples.groups, 0.0 if task.judge is not None else self.config.validation_share, task.seed
        )

    def started(self, seed: int) -> nn.Module:
        """Make a network that is to be trained, and leave the caller's random numbers as they were."""
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            return self.network(True)

    def settings(self, seed: int, checkpoint: Path | None) -> Settings:
        """Say how the engine trains; what takes seconds needs no `checkpoint`."""
        how = execution()
        return Settings(
            epochs=self.config.epochs,
            batch_size=self.config.batch_size,
            seed=seed,
            device="cpu" if self.config.light else how.device,
            devices=1 if self.config.light else how.devices,
            compiled=False if self.config.light else how.compiled,
            checkpoint=checkpoint,
        )

    def run(self, trainee: Trainee, data: Data, settings: Settings, choice: Choice | None, identity: str) -> None:
        """Let the engine train, and tell how it goes."""
        # Layers as small as those of a light network are not worth sharing between threads.
        with threads(1 if self.config.light else None):
            on_epoch = partial(tell, execution().on_epoch, trainee.describe)
            engine = self.engine or train
            engine(trainee, data, settings, choice=choice, identity=identity, on_epoch=on_epoch)


class PlainRegression(Regression[C]):
    """A network that is trained once, by one trainee.

    Parameters
    ----------
    config, network
        See `Regression`.
    trainee : callable
        ``trainee(network)`` trains it.
    """

    def __init__(
        self, config: C, network: Callable[[bool], nn.Module], trainee: Callable[[nn.Module], Trainee]
    ) -> None:
        super().__init__(config, network)
        self.trainee = trainee

    def train(self, task: Task, checkpoint: Path) -> nn.Module:
        """Train a new network."""
        aside = self.aside(task)
        x = self.stacked(task.examples.inputs)
        network = self.started(task.seed)
        if isinstance(network, OnFrozen):
            network.standard.learn(x[torch.from_numpy(~aside)])
        data = {"x": self.seen(network, x), **self.targets(task.examples)}
        choice = Choice(select(data, aside), "inner validation") if aside.any() else None
        if task.judge is not None:
            others = self.seen(network, self.stacked(task.judge.inputs))
            choice = Choice({"x": others, **self.targets(task.judge)}, "test")
        settings = self.settings(task.seed, checkpoint if self.config.resumes else None)
        self.run(self.trainee(network), select(data, ~aside), settings, choice, task.digest)
        return network


def fit(regression: Regression[Any], task: Task) -> State:
    """Train, or return what the same training gave before; ``task.about`` names metric, version and configuration."""
    judge = None if task.judge is None else regression.used(task.judge)
    task = replace(task, examples=regression.used(task.examples), judge=judge)

    def learn(checkpoint: Path) -> State:
        network = regression.train(task, checkpoint)
        return {name: tensor.numpy() for name, tensor in network.state_dict().items()}

    return fitted(task.digest, learn)


def predict(network: nn.Module, regression: Regression[Any], inputs: Inputs) -> Array:
    """Predict q of images, shape (n,); on a GPU where training may use one."""
    use_gpu = not regression.config.light and execution().device != "cpu" and torch.cuda.is_available()
    device = "cuda" if use_gpu else "cpu"
    network.to(device)
    with torch.inference_mode():
        parts = []
        for i in range(0, len(inputs), regression.together):
            x = regression.stacked(inputs[i : i + regression.together]).to(device)
            parts.append(network(regression.seen(network, x))[0])
        return regression.read(torch.cat(parts)).double().cpu().numpy()


def restored(regression: Regression[Any], state: Mapping[str, npt.NDArray[Any]]) -> nn.Module:
    """Build a network that has been trained."""
    with torch.random.fork_rng([]):
        network = regression.network(False)
    return filled(network, state)
