"""How the values of each method are spread: a box within a violin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import BETTER, FAINT, INK, TITLE, brief
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Images that a violin needs: a density of fewer is invented.
ENOUGH = 10


@dataclass(frozen=True)
class Spread(Drawing):
    """What boxes and violins show.

    Attributes
    ----------
    metric, direction : str
    methods : tuple of str, length M
    values : ndarray, shape (N, M)
        In the units of the metric.
    ours : str
        A method to be coloured; empty for none.
    """

    metric: str
    direction: str
    methods: tuple[str, ...]
    values: Array
    ours: str = ""

    @property
    def alt(self) -> str:
        """The figure in words."""
        medians = [f"{name} {at:.4g}" for name, at in zip(self.methods, np.median(self.values, axis=0), strict=True)]
        return (
            f"Boxes of {self.metric} over {counted(len(self.values), 'image')} for {len(self.methods)} methods, "
            f"{self.about}; "
            f"medians: {', '.join(medians)}."
        )

    def draw(self) -> Figure:
        """Draw a box from the lower to the upper quartile, whiskers as Tukey's, the mean as a diamond."""
        from matplotlib.figure import Figure

        count = len(self.methods)
        longest = max(len(brief(name, 24)) for name in self.methods)
        figure = Figure(figsize=(1.3 + 0.55 * max(count, 4), 2.6 + 0.045 * longest), layout="constrained")
        axes = figure.add_subplot()
        places = np.arange(1, count + 1)
        if len(self.values) >= ENOUGH:
            varying = [m for m in range(count) if np.ptp(self.values[:, m]) > 0]
            if varying:
                bodies = axes.violinplot(
                    [self.values[:, m] for m in varying], places[varying], widths=0.85, showextrema=False
                )["bodies"]
                for m, body in zip(varying, bodies, strict=True):  # type: ignore[call-overload]
                    body.set(facecolor=BETTER if self.methods[m] == self.ours else FAINT, alpha=0.55, linewidth=0)
        axes.boxplot(
            list(self.values.T),
            positions=places,
            widths=0.22,
            showmeans=True,
            boxprops={"color": INK, "linewidth": 0.8},
            whiskerprops={"color": INK, "linewidth": 0.8},
            capprops={"color": INK, "linewidth": 0.8},
            medianprops={"color": INK, "linewidth": 1.4},
            meanprops={"marker": "D", "markersize": 3, "markerfacecolor": INK, "markeredgecolor": INK},
            flierprops={"marker": ".", "markersize": 3, "markeredgecolor": INK},
        )
        axes.set_xticks(places, [brief(name, 24) for name in self.methods], rotation=90 if longest > 8 else 0)
        axes.yaxis.grid(visible=True)
        axes.set_ylabel(f"{brief(self.metric, 30)} ({self.direction})")
        axes.set_xlabel(f"{counted(len(self.values), 'image')}; line: median, diamond: mean", loc="left", size=6.5)
        figure.suptitle(f"{brief(self.metric, 30)}\n{brief(self.about, 36)}", x=0.01, ha="left", size=TITLE)
        return figure
