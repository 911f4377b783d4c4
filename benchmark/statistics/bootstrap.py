"""Intervals of agreement by bootstrap over source pairs, for what other scenes would have given.

Fused images of one scene are not independent, so whole source pairs are drawn with replacement, each with all its
images. Algorithms are not drawn: an interval speaks of new scenes fused by the same algorithms.

Which interval? Simulated scores with effects of scene and algorithm, 10 algorithms, 95 % wanted, 1,000 databases each
(`benchmarks/checks/paired_tests.py`; *alike*: errors of every kind, *scenes*: the metric errs mostly on scenes):

=========  =========  ======  ======================  ======================  ======================
level      statistic  metric  10 pairs: t, perc, BCa  30 pairs                129 pairs
=========  =========  ======  ======================  ======================  ======================
global     SRCC       alike   95.1, 90.8, 89.3        95.4, 93.5, 92.7        94.2, 93.8, 93.5
global     KRCC       alike   97.0, 90.5, 90.5        95.0, 92.5, 92.0        97.0, 96.5, 96.0
global     PLCC       alike   94.7, 88.1, 87.7        95.1, 92.7, 92.7        94.1, 93.7, 93.1
global     PLCC       scenes  88.0, 77.7, 81.4        91.7, 88.7, 90.9        94.8, 93.7, 93.4
pair       SRCC       alike   92.7, 87.3, 87.0        94.1, 91.9, 91.6        93.8, 93.5, 93.7
algorithm  PLCC       alike   94.7, 81.4, 83.1        95.3, 91.9, 91.9        95.1, 94.3, 94.2
algorithm  SRCC       alike   94.7, 93.0, 78.3        93.3, 96.3, 79.2        90.2, 97.1, 83.3
=========  =========  ======  ======================  ======================  ======================

The percentile interval is too narrow with few pairs, by sqrt((P - 1) / P) and because it knows no t distribution: with
fewer than six pairs it cannot cover 95 % whatever is drawn (all true values lie outside the range of the pairs with
probability 2 / 2^P). BCa mends skewness but not width, and fails on ranks of few algorithms. Both also shift the bias
of a correlation of means the wrong way. So the default takes only the standard error from the bootstrap:

    T(r) +- t_{P-1} sqrt(P / (P - 1)) T'(r) s,    s the standard deviation of the replicates,

on the scale T = atanh (Fisher's z) for correlations over images or within pairs, log for RMSE, and unchanged for the
correlation of the algorithms' means, which is near 1 and biased downwards, so that only a symmetric interval holds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.numbers import counted
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import Level, at_level
from benchmark.statistics.resampled import Statistic
from fusion_metrics.image import Array

Method = Literal["t", "percentile"]
#: With fewer pairs an interval carries a warning.
FEW_PAIRS = 10


@dataclass(frozen=True)
class Interval:
    """A statistic with its confidence interval.

    Attributes
    ----------
    value, low, high : float
    confidence : float
    level : {"global", "pair", "algorithm"}
    n : int
        Images, pairs or algorithms behind the value.
    n_pairs : int
        Source pairs drawn from.
    undefined : int
        Replicates without a value (no variation among the pairs drawn), left out of the interval.
    note : str
        What was left out by the rules of the level; see `benchmark.statistics.levels`.
    warning : str
        Why the interval should not be leant on; empty where there is no reason.
    """

    value: float
    low: float
    high: float
    confidence: float
    level: Level
    n: int
    n_pairs: int
    undefined: int
    note: str
    warning: str


def interval(
    x: npt.ArrayLike,
    judged: Judged,
    *,
    statistic: Statistic = "srcc",
    level: Level = "global",
    method: Method = "t",
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Interval:
    """Compute a statistic and its confidence interval.

    Parameters
    ----------
    x, judged, statistic, level
        See `benchmark.statistics.levels.at_level`.
    method : {"t", "percentile"}
        See the module.
    confidence : float
    replicates : int
    seed : int
        The same seed draws the same pairs for every metric.

    Raises
    ------
    ValueError
        As `at_level`; a single source pair.

    References
    ----------
    Efron, Tibshirani, An introduction to the bootstrap, 1993, chapters 12-14; Hesterberg, What teachers should know
    about the bootstrap, The American Statistician 69(4), 2015, for the width with few observations.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> q = rng.random((30, 5))
    >>> judged = Judged.of(q.ravel(), np.repeat(np.arange(30), 5), np.tile(np.arange(5), 30))
    >>> found = interval((q + rng.normal(0, 0.2, q.shape)).ravel(), judged)
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.82, 0.76, 0.87)
    """
    here = at_level(x, judged, statistic=statistic, level=level)
    n_pairs = len(judged.pairs)
    if n_pairs < 2:
        raise ValueError("no interval from a single source pair")
    drawn = here.weighted(draw(n_pairs, replicates, seed))
    values = drawn[~np.isnan(drawn)]
    warnings = []
    if n_pairs < FEW_PAIRS:
        warnings.append(
            f"{counted(n_pairs, 'source pair')}: the interval is a guess from "
            f"{counted(n_pairs, 'independent observation')}"
        )
    undefined = len(drawn) - len(values)
    if undefined:
        warnings.append(f"{undefined} of {replicates} replicates without a value")
    if len(values) < 2:
        raise ValueError("no replicate has a value")
    if method == "percentile":
        low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    else:
        low, high = _t_interval(here.value, float(values.std(ddof=1)), n_pairs, confidence, _scale(statistic, level))
    return Interval(
        here.value,
        float(low),
        float(high),
        confidence,
        level,
        here.n,
        n_pairs,
        undefined,
        here.note,
        "; ".join(warnings),
    )


@lru_cache(maxsize=4)
def draw(n_pairs: int, replicates: int, seed: int) -> Array:
    """Draw source pairs with replacement: how often each is in each replicate, shape (replicates, n_pairs).

    Every statistic of every metric takes the same draws, so the last few are kept, and cannot be written to.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n_pairs, np.full(n_pairs, 1 / n_pairs), size=replicates).astype(np.float64)
    drawn.setflags(write=False)
    return drawn


Scale = Literal["plain", "fisher", "log"]


def _scale(statistic: Statistic, level: Level) -> Scale:
    if statistic == "rmse":
        return "log"
    return "plain" if level == "algorithm" else "fisher"


def _t_interval(value: float, error: float, n_pairs: int, confidence: float, scale: Scale) -> tuple[float, float]:
    width = error * float(scipy.stats.t.ppf((1 + confidence) / 2, n_pairs - 1)) * math.sqrt(n_pairs / (n_pairs - 1))
    if scale == "fisher" and abs(value) < 1:
        centre, width = math.atanh(value), width / (1 - value**2)
        return math.tanh(centre - width), math.tanh(centre + width)
    if scale == "log":
        return (value * math.exp(-width / value), value * math.exp(width / value)) if value > 0 else (0.0, width)
    return max(value - width, -1.0), min(value + width, 1.0)
