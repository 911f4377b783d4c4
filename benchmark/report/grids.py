"""The tables of a report: cells with a text to read and a key to sort by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.analysis.analyse import Analysis, best_first
from benchmark.analysis.summary import Correlation
from benchmark.databases import Database
from benchmark.statistics.ceiling import Ceiling
from fusion_metrics.image import Array

ABSENT = "n/a"
#: Width and height of an interval drawn in a cell, in CSS pixels.
BAR = (96, 14)


@dataclass(frozen=True)
class Bar:
    """An interval drawn in a cell; places from 0 to 100.

    Attributes
    ----------
    value, low, high, zero : float
    ceiling : float or None
    """

    value: float
    low: float
    high: float
    zero: float
    ceiling: float | None


@dataclass(frozen=True)
class Cell:
    """One cell; `sort` is its key (empty: always last), `target` the id of what it links to."""

    text: str
    sort: str = ""
    bar: Bar | None = None
    target: str = ""
    note: str = ""


@dataclass(frozen=True)
class Head:
    """Head of a column.

    Attributes
    ----------
    text, title : str
        The title explains.
    numeric : bool
    first : {"ascending", "descending"}
        What the first click sorts by.
    order : {"none", "descending"}
        How the table is sorted by this column when it is opened.
    """

    text: str
    title: str = ""
    numeric: bool = True
    first: str = "descending"
    order: str = "none"


@dataclass(frozen=True)
class Grid:
    """A table; the first cell of each row names it."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]


AGREEMENT = (
    Head("metric", "with its direction", numeric=False, first="ascending"),
    Head("n", "fused images that the metric is judged on"),
    Head("SRCC", "Spearman's rank correlation over all images", order="descending"),
    Head("95 % interval", "of SRCC, for other source pairs (bootstrap); green line: noise ceiling"),
    Head("rank", "cluster by SRCC: no member is significantly worse than another", first="ascending"),
    Head("KRCC", "Kendall's tau-b"),
    Head("PLCC", "Pearson's correlation of the scores as they are"),
    Head("RMSE", "on opinion scores scaled to 0..1, without a fitted curve", first="ascending"),
    Head("fitted PLCC", "after a logistic fitted to the same images; * where the curve falls"),
    Head("fitted RMSE", "after the same", first="ascending"),
    Head("per pair", "mean SRCC over the fused images of a source pair"),
    Head("algorithms", "SRCC of the algorithms' means"),
    Head("rank", "cluster by SRCC of the algorithms' means", first="ascending"),
    Head("AUC different", "Krasula: are images told apart that opinions tell apart?"),
    Head("AUC better", "Krasula: which of two such images is better?"),
)


def agreement_grid(database: Database, analysis: Analysis, targets: Sequence[str]) -> Grid:
    """Metrics against opinion scores, best first; `targets` are the ids of what each metric links to."""
    known = [item for item in analysis.correlations if item.srcc is not None]
    left = min([-0.05, *(value for item in known for value in (item.srcc, item.srcc_low) if value is not None)])
    ceiling = analysis.raters.ceilings.get("global")
    rows = []
    for i in best_first(analysis.correlations):
        item, arrow = analysis.correlations[i], analysis.entries[i].spec.arrow
        name = Cell(f"{item.label}\N{NO-BREAK SPACE}{arrow}", item.label, target=targets[i], note=item.reason)
        falls = "*" if item.mapping == "decreasing" else ""
        rows.append(
            (
                name,
                Cell(str(item.n or ABSENT), str(item.n)),
                _number(item.srcc),
                _interval(item, left, None if ceiling is None else ceiling.ceiling),
                _whole(item.cluster),
                _number(item.krcc),
                _number(item.plcc),
                _number(item.rmse),
                _number(item.mapped_plcc, falls),
                _number(item.mapped_rmse),
                _number(item.pair_srcc),
                _number(item.algorithm_srcc),
                _whole(item.algorithm_cluster),
                _number(item.auc_different),
                _number(item.auc_better),
            )
        )
    kept = [k for k in range(len(AGREEMENT)) if k < 3 or any(row[k].text != ABSENT for row in rows)]
    caption = f"{len(rows)} metrics against {database.scores} scores"
    heads, cells = tuple(AGREEMENT[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in rows)
    return Grid(caption, heads, cells)


def algorithm_grid(database: Database, analysis: Analysis, own: Sequence[Array]) -> Grid:
    """Mean scores of every algorithm, best by opinion first; `own` are the scores as the metrics give them."""
    opinions = analysis.opinions
    algorithms = np.array(opinions.algorithms)
    order = [i for i in best_first(analysis.correlations) if analysis.entries[i].repeats]
    heads = [
        Head("algorithm", numeric=False, first="ascending"),
        Head("images"),
        Head("opinion", f"mean of the {database.scores} scores", order="descending"),
    ]
    for i in order:
        spec = analysis.entries[i].spec
        first = "descending" if spec.higher_is_better else "ascending"
        heads.append(Head(f"{analysis.entries[i].label}\N{NO-BREAK SPACE}{spec.arrow}", spec.title, first=first))
    rows = []
    scale = database.score_max - database.score_min
    means = {name: float(opinions.q[algorithms == name].mean()) for name in dict.fromkeys(opinions.algorithms)}
    for name in sorted(means, key=lambda name: -means[name]):
        here = np.flatnonzero(algorithms == name)
        mean = database.score_min + scale * means[name]
        cells = [Cell(name, name), Cell(str(len(here)), str(len(here))), Cell(f"{mean:.4g}", repr(mean))]
        for i in order:
            inside = np.isin(analysis.entries[i].repeats[0].used, here)
            whole = np.count_nonzero(inside) == len(here)
            average = float(own[i][inside].mean()) if whole else None
            cells.append(Cell(ABSENT) if average is None else Cell(f"{average:.4g}", repr(average)))
        rows.append(tuple(cells))
    return Grid(f"Mean score of {len(rows)} algorithms", tuple(heads), tuple(rows))


def ceiling_grid(ceilings: Sequence[tuple[str, Ceiling]]) -> Grid:
    """Noise ceiling at each level."""
    heads = (
        Head("SRCC", numeric=False, first="ascending"),
        Head("halves", "mean correlation of two random halves of the raters"),
        Head("95 % of splits", "how much depends on who is in which half", numeric=False),
        Head("whole panels", "what two panels of this size would correlate (Spearman-Brown)"),
        Head("ceiling", "what a metric that knew the true opinion would reach"),
    )
    rows = tuple(
        (
            Cell(name, name),
            _number(found.half),
            Cell(f"{found.low:.3f} to {found.high:.3f}", repr(found.low)),
            _number(found.reliability),
            _number(found.ceiling),
        )
        for name, found in ceilings
    )
    return Grid("Noise ceiling", heads, rows)


def _number(value: float | None, mark: str = "") -> Cell:
    return Cell(ABSENT) if value is None else Cell(f"{value:.3f}{mark}", repr(value))


def _whole(value: int | None) -> Cell:
    return Cell(ABSENT) if value is None else Cell(str(value), str(value))


def _interval(item: Correlation, left: float, ceiling: float | None) -> Cell:
    if item.srcc is None or item.srcc_low is None or item.srcc_high is None:
        return Cell(ABSENT)

    def place(value: float) -> float:
        return round(100 * (value - left) / (1 - left), 2)

    words = f"{item.srcc_low:.2f} to {item.srcc_high:.2f}"
    value, low, high, zero = map(place, (item.srcc, item.srcc_low, item.srcc_high, 0.0))
    bar = Bar(value, low, high, zero, None if ceiling is None else place(ceiling))
    return Cell(words, repr(item.srcc_low), bar)
