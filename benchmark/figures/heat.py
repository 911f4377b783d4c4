"""Methods by metrics at a glance: colours say where a method stands between the worst and the best of a metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import BETTER, INK, TITLE, WHITE, brief, look
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NORMALISED = "0 is the worst and 1 the best mean of these methods, metric by metric"


def normalised(means: Array) -> Array:
    """Bring means to 0..1 within each metric, shape (K, M); 0.5 where all are equal, NaN where one is missing.

    >>> normalised(np.array([[1.0, 3.0, 2.0], [5.0, 5.0, 5.0]]))
    array([[0. , 1. , 0.5],
           [0.5, 0.5, 0.5]])
    """
    found = np.full(means.shape, np.nan)
    for k, row in enumerate(means):
        known = np.isfinite(row)
        if known.any():
            low, high = row[known].min(), row[known].max()
            found[k, known] = (row[known] - low) / (high - low) if high > low else 0.5
    return found


@dataclass(frozen=True)
class Heat(Drawing):
    """What a heat map of methods and metrics shows.

    Attributes
    ----------
    methods : tuple of str, length M
    metrics : tuple of str, length K
        With their directions.
    means : ndarray, shape (K, M)
        Turned so that more is better; NaN where there is none.
    texts : tuple of tuple of str, K lines of M
        What is printed in the cells.
    """

    methods: tuple[str, ...]
    metrics: tuple[str, ...]
    means: Array
    texts: tuple[tuple[str, ...], ...]

    @property
    def alt(self) -> str:
        """The figure in words."""
        what = f"{len(self.methods)} methods by {counted(len(self.metrics), 'metric')}, {self.about}"
        shares = normalised(self.means)
        known = np.flatnonzero(np.isfinite(shares).any(axis=0))
        if not len(known):
            return f"{what}; no method has a mean."
        best = known[np.argmax(np.nanmean(shares[:, known], axis=0))]
        return f"{what}; darkest on the whole is {self.methods[best]}."

    @property
    def legend(self) -> str:
        """What the colours mean, on white paper."""
        return "darker: nearer to the best mean of these methods,\nmetric by metric; white: the worst"

    def draw(self) -> Figure:
        """Draw metrics as rows and methods as columns."""
        from matplotlib.colors import to_rgb
        from matplotlib.figure import Figure

        k, m = self.means.shape
        longest = max(len(brief(name, 28)) for name in self.methods)
        width, height = 1.7 + 0.55 * max(m, 4), 1.1 + 0.2 * k + 0.06 * longest
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        share = normalised(self.means)
        strength = 0.9 * np.nan_to_num(share)
        colours = np.broadcast_to(to_rgb(BETTER), (k, m, 3))
        cells = np.concatenate([colours, strength[:, :, None]], axis=2)
        axes.pcolormesh(np.arange(m + 1) - 0.5, np.arange(k + 1) - 0.5, cells)
        axes.invert_yaxis()
        for (i, j), dark in np.ndenumerate(strength):
            axes.text(j, i, self.texts[i][j], ha="center", va="center", size=6, color=WHITE if dark > 0.55 else INK)
        axes.set_xticks(np.arange(m), [brief(name, 28) for name in self.methods], rotation=90)
        axes.xaxis.tick_top()
        axes.set_yticks(np.arange(k), [brief(name, 32) for name in self.metrics])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(self.legend, loc="left", size=6.5)
        figure.suptitle(f"Methods by metrics\n{brief(self.about, 40)}", x=0.01, ha="left", size=TITLE)
        return figure


@dataclass(frozen=True)
class Radar(Drawing):
    """What a radar chart shows.

    Attributes
    ----------
    methods : tuple of str, length M
    metrics : tuple of str, length K
        At least three, with their directions.
    means : ndarray, shape (K, M)
        Turned so that more is better, all of them there.
    ours : str
        A method to be drawn thicker; empty for none.
    """

    methods: tuple[str, ...]
    metrics: tuple[str, ...]
    means: Array
    ours: str = ""

    @property
    def alt(self) -> str:
        """The figure in words."""
        return (
            f"Radar chart of {len(self.methods)} methods on {len(self.metrics)} metrics, {self.about}; {NORMALISED}. "
            "Areas have no meaning: they depend on the order of the metrics."
        )

    def draw(self) -> Figure:
        """Draw a closed line a method; 0 is not in the middle, so that the worst can still be seen."""
        from matplotlib.figure import Figure

        k = len(self.metrics)
        figure = Figure(figsize=(4.4, 4.6), layout="constrained")
        axes = figure.add_subplot(projection="polar")
        angles = np.linspace(0, 2 * np.pi, k, endpoint=False)
        share = normalised(self.means)
        for m, method in enumerate(self.methods):
            colour, marker, line = look(m)
            own = method == self.ours
            axes.plot(
                np.append(angles, angles[0]),
                np.append(share[:, m], share[0, m]),
                color=colour,
                linestyle=line,
                marker=marker,
                markersize=3.5,
                linewidth=2.0 if own else 1.1,
                zorder=3 if own else 2,
                label=brief(method, 24),
            )
        axes.set_ylim(-0.25, 1.05)
        axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"], size=6)
        axes.set_xticks(angles, [brief(name, 16) for name in self.metrics])
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        figure.suptitle(f"Methods by metrics\n{brief(self.about)}\n{NORMALISED}", x=0.01, ha="left", size=TITLE)
        return figure
