"""Score every fused image of a database: stored scores reused, one bad image costs only itself."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from benchmark.cluster import Cluster
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.parallel import run_tasks
from benchmark.scoring.folds import Learning, Prediction, predict_external, predict_out_of_fold
from benchmark.scoring.material import Material
from benchmark.scoring.plan import OnProgress, Plan
from benchmark.scoring.remote import run_remote_task, to_send
from benchmark.scoring.rows import TRAINING, ScoreRow
from benchmark.scoring.signing import Signer
from benchmark.scoring.sources import taken_of
from benchmark.scoring.splits import EXTERNAL, Split
from benchmark.scoring.store import Computed, ScoreStore
from benchmark.scoring.tasks import Cell, run_task
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
    cluster: Cluster | None = None,
    fresh: bool = False,
    learning: Learning | None = None,
    trained_on: Database | None = None,
    on_progress: OnProgress = lambda known, stored: None,
) -> Scored:
    """Score all fused images with all metrics.

    Parameters
    ----------
    database : Database
    metrics : sequence of Metric
    store : ScoreStore
        Scores found there are used; new ones are put there as they are made.
    jobs : int
        Processes on this machine; -1 for one per core.
    cluster : Cluster, optional
        Whose workers compute instead; metrics that learn are fitted here.
    fresh : bool
        Compute and fit everything again, whatever is stored or kept, and store it.
    learning : Learning, optional
        How metrics that learn are fitted; without it they have no scores.
    trained_on : Database, optional
        Another database, to which they are fitted under the protocol ``external``.
    on_progress : callable, optional

    Returns
    -------
    Scored
        Rows by fused image in the order of the database and by metric in the order given; always all of them. Metrics
        that learn come last, once for each split.

    Raises
    ------
    BenchmarkError
        The database has no fused image, no scheduler answers, or ``external`` is asked for without `trained_on`.
    """
    if not database.fused:
        raise BenchmarkError(f"{database.root}: lists no fused image, so there is nothing to score")
    if learning is not None and EXTERNAL in learning.protocols and trained_on is None:
        raise BenchmarkError("the protocol external needs a database to fit metrics to")

    def compute(where: Database, wanted: Sequence[Metric]) -> Plan:
        plan = Plan(where, tuple(wanted), store, on_progress, fresh)
        for cells in _computed(plan, jobs, cluster):
            plan.add(cells)
        return plan

    plan = compute(database, metrics)
    columns = plan.columns()
    signers = [Signer.of(metric) for metric in metrics]
    taken = {metric: [taken_of(database, image, metric) for image in database.fused] for metric in metrics}
    rows = [
        _row(database, i, column[i], signer.sign(plan.decisions[i, metric.spec.sources], taken[metric][i]))
        for i in range(len(database.fused))
        for metric, column, signer in zip(metrics, columns, signers, strict=True)
        if learning is None or not metric.learns
    ]
    splits: dict[tuple[str, int, tuple[str, ...]], Split] = {}
    learners = [(metric, column) for metric, column in zip(metrics, columns, strict=True) if metric.learns]
    if learning is None or not learners:
        return Scored(rows, [])
    since = time.time() if fresh else None
    elsewhere = compute(trained_on, [metric for metric, _ in learners]).columns() if trained_on is not None else []
    for number, (metric, column) in enumerate(learners):
        decisions = [plan.decisions[i, metric.spec.sources] for i in range(len(database.fused))]
        material = Material.of(database, [computed.prepared for computed in column])
        predictions = list(predict_out_of_fold(metric, material, learning, store, jobs, since))
        origins = [(database.name, material)] * len(predictions)
        if trained_on is not None and EXTERNAL in learning.protocols:
            training = Material.of(trained_on, [computed.prepared for computed in elsewhere[number]])
            predictions.append(predict_external(metric, training, material, learning, store, since))
            origins.append((trained_on.name, training))
        for prediction, origin in zip(predictions, origins, strict=True):
            signer = Signer.learnt(metric, *origin, prediction, learning.seed)
            learnt = _learnt(database, metric, column, material, prediction)
            rows += [
                replace(row, signature=signer.sign(told, count))
                for row, told, count in zip(learnt, decisions, taken[metric], strict=True)
            ]
            if (split := prediction.split) is not None:
                splits[split.protocol, split.seed, split.images] = split
    return Scored(rows, list(splits.values()))


def _computed(plan: Plan, jobs: int, cluster: Cluster | None) -> Iterator[list[Cell]]:
    """Have the tasks of a plan computed, on this machine or on others."""
    if cluster is None:
        return run_tasks(run_task, plan.tasks(), jobs=jobs)
    files = plan.files if cluster.shared_storage else None
    sent = (to_send(task, plan.database.reading, files) for task in plan.tasks())
    return run_tasks(run_remote_task, sent, scheduler=cluster.scheduler)


def _learnt(
    database: Database, metric: Metric, column: Sequence[Computed], material: Material, prediction: Prediction
) -> Iterator[ScoreRow]:
    """Turn predictions into rows."""
    variant = str(prediction.identity(metric))
    predicted = dict(zip(map(int, material.places), map(float, prediction.values), strict=True))
    for i, computed in enumerate(column):
        score = computed.score
        if i not in predicted:
            if computed.prepared is not None:
                score = score._replace(reason="has no opinion score, so it takes no part in the folds")
        elif math.isfinite(predicted[i]):
            score = score._replace(value=predicted[i], status="ok", reason="")
        row = _row(database, i, computed._replace(score=score._replace(variant=variant)))
        if i in predicted and not math.isfinite(predicted[i]):
            row = replace(row, status=TRAINING, reason="is in the training part")
        yield row


def _row(database: Database, index: int, computed: Computed, signature: str = "") -> ScoreRow:
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
        signature=signature,
        reading=computed.reading,
    )
