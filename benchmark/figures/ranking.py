"""The rank that every metric gives to every fusion algorithm, beside the rank by opinion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import BETTER, FAINT, INK, TITLE, WHITE, WORSE, brief
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Ranking(Drawing):
    """What a ranking shows.

    Attributes
    ----------
    algorithms : tuple of str, length A
        Best by mean opinion score first.
    opinion : ndarray, shape (A,)
        Those means, in the units of the database.
    expected : ndarray, shape (A,)
        The ranks by opinion, 1 is best.
    labels : tuple of str, length M
        Metrics, best first.
    ranks : ndarray, shape (M, A)
        NaN where a metric has no mean of an algorithm.
    left_out : int
        Algorithms without an image of every source pair.
    """

    algorithms: tuple[str, ...]
    opinion: Array
    expected: Array
    labels: tuple[str, ...]
    ranks: Array
    left_out: int

    @property
    def alt(self) -> str:
        """The figure in words."""
        return (
            f"Ranks of {len(self.algorithms)} algorithms by mean opinion and by {counted(len(self.labels), 'metric')}, "
            f"{self.about}; best by opinion is {self.algorithms[0]}."
        )

    def draw(self) -> Figure:
        """Draw metrics as rows, algorithms as columns."""
        from matplotlib.colors import to_rgb
        from matplotlib.figure import Figure

        m, count = self.ranks.shape
        names = [f"{brief(name, 28)}  {mean:.3g}" for name, mean in zip(self.algorithms, self.opinion, strict=True)]
        height = 1.2 + 0.06 * max(map(len, names)) + 0.18 * m
        figure = Figure(figsize=(2.4 + 0.225 * max(count, 12), height), layout="constrained")
        axes = figure.add_subplot()
        off = np.vstack([np.zeros(count), self.ranks - self.expected])
        strength = np.nan_to_num(np.abs(off) / max(count - 1, 1)) ** 0.7
        colours = np.where((off < 0)[:, :, None], to_rgb(BETTER), to_rgb(WORSE))
        edges = (np.arange(count + 1) - 0.5, np.arange(m + 2) - 0.5)
        axes.pcolormesh(*edges, np.concatenate([colours, strength[:, :, None]], axis=2))
        axes.invert_yaxis()
        size = 6 if count <= 20 else 5
        for (i, j), rank in np.ndenumerate(np.vstack([self.expected, self.ranks])):
            if np.isfinite(rank):
                colour = WHITE if strength[i, j] > 0.55 else INK
                axes.text(j, i, f"{rank:g}", ha="center", va="center", size=size, color=colour)
        axes.set_xticks(np.arange(count), names, rotation=90)
        axes.xaxis.tick_top()
        axes.set_yticks(np.arange(m + 1), ["opinion", *(brief(label, 32) for label in self.labels)])
        axes.tick_params(length=0)
        axes.hlines(np.arange(m) + 0.5, -0.5, count - 0.5, color=FAINT, linewidth=0.4)
        axes.hlines(0.5, -0.5, count - 0.5, color=INK, linewidth=1)
        axes.spines[:].set_visible(False)
        figure.suptitle(f"Rank of each algorithm\n{brief(self.about)}", x=0.01, ha="left", size=TITLE)
        legend = [
            "blue: the metric ranks the algorithm better than opinion does; orange: worse",
            "algorithms by mean opinion score (beside their names), metrics by SRCC",
        ]
        if self.left_out:
            legend.append(f"left out: {self.left_out} without an image of every source pair")
        axes.set_xlabel("\n".join(legend), loc="left", size=6.5)
        return figure
