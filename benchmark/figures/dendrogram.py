"""Which metrics say the same: a tree of their rank correlations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import INK, MARKERS, PALETTE, TITLE, brief
from benchmark.statistics.arrays import Index
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Dendrogram(Drawing):
    """What a dendrogram shows; see `benchmark.statistics.methods.redundancy.Redundancy`.

    Attributes
    ----------
    what : str
        What was correlated, as in "ranks of 6 methods within 24 images".
    labels : tuple of str, length K
        Metrics.
    tree : ndarray, shape (K - 1, 4)
        As scipy's `linkage` describes it; heights are 1 - rho.
    group : ndarray of int, shape (K,)
    threshold : float
        Rank correlation from which metrics are alike.
    effective : float
        Effective number of metrics.
    """

    what: str
    labels: tuple[str, ...]
    tree: Array
    group: Index
    threshold: float
    effective: float

    @property
    def alt(self) -> str:
        """The figure in words."""
        groups = [
            ", ".join(self.labels[i] for i in np.flatnonzero(self.group == number)) for number in self._large_groups
        ]
        alike = f"alike are {'; '.join(groups)}" if groups else "no two are alike"
        return (
            f"Tree of {len(self.labels)} metrics by the rank correlation of {self.what}, {self.about}; from "
            f"{self.threshold:g} up, {alike}. They are worth {self.effective:.1f} metrics."
        )

    @property
    def legend(self) -> str:
        """What the branches, the dashes and the colours mean."""
        return (
            f"rank correlation of {brief(self.what, 60)}; joined at the least in a group\n"
            f"dashed and coloured: alike from {self.threshold:g} up; {len(self.labels)} metrics are worth "
            f"{self.effective:.1f}"
        )

    @property
    def _large_groups(self) -> list[int]:
        numbers, sizes = np.unique(self.group, return_counts=True)
        return [int(number) for number in numbers[sizes > 1]]

    def draw(self) -> Figure:
        """Draw metrics as rows, joined at the correlation down to which they are alike."""
        from matplotlib.figure import Figure
        from scipy.cluster.hierarchy import dendrogram

        count = len(self.labels)
        found = dendrogram(self.tree, no_plot=True)
        leaves = found["leaves"] or []
        figure = Figure(figsize=(5.6, 1.45 + 0.18 * count), layout="constrained")
        axes = figure.add_subplot()
        looks = {
            number: (PALETTE[i % len(PALETTE)], MARKERS[i % len(MARKERS)])
            for i, number in enumerate(self._large_groups)
        }
        # scipy puts metrics at 5, 15, ...: the group of each place, so that the lines within a group have its colour.
        placed = {10 * place + 5: int(self.group[leaf]) for place, leaf in enumerate(leaves)}
        for across, heights in zip(found["icoord"], found["dcoord"], strict=True):
            inside = max(heights) <= 1 - self.threshold + 1e-9
            nearest = int(min(across) // 10) * 10 + 5
            colour = looks.get(placed[nearest], (INK, ""))[0] if inside else INK
            axes.plot(1 - np.array(heights), across, color=colour, linewidth=1.2 if inside else 0.8)
        for place, number in placed.items():
            if number in looks:
                colour, marker = looks[number]
                axes.plot(1, place, color=colour, marker=marker, markersize=3.5, clip_on=False, zorder=3)
        lowest = float(1 - self.tree[:, 2].max())
        axes.set_xlim(min(lowest, self.threshold) - 0.05, 1.0)
        axes.set_ylim(10 * count, 0)
        axes.axvline(self.threshold, color=INK, linewidth=0.7, linestyle=(0, (3, 2)))
        axes.yaxis.tick_right()
        axes.set_yticks(list(placed), [brief(self.labels[leaf], 40) for leaf in leaves])
        axes.tick_params("y", length=0, pad=6)
        axes.spines["left"].set_visible(False)
        figure.suptitle(f"Which metrics are alike\n{brief(self.about)}", x=0.01, ha="left", size=TITLE)
        axes.set_xlabel(self.legend, loc="left", size=6.5)
        return figure
