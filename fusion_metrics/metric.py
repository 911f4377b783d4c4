"""`Metric`, `create` and `load`: one declared metric, called, fitted, kept."""

from __future__ import annotations

import functools
import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fusion_metrics.channels import score_colours
from fusion_metrics.errors import FusionMetricsError, InvalidImage, NotFitted, UndefinedScore, UnknownMetric
from fusion_metrics.image import Array, Image, ImageLike, as_image
from fusion_metrics.learning import Examples, Learner, Mask, load_state, save_state
from fusion_metrics.printable import printable
from fusion_metrics.registry import find
from fusion_metrics.spec import MetricSpec

DataRange = float | tuple[float, float] | None
#: Characters of a foreign text that an error message shows.
_SHOWN = 300


class Metric:
    """One metric, ready to be called; made by `create`.

    Attributes
    ----------
    spec : MetricSpec
        All metadata.
    params : mapping
        The parameters in force: those of the variant, with what `create` was given on top.
    """

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
    def needs_sources(self) -> bool:
        """Whether `a` and `b` are needed."""
        return self.spec.needs_sources

    @property
    def learns(self) -> bool:
        """Whether the metric must be fitted to opinion scores before it can be called."""
        return self.spec.learns

    @property
    def obstacle(self) -> str:
        """Why a metric that learns cannot be fitted, with these parameters and on this machine; empty if it can."""
        try:
            return self._new_learner().obstacle if self.learns else ""
        except FusionMetricsError as error:
            return str(error)

    @property
    def notes(self) -> str:
        """What every table must say about its numbers, such as that a network starts from random weights."""
        if self.learns:
            return self._new_learner().notes
        return self.spec.notes(**self.params) if self.spec.notes else ""

    @property
    def qualifier(self) -> str:
        """What a name in a table must say where the network is not the published one; empty where there is nothing.

        That is the preset, unless it is ``paper``, and ``random`` where the network starts from random weights
        although its definition has it start from weights that were learnt: ``quick``, ``quick, random``.
        """
        preset = self.params.get("preset", "paper")
        weights = self._new_learner().starts_from if self.learns else self.params.get("weights", "")
        words = [preset] if preset != "paper" else []
        return ", ".join(words + ["random"] * (self.spec.pretrained and weights == "random"))

    @property
    def fits_alone(self) -> bool:
        """Whether a fit takes the whole machine; otherwise one thread, and several may be made side by side."""
        return self._new_learner().fits_alone

    def __call__(
        self,
        fused: ImageLike,
        a: ImageLike | None = None,
        b: ImageLike | None = None,
        *,
        data_range: DataRange = None,
    ) -> float:
        """Score one fused image.

        Parameters
        ----------
        fused, a, b : Image, ndarray or path
            The fused image and its two sources, all of one size. `Image` objects remember what was computed from
            them: pass those to score many metrics, or many fused images of one pair.
        data_range : float or (float, float), optional
            For arrays that are not uint8: their black and white.

        Returns
        -------
        float
            Finite, inside ``spec.bounds``.

        Raises
        ------
        InvalidImage
            Images that cannot be used, or whose sizes differ.
        UndefinedScore
            The definition has no value for these images; the message says why.
        NotFitted
            The metric learns and has not been fitted.
        """
        images = self._images(fused, a, b, data_range)
        if self.spec.undefined:
            raise UndefinedScore(f"{self.spec.id} has no value for any picture: {self.spec.undefined}")
        if not self.learns:
            formula = functools.partial(self.spec.function, **self.params)
            value = score_colours(formula, images, self.spec.channels)
        elif self._learner is None:
            raise NotFitted(f"{self.spec.id} learns from scored images and has not been fitted")
        else:
            value = float(self._learner.predict([self._learner.prepare(*images)])[0])
        if not math.isfinite(value):
            raise UndefinedScore(f"{self.spec.id} gave {value} for {images[-1].name}")
        return value

    def prepare(
        self,
        fused: ImageLike,
        a: ImageLike | None = None,
        b: ImageLike | None = None,
        *,
        data_range: DataRange = None,
    ) -> Array:
        """Turn the images of one score into the numbers that a metric learns from; see `Learner`."""
        prepared: Array = self._new_learner().prepare(*self._images(fused, a, b, data_range))
        return prepared

    def fit(
        self,
        images: Sequence[ImageLike | tuple[ImageLike, ImageLike, ImageLike]],
        scores: npt.ArrayLike,
        groups: Sequence[str],
        *,
        seed: int = 0,
        masks: Sequence[Mask | None] = (),
    ) -> Metric:
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

    def fit_prepared(self, examples: Examples, *, seed: int = 0, judge: Examples | None = None) -> Metric:
        """Fit to images that went through `prepare` already; otherwise as `fit`, and see `Learner.fit`."""
        learner = self._new_learner()
        q = examples.q
        if len(q) == 0 or not np.isfinite(q).all() or q.min() < 0 or q.max() > 1:
            raise FusionMetricsError(f"{self.spec.id} is fitted to scores in 0..1, at least one")
        learner.fit(examples, seed=seed, judge=judge)
        return Metric(self.spec, self.params, learner)

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
        images = self._images(fused, a, b, None)
        if self._learner is None:
            raise NotFitted(f"{self.spec.id} has not been fitted")
        return self._learner.attend(*images)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what a fitted metric learnt to a safetensors file, for `load`."""
        if self._learner is None:
            raise NotFitted(f"{self.spec.id} has nothing to save")
        save_state(Path(path), self._about(), self._learner.state())

    @property
    def parameters(self) -> str:
        """The parameters, and what is made of colours unless it is luminance, as one text: part of a score's key."""
        colours = {} if self.spec.channels == "luminance" else {"channels": self.spec.channels}
        return repr(sorted({**self.params, **colours}.items()))

    def _about(self) -> dict[str, str]:
        """Say what was fitted, so that `load` can make it again; parameters as JSON, which runs nothing."""
        try:
            parameters = json.dumps(self.params, sort_keys=True)
        except TypeError as error:
            raise FusionMetricsError(f"{self.spec.id} has a parameter that cannot be saved ({error})") from None
        return {"metric": self.spec.id, "version": str(self.spec.version), "parameters": parameters}

    def _new_learner(self) -> Learner:
        if not self.learns:
            raise FusionMetricsError(f"{self.spec.id} does not learn")
        learner: Learner = self.spec.function(**self.params)
        return learner

    def _images(self, fused: ImageLike, a: ImageLike | None, b: ImageLike | None, data_range: DataRange) -> list[Image]:
        """Check everything about the images that does not depend on the metric's formula."""
        images = [as_image(fused, data_range=data_range, name="fused")]
        if self.needs_sources:
            if a is None or b is None:
                raise InvalidImage(f"{self.spec.id} needs both source images")
            images = [
                as_image(a, data_range=data_range, name="a"),
                as_image(b, data_range=data_range, name="b"),
                *images,
            ]
        check_sizes(images)
        height, width = images[-1].shape
        if min(height, width) < self.spec.min_size:
            smallest = f"{self.spec.min_size}x{self.spec.min_size}"
            raise UndefinedScore(f"{self.spec.id} needs at least {smallest} pixels, got {height}x{width}")
        return images

    def __repr__(self) -> str:
        return f"Metric({self.spec.id!r})"


def load(path: str | os.PathLike[str]) -> Metric:
    """Read a fitted metric that `Metric.save` wrote.

    Raises
    ------
    FusionMetricsError
        A file that is no fitted metric, or one fitted by another version or with parameters that no longer exist.
    """
    about, state = load_state(Path(path))
    name = printable(os.fspath(path))
    if set(about) != {"metric", "version", "parameters"} or not all(isinstance(word, str) for word in about.values()):
        raise FusionMetricsError(f"{name}: is not a fitted metric, it does not say of which")
    fitted_as = printable(f"{about['metric']}, version {about['version']}, parameters {about['parameters']}")
    fitted_as = fitted_as if len(fitted_as) < _SHOWN else fitted_as[:_SHOWN] + "..."
    try:
        parameters = json.loads(about["parameters"])
        if not isinstance(parameters, dict):
            raise TypeError("parameters are not a table")
        metric = create(about["metric"])
        tuples = {key for key, value in metric.params.items() if isinstance(value, tuple)}
        given = {
            key: tuple(value) if key in tuples and isinstance(value, list) else value
            for key, value in parameters.items()
        }
        metric = create(about["metric"], **given)
    except json.JSONDecodeError:
        raise FusionMetricsError(
            f"{name}: its parameters are not JSON, so it is damaged or was saved by an earlier version; fit it again"
        ) from None
    except (TypeError, ValueError, RecursionError, MemoryError) as error:
        cause = printable(str(error) or type(error).__name__)[:_SHOWN]
        raise FusionMetricsError(f"{name}: was fitted as {fitted_as}, which cannot be made ({cause})") from None
    now = metric._about()
    if about != now:
        of_now = f"{now['metric']}, version {now['version']}, parameters {now['parameters']}"
        raise FusionMetricsError(f"{name}: was fitted as {fitted_as}, but this is {of_now}")
    try:
        learner = metric._new_learner()
        learner.restore(state)
    except FusionMetricsError:
        raise
    except (TypeError, ValueError, LookupError, RuntimeError, AttributeError) as error:
        cause = " ".join(printable(str(error)).split())[:_SHOWN]
        raise FusionMetricsError(f"{name}: does not hold what {metric.spec.id} learns ({cause})") from None
    return Metric(metric.spec, metric.params, learner)


def check_sizes(images: Sequence[Image]) -> None:
    """Raise `InvalidImage` unless all images have the same rows and columns."""
    first = images[0]
    for other in images[1:]:
        if other.shape != first.shape:
            sizes = " but ".join(f"{image.name} is {image.shape[0]}x{image.shape[1]}" for image in (first, other))
            raise InvalidImage(f"sizes differ: {sizes}")


def create(identifier: str, **params: Any) -> Metric:
    """Make the metric called ``name`` or ``name:variant``.

    Parameters
    ----------
    identifier : str
        Such as ``"qabf"`` or ``"te:nava"``.
    **params
        Parameters to set instead of the variant's own.

    Raises
    ------
    UnknownMetric
        No such metric, variant or parameter; the message names the nearest.

    Examples
    --------
    >>> import numpy as np
    >>> grey = np.add.outer(np.arange(32), np.arange(32)).astype(np.uint8)
    >>> round(create("qabf")(grey, grey, grey), 4)
    0.9748
    """
    return Metric(find(identifier), params)
