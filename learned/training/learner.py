"""The part of a `Learner` that is the same for every network fitted by `regression`; torch is imported when used."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import numpy.typing as npt

from fusion_metrics import Learner
from fusion_metrics.image import Array
from learned.backbones.weights import missing
from learned.requirements import need_torch, warn_of_random_weights

if TYPE_CHECKING:
    from torch import nn

    from learned.training.regression import Recipe, Regression

C = TypeVar("C", bound="Recipe")


class Regressor(Learner, Generic[C]):
    """Base of a metric that is one network; a subclass defines `prepare`, `regression` and `notes`, and is declared.

    Parameters
    ----------
    config : Recipe
    backbone, weights : str
        What the network starts from or stands on, see `learned.backbones.weights`.

    Attributes
    ----------
    name : str
        Of the metric.
    version : int
        With which it is declared.
    """

    name: ClassVar[str]
    version: ClassVar[int]

    def __init__(self, config: C, backbone: str, weights: str) -> None:
        self.config = config
        self._start = backbone, weights
        self._state: dict[str, npt.NDArray[Any]] = {}
        self._network: nn.Module | None = None

    @abstractmethod
    def regression(self) -> Regression:
        """Say what is trained, and how."""

    @property
    def obstacle(self) -> str:
        """Weights that are not on this machine."""
        return missing(*self._start)

    @property
    def fits_alone(self) -> bool:
        """True unless the backbone is frozen."""
        return not self.config.frozen

    def fit(
        self,
        inputs: Sequence[Array],
        scores: Array,
        groups: Sequence[str],
        *,
        seed: int,
        masks: object = None,
        judge: tuple[Sequence[Array], Array] | None = None,
    ) -> None:
        """Train the network, unless just that has been done before; lesion masks play no part."""
        need_torch(self.name)
        from learned.training.regression import fit

        warn_of_random_weights(self._start[1], self.notes)
        about = f"{self.name} {self.version}"
        self.restore(fit(about, self.regression(), inputs, scores, groups, seed=seed, judge=judge))

    def predict(self, inputs: Sequence[Array]) -> Array:
        """Predict q."""
        need_torch(self.name)
        from learned.training.regression import predict, restored

        if self._network is None:
            self._network = restored(self.regression(), self._state)
        return predict(self._network, inputs, frozen=self.config.frozen)

    def state(self) -> dict[str, Array]:
        """Return the weights."""
        return dict(self._state)

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` returned."""
        self._state, self._network = dict(state), None
