"""What configurations of networks have in common: presets, the weights to start from, and how a training goes.

Nothing here imports torch: metrics are declared with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from fusion_metrics import FusionMetricsError
from fusion_metrics.errors import nearest

#: How much of a network is trained; `paper` is as published.
Preset = Literal["quick", "compact", "standard", "paper"]


def check_choice(kind: str, value: str, known: Iterable[str]) -> None:
    """Raise an error that names the nearest of the `known` values, unless `value` is one of them."""
    if value not in known:
        raise FusionMetricsError(f"no {kind} {value!r}{nearest(value, known)}")


@dataclass(frozen=True)
class Recipe:
    """A network and how long it is trained; its ``repr`` is part of the name under which a fit is kept.

    Attributes
    ----------
    backbone, weights : str
        What the network starts from or stands on, see `learned.backbones.weights.start`.
    size : int
        Rows and columns of the input, to which other images are resampled.
    epochs, batch_size : int
    learning_rate : float
        The rate that the training begins with.
    validation_share : float
        Share of the source pairs that are set aside to choose the best epoch; with 0 the last epoch is kept.
    """

    backbone: str
    weights: str
    size: int = 128
    epochs: int = 100
    batch_size: int = 16
    learning_rate: float = 1e-4
    validation_share: float = 0.2

    @property
    def light(self) -> bool:
        """Whether it is small: trained on one thread and without a GPU, so that its numbers are the same.

        Several such trainings are made side by side.
        """
        raise NotImplementedError

    @property
    def resumes(self) -> bool:
        """Whether its training takes longer than seconds, so that a checkpoint is worth keeping."""
        return not self.light

    def repeats(self, count: int) -> int:
        """How many times the epochs are repeated for so many images."""
        return 1


@dataclass(frozen=True)
class Descent(Recipe):
    """A network that one optimiser trains.

    Attributes
    ----------
    frozen : bool
        Whether it stands on a network that keeps the weights it starts with, and whose output is computed once per
        image.
    dropout : float
        Share of values that a training step leaves out; which, is said by the network.
    flip : float
        Share of the training images that are mirrored, left to right.
    weight_decay : float
        Decay of the weights that the optimiser applies.
    period : int or None
        Steps in which the learning rate falls to 0 along half a cosine, then to rise again. 0 is one fall over the
        whole training, and None leaves it constant.
    """

    frozen: bool = False
    dropout: float = 0.0
    flip: float = 0.5
    weight_decay: float = 0.0
    period: int | None = None

    @property
    def light(self) -> bool:
        """True where only what stands on a frozen network is trained."""
        return self.frozen


R = TypeVar("R", bound=Recipe)


def of_preset(preset: Preset, *, paper: R, standard: R, quick: R, compact: R | None = None) -> R:
    """Choose one of the configurations, of which `compact` is one that some networks have.

    Raises
    ------
    FusionMetricsError
        No such preset.
    """
    known: dict[str, R] = {"paper": paper, "standard": standard, "quick": quick}
    if compact is not None:
        known["compact"] = compact
    elif preset == "compact":
        raise FusionMetricsError(f"this network has no preset 'compact': choose one of {', '.join(sorted(known))}")
    check_choice("preset", preset, known)
    return known[preset]
