"""Mean ranks of methods on a line, and which of them do not differ: the critical-difference diagram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import BETTER, FAINT, INK, TITLE, brief
from benchmark.statistics.methods.friedman import cliques
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Distance of two bars, where that of two names is 1.
BAR = 0.42


@dataclass(frozen=True)
class CriticalDifference(Drawing):
    """What a critical-difference diagram shows.

    Attributes
    ----------
    metric : str
        By which methods were ranked.
    methods : tuple of str, length M
        In any order.
    ranks : ndarray, shape (M,)
        Mean ranks, 1 is best.
    apart : float
        Nemenyi's critical difference.
    alpha : float
    images : int
        Images, or groups of them, that were ranked.
    p : float
        Of Friedman's test, after Iman and Davenport.
    ours : str
        A method to be marked; empty for none.
    """

    metric: str
    methods: tuple[str, ...]
    ranks: Array
    apart: float
    alpha: float
    images: int
    p: float
    ours: str = ""

    @property
    def alt(self) -> str:
        """The figure in words."""
        order = np.argsort(self.ranks, kind="stable")
        near = int((self.ranks <= self.ranks.min() + self.apart).sum()) - 1
        return (
            f"Mean ranks of {len(self.methods)} methods by {self.metric} over {self.images} images, {self.about}: best "
            f"is {self.methods[order[0]]} with {self.ranks[order[0]]:.2f}; {near} other "
            f"{'method is' if near == 1 else 'methods are'} within the critical difference of {self.apart:.2f}."
        )

    def draw(self) -> Figure:
        """Draw the better half of the names on the left, the others on the right, bars over what does not differ."""
        from matplotlib.figure import Figure

        order = np.argsort(self.ranks, kind="stable")
        ranks = self.ranks[order]
        m = len(ranks)
        bars = cliques(ranks, self.apart)
        left = (m + 1) // 2
        under = 0.5 + BAR * len(bars)
        depth = under + left
        figure = Figure(figsize=(6.4, 1.25 + 0.2 * (depth + 2.2)), layout="constrained")
        axes = figure.add_subplot()
        width = m - 1.0
        side = 0.05 * width
        axes.set_xlim(1 - side, m + side)
        axes.set_ylim(depth + 0.3, -2.6)
        self._draw_axis(axes, m)
        for number, (first, last) in enumerate(bars):
            height = 0.5 + BAR * number
            ends = ranks[first] - 0.006 * width, ranks[last] + 0.006 * width
            axes.plot(ends, (height, height), color=INK, linewidth=2.6, solid_capstyle="butt")
        for place, (method, rank) in enumerate(zip(order, ranks, strict=True)):
            on_left = place < left
            row = under + (0.5 + (place if on_left else m - 1 - place))
            edge = 1 - 0.5 * side if on_left else m + 0.5 * side
            ours = self.methods[method] == self.ours
            colour = BETTER if ours else INK
            axes.plot((rank, rank, edge), (0, row, row), color=colour, linewidth=1.3 if ours else 0.7)
            name, number_text = brief(self.methods[method], 32), f"{rank:.2f}"
            text = f"{name}  {number_text} " if on_left else f" {number_text}  {name}"
            axes.text(edge, row, text, ha="right" if on_left else "left", va="center", color=colour)
        figure.suptitle(f"Mean ranks by {brief(self.metric, 40)}\n{brief(self.about)}", x=0.01, ha="left", size=TITLE)
        axes.set_xlabel(self.legend, loc="left", size=6.5)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        return figure

    def _draw_axis(self, axes: Axes, m: int) -> None:
        axes.plot((1, m), (0, 0), color=INK, linewidth=0.8)
        for rank in np.arange(1, m + 0.25, 0.5 if m <= 10 else 1):
            whole = float(rank).is_integer()
            axes.plot((rank, rank), (0, -0.25 if whole else -0.14), color=INK, linewidth=0.8)
            if whole:
                axes.text(rank, -0.35, f"{rank:g}", ha="center", va="bottom")
        best = float(self.ranks.min())
        end = min(best + self.apart, float(m))
        axes.plot((best, end), (-1.45, -1.45), color=INK, linewidth=1.3)
        for rank in (best, end):
            axes.plot((rank, rank), (-1.6, -1.3), color=INK, linewidth=0.8)
        axes.axvspan(best, end, color=FAINT, alpha=0.25, linewidth=0, zorder=0)
        axes.text((best + end) / 2, -1.75, f"critical difference {self.apart:.2f}", ha="center", va="bottom")

    @property
    def legend(self) -> str:
        """What the bars, the shade and the test mean."""
        exact = "p < 0.0001" if self.p < 0.0001 else f"p = {self.p:.4f}" if self.p < 0.1 else f"p = {self.p:.2f}"
        return (
            f"1 is best; {self.images} images; Friedman's test after Iman and Davenport: {exact}\n"
            f"under a bar: no difference found at {self.alpha:g} (Nemenyi); shaded: none found from the best"
        )
