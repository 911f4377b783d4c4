"""`MetricSpec`: everything that is known about one metric in one variant, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from typing import Any, Literal, TypedDict

DEFAULT_VARIANT = "paper"

#: What a metric measures, in the order in which metrics are listed.
FAMILIES: Mapping[str, str] = {
    "information": "how much of the sources' information the fused image keeps",
    "edges": "which edges and details of the sources the fused image keeps, loses or adds",
    "structure": "how similar the fused image is to its sources, window by window",
    "contrast": "what an eye sees of the sources' contrast, and of the difference from them",
    "difference": "how far pixels and their brightness depart from those of the sources",
    "activity": "how much detail, contrast or noise the fused image has by itself",
    "features": "how similar the pictures are to a network that was trained to name what they show",
    "opinion": "what people would say, learnt from scores that they gave",
}

Channels = Literal["luminance", "colours", "each", "side by side"]
#: What a colour picture is to a metric.
CHANNELS: Mapping[Channels, str] = {
    "luminance": "one grey picture, its luminance",
    "colours": "itself: the definition has a use for colours",
    "each": "three grey pictures, red, green and blue: the score is the mean of theirs",
    "side by side": "one grey picture of three times the width, so that the seams are edges",
}

Sources = Literal["all", "two", "none", "reference"]
#: How a metric takes the pictures that were fused.
SOURCES: Mapping[Sources, str] = {
    "all": "as many as there are",
    "two": "exactly two; where more were fused, those that the database names a and b",
    "none": "none: it looks at the fused image alone",
    "reference": "none: it compares the fused image with the ground truth",
}

Trait = Literal[
    "prefers blur",
    "prefers noise",
    "undefined if equal",
    "undefined for some",
    "symmetric without ties",
    "needs room",
]
#: Where a metric may leave what `fusion_metrics.testing` expects of every metric.
EXCEPTIONS: Mapping[Trait, str] = {
    "prefers blur": "scores a blurred picture at least as high as the sharp one",
    "prefers noise": "scores a noisy picture at least as high as the clean one",
    "undefined if equal": "has no value for three equal pictures",
    "undefined for some": "has no value for some ordinary pictures",
    "symmetric without ties": "the order of the sources is of account only where windows tie, which few do",
    "needs room": "tells blur and noise from detail in pictures of 128x128 pixels and more",
}


@dataclass(frozen=True)
class Variant:
    """One named way to compute a metric.

    Parameters
    ----------
    summary : str
        One sentence: whose definition or script this is and what it departs in.
    params : mapping
        Keyword arguments that the function gets.
    alias_of : str, optional
        Another variant, of this metric (``"tang"``) or of any (``"vif:cddfuse"``), declared before: the variant is
        computed as that one is, and never a second time. It takes over everything but what is stated here.
    function : callable, optional
        What is computed instead of the metric's own function, of the same images: for a script whose formula has
        nothing but its name in common with the publication.
    exceptions : mapping of str to str
        See `MetricSpec`; they are added to those of the metric, and an empty reason takes one of them away.
    sources : {"all", "two"}, optional
        How a variant of a metric whose function takes all sources takes them. Most variants are scripts, which are
        written for two: every one but ``paper`` takes two unless it says ``"all"``.
    higher_is_better, bounds, ideal, cites, symmetric, min_size, channels, grey, pretrained, undefined
        Where the variant differs from the metric's own declaration; None leaves that as it is.

    Examples
    --------
    >>> Variant("The mean of red, green and blue.", channels="each").changes()
    {'channels': 'each'}
    """

    summary: str
    params: Mapping[str, Any] = field(default_factory=dict)
    exceptions: Mapping[Trait, str] = field(default_factory=dict)
    higher_is_better: bool | None = None
    bounds: tuple[float, float] | None = None
    ideal: float | None = None
    cites: str | None = None
    symmetric: bool | None = None
    min_size: int | None = None
    channels: Channels | None = None
    grey: str | None = None
    pretrained: bool | None = None
    undefined: str | None = None
    alias_of: str | None = None
    function: Callable[..., Any] | None = None
    sources: Literal["all", "two"] | None = None

    def changes(self) -> dict[str, Any]:
        """Collect what differs from the metric's own declaration, under the names that `MetricSpec` has for it."""
        added = {"summary", "params", "exceptions", "alias_of", "function", "sources"}
        differing = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in added}
        return {name: value for name, value in differing.items() if value is not None}


class Options(TypedDict, total=False):
    """What a declaration may leave out; see `MetricSpec`, which has the defaults."""

    ideal: float | None
    symmetric: bool
    min_size: int
    version: int
    channels: Channels
    grey: str
    pretrained: bool
    exceptions: Mapping[Trait, str]
    requires: tuple[str, ...]
    notes: Callable[..., str] | None
    pinned: Callable[..., Mapping[str, str]] | None


@dataclass(frozen=True)
class MetricSpec:
    """A metric in one variant.

    Attributes
    ----------
    name, variant : str
        Such as ``qabf`` and ``liu2012``; the default variant is ``paper``, the published definition.
    title : str
        The name in the field's own notation, such as ``Q^AB/F``.
    family : str
        What is measured, one of `FAMILIES`.
    summary : str
        First line of the metric's docstring.
    variant_summary : str
        What this variant computes and where it leaves the published definition.
    higher_is_better : bool
        False also where an `ideal` strictly inside `bounds` is aimed at: a smaller departure is better.
    bounds : (float, float)
        Closed interval that no valid input leaves.
    cites : str
        Key in ``references.bib``, or a whole BibTeX entry for a metric that is not part of this project.
    params : mapping
        The parameters of this variant; `Metric` may override them.
    sources : str
        How the metric takes the pictures that were fused, one of `SOURCES`.
    function : callable
        ``f(sources, fused, **params)`` for any number of sources, ``f(a, b, fused, **params)`` for exactly two,
        ``f(reference, fused, **params)`` for the ground truth, ``f(fused, **params)`` for the fused image alone; for a
        metric that learns, the `Learner` class, called with the parameters alone.
    ideal : float or None
        The value where fused image and sources are equal and not degenerate; None where that depends on the picture.
    symmetric : bool
        Whether exchanging sources leaves the value unchanged.
    min_size : int
        Smallest number of rows and of columns the definition can handle.
    version : int
        Raised whenever values change; part of every stored score's key.
    channels : str
        What a colour picture is to the metric, one of `CHANNELS`: `Metric` sees to it, and the function may take every
        picture for a grey one. For a metric that learns, this is always ``"luminance"``, and what it
        makes of colours is its own affair.
    grey : str
        How a colour picture becomes grey where `channels` is ``"luminance"``, one of `fusion_metrics.grey.GREY_RULES`.
    pretrained : bool
        Whether its network, as defined, starts from weights that were learnt elsewhere; see `Metric.qualifier`.
    exceptions : mapping of str to str
        Which of `EXCEPTIONS` hold, and for each the reason, as half a sentence.
    requires : tuple of str
        Modules that it imports only when something is computed, and that need not be installed.
    notes : callable or None
        ``notes(**params)``: what every table must say about its numbers; a metric that learns has `Learner.notes`.
    learns : bool
        Whether the metric is fitted to opinion scores before it can be called.
    undefined : str
        Why there is never a value, as half a sentence; empty where there is one. It stands for a script that fails
        whatever it is given.
    alias_of : str
        The identifier of the variant that this one only gives another name to; empty for one of its own. Pictures that
        are grey already have the same score under both names, others too unless `grey` differs.
    pinned : callable or None
        ``pinned(**params)``: parameters that are written down otherwise than they are given, such as weights by the
        file that this machine has; a metric that learns has `Learner.pinned`.
    fitted : mapping of str to str
        Of a metric that was trained beforehand, such as ``bmpri+phantom``: the digest of what it learnt, as ``state``,
        and on what, if that is known, as ``on``. Empty for every other.
    qualifier : str
        What rows of tables say of such a metric beside its name.
    """

    name: str
    variant: str
    title: str
    family: str
    summary: str
    variant_summary: str
    higher_is_better: bool
    bounds: tuple[float, float]
    cites: str
    params: Mapping[str, Any]
    sources: Sources
    function: Callable[..., Any]
    ideal: float | None = None
    symmetric: bool = True
    min_size: int = 1
    version: int = 1
    channels: Channels = "luminance"
    grey: str = "rgb2gray"
    pretrained: bool = False
    exceptions: Mapping[Trait, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()
    notes: Callable[..., str] | None = None
    learns: bool = False
    undefined: str = ""
    alias_of: str = ""
    pinned: Callable[..., Mapping[str, str]] | None = None
    fitted: Mapping[str, str] = field(default_factory=dict)
    qualifier: str = ""

    @property
    def predicts_opinions(self) -> bool:
        """Whether its values are opinion scores on 0..1: it learns, or has learnt beforehand."""
        return self.learns or bool(self.fitted)

    @property
    def needs_sources(self) -> bool:
        """Whether the metric compares with the sources; others look at the fused image alone, or at a reference."""
        return self.sources in ("all", "two")

    @property
    def needs_reference(self) -> bool:
        """Whether the metric compares with the ground truth."""
        return self.sources == "reference"

    @property
    def missing(self) -> tuple[str, ...]:
        """Those modules of `requires` that are not installed: without them nothing can be computed."""
        return tuple(module for module in self.requires if find_spec(module) is None)

    @property
    def id(self) -> str:
        """The shortest name that `create` understands: ``qabf``, ``qabf:liu2012``."""
        return self.name if self.variant == DEFAULT_VARIANT else f"{self.name}:{self.variant}"

    @property
    def computed_as(self) -> str:
        """The identifier under which the score is computed and kept: that of an alias is another variant's."""
        return self.alias_of or self.id

    def orient(self, value: float) -> float:
        """Turn a score so that more is better: the form in which it is held against human scores.

        A score with its ideal strictly inside the bounds becomes minus its distance from that ideal.
        """
        if self.ideal is not None and self.bounds[0] < self.ideal < self.bounds[1] and not self.higher_is_better:
            return -abs(value - self.ideal)
        return value if self.higher_is_better else -value

    @property
    def arrow(self) -> str:
        """The direction as tables print it: up, down, or towards an ideal value."""
        if self.higher_is_better:
            return "↑"
        if self.ideal is not None and self.bounds[0] < self.ideal < self.bounds[1]:
            return f"→{self.ideal:g}"
        return "↓"
