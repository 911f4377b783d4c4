"""One engine that trains every network of this package: a classifier with one optimiser, or a GAN with two.

What is trained says so as a `Trainee`: its networks, their optimisers, one step, and a prediction. The engine does the
rest, and does it once for all: devices and precision (through lightning-fabric), seeds, batches, choice of the model,
checkpoints, resumption. All data lies in memory as tensors; whatever does not change (sub-bands, outputs of frozen
layers) is computed by the caller before `train`, never per epoch.

A run that was killed and is started again with the same arguments ends, on a CPU, with the same weights bit by bit as
one that was not: batches and random numbers of an epoch depend on the seed and the number of the epoch alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from fusion_metrics import FusionMetricsError
from learned.training.checkpoints import Checkpoint, Weights, load_checkpoint, save_checkpoint
from learned.training.devices import called, device_of, fabric_of, is_compiled, own_random_numbers
from learned.training.sets import length, predict_in_batches
from learned.training.settings import Choice, Epoch, History, OnEpoch, Settings
from learned.training.stepper import Stepper
from learned.training.trainee import Data, Position, Trainee

if TYPE_CHECKING:
    from lightning_fabric import Fabric


_PARTS = {"inner validation": "an inner validation part", "test": "the test part, as in the papers"}


def train(
    trainee: Trainee,
    data: Data,
    settings: Settings,
    *,
    choice: Choice | None = None,
    identity: str = "",
    on_epoch: OnEpoch = lambda epoch, of: None,
) -> History:
    """Train, leaving the chosen weights in ``trainee.networks``, on the CPU.

    Parameters
    ----------
    trainee : Trainee
    data : mapping of str to Tensor
        What to learn from, "q" among it.
    settings : Settings
    choice : Choice, optional
        Where the best epoch is chosen; without it the last epoch is kept.
    identity : str
        What the training depends on and a checkpoint cannot know (configuration, digest of the data): a checkpoint
        with another identity is refused.
    on_epoch : callable, optional
        With several devices it is called in a process of its own, and must be picklable.

    Returns
    -------
    History

    Raises
    ------
    FusionMetricsError
        The checkpoint belongs to another training, a loss is no longer finite, or the accelerator that was asked for
        is not there or too small.
    """
    fabric = fabric_of(settings)
    if settings.devices == 1:
        try:
            outcome = _train(trainee, data, settings, choice, identity, on_epoch, fabric)
        except torch.OutOfMemoryError:
            where = called(device_of(settings.device))
            raise FusionMetricsError(
                f"training does not fit into the memory of {where}: choose a smaller preset"
            ) from None
    else:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "outcome"
            # Between processes weights travel in a file: they are too large for a pipe that is read at the end.
            fabric.launch(partial(_train_shared, file, trainee, data, settings, choice, identity, on_epoch))
            outcome = load_checkpoint(file, identity)
    for name, network in trainee.networks.items():
        network.to("cpu").load_state_dict(outcome.weights[name])
        network.eval()
    by = "last epoch" if choice is None else f"best epoch on {_PARTS[choice.part]}"
    return History(tuple(Epoch(**record) for record in outcome.epochs), outcome.chosen, by)


@dataclass
class _Run:
    """The state of a training that a checkpoint holds."""

    stepper: Stepper
    settings: Settings
    choice: Choice | None
    identity: str
    epochs: list[Epoch] = field(default_factory=list)
    chosen: int = 0
    best: Weights = field(default_factory=dict)

    def resume(self) -> None:
        if self.settings.checkpoint is None or not self.settings.checkpoint.exists():
            return
        found = load_checkpoint(self.settings.checkpoint, self.identity)
        for name, network in self.stepper.trainee.networks.items():
            network.load_state_dict(found.weights[name])
        for name, optimiser in self.stepper.optimisers.items():
            optimiser.load_state_dict(found.optimisers[name])
        self.epochs = [Epoch(**record) for record in found.epochs]
        self.chosen, self.best = found.chosen, found.best

    def save(self) -> None:
        path = self.settings.checkpoint
        number = len(self.epochs)
        if path is None or (number % self.settings.checkpoint_every and number < self.settings.epochs):
            return
        optimisers = {name: optimiser.state_dict() for name, optimiser in self.stepper.optimisers.items()}
        epochs = [vars(epoch) for epoch in self.epochs]
        kept = Checkpoint(self.stepper.weights(), optimisers, epochs, self.chosen, self.best)
        save_checkpoint(path, self.identity, kept)

    def judge(self, number: int) -> float | None:
        """Evaluate an epoch, and keep its weights if it is the best so far."""
        if self.choice is None:
            return None
        trainee, asked = self.stepper.trainee, self.choice.data
        merit = trainee.merit(predict_in_batches(trainee, asked), asked["q"].double().cpu().numpy())
        merits = [epoch.merit for epoch in self.epochs if epoch.merit is not None]
        if not merits or merit > max(merits):
            self.chosen, self.best = number, self.stepper.weights()
        return merit


def _train(
    trainee: Trainee,
    data: Data,
    settings: Settings,
    choice: Choice | None,
    identity: str,
    on_epoch: OnEpoch,
    fabric: Fabric,
) -> Checkpoint:
    """Train in one process, of which there may be several; return the weights that are kept and what happened."""
    stepper = Stepper(trainee, fabric)
    run = _Run(stepper, settings, choice, identity)
    run.resume()
    data = {name: fabric.to_device(tensor) for name, tensor in data.items()}
    per_epoch = math.ceil(length(data) / settings.batch_size)
    with own_random_numbers():
        if is_compiled(settings) and len(run.epochs) < settings.epochs:
            trainee.on_epoch_start(len(run.epochs))
            stepper.learning()
            stepper.compile(next(_batches(data, settings, len(run.epochs), 0, 1)))
        for epoch in range(len(run.epochs), settings.epochs):
            start = time.perf_counter()
            _seed(settings.seed, epoch, 1 + fabric.global_rank)
            trainee.on_epoch_start(epoch)
            stepper.learning()
            seen: dict[str, list[Tensor]] = {}
            for i, batch in enumerate(_batches(data, settings, epoch, fabric.global_rank, fabric.world_size)):
                at = Position(epoch, settings.epochs, epoch * per_epoch + i, settings.epochs * per_epoch)
                losses = stepper.step(batch, at)
                for name, loss in losses.items():
                    seen.setdefault(name, []).append(loss.detach().float())
            if fabric.is_global_zero:
                means = {name: float(torch.stack(values).mean()) for name, values in seen.items()}
                if lost := [name for name, mean in means.items() if not math.isfinite(mean)]:
                    raise FusionMetricsError(f"training failed in epoch {epoch + 1}: {lost[0]} is not finite")
                merit = run.judge(epoch + 1)
                run.epochs.append(Epoch(epoch + 1, means, merit, time.perf_counter() - start))
                run.save()
                on_epoch(run.epochs[-1], settings.epochs)
    epochs = [vars(epoch) for epoch in run.epochs]
    if choice is None:
        return Checkpoint(stepper.weights(), {}, epochs, len(epochs), {})
    return Checkpoint(run.best, {}, epochs, run.chosen, {})


def _train_shared(
    file: Path,
    trainee: Trainee,
    data: Data,
    settings: Settings,
    choice: Choice | None,
    identity: str,
    on_epoch: OnEpoch,
    fabric: Fabric,
) -> None:
    """Train as one of several processes; the first writes the outcome to a file."""
    # What comes from another process lies in memory that all of them share.
    outcome = _train(deepcopy(trainee), data, settings, choice, identity, on_epoch, fabric)
    if fabric.is_global_zero:
        save_checkpoint(file, identity, outcome)


def _batches(data: Data, settings: Settings, epoch: int, rank: int, ranks: int) -> Iterator[dict[str, Tensor]]:
    """Deal the images of an epoch out into batches of about one size, and each batch to the devices."""
    count = length(data)
    order = np.random.default_rng([settings.seed, epoch, 0]).permutation(count)
    for rows in np.array_split(order, math.ceil(count / settings.batch_size)):
        chosen = torch.from_numpy(rows[rank::ranks])
        yield {name: tensor[chosen.to(tensor.device)] for name, tensor in data.items()}


def _seed(*numbers: int) -> None:
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1)))
