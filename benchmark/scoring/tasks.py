"""Tasks: some fused images of one pair and what is to be computed of each, in this process or in another one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

from benchmark.scoring.sources import Sources
from benchmark.scoring.store import Computed
from fusion_metrics import FusionMetricsError, Image, Metric, Score, UndefinedScore
from fusion_metrics.scoring import Status, evaluate


class Cell(NamedTuple):
    """What was computed for one fused image and one metric, by their places in the database and in the request."""

    image: int
    metric: int
    computed: Computed


@dataclass(frozen=True)
class Task:
    """Some fused images of one pair, with the metrics still to be computed for each.

    Attributes
    ----------
    sources : Sources
        Of that pair, all of one size.
    work : tuple of (int, Image, tuple of int)
        Place of a fused image in the database, the image, and the places of its metrics in `metrics`.
    metrics : tuple of Metric
        All that the run asks for.
    """

    sources: Sources
    work: tuple[tuple[int, Image, tuple[int, ...]], ...]
    metrics: tuple[Metric, ...]


def run_task(task: Task) -> list[Cell]:
    """Compute the cells of one task; features of the sources are computed once for all of them."""
    cells = []
    for index, fused, wanted in task.work:
        cells += [Cell(index, j, _compute(task.metrics[j], fused, task.sources.of(task.metrics[j]))) for j in wanted]
        if len(task.work) > 1:
            fused.forget()  # so that the next one has its memory, and a task takes no more than one picture does
    return cells


def _compute(metric: Metric, fused: Image, sources: tuple[Image, ...]) -> Computed:
    """Score with a metric; of one that learns, prepare the images and leave the score to the folds."""
    score = evaluate(metric, fused, *sources)
    if not metric.learns:
        return Computed(score)
    start = time.perf_counter()
    try:
        prepared = metric.prepare(fused, *sources)
    except UndefinedScore as error:
        return Computed(without_value(metric, "undefined", error))
    except FusionMetricsError as error:
        return Computed(without_value(metric, "error", error))
    seconds = time.perf_counter() - start
    return Computed(Score(score.metric, score.variant, None, score.status, score.reason, seconds), prepared)


def without_value(metric: Metric, status: Status, error: FusionMetricsError | None) -> Score:
    """Say why a metric has no score; that took no time."""
    return Score(metric.spec.name, metric.spec.variant, None, status, str(error), 0.0)
