"""What was found on databases as DataFrames: agreement, every estimate, and every two metrics compared.

The frames are what Python callers get, and the CSV files of a run are these frames, written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from itertools import combinations

import numpy as np
import pandas as pd

from benchmark.analysis.measure import Estimate
from benchmark.analysis.outcome import Outcome
from benchmark.analysis.summary import Correlation
from benchmark.statistics.levels import Level

#: What an entry is known by in the frames.
KEYS = ["database", "scores", "metric", "variant"]
#: What every metric has, with or without scores.
HEADS = [
    *KEYS, "n", "reason", "mapping", "cluster", "near_best", "algorithm_cluster", "algorithm_near_best",
    "pair_cluster", "pair_near_best", "note", "signature",
]  # fmt: skip
#: Columns of the frame of correlations that are cells of the frame of estimates: column, statistic, level.
CELLS = {
    **{name: ("value", name, "global") for name in ("plcc", "srcc", "krcc", "rmse", "mapped_plcc", "mapped_rmse")},
    **{name: ("value", name, "global") for name in ("auc_different", "auc_better")},
    **{f"srcc_{end}": (end, "srcc", "global") for end in ("low", "high")},
    **{
        f"{level}_srcc{'' if of == 'value' else f'_{of}'}": (of, "srcc", level)
        for level in ("pair", "algorithm")
        for of in ("value", "low", "high")
    },
    "pairs": ("n", "srcc", "pair"),
    "algorithms": ("n", "srcc", "algorithm"),
}
CORRELATION_COLUMNS = [
    "database", "metric", "variant", "n", "plcc", "srcc", "krcc", "rmse", "scores", "reason", "srcc_low",
    "srcc_high", "mapped_plcc", "mapped_rmse", "mapping", "pair_srcc", "pair_srcc_low", "pair_srcc_high",
    "pairs", "algorithm_srcc", "algorithm_srcc_low", "algorithm_srcc_high", "algorithms", "auc_different",
    "auc_better", "cluster", "near_best", "algorithm_cluster", "algorithm_near_best", "pair_cluster",
    "pair_near_best", "note", "signature",
]  # fmt: skip
ESTIMATE_COLUMNS = [*KEYS, *(field.name for field in fields(Estimate)), "signature"]
COMPARISON_COLUMNS = [
    "database", "scores", "level", "first", "second", "difference", "low", "high", "p", "p_holm", "p_maxt",
    "blocks", "permutations", "first_signature", "second_signature",
]  # fmt: skip
#: Columns that count: whole numbers, of which some may be missing.
COUNTS = ("n", "pairs", "algorithms", "cluster", "algorithm_cluster", "pair_cluster", "blocks", "permutations")
#: Columns that say yes or no, of which some may be missing.
YES_OR_NO = ("near_best", "algorithm_near_best", "pair_near_best")
TEXTS = (
    *KEYS,
    "reason",
    "mapping",
    "note",
    "level",
    "statistic",
    "first",
    "second",
    "signature",
    "first_signature",
    "second_signature",
)


def correlations_frame(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """One row a metric and database: what `estimates_frame` has of it, side by side.

    Returns
    -------
    DataFrame
        ``variant`` has the protocol of a metric that learns, such as ``paper@pair``; the numbers are means over its
        repeats. ``n`` counts the images that it is judged on. ``plcc``, ``srcc`` and ``krcc`` (tau-b) are of scores
        turned so that more is better; a negative value means that the metric disagrees. ``rmse`` is on
        q = (MOS - min) / (max - min), of scores on that scale without a fitted curve. ``mapped_plcc`` and
        ``mapped_rmse`` are after a logistic fitted to the same images, whose direction ``mapping`` is. ``pair_srcc`` is
        the mean over ``pairs`` source pairs, ``algorithm_srcc`` that of the means of ``algorithms`` algorithms.
        ``..._low`` and ``..._high`` are the ends of intervals. ``cluster`` is the rank over all images, and
        ``near_best`` says that the metric is not significantly worse there than the best; ``algorithm_...`` and
        ``pair_...`` are the same at the other levels. ``reason`` says why there are no values, ``note`` what
        to know before leaning on them.
    """
    heads = _frame([_head(outcome, item) for outcome in outcomes for item in outcome.analysis.correlations], HEADS)
    cells = estimates_frame(outcomes).pivot(
        index=KEYS, columns=["statistic", "level"], values=["value", "low", "high", "n"]
    )
    wanted = pd.MultiIndex.from_tuples(CELLS.values())
    numbers = cells.reindex(columns=wanted, index=pd.MultiIndex.from_frame(heads[KEYS])).set_axis(list(CELLS), axis=1)
    for count, value in (("pairs", "pair_srcc"), ("algorithms", "algorithm_srcc")):
        numbers[count] = numbers[count].where(numbers[value].notna(), 0)
    found = pd.concat([heads, numbers.reset_index(drop=True)], axis=1)[CORRELATION_COLUMNS]
    return _typed(found)


def estimates_frame(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """One row a statistic, level, metric and database, with its interval: the fields of `Estimate`."""
    return _frame(list(_estimates(outcomes)), ESTIMATE_COLUMNS)


def comparisons_frame(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row for every two metrics on a database and level: the difference of their SRCC, and its p values.

    Returns
    -------
    DataFrame
        ``p`` is of the two alone; ``p_maxt``, of which ranks are made, and ``p_holm`` are adjusted for all comparisons
        of the level. ``low`` and ``high`` are the ends of Zou's interval of the difference, a cross-check that takes
        images for independent of each other; within pairs there is none.
    """
    return _frame(list(_comparisons(outcomes)), COMPARISON_COLUMNS)


def _head(outcome: Outcome, item: Correlation) -> tuple[object, ...]:
    levels: tuple[Level, ...] = ("global", "algorithm", "pair")
    ranks = [of.get(level) for level in levels for of in (item.clusters, item.near_best)]
    return (*_keys(outcome, item), item.entry.n, item.reason, item.mapping, *ranks, item.note, item.entry.signature)


def _keys(outcome: Outcome, item: Correlation) -> tuple[str, ...]:
    identity = item.entry.identity
    return outcome.database.name, outcome.database.scores, identity.metric, str(identity)


def _estimates(outcomes: Iterable[Outcome]) -> Iterator[tuple[object, ...]]:
    for outcome in outcomes:
        for item in outcome.analysis.correlations:
            for estimate in item.measured.estimates if item.measured else ():
                yield (*_keys(outcome, item), *astuple(estimate), item.entry.signature)


def _comparisons(outcomes: Iterable[Outcome]) -> Iterator[tuple[object, ...]]:
    for outcome in outcomes:
        signed = {item.label: item.entry.signature for item in outcome.analysis.correlations}
        for level, compared in outcome.analysis.compared.items():
            found = compared.comparison
            if found is None:
                continue
            nothing = np.full_like(found.p, np.nan)
            low, high = found.intervals or (nothing, nothing)
            for i, j in combinations(range(len(compared.labels)), 2):
                yield (
                    outcome.database.name,
                    outcome.database.scores,
                    level,
                    compared.labels[i],
                    compared.labels[j],
                    float(found.values[i] - found.values[j]),
                    float(low[i, j]),
                    float(high[i, j]),
                    float(found.p[i, j]),
                    float(found.holm[i, j]),
                    float(found.adjusted[i, j]),
                    found.blocks,
                    found.permutations,
                    signed.get(compared.labels[i], ""),
                    signed.get(compared.labels[j], ""),
                )


def _frame(rows: Sequence[tuple[object, ...]], columns: list[str]) -> pd.DataFrame:
    return _typed(pd.DataFrame.from_records(rows, columns=columns))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Make columns that count whole numbers, and those that are neither truth values nor text floats."""
    counts = {name: "Int64" for name in COUNTS if name in frame} | {n: "boolean" for n in YES_OR_NO if n in frame}
    numbers = {name: "float64" for name in frame if name not in counts and name not in TEXTS}
    return frame.astype({**counts, **numbers})
