"""The part of a `Learner` that is the same for every network fitted by `regression`; torch is imported when used."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy.typing as npt

from fusion_metrics import Examples, Image, Learner
from fusion_metrics.estimating import FitTime
from fusion_metrics.execution import execution
from fusion_metrics.image import Array
from learned.backbones.pinned import pin
from learned.backbones.weights import RANDOM, advice, missing
from learned.requirements import need_torch, warn_of_random_weights
from learned.training.recipe import Recipe

if TYPE_CHECKING:
    from torch import nn

    from learned.training.regression import Regression

_LOG = logging.getLogger("fmbench.training")
C = TypeVar("C", bound=Recipe)


class Regressor(Learner, Generic[C]):
    """Base of a metric with a network; a subclass defines `regression` and `notes`, and is declared.

    Parameters
    ----------
    config : Recipe
    weights : tuple of str, optional
        Backbone and weights that the network starts from, where these are not those of the configuration.

    Attributes
    ----------
    name : str
        Name of the metric.
    version : int
        With which it is declared.
    pretrained : bool
        Whether weights that were learnt elsewhere are missed where there are none.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    pretrained: ClassVar[bool] = True

    def __init__(self, config: C, weights: tuple[str, str] | None = None) -> None:
        self.config = config
        self._start = weights or (config.backbone, config.weights)
        self._state: dict[str, npt.NDArray[Any]] = {}
        self._network: nn.Module | None = None

    @abstractmethod
    def regression(self) -> Regression[C]:
        """Say what is trained, and how."""

    def seen(self, image: Image) -> npt.NDArray[Any] | None:
        """Compute what a frozen network sees in an image; None, the default, where none is frozen."""
        return None

    @property
    def starts_from(self) -> str:
        """Weights of the network that it starts from or stands on."""
        return self._start[1]

    @property
    def pinned(self) -> Mapping[str, str]:
        """The weights that it starts from, by their file and its hash."""
        backbone, weights = self._start
        text = pin(backbone, weights)
        return {} if text == weights else {self.starts_by: text}

    @property
    def advice(self) -> str:
        """How to have ImageNet's weights, where it starts from random ones."""
        return advice(*self._start) if self.lacking else ""

    @property
    def lacking(self) -> str:
        """The backbone that starts from random weights for want of ImageNet's, or that cannot start at all."""
        backbone, weights = self._start
        return backbone if (self.pretrained and weights == RANDOM) or missing(backbone, weights) else ""

    @property
    def starts_by(self) -> str:
        """The parameter that names the weights to start from."""
        return "weights"

    @property
    def obstacle(self) -> str:
        """Weights that are not on this machine."""
        return missing(*self._start) or self._no_accelerator()

    def _no_accelerator(self) -> str:
        if execution().device != "cuda":
            return ""
        need_torch(self.name)
        from learned.training.devices import lacking

        return lacking("cuda")

    @property
    def fits_alone(self) -> bool:
        """True unless a fit takes one thread."""
        return not self.config.light

    def prepare(self, fused: Image) -> npt.NDArray[Any]:
        """Compute what does not depend on scores: what a frozen network sees, or pixels of one size."""
        need_torch(self.name)
        from learned.backbones.pixels import pixels

        seen = self.seen(fused)
        return pixels(fused, size=self.config.size) if seen is None else seen

    def fit(self, examples: Examples, *, seed: int, judge: Examples | None = None) -> None:
        """Train the network, unless just that has been done before."""
        need_torch(self.name)
        from learned.training.kept import Task
        from learned.training.regression import fit

        if self.config.light and execution().device == "cuda":
            _LOG.warning("%s: is small, and trained on the processor whatever --accelerator says", self.name)
        if self.pretrained:
            warn_of_random_weights(self.starts_from, self.notes, self.advice)
        about = " ".join([f"{self.name} {self.version} {self.config}", *self.pinned.values()])
        task = Task(about, examples, seed, judge)
        self.restore(fit(self.regression(), task))

    def estimate(self, sample: Examples, groups: Sequence[str], *, seed: int, tested: int = 0) -> FitTime:
        """Time a few steps of a fit, which leaves nothing behind."""
        need_torch(self.name)
        from learned.training.estimate import estimate
        from learned.training.kept import Task

        task = Task("", sample, seed, sample if tested else None)
        return estimate(self.regression(), task, groups, tested)

    def predict(self, inputs: Sequence[Array]) -> Array:
        """Predict q."""
        from learned.training.regression import predict

        return predict(self.network(), self.regression(), inputs)

    def network(self) -> nn.Module:
        """Return the network as it was trained."""
        need_torch(self.name)
        from learned.training.regression import restored

        if self._network is None:
            self._network = restored(self.regression(), self._state)
        return self._network

    def state(self) -> dict[str, Array]:
        """Return the weights."""
        return dict(self._state)

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` returned."""
        self._state, self._network = dict(state), None
