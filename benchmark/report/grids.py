"""The tables of a report besides that of agreement: algorithms, and how good the scores are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmark.analysis.analyse import Analysis
from benchmark.databases import Database
from benchmark.figures.ranking import Ranking
from benchmark.numbers import counted
from benchmark.statistics.ceiling import Ceiling
from benchmark.tables import ABSENT, Cell, Head, Table, count, number


def algorithm_grid(database: Database, analysis: Analysis, ranking: Ranking | None = None) -> Table:
    """Mean scores of every algorithm, best by opinion first, as the metrics give them.

    Parameters
    ----------
    database : Database
    analysis : Analysis
    ranking : Ranking, optional
        How the metrics rank the algorithms: cells are shaded by how far that is from the ranks by opinion.
    """
    shades = _shades(ranking)
    opinions = analysis.opinions
    algorithms = np.array(opinions.algorithms)
    entries = [item.entry for item in analysis.best_first if item.entry.repeats]
    columns = [
        Head("algorithm", numeric=False, first="ascending"),
        Head("images"),
        Head("opinion", f"mean of the {database.scores} scores", order="descending"),
    ]
    for entry in entries:
        first = "descending" if entry.spec.higher_is_better else "ascending"
        columns.append(Head(entry.printed_label, entry.spec.title, first=first))
    rows = []
    scale = database.score_max - database.score_min
    means = {name: float(opinions.q[algorithms == name].mean()) for name in dict.fromkeys(opinions.algorithms)}
    for name in sorted(means, key=lambda name: -means[name]):
        here = np.flatnonzero(algorithms == name)
        mean = database.score_min + scale * means[name]
        cells = [Cell(name, sort=name), count(len(here)), _rounded(mean)]
        for entry in entries:
            scores = entry.repeats[0]
            inside = np.isin(scores.used, here)
            whole = np.count_nonzero(inside) == len(here)
            cell = _rounded(float(scores.own[inside].mean())) if whole else Cell(ABSENT)
            cells.append(replace(cell, shade=shades.get((entry.label, name), 0.0)))
        rows.append(tuple(cells))
    return Table(f"Mean score of {counted(len(rows), 'algorithm')}", tuple(columns), tuple(rows))


def _shades(ranking: Ranking | None) -> dict[tuple[str, str], float]:
    """Say how much better than opinion each metric ranks each algorithm, -1 to 1."""
    if ranking is None:
        return {}
    ahead = (ranking.expected - ranking.ranks) / max(len(ranking.algorithms) - 1, 1)
    return {
        (label, name): float(ahead[i, j])
        for i, label in enumerate(ranking.labels)
        for j, name in enumerate(ranking.algorithms)
        if np.isfinite(ahead[i, j])
    }


def _rounded(value: float) -> Cell:
    return Cell(f"{value:.4g}", sort=repr(value))


def ceiling_grid(ceilings: Sequence[tuple[str, Ceiling]]) -> Table:
    """Noise ceiling at each level."""
    columns = (
        Head("SRCC", numeric=False, first="ascending"),
        Head("halves", "mean correlation of two random halves of the raters"),
        Head("95 % of splits", "how much depends on who is in which half", numeric=False),
        Head("whole panels", "what two panels of this size would correlate (Spearman-Brown)"),
        Head("ceiling", "what a metric that knew the true opinion would reach"),
    )
    rows = tuple(
        (
            Cell(name, sort=name),
            number(found.half),
            Cell(f"{found.low:.3f} .. {found.high:.3f}", sort=repr(found.low)),
            number(found.reliability),
            number(found.ceiling),
        )
        for name, found in ceilings
    )
    return Table("Noise ceiling", columns, rows)
