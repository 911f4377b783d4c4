"""What a run leaves behind: scores and correlations as CSV, Markdown and LaTeX, and a scatter plot per metric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from benchmark.correlation import Correlation, correlate
from benchmark.databases import Database
from benchmark.figures import draw_scatter
from benchmark.runner import Scored
from benchmark.scores import ScoreRow, cell, write_csv, write_scores
from benchmark.splits import Split, write_split
from benchmark.tables import Table, correlation_table, to_latex, to_markdown
from fusion_metrics import MetricSpec


@dataclass(frozen=True)
class Outcome:
    """All that a run found on one database."""

    database: Database
    rows: Sequence[ScoreRow]
    specs: Sequence[MetricSpec]
    correlations: Sequence[Correlation]
    splits: Sequence[Split] = ()

    @classmethod
    def of(cls, database: Database, scored: Scored, specs: Sequence[MetricSpec]) -> Outcome:
        """Correlate the scores of a database with its opinion scores."""
        return cls(database, scored.rows, specs, correlate(database, scored.rows, specs), scored.splits)

    @property
    def table(self) -> Table:
        """The correlation table."""
        return correlation_table(self.database, self.correlations, self.specs)


def write_results(folder: Path, outcomes: Sequence[Outcome], on_figure: Callable[[], None] = lambda: None) -> None:
    """Write everything about a run into a folder.

    Parameters
    ----------
    folder : Path
        Gets ``scores.csv``, ``correlations.csv``, ``.md`` and ``.tex`` over all databases, a folder of scatter plots
        for each, and the splits under which metrics that learn were fitted.
    outcomes : sequence of Outcome
    on_figure : callable, optional
        Called after each figure.
    """
    write_scores(folder / "scores.csv", (row for outcome in outcomes for row in outcome.rows))
    columns = [field.name for field in fields(Correlation)]
    lines = ([cell(value) for value in astuple(item)] for outcome in outcomes for item in outcome.correlations)
    write_csv(folder / "correlations.csv", columns, lines)
    tables = [outcome.table for outcome in outcomes]
    (folder / "correlations.md").write_text("\n".join(map(to_markdown, tables)), encoding="utf-8")
    (folder / "correlations.tex").write_text("\n".join(map(to_latex, tables)), encoding="utf-8")
    for outcome in outcomes:
        by_name = {(spec.name, spec.variant): spec for spec in outcome.specs}
        for item in outcome.correlations:
            spec = by_name[item.metric, item.variant.partition("@")[0]]
            name = f"{item.metric}-{item.variant}".removesuffix("-paper") + ".png"
            draw_scatter(folder / "scatter" / outcome.database.name / name, outcome.database, outcome.rows, spec, item)
            on_figure()
        for split in outcome.splits:
            name = f"{outcome.database.name}-{split.protocol}-seed{split.seed}.csv"
            write_split(folder / "splits" / name, split)
