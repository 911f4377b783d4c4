"""`Metric` and `create`: one declared metric, ready to be called, and the signature of what it computes."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

from fusion_metrics.channels import score_colours
from fusion_metrics.digests import state_digest
from fusion_metrics.errors import NotFitted, UndefinedScore
from fusion_metrics.fitting import Fittable
from fusion_metrics.given import DataRange, checked_images
from fusion_metrics.grey import grey_image
from fusion_metrics.image import Image, ImageLike
from fusion_metrics.reading import DEFAULT_GREY
from fusion_metrics.registry import find, takes_sequence
from fusion_metrics.signature import parse_signature, signature_of
from fusion_metrics.trained.model import Model, next_step


class Metric(Fittable):
    """One metric, ready to be called; made by `create`.

    Attributes
    ----------
    spec : MetricSpec
        All metadata.
    params : mapping
        The parameters in force: those of the variant, with what `create` was given on top.
    """

    @property
    def needs_sources(self) -> bool:
        """Whether the sources are needed."""
        return self.spec.needs_sources

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
        images = checked_images(self.spec, fused, (*sources, a, b), data_range)
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
    def parameters(self) -> str:
        """The parameters, and what is made of colours unless it is luminance, as one text: part of a score's key."""
        colours = {} if self.spec.channels == "luminance" else {"channels": self.spec.channels}
        state = {"state": self.spec.fitted["state"]} if self.spec.fitted else {}
        return repr(sorted({**self.written, **colours, **state}.items()))

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
