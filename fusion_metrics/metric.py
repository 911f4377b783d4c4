"""`Metric` and `create`: one declared metric, called, fitted, kept; `fusion_metrics.saved` reads what was kept."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fusion_metrics.channels import score_colours
from fusion_metrics.digests import state_digest
from fusion_metrics.errors import FusionMetricsError, NotFitted, UndefinedScore, UnknownMetric
from fusion_metrics.estimating import FitTime
from fusion_metrics.given import DataRange, checked_images
from fusion_metrics.grey import grey_image
from fusion_metrics.image import Array, Image, ImageLike
from fusion_metrics.learning import Examples, Learner, Mask, rounded, save_state
from fusion_metrics.reading import DEFAULT_GREY
from fusion_metrics.registry import find, takes_sequence
from fusion_metrics.signature import parse_signature, signature_of
from fusion_metrics.spec import MetricSpec
from fusion_metrics.trained.model import Model, next_step


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
        """Whether the sources are needed."""
        return self.spec.needs_sources

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

    def __call__(
        self,
        fused: ImageLike,
        *sources: ImageLike | None,
        a: ImageLike | None = None,
        b: ImageLike | None = None,
        reference: ImageLike | None = None,
        data_range: DataRange = None,
    ) -> float:
        """Score one fused image.

        Parameters
        ----------
        fused : Image, ndarray or path
            `Image` objects remember what was computed from them: pass those to score many metrics, or many fused images
            of the same sources.
        *sources : Image, ndarray or path
            What was fused, all of one size: two, or more for a metric that takes all (``spec.sources``). None counts as
            not given.
        a, b : Image, ndarray or path, optional
            Two sources by name, behind those without one.
        reference : Image, ndarray or path, optional
            The ground truth, for a metric that compares with it (``spec.needs_reference``); no other looks at it. For
            such a metric a single picture without a name is the reference.
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
        if self.spec.needs_reference and reference is not None:
            sources, a, b = (reference,), None, None
        images = self._images(fused, (*sources, a, b), data_range)
        if self.spec.undefined:
            raise UndefinedScore(f"{self.spec.id} has no value for any picture: {self.spec.undefined}")
        if not self.learns:
            value = score_colours(self._formula, [self.seen(image) for image in images], self.spec.channels)
        elif self._learner is None:
            raise NotFitted(next_step(self.spec))
        else:
            value = float(self._learner.predict([self._learner.prepare(*images)])[0])
        if not math.isfinite(value):
            raise UndefinedScore(f"{self.spec.id} gave {value} for {images[-1].name}")
        return value

    def remark(self, fused: Image) -> str:
        """Say what a reader of the score of this picture has to know, such as that it is far from the training."""
        return self.spec.function.remark(fused) if isinstance(self.spec.function, Model) else ""

    def seen(self, image: Image) -> Image:
        """Return the picture as the metric's formula gets it: grey by the variant's own rule, if it has one."""
        rule = self.own_grey
        return grey_image(image, rule=rule) if rule and image.is_colour else image

    @property
    def own_grey(self) -> str:
        """The rule by which the variant makes colours grey, if it has one of its own; else empty."""
        return "" if self.spec.channels != "luminance" or self.spec.grey == DEFAULT_GREY else self.spec.grey

    def _formula(self, *images: Image) -> Any:
        """Hand the sources, and the fused image behind them, to the function in the form that it takes them in."""
        if takes_sequence(self.spec.function):
            return self.spec.function(images[:-1], images[-1], **self.params)
        return self.spec.function(*images, **self.params)

    def computation(self, *images: Image) -> tuple[str, ...]:
        """Say what is computed of these pictures: equal for two metrics of which one is an alias of the other."""
        colour = any(image.is_colour for image in images)
        grey = self.spec.grey if colour and self.spec.channels == "luminance" else ""
        sources = self.spec.sources if len(images) > 3 else ""  # of more than two, one may take all and the other none
        return self.spec.computed_as, str(self.spec.version), self.parameters, grey, sources

    def prepare(
        self,
        fused: ImageLike,
        a: ImageLike | None = None,
        b: ImageLike | None = None,
        *,
        data_range: DataRange = None,
    ) -> Array:
        """Turn the images of one score into the numbers that a metric learns from; see `Learner`."""
        prepared: Array = self._new_learner().prepare(*self._images(fused, (a, b), data_range))
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
        images = self._images(fused, (a, b), None)
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

    def rounded(self, precision: npt.DTypeLike) -> Metric:
        """Return this fitted metric as it would be after it was saved in another precision."""
        if self._learner is None:
            raise NotFitted(f"{self.spec.id} has nothing to round")
        learner = self._new_learner()
        learner.restore({n: a.astype(np.float64) for n, a in rounded(self._learner.state(), precision).items()})
        return Metric(self.spec, self.params, learner)

    def called(self, name: str) -> Metric:
        """Return this metric, with what it learnt, under another name."""
        return Metric(replace(self.spec, name=name), self.params, self._learner)

    @property
    def signature(self) -> str:
        """One line that says what is computed, see `fusion_metrics.signature`; `from_signature` makes the metric again.

        That of a fitted metric has a digest of what was learnt, which can only be read from a file, by `load`.
        """
        state = {} if self._learner is None else {"state": state_digest(self._learner.state())}
        return str(signature_of(self.spec, self.written, fitted={**self.spec.fitted, **state}))

    @classmethod
    def from_signature(cls, text: str) -> Metric:
        """Make the metric that gives the scores of a signature; one that learns has yet to be fitted.

        Raises
        ------
        FusionMetricsError
            The text is no signature, or of another version of the metric than this one.

        Examples
        --------
        >>> Metric.from_signature("psnr:tang|v1|grey=rgb2gray|fmbench=0.1.0")
        Metric('psnr:tang')
        """
        return cls(parse_signature(text).spec())

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

    @cached_property
    def parameters(self) -> str:
        """The parameters, and what is made of colours unless it is luminance, as one text: part of a score's key."""
        colours = {} if self.spec.channels == "luminance" else {"channels": self.spec.channels}
        state = {"state": self.spec.fitted["state"]} if self.spec.fitted else {}
        return repr(sorted({**self.written, **colours, **state}.items()))

    def about(self, *, pinned: bool = True) -> dict[str, str]:
        """Say what was fitted, so that `load` can make it again; parameters as JSON, which runs nothing.

        With `pinned`, weights that a network starts from are named by their file, see `written`.
        """
        try:
            parameters = json.dumps(self.written if pinned else self.params, sort_keys=True)
        except TypeError as error:
            raise FusionMetricsError(f"{self.spec.id} has a parameter that cannot be saved ({error})") from None
        return {"metric": self.spec.id, "version": str(self.spec.version), "parameters": parameters}

    def _new_learner(self) -> Learner:
        if not self.learns:
            raise FusionMetricsError(f"{self.spec.id} does not learn")
        learner: Learner = self.spec.function(**self.params)
        return learner

    def _images(self, fused: ImageLike, sources: Sequence[ImageLike | None], data_range: DataRange) -> list[Image]:
        return checked_images(self.spec, fused, sources, data_range)

    def __repr__(self) -> str:
        return f"Metric({self.spec.id!r})"


def create(identifier: str, *, trained: str | None = None, **params: Any) -> Metric:
    """Make the metric called ``name`` or ``name:variant``.

    Parameters
    ----------
    identifier : str
        Such as ``"qabf"`` or ``"te:nava"``; ``"bmpri+phantom"`` is `bmpri` trained on `phantom`, and the name of a file
        that ends in ``.safetensors`` is what was learnt there.
    trained : str, optional
        What a metric that learns was trained on beforehand: ``create("bmpri", trained="phantom")``.
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
    return Metric(find(identifier if trained is None else f"{identifier}+{trained}"), params)
