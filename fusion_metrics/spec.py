"""`MetricSpec`: everything that is known about one metric in one variant, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

DEFAULT_VARIANT = "paper"


@dataclass(frozen=True)
class Variant:
    """One named way to compute a metric.

    Parameters
    ----------
    summary : str
        One sentence: whose definition or script this is and what it departs in.
    params : mapping
        Keyword arguments that the metric's function gets.
    higher_is_better, bounds, ideal, cites, symmetric, min_size
        Where the variant differs from the metric's own declaration; None leaves that as it is.
    """

    summary: str
    params: Mapping[str, Any] = field(default_factory=dict)
    higher_is_better: bool | None = None
    bounds: tuple[float, float] | None = None
    ideal: float | None = None
    cites: str | None = None
    symmetric: bool | None = None
    min_size: int | None = None


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
        What kind of thing it measures: information, gradient, structure, perception, ...
    summary : str
        First line of the metric's docstring.
    variant_summary : str
        What this variant computes and where it leaves the published definition.
    higher_is_better : bool
        False also where an `ideal` strictly inside `bounds` is aimed at: a smaller departure is better.
    bounds : (float, float)
        Closed interval that no valid input leaves.
    ideal : float or None
        The value for three equal, non-degenerate images; None where that depends on the picture.
    cites : str
        Key in ``references.bib``, or a whole BibTeX entry for a metric that is not part of this project.
    params : mapping
        The parameters of this variant; `Metric` may override them.
    needs_sources : bool
        Whether the metric compares with the two sources (False: it looks at the fused image alone).
    symmetric : bool
        Whether exchanging the two sources leaves the value unchanged.
    min_size : int
        Smallest number of rows and of columns the definition can handle.
    version : int
        Raised whenever values change; part of every stored score's key.
    function : callable
        ``f(a, b, fused, **params)``, or ``f(fused, **params)`` without sources; for a metric that learns, the
        `Learner` class, called with the parameters alone.
    learns : bool
        Whether the metric is fitted to opinion scores before it can be called.
    requires : tuple of str
        Modules that it imports only when something is computed, and that need not be installed.
    notes : callable or None
        ``notes(**params)``: what every table must say about its numbers; a metric that learns has `Learner.notes`.
    """

    name: str
    variant: str
    title: str
    family: str
    summary: str
    variant_summary: str
    higher_is_better: bool
    bounds: tuple[float, float]
    ideal: float | None
    cites: str
    params: Mapping[str, Any]
    needs_sources: bool
    symmetric: bool
    min_size: int
    version: int
    function: Callable[..., Any]
    learns: bool = False
    requires: tuple[str, ...] = ()
    notes: Callable[..., str] | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Those modules of `requires` that are not installed: without them nothing can be computed."""
        return tuple(module for module in self.requires if find_spec(module) is None)

    @property
    def id(self) -> str:
        """The shortest name that `create` understands: ``qabf``, ``qabf:liu2012``."""
        return self.name if self.variant == DEFAULT_VARIANT else f"{self.name}:{self.variant}"

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
