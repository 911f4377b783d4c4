"""Whether one metric is better than another, or other scenes could turn them round: permutation tests.

If two metrics agree equally well with opinions, it does not matter which of the two gave which scores. So their scores,
brought to one scale (ranks for SRCC and KRCC, mean 0 and variance 1 for PLCC), are exchanged at random, and the
observed difference of the two correlations is held against the differences after exchange. What is exchanged together
decides whether the test is right: not single images, which are not independent, but

- `global` and `pair`: all images of a source pair at once. For `pair`, this exchanges the two correlations within the
  pair. The result holds for new scenes fused by the same algorithms.
- `algorithm`: the means of an algorithm over all pairs. The result holds for new algorithms.

Simulated metrics of equal merit, 10 algorithms, 2,000 databases, tests at 5 % (`tests/timing/check_statistics.py`;
*alike*: both metrics err in the same way; *algorithms*: they err on different algorithms; *scenes*: one errs on scenes,
the other on images, and yet they correlate equally):

=========  =========  ==============  ========  =========
level      statistic  metrics         30 pairs  129 pairs
=========  =========  ==============  ========  =========
global     SRCC       alike           5.2 %     5.0 %
global     SRCC       algorithms      5.7 %     4.7 %
global     SRCC       scenes          5.6 %     5.1 %
global     PLCC       alike           5.0 %     5.1 %
global     PLCC       algorithms      5.3 %     4.9 %
global     PLCC       scenes          6.8 %     4.9 %
pair       SRCC       alike           4.0 %     4.3 %
pair       SRCC       algorithms      5.0 %     4.4 %
algorithm  SRCC       new algorithms  5.1 %     4.2 %
algorithm  PLCC       new algorithms  6.3 %     5.0 %
=========  =========  ==============  ========  =========

Exchange of single images, as is usual in machine translation where sentences are many and independent, rejects 9 %
(alike) and 17 to 19 % (scenes) there. None of this covers new algorithms at the global level: with algorithms drawn
anew in every simulation, so that metrics are equal only on average over algorithms, exchange of pairs rejects 20 % with
30 pairs and 45 % with 129: that question is the one of the level `algorithm`. With four pairs there
are 16 exchanges, and no difference is found at 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy import stats

from benchmark.statistics.arrays import Index, complete
from benchmark.statistics.clusters import holm, rank_clusters
from benchmark.statistics.exchange import Differences, exchange_linear, exchange_tau, exchange_values, exchanges
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import Level, algorithm_means, at_level, over_pairs, within_pairs
from benchmark.statistics.resampled import Statistic
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Comparison:
    """Every metric against every other.

    Attributes
    ----------
    values : ndarray, shape (M,)
        The statistic of each metric.
    p : ndarray, shape (M, M)
        Two-sided p values, 1 on the diagonal.
    holm : ndarray, shape (M, M)
        The same, adjusted for all M (M - 1) / 2 comparisons.
    cluster : ndarray of int, shape (M,)
        1 for the best; see `rank_clusters`.
    blocks : int
        What was exchanged as one: source pairs or algorithms.
    permutations : int
        Exchanges looked at; all there are, if `exact`.
    exact : bool
    least_p : float
        The smallest p value that these data could have given, before adjustment.
    warning : str
        Says so where that is too large to find any difference.
    """

    values: Array
    p: Array
    holm: Array
    cluster: Index
    blocks: int
    permutations: int
    exact: bool
    least_p: float
    warning: str


def compare(
    x: npt.ArrayLike,
    judged: Judged,
    *,
    statistic: Statistic = "srcc",
    level: Level = "global",
    permutations: int = 9999,
    alpha: float = 0.05,
    seed: int = 0,
    jobs: int = 1,
) -> Comparison:
    """Test the difference between every two metrics and rank the metrics in clusters.

    Parameters
    ----------
    x : array_like, shape (M, n)
        Oriented scores of M metrics for the same images.
    judged : Judged
        What the images are judged by.
    statistic : {"srcc", "plcc", "krcc"}
        Global KRCC takes about half a second for every two metrics (1,290 images, 129 pairs), the others next to
        nothing.
    level : {"global", "pair", "algorithm"}
    permutations : int
        Random exchanges, the same for every two metrics; where there are no more different ones, all are looked at.
    alpha : float
        Level of the clusters, on adjusted p values.
    seed : int
    jobs : int
        Threads; -1 for one per core.

    Raises
    ------
    ValueError
        As `at_level`, for any of the metrics; fewer than two metrics; RMSE.

    References
    ----------
    Deutsch, Dror, Roth, A statistical analysis of summarization evaluation metrics using resampling methods, TACL 9,
    2021; Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> q = rng.random((30, 5)).ravel()
    >>> judged = Judged.of(q, np.repeat(np.arange(30), 5), np.tile(np.arange(5), 30))
    >>> x = np.stack([q + rng.normal(0, error, q.shape) for error in (0.2, 0.2, 0.5)])
    >>> compare(x, judged).cluster
    array([1, 1, 2])
    """
    scores, opinions = complete(x, "the metrics", 2), judged.q
    m = len(scores)
    if m < 2:
        raise ValueError("a comparison needs two metrics")
    if statistic == "rmse":
        raise ValueError("correlations are compared, not RMSE")
    values = np.array([_value(i, row, judged, statistic, level) for i, row in enumerate(scores)])
    if level == "pair":
        within = np.stack([within_pairs(row, judged, statistic) for row in scores])
        within = within[:, ~np.isnan(within).any(axis=0)]
        flags, exact = exchanges(within.shape[1], permutations, seed)
        differences = exchange_values(within, flags)
    else:
        blocks = judged.pair
        if level == "algorithm":
            grid = algorithm_means(np.vstack([scores, opinions]), judged)[0]
            means = over_pairs(grid, np.ones((1, grid.shape[1])))[:, 0]
            scores, opinions, blocks = means[:-1], means[-1], np.arange(means.shape[1])
        flags, exact = exchanges(int(blocks.max()) + 1, permutations, seed)
        differences = _differences(scores, opinions, blocks, flags, statistic)
    p = np.ones((m, m))
    both = np.array(list(combinations(range(m), 2))).T
    found = Parallel(n_jobs=jobs, prefer="threads")(delayed(_p)(differences, i, j) for i, j in both.T.tolist())
    p[tuple(both)] = p[tuple(both[::-1])] = found
    adjusted = holm(p)
    worse = (adjusted <= alpha) & (values[:, None] < values)
    least = max(2.0 ** (1 - flags.shape[1]), 1 / len(flags))
    warning = _warning(least, m * (m - 1) // 2, alpha, flags.shape[1])
    cluster = rank_clusters(values, worse)
    return Comparison(values, p, adjusted, cluster, flags.shape[1], len(flags), exact, least, warning)


def _differences(x: Array, q: Array, blocks: Index, flags: Array, statistic: Statistic) -> Differences:
    if statistic == "krcc":
        return exchange_tau(stats.rankdata(x, axis=1), q, blocks, flags)
    if statistic == "srcc":
        x, q = stats.rankdata(x, axis=1), stats.rankdata(q)
    centred = x / np.abs(x).max(axis=1, keepdims=True)
    centred -= centred.mean(axis=1, keepdims=True)
    return exchange_linear(centred / centred.std(axis=1, keepdims=True), q, blocks, flags)


def _value(i: int, x: Array, judged: Judged, statistic: Statistic, level: Level) -> float:
    try:
        return at_level(x, judged, statistic=statistic, level=level).value
    except ValueError as error:
        raise ValueError(f"metric {i}: {error}") from error


def _p(differences: Differences, i: int, j: int) -> float:
    found = np.abs(differences(i, j))
    # Equal differences summed in another order count as equal.
    return float(np.mean(found >= found[0] * (1 - 1e-6)))


def _warning(least: float, comparisons: int, alpha: float, blocks: int) -> str:
    if least * comparisons <= alpha:
        return ""
    return (
        f"no difference can be found: with {blocks} blocks to exchange the least p value is {least:.2g}, "
        f"{min(1.0, least * comparisons):.2g} after adjustment for {comparisons} comparisons"
    )
