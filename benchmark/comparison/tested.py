"""All that the comparison of methods says about one data set: a result a metric, and results over all metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from benchmark.comparison.asked import Asked
from benchmark.comparison.values import Column, Values
from benchmark.statistics.arrays import Index
from benchmark.statistics.methods.best import NearBest, near_best
from benchmark.statistics.methods.friedman import Friedman, friedman
from benchmark.statistics.methods.overall import Overall, overall
from benchmark.statistics.methods.pairwise import Pairwise, pairwise
from benchmark.statistics.methods.redundancy import Redundancy, redundancy
from benchmark.statistics.methods.stability import Stability, stability
from fusion_metrics.image import Array

Found = TypeVar("Found")


@dataclass(frozen=True)
class MetricTest:
    """What one metric says about the methods that have a value of it for every image.

    Attributes
    ----------
    column : Column
    methods : ndarray of int, shape (W,)
        Which methods those are.
    values : ndarray, shape (N, W)
        Their values, more is better.
    pairwise, near : Pairwise, NearBest or None
    friedman : Friedman or None
        None also for two methods.
    reason : str
        Why there are no tests.
    """

    column: Column
    methods: Index
    values: Array
    pairwise: Pairwise | None = None
    near: NearBest | None = None
    friedman: Friedman | None = None
    reason: str = ""


@dataclass(frozen=True)
class Tested:
    """All results on one data set, or on several together.

    Attributes
    ----------
    values : Values
    metrics : tuple of MetricTest
        One a metric.
    used : tuple of int
        The metrics that all methods have a value of for every image: those over which the next three were made.
    overall : Overall or None
    stability : Stability or None
    redundancy : Redundancy or None
    """

    values: Values
    metrics: tuple[MetricTest, ...]
    used: tuple[int, ...]
    overall: Overall | None
    stability: Stability | None
    redundancy: Redundancy | None

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the metrics in `used`."""
        return tuple(self.values.columns[k].label for k in self.used)


def examine(values: Values, asked: Asked) -> Tested:
    """Run all tests on one data set."""
    oriented = values.oriented
    finite: npt.NDArray[np.bool_] = np.asarray(np.isfinite(oriented).all(axis=1))
    metrics = tuple(_by_metric(values, asked, k, oriented[k], finite[k]) for k in range(len(values.columns)))
    varies = [np.ptp(oriented[k], axis=1).any() if finite[k].all() else False for k in range(len(values.columns))]
    used = tuple(k for k, usable in enumerate(varies) if usable)
    cube, groups = oriented[list(used)], values.groups
    if not used:
        return Tested(values, metrics, used, None, None, None)
    return Tested(
        values,
        metrics,
        used,
        _or_none(lambda: overall(cube, groups, seed=asked.seed)),
        _or_none(lambda: stability(cube, groups)),
        # Two methods leave one bit an image, in which most metrics agree.
        _or_none(lambda: redundancy(cube)) if len(values.methods) > 2 else None,
    )


def _by_metric(values: Values, asked: Asked, k: int, table: Array, finite: npt.NDArray[np.bool_]) -> MetricTest:
    column, methods = values.columns[k], np.flatnonzero(finite)
    complete = table[:, methods]
    if len(methods) < 2:
        return MetricTest(column, methods, complete, reason="fewer than two methods have a value for every image")
    options = {"permutations": asked.permutations, "alpha": asked.alpha, "seed": asked.seed}
    try:
        pairs = pairwise(complete, values.groups, **options)  # type: ignore[arg-type]
        near = near_best(complete, values.groups, **options)  # type: ignore[arg-type]
    except ValueError as error:
        return MetricTest(column, methods, complete, reason=str(error))
    ranks = _or_none(lambda: friedman(complete, values.groups, alpha=asked.alpha))
    return MetricTest(column, methods, complete, pairs, near, ranks)


def _or_none(compute: Callable[[], Found]) -> Found | None:
    """Leave out what these data cannot answer, such as the stability of a ranking in which all methods are tied."""
    try:
        return compute()
    except ValueError:
        return None
