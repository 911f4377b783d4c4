"""SRCC of all metrics with its interval, best first, and the noise ceiling beyond which votes are only noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import FAINT, INK, PALETTE, TITLE, brief
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FITTED, PLAIN = PALETTE[1], PALETTE[0]


@dataclass(frozen=True)
class Panel:
    """SRCC at one level.

    Attributes
    ----------
    title : str
    values, low, high : ndarray, shape (M,)
        NaN where there is none.
    ceiling : float or None
    """

    title: str
    values: Array
    low: Array
    high: Array
    ceiling: float | None


@dataclass(frozen=True)
class Forest(Drawing):
    """What a forest plot shows.

    Attributes
    ----------
    labels : tuple of str, length M
        Best metric first.
    learnt : tuple of bool, length M
        Whether the metric is fitted to opinion scores.
    reasons : tuple of str, length M
        Why a metric has no value.
    panels : tuple of Panel
    """

    labels: tuple[str, ...]
    learnt: tuple[bool, ...]
    reasons: tuple[str, ...]
    panels: tuple[Panel, ...]

    @property
    def parts(self) -> tuple[Forest, ...]:
        """Each panel as a figure of its own."""
        return tuple(replace(self, panels=(panel,)) for panel in self.panels)

    @property
    def alt(self) -> str:
        """The figure in words."""
        panel = self.panels[0]
        known = np.flatnonzero(np.isfinite(panel.values))
        place = known[np.argmax(panel.values[known])] if len(known) else None
        best = "" if place is None else f"; best {panel.title} is {self.labels[place]} with {panel.values[place]:.3f}"
        of = counted(len(self.labels), "metric")
        return f"SRCC of {of} with intervals, {self.about}{best}. The table has all numbers."

    def draw(self) -> Figure:
        """Draw one panel a level, side by side."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8.2, 1.25 + 0.165 * len(self.labels)), layout="constrained")
        figure.suptitle(f"SRCC with 95 % intervals: {brief(self.about)}", x=0.01, ha="left", size=TITLE)
        grid = figure.subplots(1, len(self.panels), sharey=True, squeeze=False)[0]
        for axes, panel in zip(grid, self.panels, strict=True):
            self._draw_panel(axes, panel)
        rows = np.arange(len(self.labels))
        grid[0].set_yticks(rows, [brief(label, 40) for label in self.labels])
        grid[0].set_ylim(len(rows) - 0.4, -0.6)
        for row, reason in zip(rows, self.reasons, strict=True):
            if reason:
                low = grid[0].get_xlim()[0]
                grid[0].text(low, row, f" {brief(reason, 44)}", va="center", size=5.5)
        handles: dict[str, Artist] = {}
        for axes in grid:
            handles.update(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        figure.legend(
            list(handles.values()), list(handles), loc="outside lower left", ncols=4 if len(self.panels) > 1 else 2
        )
        return figure

    def _draw_panel(self, axes: Axes, panel: Panel) -> None:
        rows = np.arange(len(self.labels))
        ends = panel.low[np.isfinite(panel.low)]
        left = min([0.0, *ends, *panel.values[np.isfinite(panel.values)]])
        axes.set_xlim(max(-1.0, np.floor(left * 4) / 4) - 0.02, 1.02)
        axes.axvline(0, color=INK, linewidth=0.6)
        axes.hlines(rows, *axes.get_xlim(), color=FAINT, linewidth=0.4, zorder=0)
        if panel.ceiling is not None:
            axes.axvspan(
                panel.ceiling, 1.02, color=PALETTE[2], alpha=0.18, linewidth=0, label="fits the noise of votes"
            )
            axes.axvline(panel.ceiling, color=PALETTE[2], linewidth=1, linestyle=(0, (3, 2)), label="noise ceiling")
        learnt = np.array(self.learnt)
        for which, colour, marker, name in (
            (~learnt, PLAIN, "o", "metric"),
            (learnt, FITTED, "D", "metric fitted to scores of other images"),
        ):
            here = which & np.isfinite(panel.values)
            if here.any():
                sure = here & np.isfinite(panel.low)
                axes.hlines(rows[sure], panel.low[sure], panel.high[sure], color=colour, linewidth=1.3)
                axes.scatter(panel.values[here], rows[here], s=13, color=colour, marker=marker, zorder=3, label=name)
        axes.set_title(panel.title if panel.ceiling is None else f"{panel.title}, ceiling {panel.ceiling:.3f}")
        axes.spines["left"].set_visible(False)
        axes.tick_params("y", length=0)
