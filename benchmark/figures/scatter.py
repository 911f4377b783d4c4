"""One metric against the opinion scores, image by image, with the fitted logistic and its band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.band import band, curve
from benchmark.figures.drawing import Drawing
from benchmark.figures.style import INK, MARKERS, PALETTE, TITLE, brief
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: With more points than this, they are small and faint.
MANY = 400


@dataclass(frozen=True)
class Fitted:
    """The logistic that was fitted, and what its band needs.

    Attributes
    ----------
    parameters : tuple of float
        In units of the oriented score `x`.
    x, q : ndarray, shape (n,)
        Oriented scores and opinion scores in 0..1.
    pairs : tuple of str, length n
    grid, grid_x : ndarray, shape (m,)
        Scores of the metric as the axis shows them, and the same oriented.
    replicates, confidence, seed
        See `benchmark.figures.band`.
    """

    parameters: tuple[float, ...]
    x: Array
    q: Array
    pairs: tuple[str, ...]
    grid: Array
    grid_x: Array
    replicates: int
    confidence: float
    seed: int


@dataclass(frozen=True)
class Scatter(Drawing):
    """What a scatter plot shows.

    Attributes
    ----------
    label, direction : str
        Name of the metric, and which of its scores are better.
    agreement : str
        Its numbers in short.
    own : ndarray, shape (n,)
        The metric's scores, as it gives them.
    opinion : ndarray, shape (n,)
        Mean opinion scores in the units of the database.
    ends : (float, float)
        Of the opinion scale.
    opinions : str
        Label of that axis.
    groups : tuple of str, length n
        What the colours stand for; all empty where there are too many pairs and modalities.
    fitted : Fitted or None
        None where no logistic could be fitted; `agreement` then says why.
    """

    label: str
    direction: str
    agreement: str
    own: Array
    opinion: Array
    ends: tuple[float, float]
    opinions: str
    groups: tuple[str, ...]
    fitted: Fitted | None

    @property
    def alt(self) -> str:
        """The figure in words."""
        return f"Scatter plot of {self.label} against the {self.opinions} of {self.about}: {self.agreement}."

    def draw(self) -> Figure:
        """Draw points in groups, the curve and its band."""
        from matplotlib.figure import Figure

        # Margins are fixed: to compute them would take longer than all else here.
        figure = Figure(figsize=(3.7, 3.6))
        axes = figure.add_axes((0.125, 0.225, 0.85, 0.6))
        self._draw_points(axes)
        if self.fitted is not None:
            self._draw_curve(axes, self.fitted)
        low, high = self.opinion.min(), self.opinion.max()
        margin = 0.05 * max(high - low, 0.1 * (self.ends[1] - self.ends[0]))
        axes.set_ylim(low - margin, high + margin)
        axes.set_xlabel(f"{brief(self.label, 40)} ({self.direction})")
        axes.set_ylabel(self.opinions, labelpad=2)
        figure.text(0.02, 0.985, brief(self.label, 50), va="top", size=TITLE)
        figure.text(0.02, 0.935, brief(self.about), va="top")
        figure.text(0.02, 0.895, brief(self.agreement, 76), va="top", size=6.5)
        handles, names = axes.get_legend_handles_labels()
        figure.legend(handles, names, loc="lower center", ncols=4, columnspacing=1.2, handletextpad=0.3)
        return figure

    def _draw_points(self, axes: Axes) -> None:
        groups = np.array(self.groups)
        many = len(self.own) > MANY
        for i, group in enumerate(dict.fromkeys(self.groups)):
            here = groups == group
            axes.scatter(
                self.own[here],
                self.opinion[here],
                s=7 if many else 13,
                marker=MARKERS[i % len(MARKERS)],
                color=PALETTE[i % len(PALETTE)],
                alpha=0.45 if many else 0.75,
                linewidths=0,
                label=brief(group, 16) or None,
            )

    def _draw_curve(self, axes: Axes, fitted: Fitted) -> None:
        low, high = self.ends
        middle = curve(fitted.grid_x, fitted.parameters)
        half = band(
            fitted.x,
            fitted.q,
            fitted.pairs,
            fitted.parameters,
            fitted.grid_x,
            replicates=fitted.replicates,
            confidence=fitted.confidence,
            seed=fitted.seed,
        )
        if np.isfinite(half).all():
            below, above = (low + (high - low) * (middle + side * half) for side in (-1, 1))
            name = f"{fitted.confidence:.0%} band"
            axes.fill_between(fitted.grid, below, above, color=INK, alpha=0.15, linewidth=0, label=name)
        axes.plot(fitted.grid, low + (high - low) * middle, color=INK, linewidth=1.2, label="logistic")
