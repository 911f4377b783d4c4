"""Metrics that learn: what a learner must be able to do, and how what it has learnt is kept without pickles.

A learner turns the images of one score into numbers (`prepare`), and learns to predict opinion scores from the numbers
of many images (`fit`, `predict`). Preparing is the slow part and does not depend on the opinion scores, so a run
does it once per image and stores it like a score; fitting is done anew in every fold.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from fusion_metrics.digests import example_digest
from fusion_metrics.errors import FusionMetricsError
from fusion_metrics.estimating import FitTime
from fusion_metrics.files import write_bytes
from fusion_metrics.image import Array, Image
from fusion_metrics.opening import why_not_readable
from fusion_metrics.printable import printable

#: What a file made to exhaust the machine raises: JSON nested without end, an array without limit.
_EXHAUSTED = (RecursionError, MemoryError)
#: Name of the text of a file that says which metric learnt it.
_ABOUT = "fusion_metrics"


#: Where something is, such as a lesion: shape (H, W).
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Examples:
    """Scored images that a metric learns from; each field has one element per image.

    Attributes
    ----------
    inputs : tuple of ndarray
        What `Learner.prepare` made of each image.
    q : ndarray, shape (n,)
        Opinion scores in 0..1, 1 is best.
    groups : tuple of str
        The source pair of each image: a learner that sets images aside for validation sets whole pairs aside.
    masks : tuple of ndarray or None
        Where the lesions of each image are, if that is known: for learners that learn to look there. An empty tuple
        stands for as many None.

    Raises
    ------
    FusionMetricsError
        The fields are not equally long.
    """

    inputs: tuple[npt.NDArray[Any], ...]
    q: Array
    groups: tuple[str, ...]
    masks: tuple[Mask | None, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.inputs) == len(self.q) == len(self.groups):
            counts = f"{len(self.inputs)} images, {len(self.q)} scores and {len(self.groups)} groups"
            raise FusionMetricsError(f"{counts} do not fit")
        if self.masks and len(self.masks) != len(self.inputs):
            raise FusionMetricsError(f"{len(self.inputs)} images and {len(self.masks)} masks do not fit")
        object.__setattr__(self, "masks", self.masks or (None,) * len(self.inputs))

    @cached_property
    def digests(self) -> tuple[bytes, ...]:
        """Hash all that a fit depends on, image by image; see `fusion_metrics.digests.fit_digest`."""
        return tuple(map(example_digest, self.inputs, self.q, self.groups, self.masks))

    def part(self, chosen: Mask) -> Self:
        """Take the images where `chosen` is true, shape (n,)."""
        rows = np.flatnonzero(chosen)
        taken: dict[str, Any] = {}
        for column in fields(self):
            values = getattr(self, column.name)
            taken[column.name] = values[rows] if isinstance(values, np.ndarray) else tuple(values[i] for i in rows)
        return replace(self, **taken)


class Learner(ABC):
    """Base of metrics that learn; a subclass is declared with `@metric` like a function.

    A subclass takes its parameters as keyword-only arguments of ``__init__``, and defines
    ``prepare(self, fused)`` or ``prepare(self, a, b, fused)``, which returns an array of floats that describes the
    images. All arrays of one learner have one shape.
    """

    prepare: ClassVar[Any]

    @property
    def notes(self) -> str:
        """What every table must say about its numbers, such as that it starts from random weights."""
        return ""

    @property
    def starts_from(self) -> str:
        """The weights that its network starts from, as its parameters name them; empty where there are none."""
        return ""

    @property
    def pinned(self) -> Mapping[str, str]:
        """Parameters that are written down otherwise than they are given: weights by their file and its hash."""
        return {}

    @property
    def advice(self) -> str:
        """How to have the weights that it should start from, where it starts from random ones instead."""
        return ""

    @property
    def lacking(self) -> str:
        """The network whose weights it should start from and that are not on this machine; empty if none are missed."""
        return ""

    @property
    def obstacle(self) -> str:
        """Why it cannot be fitted on this machine, such as weights to start from that are missing; empty if it can."""
        return ""

    @property
    def fits_alone(self) -> bool:
        """Whether a fit takes the whole machine; otherwise one thread, and several fits are made side by side."""
        return False

    @abstractmethod
    def fit(self, examples: Examples, *, seed: int, judge: Examples | None = None) -> None:
        """Learn.

        Parameters
        ----------
        examples : Examples
            What to learn from: prepared images with their opinion scores.
        seed : int
            Seed of all random choices.
        judge : Examples, optional
            Other images, on which the best epoch is chosen instead of on some of the examples. Papers choose it on the
            very images that they then test on; that is too good to be true, and is named so wherever it is done.
            Learners without epochs take no notice.
        """

    def estimate(self, sample: Examples, groups: Sequence[str], *, seed: int, tested: int = 0) -> FitTime:
        """Say how long a fit would take, without making it; learners without epochs cannot.

        Parameters
        ----------
        sample : Examples
            A few of the images, of two source pairs or more.
        groups : sequence of str
            The source pairs of all images.
        seed : int
            Of all random choices.
        tested : int
            Images of a `judge`, where there is one.
        """
        raise FusionMetricsError("learns without epochs: there are no steps of which the time could be estimated")

    @abstractmethod
    def predict(self, inputs: Sequence[Array]) -> Array:
        """Predict q of each image, shape (n,); not limited to 0..1."""

    @abstractmethod
    def state(self) -> dict[str, Array]:
        """Return what was learnt, as arrays."""

    @abstractmethod
    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` returned."""

    def attend(self, *images: Image) -> Array:
        """Say where the learner looks in the images that `prepare` takes, shape (H, W) in 0..1; few learners can."""
        raise FusionMetricsError(f"{type(self).__name__} does not show where it looks")


def save_state(
    path: Path, about: Mapping[str, str], state: Mapping[str, Array], told: Mapping[str, str] | None = None
) -> None:
    """Write what a learner learnt as safetensors, with a few words about it, and other texts under their names."""
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(array) for name, array in state.items()}
    write_bytes(path, save(arrays, metadata={**(told or {}), _ABOUT: json.dumps(dict(about), sort_keys=True)}))


def rounded(state: Mapping[str, Array], precision: npt.DTypeLike | None) -> dict[str, Array]:
    """Round the arrays of what was learnt that hold numbers which are not whole."""
    if precision is None:
        return dict(state)
    return {
        name: array.astype(precision) if np.issubdtype(array.dtype, np.floating) else array
        for name, array in state.items()
    }


def load_state(path: Path) -> tuple[dict[str, str], dict[str, Array]]:
    """Read what `save_state` wrote.

    Raises
    ------
    FusionMetricsError
        No such file, or a file that `save_state` did not write.
    """
    about, _, state = _read(path, arrays=True)
    return about, state


def load_told(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Read what `save_state` wrote, but for the arrays: the words about it, and the other texts."""
    about, told, _ = _read(path, arrays=False)
    return {name: str(word) for name, word in about.items()}, told


def _read(path: Path, *, arrays: bool) -> tuple[dict[str, str], dict[str, str], dict[str, Array]]:
    from safetensors import SafetensorError, safe_open

    if cause := why_not_readable(path):
        raise FusionMetricsError(f"{path}: {cause}")
    try:
        with safe_open(path, framework="numpy") as file:
            told = dict(file.metadata() or {})
            about = json.loads(told.pop(_ABOUT, "null"))
            names = list(file.keys()) if arrays else []
            state = {name: np.asarray(file.get_tensor(name), dtype=np.float64) for name in names}
    except (OSError, SafetensorError, TypeError, ValueError, LookupError, AttributeError, *_EXHAUSTED) as error:
        cause = " ".join(printable(str(error) or type(error).__name__).split())[:300]
        raise FusionMetricsError(f"{path}: is not a fitted metric ({cause})") from None
    if not isinstance(about, dict):
        raise FusionMetricsError(f"{path}: is not a fitted metric, it does not say of which")
    return about, told, state
