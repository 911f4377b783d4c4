"""What a run found on one database, and what it leaves behind: CSV files, and tables as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import combinations
from pathlib import Path

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.measure import Estimate
from benchmark.analysis.summary import Correlation
from benchmark.analysis.table import correlation_table
from benchmark.csv_files import cell, write_csv
from benchmark.databases import Database
from benchmark.escaping import file_name
from benchmark.scoring.rows import ScoreRow, write_scores
from benchmark.scoring.splits import Split, write_split
from benchmark.tables import Table, to_latex, to_markdown
from fusion_metrics import MetricSpec
from fusion_metrics.files import write_text


@dataclass(frozen=True)
class Outcome:
    """All that a run found on one database."""

    database: Database
    rows: Sequence[ScoreRow]
    specs: Sequence[MetricSpec]
    analysis: Analysis
    splits: Sequence[Split] = ()

    @property
    def table(self) -> Table:
        """The correlation table."""
        return correlation_table(self.database, self.analysis)


def write_results(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Write everything about a run but its figures into a folder.

    Parameters
    ----------
    folder : Path
        Gets, over all databases, ``scores.csv``, ``correlations.csv``, ``.md`` and ``.tex``, ``estimates.csv`` (every
        statistic at every level with its interval) and ``comparisons.csv`` (every two metrics); of metrics that learn
        ``predictions.csv``, and the splits under which they were fitted.
    outcomes : sequence of Outcome
    """
    write_scores(folder / "scores.csv", (row for outcome in outcomes for row in outcome.rows))
    columns = ["database", "image", "pair", "metric", "variant", "value"]
    learnt = (row for outcome in outcomes for row in outcome.rows if "@" in row.variant and row.value is not None)
    predictions = ([cell(getattr(row, column)) for column in columns] for row in learnt)
    write_csv(folder / "predictions.csv", columns, predictions)
    columns = [field.name for field in fields(Correlation)]
    lines = ([cell(value) for value in astuple(item)] for one in outcomes for item in one.analysis.correlations)
    write_csv(folder / "correlations.csv", columns, lines)
    columns = ["database", "scores", "metric", "variant", *(field.name for field in fields(Estimate))]
    write_csv(folder / "estimates.csv", columns, _estimates(outcomes))
    columns = ["database", "scores", "level", "first", "second", "difference", "p", "p_holm", "blocks", "permutations"]
    write_csv(folder / "comparisons.csv", columns, _comparisons(outcomes))
    tables = [outcome.table for outcome in outcomes]
    write_text(folder / "correlations.md", "\n".join(map(to_markdown, tables)))
    write_text(folder / "correlations.tex", "\n".join(map(to_latex, tables)))
    for outcome in outcomes:
        for split in outcome.splits:
            name = f"{file_name(outcome.database.name)}-{file_name(split.protocol)}-seed{split.seed}.csv"
            write_split(folder / "splits" / name, split)


def _estimates(outcomes: Sequence[Outcome]) -> Iterator[list[object]]:
    for outcome in outcomes:
        analysis = outcome.analysis
        for entry, measured in zip(analysis.entries, analysis.measured, strict=True):
            head = [outcome.database.name, outcome.database.scores, entry.spec.name, entry.variant]
            for estimate in measured.estimates if measured else ():
                yield [*head, *(cell(value) for value in astuple(estimate))]


def _comparisons(outcomes: Sequence[Outcome]) -> Iterator[list[object]]:
    for outcome in outcomes:
        for level, compared in outcome.analysis.compared.items():
            found = compared.comparison
            if found is None:
                continue
            for i, j in combinations(range(len(compared.labels)), 2):
                yield [
                    outcome.database.name,
                    outcome.database.scores,
                    level,
                    compared.labels[i],
                    compared.labels[j],
                    *(repr(float(x)) for x in (found.values[i] - found.values[j], found.p[i, j], found.holm[i, j])),
                    found.blocks,
                    found.permutations,
                ]
