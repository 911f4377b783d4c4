"""Score every fused image of a database: stored scores reused, one bad image costs only itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmark.backends import run_tasks
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.out_of_fold import Learning, predict_out_of_fold
from benchmark.plan import OnProgress, Plan, run_task
from benchmark.scores import ScoreRow
from benchmark.splits import Split
from benchmark.store import Computed, ScoreStore
from fusion_metrics import Metric


class Scored(NamedTuple):
    """Rows of scores, and the splits under which metrics that learn were fitted."""

    rows: list[ScoreRow]
    splits: list[Split]


def score_database(
    database: Database,
    metrics: Sequence[Metric],
    *,
    store: ScoreStore,
    jobs: int = 1,
    scheduler: str | None = None,
    fresh: bool = False,
    learning: Learning | None = None,
    on_progress: OnProgress = lambda known, stored: None,
) -> Scored:
    """Score all fused images with all metrics.

    Parameters
    ----------
    database : Database
    metrics : sequence of Metric
    store : ScoreStore
        Scores found there are used; new ones are put there as they are made.
    jobs, scheduler
        See `run_tasks`.
    fresh : bool
        Compute everything again (and store it).
    learning : Learning, optional
        How metrics that learn are fitted; without it they have no scores.
    on_progress : callable, optional

    Returns
    -------
    Scored
        Rows by fused image in the order of the database and by metric in the order given; always all of them. Metrics
        that learn come last, once for each split.

    Raises
    ------
    BenchmarkError
        The database has no fused image, or no scheduler answers.
    """
    if not database.fused:
        raise BenchmarkError(f"{database.root}: lists no fused image, so there is nothing to score")
    plan = Plan(database, tuple(metrics), store, on_progress, fresh)
    for cells in run_tasks(run_task, plan.tasks(), jobs=jobs, scheduler=scheduler):
        plan.add(cells)
    rows = [
        _row(database, i, plan.cells[i, j])
        for i in range(len(database.fused))
        for j, metric in enumerate(metrics)
        if learning is None or not metric.learns
    ]
    splits: list[Split] = []
    for j, metric in enumerate(metrics):
        if metric.learns and learning is not None:
            column = [plan.cells[i, j] for i in range(len(database.fused))]
            for split, learnt in _learn(database, metric, column, learning, None if fresh else store):
                rows += learnt
                if split not in splits:
                    splits.append(split)
    return Scored(rows, splits)


def _learn(
    database: Database, metric: Metric, column: Sequence[Computed], learning: Learning, store: ScoreStore | None
) -> Iterator[tuple[Split, list[ScoreRow]]]:
    """Turn what a metric prepared into out-of-fold rows, split by split."""
    prepared = [computed.prepared for computed in column]
    for prediction in predict_out_of_fold(database, metric, prepared, learning, store):
        variant = prediction.variant(metric.spec.variant)
        rows = []
        for i, value in enumerate(map(float, prediction.values)):
            computed = column[i]
            if math.isfinite(value):
                score = computed.score._replace(value=value, status="ok", reason="")
            elif computed.prepared is not None:
                score = computed.score._replace(reason="has no opinion score, so it takes no part in the folds")
            else:
                score = computed.score
            rows.append(_row(database, i, Computed(score._replace(variant=variant))))
        yield prediction.split, rows


def _row(database: Database, index: int, computed: Computed) -> ScoreRow:
    image, score = database.fused[index], computed.score
    return ScoreRow(
        database=database.name,
        pair=image.pair,
        algorithm=image.algorithm,
        image=image.image,
        metric=score.metric,
        variant=score.variant,
        value=score.value,
        status=score.status,
        reason=score.reason,
        seconds=score.seconds,
    )
