"""One metric over several databases, and all metrics over them: what each database says, and all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import FAINT, INK, LINES, PALETTE, TITLE, brief, look
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POOLED = PALETTE[1]
#: Half the height of the diamond, where the distance of two rows is 1.
DIAMOND = 0.28


@dataclass(frozen=True)
class Together:
    """What all databases say: ends of the interval, and of the prediction interval where there is one."""

    value: float
    low: float
    high: float
    predicted: tuple[float, ...]
    words: str


@dataclass(frozen=True)
class OverDatabases(Drawing):
    """What a forest plot of one metric shows.

    Attributes
    ----------
    label : str
        Of the metric.
    databases : tuple of str, length k
    pairs : tuple of int, length k
        Source pairs of each; 0 where the metric has no value.
    values, low, high : ndarray, shape (k,)
        Mean SRCC within source pairs with its interval; NaN where there is none.
    together : Together or None
    """

    label: str
    databases: tuple[str, ...]
    pairs: tuple[int, ...]
    values: Array
    low: Array
    high: Array
    together: Together | None

    @property
    def alt(self) -> str:
        """The figure in words."""
        each = ", ".join(
            f"{name} {value:.3f}" if np.isfinite(value) else f"{name} without a value"
            for name, value in zip(self.databases, self.values.tolist(), strict=True)
        )
        pooled = "" if self.together is None else f"; together {self.together.value:.3f}, {self.together.words}"
        return f"Mean SRCC within source pairs of {self.label}, {self.about}: {each}{pooled}."

    def draw(self) -> Figure:
        """Draw a row a database, squares as large as there are source pairs, and a diamond below them."""
        from matplotlib.figure import Figure

        k = len(self.databases)
        last = k if self.together is None else k + 0.4
        figure = Figure(figsize=(5.6, 1.5 + 0.26 * (last + 1)), layout="constrained")
        axes = figure.add_subplot()
        _frame(axes, np.concatenate([self.low, [0.0 if self.together is None else self.together.low]]))
        rows = np.arange(k)
        known = np.isfinite(self.values)
        axes.hlines(rows[known], self.low[known], self.high[known], color=PALETTE[0], linewidth=1.3)
        sizes = 18 + 3.0 * np.array(self.pairs, dtype=np.float64)
        axes.scatter(self.values[known], rows[known], s=sizes[known], color=PALETTE[0], marker="s", zorder=3)
        names = [f"{brief(name, 28)} ({pairs} pairs)" for name, pairs in zip(self.databases, self.pairs, strict=True)]
        ticks = list(map(float, rows))
        for row in rows[~known].tolist():
            axes.text(0.0, row, " no value", va="center", size=6)
        if self.together is not None:
            self._draw_together(axes, last, self.together)
            ticks.append(last)
            names.append("together")
        self._write_numbers(axes, last)
        axes.set_yticks(ticks, names)
        axes.set_ylim(last + 0.7, -0.7)
        axes.set_xlabel("mean SRCC within source pairs, 95 % intervals")
        figure.suptitle(f"{brief(self.label, 40)}: {brief(self.about)}", x=0.01, ha="left", size=TITLE)
        if self.together is not None:
            figure.supxlabel(self.together.words, x=0.01, ha="left", size=6.5)
        return figure

    def _draw_together(self, axes: Axes, row: float, all_of_them: Together) -> None:
        ends = (all_of_them.low, all_of_them.value, all_of_them.high, all_of_them.value)
        heights = (row, row - DIAMOND, row, row + DIAMOND)
        axes.fill(ends, heights, color=POOLED, linewidth=0, alpha=0.85, zorder=3)
        if all_of_them.predicted:
            axes.hlines(
                row, all_of_them.predicted[0], all_of_them.predicted[1], color=POOLED, linewidth=1, linestyle=LINES[2]
            )
        axes.axhline(row - 0.7, color=FAINT, linewidth=0.6)

    def _write_numbers(self, axes: Axes, last: float) -> None:
        """Put values and intervals beside the rows, as forest plots have them."""
        rows = list(zip(range(len(self.values)), self.values, self.low, self.high, strict=True))
        numbers: list[tuple[float, float, float, float]] = [tuple(map(float, row)) for row in rows]  # type: ignore[misc]
        if self.together is not None:
            numbers.append((last, self.together.value, self.together.low, self.together.high))
        for row, value, low, high in numbers:
            if np.isfinite(value):
                text = f"{value:.2f}  ({low:.2f} .. {high:.2f})"
                axes.text(1.03, row, text, transform=axes.get_yaxis_transform(), va="center", size=6.5)


@dataclass(frozen=True)
class AllOverDatabases(Drawing):
    """What the figure of all metrics over several databases shows.

    Attributes
    ----------
    labels : tuple of str, length M
        Best metric first.
    databases : tuple of str, length k
    values, low, high : ndarray, shape (k, M)
        Mean SRCC within source pairs with its interval; NaN where there is none.
    pooled : ndarray, shape (M,)
    differ : tuple of bool, length M
        Whether databases were shown to differ.
    """

    labels: tuple[str, ...]
    databases: tuple[str, ...]
    values: Array
    low: Array
    high: Array
    pooled: Array
    differ: tuple[bool, ...]

    @property
    def alt(self) -> str:
        """The figure in words."""
        return (
            f"Mean SRCC within source pairs of {len(self.labels)} metrics, {self.about}; first together "
            f"is {self.labels[0]}; of {sum(self.differ)} metrics databases were shown to differ. The table has all "
            "numbers."
        )

    def draw(self) -> Figure:
        """Draw a row a metric, each database in its colour and with its marker."""
        from matplotlib.figure import Figure

        count, k = len(self.labels), len(self.databases)
        figure = Figure(figsize=(6.4, 1.3 + 0.2 * count), layout="constrained")
        axes = figure.add_subplot()
        _frame(axes, self.low.ravel())
        rows = np.arange(count)
        axes.hlines(rows, *axes.get_xlim(), color=FAINT, linewidth=0.4, zorder=0)
        for number, name in enumerate(self.databases):
            colour, marker, _ = look(number)
            place = rows + 0.36 * ((number + 0.5) / k - 0.5)
            here = np.isfinite(self.values[number])
            ends = self.low[number][here], self.high[number][here]
            axes.hlines(place[here], *ends, color=colour, linewidth=0.9, alpha=0.7)
            axes.scatter(
                self.values[number][here],
                place[here],
                s=15,
                color=colour,
                marker=marker,
                zorder=3,
                label=brief(name, 30),
            )
        known = np.isfinite(self.pooled)
        if known.any():
            axes.scatter(
                self.pooled[known], rows[known], s=60, color=INK, marker="|", zorder=4, linewidth=1.4, label="together"
            )
        names = [
            f"{'≠ ' if other else ''}{brief(label, 36)}" for label, other in zip(self.labels, self.differ, strict=True)
        ]
        axes.set_yticks(rows, names)
        axes.set_ylim(count - 0.4, -0.6)
        axes.set_xlabel("mean SRCC within source pairs, 95 % intervals;  ≠: databases were shown to differ")
        figure.suptitle(brief(self.about), x=0.01, ha="left", size=TITLE)
        figure.legend(loc="outside lower left", ncols=4)
        return figure


def _frame(axes: Axes, lows: Array) -> None:
    """Set what both have in common: a scale from what is needed to 1, and the line of no agreement."""
    left = min([0.0, *lows[np.isfinite(lows)].tolist()])
    axes.set_xlim(max(-1.0, float(np.floor(left * 4) / 4)) - 0.02, 1.02)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params("y", length=0)
