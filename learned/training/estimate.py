"""How long a training would take: a few steps are made as the engine would make them, and timed; nothing is kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fusion_metrics import FusionMetricsError
from fusion_metrics.estimating import FitTime, Stage
from learned.training.checkpoints import Checkpoint, save_checkpoint
from learned.training.devices import called, device_of, fabric_of, is_compiled, own_random_numbers, precision_of
from learned.training.kept import Task
from learned.training.recipe import Recipe
from learned.training.regression import Regression
from learned.training.sets import length, predict_in_batches, set_aside
from learned.training.settings import Choice, OnEpoch, Settings
from learned.training.stepper import Stepper
from learned.training.trainee import Data, Position, Trainee

#: Seconds that measuring the steps of one training may take, about.
BUDGET = 40.0
#: Steps that are measured at most, and seconds after which three of them are enough.
MOST, ENOUGH = 20, 10.0
#: Images of the first step, which shows whether a whole one can be waited for.
FEW = 2
#: Images on which the judging of an epoch is measured.
JUDGED = 4


@dataclass(frozen=True)
class Whole:
    """What a few examples stand for.

    Attributes
    ----------
    learnt, held : int
        Images that are learnt from, and those on which the best epoch is chosen.
    pairs : int
        Source pairs that are learnt from.
    """

    learnt: int
    held: int
    pairs: int


@dataclass
class Rehearsal:
    """Stands in for the engine: makes a few steps, and notes how long they took.

    Attributes
    ----------
    whole : Whole
    config : Recipe
    sample, taught : int
        Examples that stand for the whole, and those of them that are learnt from.
    stages : list of Stage
        What was found, one for each training.
    """

    whole: Whole
    config: Recipe
    sample: int
    taught: int
    stages: list[Stage] = field(default_factory=list)
    device: str = ""
    precision: str = ""
    compiled: bool = False
    _ended: float | None = None

    def __call__(
        self,
        trainee: Trainee,
        data: Data,
        settings: Settings,
        *,
        choice: Choice | None = None,
        identity: str = "",
        on_epoch: OnEpoch = lambda epoch, of: None,
    ) -> None:
        """Take what the engine takes."""
        # Between two trainings something is computed of every image.
        between = 0.0 if self._ended is None else time.perf_counter() - self._ended
        self.device = called(device_of(settings.device))
        self.precision = precision_of(settings.precision, device_of(settings.device))
        try:
            with own_random_numbers():
                self.stages.append(self._stage(trainee, data, settings, choice, between))
        except torch.OutOfMemoryError:
            raise FusionMetricsError(f"training does not fit into the memory of {self.device}") from None
        for network in trainee.networks.values():
            network.to("cpu").eval()
        self._ended = time.perf_counter()

    def _stage(self, trainee: Trainee, data: Data, settings: Settings, choice: Choice | None, between: float) -> Stage:
        fabric, whole = fabric_of(settings), self.whole
        stepper = Stepper(trainee, fabric)
        data = {name: fabric.to_device(tensor) for name, tensor in data.items()}
        learnt = math.ceil(whole.learnt * length(data) / self.taught)  # some stages see a share of all images
        steps = math.ceil(learnt / settings.batch_size)
        batch = math.ceil(learnt / steps)
        begun = _timed(lambda: trainee.on_epoch_start(0))
        # References and the like: an image of each source pair.
        around = begun * whole.pairs / max(1, len(torch.unique(data["group"]))) if "group" in data else begun
        stepper.learning()
        begin = between * (whole.learnt + whole.held) / self.sample
        if is_compiled(settings):
            begin += _timed(lambda: stepper.compile(_rows(data, batch)))
            self.compiled = self.compiled or stepper.compiled
        at = Position(0, settings.epochs, 0, settings.epochs * steps)
        on_processor = device_of(settings.device) == "cpu" and not stepper.compiled
        seconds, images = _measure(
            lambda count: _timed(lambda: stepper.step(_rows(data, count), at)), batch, FEW if on_processor else batch
        )
        if choice is not None:
            asked = _rows(choice.data, min(JUDGED, length(choice.data)))
            judging = _timed(lambda: predict_in_batches(trainee, asked))
            around += judging * whole.held / length(asked)
        if settings.checkpoint is not None:
            around += _keeping(stepper, chosen=choice is not None) / settings.checkpoint_every
        # Small sets are shown more often, and these examples are fewer than those that they stand for.
        epochs = settings.epochs * self.config.repeats(whole.learnt) // self.config.repeats(self.taught)
        return Stage(epochs, steps, batch, median(seconds) * batch / images, around, begin, len(seconds), images)


def estimate(regression: Regression[Any], task: Task, groups: Sequence[str], tested: int = 0) -> FitTime:
    """Estimate the time of a fit.

    Parameters
    ----------
    regression : Regression
    task : Task
        With a few examples, of two source pairs or more.
    groups : sequence of str
        The source pairs of all images that the fit is about, of which the examples are some.
    tested : int
        Images on which the best epoch is chosen, where these are not some of those that could be learnt from; the
        task then has a judge.
    """
    share = 0.0 if tested else regression.config.validation_share
    aside = set_aside(groups, share, task.seed)
    learnt = [group for group, held in zip(groups, aside, strict=True) if not held]
    whole = Whole(len(learnt), tested or int(aside.sum()), len(set(learnt)))
    judge = None if task.judge is None else regression.used(task.judge)
    task = replace(task, examples=regression.used(task.examples), judge=judge)
    inputs = task.examples.inputs
    regression.stacked(inputs[:FEW])  # what is only made once is made here
    stacking = _timed(lambda: regression.stacked(inputs))
    rehearsal = Rehearsal(whole, regression.config, len(inputs), int((~regression.aside(task)).sum()))
    regression.engine = rehearsal
    with TemporaryDirectory() as folder:
        regression.train(task, Path(folder) / "training")
    return FitTime(
        learnt=whole.learnt,
        aside=whole.held,
        device=rehearsal.device,
        precision=rehearsal.precision,
        compiled=rehearsal.compiled,
        inputs=stacking * (whole.learnt + whole.held) / len(inputs),
        stages=tuple(rehearsal.stages),
    )


def _measure(step: Callable[[int], float], batch: int, few: int) -> tuple[list[float], int]:
    """Time steps.

    Parameters
    ----------
    step : callable
        ``step(images)`` makes one and returns its seconds.
    batch : int
        Images of a whole step.
    few : int
        Images of the first step, of which the time does not count.

    Returns
    -------
    seconds : list of float
        Of each step that counts.
    images : int
        Of each of these steps.
    """
    begun = time.perf_counter()
    images = few = min(few, batch)
    first = step(few)
    if few < batch:
        # One to warm up and two to count, or as many images as there is time for.
        images = int(min(batch, max(few, few * BUDGET / 3 / first)))
        if images > few:
            step(images)
    seconds: list[float] = []
    while not seconds or (
        len(seconds) < MOST
        and time.perf_counter() - begun + median(seconds) < BUDGET
        and not (len(seconds) >= 3 and sum(seconds) > ENOUGH)
    ):
        seconds.append(step(images))
    return seconds, images


def _keeping(stepper: Stepper, *, chosen: bool) -> float:
    """Time a checkpoint: that of the weights alone, in proportion to all that one holds."""
    weights = stepper.weights()
    states = [tensor for each in stepper.optimisers.values() for tensor in _tensors(each.state_dict()["state"])]
    own = [tensor for network in weights.values() for tensor in network.values()]
    everything = _size(own) * (2 if chosen else 1) + _size(states)
    with TemporaryDirectory() as folder:
        taken = _timed(lambda: save_checkpoint(Path(folder) / "kept", "", Checkpoint(weights, {}, [], 0, {})))
    return taken * everything / max(1, _size(own))


def _tensors(states: dict[int, dict[str, Tensor]]) -> list[Tensor]:
    return [tensor for state in states.values() for tensor in state.values() if isinstance(tensor, Tensor)]


def _size(tensors: Sequence[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _rows(data: Data, count: int) -> dict[str, Tensor]:
    """Take so many images, the same ones again where there are not as many."""
    rows = torch.from_numpy(np.arange(count) % length(data))
    return {name: tensor[rows.to(tensor.device)] for name, tensor in data.items()}


def _timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes, with what it leaves an accelerator to do."""
    _settle()
    start = time.perf_counter()
    work()
    _settle()
    return time.perf_counter() - start


def _settle() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
