"""The table of scores: algorithms against metrics."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.databases import Database
from benchmark.scoring.rows import ScoreRow, qualified
from benchmark.tables import ABSENT, Cell, Mark, Table
from fusion_metrics import Metric, MetricSpec
from fusion_metrics.scripts import column_names


def score_table(database: Database, rows: Sequence[ScoreRow], specs: Sequence[MetricSpec]) -> Table:
    """Algorithms against metrics: the mean score over an algorithm's images, best and second best marked.

    A mean exists only where every image of the algorithm has a score, and nothing is marked unless all algorithms fused
    the same pairs. Metrics become rows where they outnumber the algorithms. A script's metrics have its names.
    """
    pairs_of: dict[str, set[str]] = {}
    for row in rows:
        pairs_of.setdefault(row.algorithm, set()).add(row.pair)
    algorithms = list(pairs_of)
    comparable = all(pairs == pairs_of[algorithms[0]] for pairs in pairs_of.values())
    values: dict[tuple[str, str, str], list[float | None]] = {}
    for row in rows:
        values.setdefault((row.algorithm, row.metric, row.variant), []).append(row.value)
    columns = []
    for spec in specs:
        means = [_mean(values.get((algorithm, spec.name, spec.variant), [])) for algorithm in algorithms]
        columns.append(_ranked(means, spec, marked=comparable))
    names = column_names([spec.id for spec in specs]) or [qualified(spec.id, Metric(spec).qualifier) for spec in specs]
    labels = [f"{name} {spec.arrow}" for name, spec in zip(names, specs, strict=True)]
    title = f"{database.title}: mean score of {len({row.pair for row in rows})} pairs"
    marks = "¹ best, ² second best" if comparable else "no best is marked: the algorithms did not fuse the same pairs"
    notes = [f"{marks}; ↑ higher is better, ↓ lower is better, →x nearer to x is better"]
    if any(cell.text == ABSENT for column in columns for cell in column):
        notes.append(f"{ABSENT}: not every image has a score, so there is no mean; the CSV file says why")
    notes += dict.fromkeys(said for spec in specs if not spec.learns and (said := Metric(spec).notes))
    if len(specs) > len(algorithms):
        body = tuple((Cell(label), *column) for label, column in zip(labels, columns, strict=True))
        return Table(title, ("metric", *algorithms), body, tuple(notes))
    body = tuple((Cell(name), *cells) for name, *cells in zip(algorithms, *columns, strict=True))
    return Table(title, ("algorithm", *labels), body, tuple(notes))


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present and len(present) == len(values) else None


def _ranked(means: Sequence[float | None], spec: MetricSpec, *, marked: bool) -> list[Cell]:
    """Mark the two best among at least two algorithms; equal means share a mark."""
    texts = [ABSENT if mean is None else f"{mean:.4g}" for mean in means]
    levels = sorted({spec.orient(mean) for mean in means if mean is not None}, reverse=True)
    marks: dict[float, Mark] = {}
    if marked and len(levels) > 1:
        marks = {levels[0]: "best", levels[1]: "second"}
    return [
        Cell(text, "" if mean is None else marks.get(spec.orient(mean), ""))
        for text, mean in zip(texts, means, strict=True)
    ]
