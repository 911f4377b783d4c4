"""Two methods against each other, image by image: how often, and by how much, one is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import BETTER, INK, MARKERS, WORSE, brief
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Images that are named: those on which the two differ most.
NAMED = 3


@dataclass(frozen=True)
class Duel(Drawing):
    """What a scatter of two methods shows.

    Attributes
    ----------
    metric, direction : str
    first, second : str
        Methods; the first is on the vertical axis.
    images : tuple of str, length N
    values : ndarray, shape (N, 2)
        In the units of the metric, the first method in the first column.
    ahead : ndarray, shape (N,)
        By how much the first is better.
    verdict : str
        What the test says.
    """

    metric: str
    direction: str
    first: str
    second: str
    images: tuple[str, ...]
    values: Array
    ahead: Array
    verdict: str

    @property
    def counts(self) -> str:
        """How often either is better."""
        wins, losses = int((self.ahead > 0).sum()), int((self.ahead < 0).sum())
        ties = len(self.ahead) - wins - losses
        return (
            f"{self.first} is better on {wins}, {self.second} on {losses} of "
            f"{counted(len(self.ahead), 'image')}, {ties} tied"
        )

    @property
    def alt(self) -> str:
        """The figure in words."""
        return f"{self.metric} of {self.first} against {self.second}, {self.about}: {self.counts}; {self.verdict}."

    def draw(self) -> Figure:
        """Draw a point an image, and the line on which both are alike."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.7, 3.9), layout="constrained")
        axes = figure.add_subplot()
        for side, (colour, name) in enumerate(((BETTER, self.first), (WORSE, self.second))):
            here = self.ahead > 0 if side == 0 else self.ahead < 0
            axes.scatter(
                self.values[here, 1],
                self.values[here, 0],
                s=14,
                marker=MARKERS[side],
                color=colour,
                alpha=0.75,
                linewidths=0,
                label=f"{brief(name, 18)} better",
            )
        tied = self.ahead == 0
        axes.scatter(self.values[tied, 1], self.values[tied, 0], s=14, marker="x", color=INK, linewidths=0.8)
        low, high = float(self.values.min()), float(self.values.max())
        margin = 0.05 * (high - low) or 1.0
        ends = low - margin, high + margin
        axes.plot(ends, ends, color=INK, linewidth=0.7)
        for n in np.argsort(-np.abs(self.ahead), kind="stable")[:NAMED]:
            if self.ahead[n]:
                right = self.values[n, 1] > (low + high) / 2
                text = f"{brief(self.images[n], 18)} " if right else f" {brief(self.images[n], 18)}"
                axes.text(
                    self.values[n, 1], self.values[n, 0], text, size=5.5, ha="right" if right else "left", va="center"
                )
        axes.set(xlim=ends, ylim=ends, aspect="equal")
        axes.set_xlabel(brief(self.second, 40))
        axes.set_ylabel(brief(self.first, 40))
        axes.legend(loc="upper left")
        title = f"{brief(self.metric, 30)} ({self.direction}), {brief(self.about, 36)}"
        figure.suptitle(f"{title}\n{brief(self.counts, 80)}\n{brief(self.verdict, 80)}", x=0.01, ha="left", size=6.5)
        return figure
