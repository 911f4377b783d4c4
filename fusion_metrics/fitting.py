"""`Fittable`: what a metric can do because it may learn, from the weights that it starts with to the file it leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fusion_metrics.errors import FusionMetricsError, NotFitted, UnknownMetric
from fusion_metrics.estimating import FitTime
from fusion_metrics.given import DataRange, checked_images
from fusion_metrics.image import Array, ImageLike
from fusion_metrics.learning import Examples, Learner, Mask, rounded, save_state
from fusion_metrics.spec import MetricSpec
from fusion_metrics.trained.model import Model


class Fittable:
    """A declared metric with its parameters and, if it learns, with what it has learnt; `Metric` is one that scores."""

    def __init__(
        self, spec: MetricSpec, overrides: Mapping[str, Any] | None = None, learner: Learner | None = None
    ) -> None:
        for name in overrides or {}:
            if name not in spec.params:
                raise UnknownMetric.named(f"parameter of {spec.name}", name, spec.params)
        self.spec = spec
        self.params: dict[str, Any] = {**spec.params, **(overrides or {})}
        self._learner = learner

    @property
    def learns(self) -> bool:
        """Whether the metric must be fitted to opinion scores before it can be called."""
        return self.spec.learns

    @property
    def obstacle(self) -> str:
        """Why a metric that learns cannot be fitted, with these parameters and on this machine; empty if it can."""
        try:
            if isinstance(self.spec.function, Model):
                return self.spec.function.obstacle
            return self._new_learner().obstacle if self.learns else ""
        except FusionMetricsError as error:
            return str(error)

    @property
    def notes(self) -> str:
        """What every table must say about its numbers, such as that a network starts from random weights."""
        if self.learns:
            learner = self._new_learner()
            return "; ".join([learner.notes, *([learner.advice] if self.spec.pretrained and learner.advice else [])])
        return self.spec.notes(**self.params) if self.spec.notes else ""

    @property
    def lacking(self) -> str:
        """The network whose weights it should start from and that are not on this machine; empty if none are missed."""
        if not self.spec.pretrained or isinstance(self.spec.function, Model):
            return ""
        if self.learns:
            return self._new_learner().lacking
        return str(self.params["backbone"]) if self.params.get("weights") == "random" else ""

    @property
    def qualifier(self) -> str:
        """What a name in a table must say where the network is not the published one; empty where there is nothing.

        That is the preset, unless it is ``paper``, and ``random`` where the network starts from random weights
        although its definition has it start from weights that were learnt: ``quick``, ``quick, random``.
        """
        if self.spec.qualifier:
            return self.spec.qualifier
        preset = self.params.get("preset", "paper")
        weights = self._new_learner().starts_from if self.learns else self.params.get("weights", "")
        words = [preset] if preset != "paper" else []
        return ", ".join(words + ["random"] * (self.spec.pretrained and weights == "random"))

    @property
    def fits_alone(self) -> bool:
        """Whether a fit takes the whole machine; otherwise one thread, and several may be made side by side."""
        return self._new_learner().fits_alone

    @cached_property
    def written(self) -> dict[str, Any]:
        """The parameters as they are written down: weights of a network by the file that this machine has."""
        pinned: Mapping[str, str] = {}
        if self.learns:
            try:
                pinned = self._new_learner().pinned
            except FusionMetricsError:  # parameters that do not go together, as `obstacle` says
                pinned = {}
        elif self.spec.pinned is not None:
            pinned = self.spec.pinned(**self.params)
        return {**self.params, **pinned}

    def about(self, *, pinned: bool = True) -> dict[str, str]:
        """Say what was fitted, so that `load` can make it again; parameters as JSON, which runs nothing.

        With `pinned`, weights that a network starts from are named by their file, see `written`.
        """
        try:
            parameters = json.dumps(self.written if pinned else self.params, sort_keys=True)
        except TypeError as error:
            raise FusionMetricsError(f"{self.spec.id} has a parameter that cannot be saved ({error})") from None
        return {"metric": self.spec.id, "version": str(self.spec.version), "parameters": parameters}

    def prepare(
        self,
        fused: ImageLike,
        a: ImageLike | None = None,
        b: ImageLike | None = None,
        *,
        data_range: DataRange = None,
    ) -> Array:
        """Turn the images of one score into the numbers that a metric learns from; see `Learner`."""
        prepared: Array = self._new_learner().prepare(*checked_images(self.spec, fused, (a, b), data_range))
        return prepared

    def fit(
        self,
        images: Sequence[ImageLike | tuple[ImageLike, ImageLike, ImageLike]],
        scores: npt.ArrayLike,
        groups: Sequence[str],
        *,
        seed: int = 0,
        masks: Sequence[Mask | None] = (),
    ) -> Self:
        """Fit a metric that learns to opinion scores.

        Parameters
        ----------
        images : sequence
            Fused images, or ``(fused, a, b)`` for a metric that needs the sources.
        scores : array_like, shape (n,)
            Opinion scores as q in 0..1, 1 is best.
        groups : sequence of str
            The source pair of each image.
        seed : int
            Of all random choices.
        masks : sequence of ndarray or None, optional
            Where the lesions of each image are, shape (H, W), if that is known; without it none are.

        Returns
        -------
        Metric
            A fitted metric; this one stays as it is.

        Raises
        ------
        FusionMetricsError
            The metric does not learn, or the arguments do not fit together.
        """
        prepared = [self.prepare(*(image if isinstance(image, tuple) else (image,))) for image in images]
        q = np.asarray(scores, dtype=np.float64)
        return self.fit_prepared(Examples(tuple(prepared), q, tuple(groups), tuple(masks)), seed=seed)

    def fit_prepared(self, examples: Examples, *, seed: int = 0, judge: Examples | None = None) -> Self:
        """Fit to images that went through `prepare` already; otherwise as `fit`, and see `Learner.fit`."""
        learner = self._new_learner()
        q = examples.q
        if len(q) == 0 or not np.isfinite(q).all() or q.min() < 0 or q.max() > 1:
            raise FusionMetricsError(f"{self.spec.id} is fitted to scores in 0..1, at least one")
        learner.fit(examples, seed=seed, judge=judge)
        return type(self)(self.spec, self.params, learner)

    def estimate_prepared(self, sample: Examples, groups: Sequence[str], *, seed: int = 0, tested: int = 0) -> FitTime:
        """Say how long `fit_prepared` would take for all images of these source pairs; see `Learner.estimate`."""
        try:
            return self._new_learner().estimate(sample, groups, seed=seed, tested=tested)
        except FusionMetricsError as error:
            raise FusionMetricsError(f"{self.spec.id}: {error}") from None

    def predict_prepared(self, inputs: Sequence[Array]) -> Array:
        """Predict q of images that went through `prepare` already, shape (n,)."""
        if self._learner is None:
            raise NotFitted(f"{self.spec.id} has not been fitted")
        return self._learner.predict(inputs)

    def attend(self, fused: ImageLike, a: ImageLike | None = None, b: ImageLike | None = None) -> Array:
        """Say where a fitted metric looks.

        Returns
        -------
        ndarray, shape (H, W)
            In 0..1, of the size of the fused image.

        Raises
        ------
        NotFitted
            The metric has not been fitted.
        FusionMetricsError
            The metric does not show where it looks.
        """
        images = checked_images(self.spec, fused, (a, b), None)
        if self._learner is None:
            raise NotFitted(f"{self.spec.id} has not been fitted")
        return self._learner.attend(*images)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        told: Mapping[str, str] | None = None,
        precision: npt.DTypeLike | None = None,
    ) -> None:
        """Write what a fitted metric learnt to a safetensors file, for `load`.

        Parameters
        ----------
        path : path
            Where.
        told : mapping of str to str, optional
            Texts that the file also holds, such as a model card.
        precision : dtype, optional
            In which numbers that are not whole are kept; by default their own.
        """
        if self._learner is None:
            raise NotFitted(f"{self.spec.id} has nothing to save")
        save_state(Path(path), self.about(), rounded(self._learner.state(), precision), told)

    def rounded(self, precision: npt.DTypeLike) -> Self:
        """Return this fitted metric as it would be after it was saved in another precision."""
        if self._learner is None:
            raise NotFitted(f"{self.spec.id} has nothing to round")
        learner = self._new_learner()
        learner.restore({n: a.astype(np.float64) for n, a in rounded(self._learner.state(), precision).items()})
        return type(self)(self.spec, self.params, learner)

    def called(self, name: str) -> Self:
        """Return this metric, with what it learnt, under another name."""
        return type(self)(replace(self.spec, name=name), self.params, self._learner)

    def _new_learner(self) -> Learner:
        if not self.learns:
            raise FusionMetricsError(f"{self.spec.id} does not learn")
        learner: Learner = self.spec.function(**self.params)
        return learner
