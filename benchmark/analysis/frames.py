"""What was found on databases as DataFrames: agreement, every estimate, and every two metrics compared.

The frames are what Python callers get, and the CSV files of a run are these frames, written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from itertools import combinations

import pandas as pd

from benchmark.analysis.measure import Estimate
from benchmark.analysis.outcome import Outcome
from benchmark.analysis.summary import Correlation

ESTIMATE_COLUMNS = ["database", "scores", "metric", "variant", *(field.name for field in fields(Estimate)), "signature"]
COMPARISON_COLUMNS = [
    "database",
    "scores",
    "level",
    "first",
    "second",
    "difference",
    "p",
    "p_holm",
    "blocks",
    "permutations",
]
#: Columns that count: whole numbers, of which some may be missing.
COUNTS = ("n", "pairs", "algorithms", "cluster", "algorithm_cluster", "blocks", "permutations")


def correlations_frame(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row a metric and database: the fields of `Correlation`."""
    rows = [astuple(item) for outcome in outcomes for item in outcome.analysis.correlations]
    return _frame(rows, [field.name for field in fields(Correlation)])


def estimates_frame(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row a statistic, level, metric and database, with its interval: the fields of `Estimate`."""
    return _frame(list(_estimates(outcomes)), ESTIMATE_COLUMNS)


def comparisons_frame(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row for every two metrics on a database and level: the difference of their SRCC, and its p values."""
    return _frame(list(_comparisons(outcomes)), COMPARISON_COLUMNS)


def _estimates(outcomes: Iterable[Outcome]) -> Iterator[tuple[object, ...]]:
    for outcome in outcomes:
        analysis = outcome.analysis
        for entry, measured in zip(analysis.entries, analysis.measured, strict=True):
            head = (outcome.database.name, outcome.database.scores, entry.spec.name, entry.variant)
            for estimate in measured.estimates if measured else ():
                yield (*head, *astuple(estimate), entry.signature)


def _comparisons(outcomes: Iterable[Outcome]) -> Iterator[tuple[object, ...]]:
    for outcome in outcomes:
        for level, compared in outcome.analysis.compared.items():
            found = compared.comparison
            if found is None:
                continue
            for i, j in combinations(range(len(compared.labels)), 2):
                yield (
                    outcome.database.name,
                    outcome.database.scores,
                    level,
                    compared.labels[i],
                    compared.labels[j],
                    float(found.values[i] - found.values[j]),
                    float(found.p[i, j]),
                    float(found.holm[i, j]),
                    found.blocks,
                    found.permutations,
                )


def _frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    found = pd.DataFrame.from_records(rows, columns=columns)
    counts = {name: "Int64" for name in COUNTS if name in columns}
    texts = (
        "database",
        "metric",
        "variant",
        "scores",
        "reason",
        "mapping",
        "note",
        "level",
        "statistic",
        "first",
        "signature",
    )
    numbers = {name: "float64" for name in columns if name not in counts and name not in texts and name != "second"}
    return found.astype({**counts, **numbers})
