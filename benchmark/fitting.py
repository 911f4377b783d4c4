"""A metric fitted for keeps: to a whole database, or fold by fold with the images that each fold holds out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.backends import run_tasks
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.out_of_fold import Material
from benchmark.plan import OnProgress, Plan, run_task
from benchmark.splits import BEST, deal
from benchmark.store import ScoreStore
from fusion_metrics import Metric
from fusion_metrics.image import Array


@dataclass(frozen=True)
class FittedFold:
    """What one fold gave.

    Attributes
    ----------
    number : int
        From 0.
    metric : Metric
        Fitted to all images but those of the fold.
    held : ndarray of int
        The images of the fold, among those of the material.
    predicted : ndarray
        Their q.
    """

    number: int
    metric: Metric
    held: npt.NDArray[np.intp]
    predicted: Array


def gather(
    database: Database,
    metric: Metric,
    *,
    store: ScoreStore,
    jobs: int = 1,
    on_progress: OnProgress = lambda known, stored: None,
) -> Material:
    """Prepare all scored images of a database for a metric that learns.

    Raises
    ------
    BenchmarkError
        The metric does not learn, or none of the images can be learnt from.
    """
    if not metric.learns:
        raise BenchmarkError(f"{metric.spec.id} does not learn, so there is nothing to train")
    plan = Plan(database, (metric,), store, on_progress, False)
    for cells in run_tasks(run_task, plan.tasks(), jobs=jobs):
        plan.add(cells)
    cells_in_order = [plan.cells[i, 0] for i in range(len(database.fused))]
    material = Material.of(database, [computed.prepared for computed in cells_in_order])
    if len(material.q) == 0:
        reasons = {computed.score.reason for computed in cells_in_order if computed.prepared is None}
        why = min(reasons) if reasons else "no image has an opinion score"
        raise BenchmarkError(f"{database.name}: nothing to train on, {why}")
    return material


def fit_folds(metric: Metric, material: Material, protocol: str, *, folds: int, seed: int) -> Iterator[FittedFold]:
    """Fit to all but one fold, for every fold; the folds are those of `fmbench run` with the same seed."""
    split = deal(material.names, material.pairs, protocol, folds=folds, seed=seed)
    for number in range(split.n_folds):
        chosen = split.folds == number
        held = material.part(chosen)
        fitted = material.part(~chosen).fit(metric, seed, held if protocol.endswith(BEST) else None)
        yield FittedFold(number, fitted, np.flatnonzero(chosen), fitted.predict_prepared(held.inputs))
