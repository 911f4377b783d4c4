"""How the engine of `learned.training.engine` trains, and what it tells afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fusion_metrics import execution
from learned.training.trainee import Data

#: Called after every epoch with what is known of it and the number of epochs in all.
OnEpoch = Callable[["Epoch", int], None]
Precision = Literal["auto", "32-true", "bf16-mixed"]


@dataclass(frozen=True)
class Settings:
    """How the engine trains.

    Attributes
    ----------
    epochs : int
    batch_size : int
        At most; all batches of an epoch are of about the same size, over all devices together.
    seed : int
        Seed of batches, augmentation and dropout.
    device : {"auto", "cpu", "cuda"}
    devices : int
        How many of them; more than one share each batch, in processes of their own.
    precision : {"auto", "32-true", "bf16-mixed"}
        ``auto`` is bfloat16 where a GPU computes in it, and single precision elsewhere.
    compiled : bool or None
        Whether networks are compiled by `torch.compile`, where that is possible; None is on an accelerator, where it
        is one. Numbers then differ in their last digits.
    checkpoint : Path or None
        File that the training resumes from, and that is rewritten as it goes on; deleted by nobody.
    checkpoint_every : int
        Epochs between checkpoints.
    """

    epochs: int
    batch_size: int
    seed: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    devices: int = 1
    precision: Precision = "auto"
    compiled: bool | None = None
    checkpoint: Path | None = None
    checkpoint_every: int = 1


@dataclass(frozen=True)
class Choice:
    """The images on which the best epoch is chosen.

    Attributes
    ----------
    data : mapping of str to Tensor
    part : {"inner validation", "test"}
        What they are: pairs set aside from those that may be learnt from (see `set_aside`), or the very images that
        the model is then tested on, as the papers do; that is named wherever it is used.
    """

    data: Data
    part: Literal["inner validation", "test"]


@dataclass(frozen=True)
class Epoch:
    """What is known of one epoch, counted from 1.

    Attributes
    ----------
    number : int
    losses : mapping of str to float
        Means over the steps.
    merit : float or None
        On the part on which the model is chosen, if there is one.
    seconds : float
    """

    number: int
    losses: Mapping[str, float]
    merit: float | None
    seconds: float


@dataclass(frozen=True)
class History:
    """How a training went.

    Attributes
    ----------
    epochs : tuple of Epoch
    chosen : int
        Number of the epoch whose weights were kept.
    chosen_by : str
        In words that a table can print.
    """

    epochs: tuple[Epoch, ...]
    chosen: int
    chosen_by: str


def tell(on_epoch: execution.OnEpoch, describe: Callable[[float], str], epoch: Epoch, of: int) -> None:
    """Say how an epoch went: its losses and, where there is one, the merit that it is judged by."""
    about = ", ".join(f"{name} {loss:.3f}" for name, loss in epoch.losses.items())
    on_epoch(epoch.number, of, about + ("" if epoch.merit is None else f", validation {describe(epoch.merit)}"))
