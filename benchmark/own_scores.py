"""Scores as a metric gives them, for the same images as its oriented column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from benchmark.columns import Column, Opinions
from benchmark.scores import ScoreRow
from fusion_metrics.image import Array


def own_scores(columns: Sequence[Column], rows: Iterable[ScoreRow], opinions: Opinions) -> list[Array]:
    """Find the scores behind columns, before they were turned so that more is better.

    Returns
    -------
    list of ndarray
        For each column the scores in the order of the first of its `repeats`; empty where it has none.
    """
    values: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        if row.value is not None:
            values.setdefault((row.metric, row.variant), {})[row.image] = row.value
    found = []
    for column in columns:
        # The first repeat of a metric that learns has the name of the column.
        of = values.get((column.spec.name, column.variant), {})
        used = map(int, column.repeats[0].used) if column.repeats else ()
        found.append(np.array([of[opinions.images[i]] for i in used]))
    return found
