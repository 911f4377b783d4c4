"""Which metric agrees significantly better with the opinion scores than which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import BETTER, FAINT, INK, TITLE, WHITE, WORSE, brief
from benchmark.statistics.arrays import Index
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Adjusted p values up to these are drawn darker and darker; none above `alpha`.
STEPS = ((1.0, 0.3), (0.01, 0.6), (0.001, 1.0))
#: With more metrics than this, cells are too small for numbers.
WITH_NUMBERS = 16


@dataclass(frozen=True)
class Significance(Drawing):
    """What a significance matrix shows; metrics best first.

    Attributes
    ----------
    what : str
        What is compared, and for which new images the result holds.
    labels : tuple of str, length M
    values : ndarray, shape (M,)
        SRCC.
    adjusted : ndarray, shape (M, M)
        P values, adjusted for all comparisons.
    cluster : ndarray of int, shape (M,)
    alpha : float
    warning : str
    """

    what: str
    labels: tuple[str, ...]
    values: Array
    adjusted: Array
    cluster: Index
    alpha: float
    warning: str

    @property
    def alt(self) -> str:
        """The figure in words."""
        found = int((np.triu(self.adjusted <= self.alpha, 1)).sum())
        of = len(self.labels) * (len(self.labels) - 1) // 2
        return (
            f"Matrix of significance, {self.what}, {self.about}: {found} of {of} differences between metrics are "
            f"significant; {self.cluster.max()} rank clusters."
        )

    def draw(self) -> Figure:
        """Draw the matrix: each row against each column."""
        from matplotlib.colors import to_rgb
        from matplotlib.figure import Figure

        m = len(self.labels)
        side = 0.32 if m <= WITH_NUMBERS else 0.17
        figure = Figure(figsize=(max(4.6, 2.1 + side * m), 2.2 + side * m), layout="constrained")
        axes = figure.add_subplot()
        better = self.values[:, None] > self.values
        strength = np.zeros((m, m))
        for limit, shade in STEPS:
            strength[self.adjusted <= min(limit, self.alpha)] = shade
        np.fill_diagonal(strength, 0)
        colours = np.where(better[:, :, None], to_rgb(BETTER), to_rgb(WORSE))
        edges = np.arange(m + 1) - 0.5
        axes.pcolormesh(edges, edges, np.concatenate([colours, strength[:, :, None]], axis=2))
        axes.invert_yaxis()
        axes.set_aspect("equal")
        if m <= WITH_NUMBERS:
            for i, j in np.argwhere(~np.eye(m, dtype=bool)):
                dark = strength[i, j] > 0.5
                text = _short(float(self.adjusted[i, j]))
                axes.text(j, i, text, ha="center", va="center", size=5.5, color=WHITE if dark else INK)
        axes.set_xticks(np.arange(m), [brief(label, 32) for label in self.labels], rotation=90)
        values = np.round(self.values, 2) + 0.0  # never -0.00
        numbered = [f"{brief(label, 32)}  {value:.2f}" for label, value in zip(self.labels, values, strict=True)]
        axes.set_yticks(np.arange(m), numbered)
        axes.tick_params(length=0)
        axes.hlines(edges, -0.5, m - 0.5, color=FAINT, linewidth=0.4)
        axes.vlines(edges, -0.5, m - 0.5, color=FAINT, linewidth=0.4)
        for start in np.flatnonzero(np.diff(self.cluster)) + 0.5:
            axes.hlines(start, -0.5, m - 0.5, color=INK, linewidth=1)
            axes.vlines(start, -0.5, m - 0.5, color=INK, linewidth=1)
        axes.spines[:].set_visible(False)
        figure.suptitle(f"Differences in SRCC {self.what}\n{brief(self.about)}", x=0.01, ha="left", size=TITLE)
        axes.set_xlabel(self._legend, loc="left", size=6.5)
        return figure

    @property
    def _legend(self) -> str:
        lines = [
            "row against column: blue, the row agrees better; orange, worse",
            f"shades: p ≤ {self.alpha:g}, 0.01, 0.001 (step-down maxT); empty: no difference found",
            "black lines: borders of rank clusters; beside the names: SRCC",
        ]
        return "\n".join([*lines, *_wrapped(self.warning)])


def _wrapped(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 70)


def _short(p: float) -> str:
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 0.1 else f"{p:.2f}".removeprefix("0")
