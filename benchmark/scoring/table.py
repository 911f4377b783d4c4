"""The table of scores: algorithms against metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from benchmark.databases import Database
from benchmark.numbers import counted, formatter, listed, written
from benchmark.scoring.colours import luminance_notes
from benchmark.scoring.far import far_notes
from benchmark.scoring.frames import scores_frame
from benchmark.scoring.identity import qualified
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.sources import sources_notes
from benchmark.scoring.unscored import undefined_notes, unscored_note, without_unscored
from benchmark.tables import ABSENT, Cell, Mark, Table, heads, ways_in
from fusion_metrics import Metric, MetricSpec
from fusion_metrics.scripts import column_names
from fusion_metrics.signature import common_signatures
from fusion_metrics.trained.places import places


def means_frame(rows: Iterable[ScoreRow], specs: Sequence[MetricSpec]) -> pd.DataFrame:
    """Average scores: algorithms x metrics, NaN where not every image of an algorithm has a score.

    Source pairs of which nothing could be scored are left out.
    """
    scores = scores_frame(without_unscored(tuple(rows))[0])
    keys = [scores[name] for name in ("algorithm", "metric", "variant")]
    values = scores["value"].groupby(keys, sort=False)
    # Summed one after the other, as a mean by hand is: pandas sums in pairs and differs in the last digit.
    means = values.agg(lambda given: sum(given) / len(given)).unstack(["metric", "variant"])
    columns = pd.MultiIndex.from_tuples([(spec.name, spec.variant) for spec in specs], names=["metric", "variant"])
    found = means.reindex(index=scores["algorithm"].unique(), columns=columns)
    return found.set_axis(pd.Index([spec.id for spec in specs], name="metric"), axis=1)


def score_table(database: Database, rows: Sequence[ScoreRow], specs: Sequence[MetricSpec]) -> Table:
    """Algorithms against metrics: the mean score over an algorithm's images, best and second best marked.

    A mean exists only where every image of the algorithm has a score, and nothing is marked unless all algorithms fused
    the same pairs. Metrics become rows where they outnumber the algorithms. A script's metrics have its names.
    """
    scored, left_out = without_unscored(rows)
    pairs = scores_frame(scored).groupby("algorithm", sort=False)["pair"].agg(frozenset)
    count = len(frozenset().union(*pairs))
    title = f"{database.title}: {'mean score' if count > 1 else 'score'} of {counted(count, 'pair')}"
    table = means_table(means_frame(rows, specs), specs, title, marked=pairs.nunique() == 1)
    said = (
        *undefined_notes(rows, specs),
        *unfitted_note(specs),
        *far_notes(rows, specs),
        *luminance_notes(rows, specs),
        *sources_notes(database, specs),
    )
    notes = (*table.notes, *unscored_note(left_out), *said)
    return replace(table, notes=notes, signatures=tuple(common_signatures(row.signature for row in rows)))


def unfitted_note(specs: Sequence[MetricSpec]) -> list[str]:
    """Say of metrics that have not been fitted what there is in their place."""
    learn = [spec for spec in specs if spec.learns]
    if not learn:
        return []
    there = [place.id for place in places() if any((place.metric, place.variant) == (s.name, s.variant) for s in learn)]
    beforehand = f"; trained beforehand: {listed(there, 5)}" if there else ""
    return [
        f"{listed([spec.id for spec in learn], 5)}: fitted to opinion scores first, by fmbench train or run{beforehand}"
    ]


def means_table(means: pd.DataFrame, specs: Sequence[MetricSpec], title: str, *, marked: bool) -> Table:
    """Show means as they are found by `means_frame`.

    Parameters
    ----------
    means : DataFrame
        Algorithms x metrics, NaN where there is no mean.
    specs : sequence of MetricSpec
        Of the columns.
    title : str
    marked : bool
        Whether best and second best are marked, which is fair only where algorithms fused the same.
    """
    algorithms = list(map(str, means.index))
    columns = [
        _ranked([None if math.isnan(mean) else mean for mean in means.iloc[:, j].tolist()], spec, marked=marked)
        for j, spec in enumerate(specs)
    ]
    labels = metric_labels(specs)
    notes = ["; ".join(filter(None, (_marks(columns, len(algorithms), marked), ways_in(specs))))]
    if any(cell.text == ABSENT for column in columns for cell in column):
        notes.append(f"{ABSENT}: not every image has a score, so there is no mean")
    notes += dict.fromkeys(said for spec in specs if not spec.learns and (said := Metric(spec).notes))
    if len(specs) > len(algorithms):
        body = tuple((Cell(label), *column) for label, column in zip(labels, columns, strict=True))
        return Table(title, heads("metric", *algorithms), body, tuple(notes))
    body = tuple((Cell(name), *cells) for name, *cells in zip(algorithms, *columns, strict=True))
    return Table(title, heads("algorithm", *labels), body, tuple(notes))


def _marks(columns: Sequence[Sequence[Cell]], algorithms: int, comparable: bool) -> str:
    """Say what the marks mean, of those that there are, or why there is none."""
    if algorithms > 1 and not comparable:
        return "no best is marked: the algorithms did not fuse the same pairs"
    there = {cell.mark for column in columns for cell in column}
    return ", ".join(text for mark, text in (("best", "¹ best"), ("second", "² second best")) if mark in there)


def metric_labels(specs: Sequence[MetricSpec]) -> list[str]:
    """Name metrics as tables do, with the arrow of their direction; a script's metrics have its names."""
    names = column_names([spec.id for spec in specs]) or [qualified(spec.id, Metric(spec).qualifier) for spec in specs]
    return [f"{name} {spec.arrow}" for name, spec in zip(names, specs, strict=True)]


def _ranked(means: Sequence[float | None], spec: MetricSpec, *, marked: bool) -> list[Cell]:
    """Mark the two best among at least two algorithms; equal means share a mark."""
    form = formatter([mean for mean in means if mean is not None])
    texts = [ABSENT if mean is None else written(mean, form) for mean in means]
    levels = sorted({spec.orient(mean) for mean in means if mean is not None}, reverse=True)
    marks: dict[float, Mark] = {}
    if marked and len(levels) > 1:
        marks = {levels[0]: "best", levels[1]: "second"}
    return [
        Cell(text, "" if mean is None else marks.get(spec.orient(mean), ""))
        for text, mean in zip(texts, means, strict=True)
    ]
