"""One metric over all images, each method's values in their order: the curves that papers of the field print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import TITLE, brief, look
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SortedCurves(Drawing):
    """What sorted curves show.

    Attributes
    ----------
    metric, direction : str
        Name, and which values are better.
    methods : tuple of str, length M
    values : ndarray, shape (N, M)
        In the units of the metric.
    ours : str
        A method to be drawn thicker; empty for none.
    """

    metric: str
    direction: str
    methods: tuple[str, ...]
    values: Array
    ours: str = ""

    @property
    def alt(self) -> str:
        """The figure in words."""
        means = [f"{name} {mean:.4g}" for name, mean in zip(self.methods, self.values.mean(axis=0), strict=True)]
        return (
            f"Values of {self.metric} over {counted(len(self.values), 'image')} in ascending order, a curve for "
            f"each of "
            f"{len(self.methods)} methods, {self.about}; means: {', '.join(means)}."
        )

    def draw(self) -> Figure:
        """Draw a point (x, y) for each image: a share x of the images has a value of at most y."""
        from matplotlib.figure import Figure

        count = len(self.values)
        figure = Figure(figsize=(5.6, 3.2), layout="constrained")
        axes = figure.add_subplot()
        share = np.arange(1, count + 1) / count
        for m, method in enumerate(self.methods):
            own = np.sort(self.values[:, m])
            colour, marker, line = look(m)
            axes.plot(
                share,
                own,
                color=colour,
                linestyle=line,
                marker=marker,
                markersize=3,
                markevery=max(count // 12, 1),
                linewidth=2.0 if method == self.ours else 1.1,
                zorder=3 if method == self.ours else 2,
                label=f"{brief(method, 24)}  {own.mean():.4g}",
            )
        axes.set_xlim(0, 1)
        axes.grid(visible=True)
        axes.set_xlabel(f"share of {count} images with at most this value")
        axes.set_ylabel(f"{brief(self.metric, 30)} ({self.direction})")
        figure.legend(title="mean", title_fontsize=6.5, loc="outside right upper")
        figure.suptitle(f"{brief(self.metric, 40)}\n{brief(self.about)}", x=0.01, ha="left", size=TITLE)
        return figure
