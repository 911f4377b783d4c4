"""Whether one metric is better than another, or other scenes could turn them round: permutation tests.

If two metrics agree equally well with opinions, it does not matter which of the two gave which scores. So their scores,
brought to one scale (ranks for SRCC and KRCC, mean 0 and variance 1 for PLCC), are exchanged at random, and the
observed difference of the two correlations is held against the differences after exchange. What is exchanged together
decides whether the test is right: not single images, which are not independent, but

- `global` and `pair`: all images of a source pair at once. For `pair`, this exchanges the two correlations within the
  pair. The result holds for new scenes fused by the same algorithms.
- `algorithm`: the means of an algorithm over all pairs. The result holds for new algorithms.

Simulated metrics of equal merit, 10 algorithms, 2,000 databases, tests at 5 % (`benchmarks/checks/paired_tests.py`;
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

Many metrics are compared at once, and every exchange is applied to all of them. So the greatest difference of any two
after an exchange says what chance can do somewhere, and p values are adjusted by a step down with it (`stepdown`):
metrics that are alike err alike, and 990 comparisons of 45 metrics are then not 990 independent chances to be wrong.
Holm's adjustment, which supposes the worst, is computed beside it. Rankings of eight simulated metrics have any false
difference in 3.9 to 5.5 % of the databases, within pairs and, where all metrics err alike, over all images. Where some
metrics err on scenes and others on images, tests over all images are wrong more often if pairs are few, each for
itself and so all together: 10 % with nine pairs, 7 % with 30, 5 % with 129 (`benchmarks/checks/ranking.py`).

Which metrics are *not significantly worse than the best* is a question of its own, as the best was chosen by these very
scores. For every metric i the hypothesis is "no metric is better", what speaks against it is the most that any other is
ahead of i, and the p values of all M hypotheses are adjusted by a step down of the same exchanges
(`benchmark.statistics.methods.best` does the same to fusion methods, and has the references).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.adjusted import adjust, every_two, parts
from benchmark.statistics.arrays import Index, complete
from benchmark.statistics.clusters import holm, rank_clusters
from benchmark.statistics.dependent import Ends, zou
from benchmark.statistics.exchange import (
    NEARLY_ONE,
    Leads,
    exchange_linear,
    exchange_tau,
    exchange_values,
    exchanges,
)
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import Level, algorithm_means, at_level, over_pairs, within_pairs
from benchmark.statistics.resampled import Statistic
from fusion_metrics.image import Array

#: So many differences NumPy makes before a compiled loop is loaded: two seconds' work.
FEW = 5_000_000
#: What is exchanged, in words.
UNITS: dict[Level, str] = {"global": "source pairs", "pair": "source pairs", "algorithm": "algorithms"}


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
        The same, adjusted for all M (M - 1) / 2 comparisons, whatever their dependence.
    adjusted : ndarray, shape (M, M)
        The same, adjusted with their dependence (step-down maxT); what clusters are made of.
    p_best : ndarray, shape (M,)
        Adjusted p value of "no metric is better than this one".
    cluster : ndarray of int, shape (M,)
        1 for the best; see `rank_clusters`.
    intervals : Ends or None
        Zou's intervals of the differences of every two values, as if images were independent, shape (M, M) each; NaN
        where a correlation is perfect. None within pairs and for KRCC.
    blocks : int
        What was exchanged as one: source pairs or algorithms.
    permutations : int
        Exchanges looked at; all there are, if `exact`.
    exact : bool
    least_p : float
        The smallest p value that these data could have given.
    alpha : float
        Level of the clusters.
    warning : str
        Says so where the least p value is too large to find any difference.
    """

    values: Array
    p: Array
    holm: Array
    adjusted: Array
    p_best: Array
    cluster: Index
    intervals: Ends | None
    blocks: int
    permutations: int
    exact: bool
    least_p: float
    alpha: float
    warning: str

    @property
    def near_best(self) -> npt.NDArray[np.bool_]:
        """Whether each metric is not significantly worse than the best, shape (M,)."""
        return self.p_best > self.alpha


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
        Level of the clusters, on adjusted p values, and of what is near the best.
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
    2021; Westfall, Young, Resampling-based multiple testing, 1993; Holm, A simple sequentially rejective multiple test
    procedure, Scandinavian Journal of Statistics 6, 1979.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> q = rng.random((30, 5)).ravel()
    >>> judged = Judged.of(q, np.repeat(np.arange(30), 5), np.tile(np.arange(5), 30))
    >>> x = np.stack([q + rng.normal(0, error, q.shape) for error in (0.2, 0.2, 0.5)])
    >>> found = compare(x, judged)
    >>> found.cluster, found.near_best
    (array([1, 1, 2]), array([ True,  True, False]))
    """
    scores, opinions = complete(x, "the metrics", 2), judged.q
    m = len(scores)
    if m < 2:
        raise ValueError("a comparison needs two metrics")
    if statistic == "rmse":
        raise ValueError("correlations are compared, not RMSE")
    values = np.array([_value(i, row, judged, statistic, level) for i, row in enumerate(scores)])
    intervals = None
    if level == "pair":
        within = np.stack([within_pairs(row, judged, statistic) for row in scores])
        within = within[:, ~np.isnan(within).any(axis=0)]
        count = within.shape[1]
    else:
        blocks = judged.pair
        if level == "algorithm":
            grid = algorithm_means(np.vstack([scores, opinions]), judged)[0]
            means = over_pairs(grid, np.ones((1, grid.shape[1])))[:, 0]
            scores, opinions, blocks = means[:-1], means[-1], np.arange(means.shape[1])
        intervals = _intervals(scores, values, statistic, alpha)
        count = int(blocks.max()) + 1
    flags, exact = exchanges(count, permutations, seed)
    many = level != "pair" and len(flags) * m * (m - 1) // 2 > FEW
    if level == "pair":
        leads = exchange_values(within)
    elif statistic == "krcc":
        leads = _leads_of_tau(scores, opinions, blocks, jobs)
    else:
        leads = _leads(scores, opinions, blocks, statistic, many=many)
    # What Kendall's tau needs of two metrics is made once for all exchanges.
    found = adjust(leads, m, [flags] if statistic == "krcc" else parts(flags, m, compiled=many), jobs=jobs)
    worse = (found.adjusted <= alpha) & (values[:, None] < values)
    least = max(2.0 ** (1 - count), 1 / len(flags))
    return Comparison(
        values=values,
        p=found.p,
        holm=holm(found.p),
        adjusted=found.adjusted,
        p_best=found.p_best,
        cluster=rank_clusters(values, worse),
        intervals=intervals,
        blocks=count,
        permutations=len(flags),
        exact=exact,
        least_p=least,
        alpha=alpha,
        warning=_warning(least, alpha, count, UNITS[level]),
    )


def _leads_of_tau(x: Array, q: Array, blocks: Index, jobs: int) -> Leads:
    ranks = scipy.stats.rankdata(x, axis=1)
    return lambda flags: every_two(exchange_tau(ranks, q, blocks, flags), len(x), jobs=jobs)


def _leads(x: Array, q: Array, blocks: Index, statistic: Statistic, *, many: bool) -> Leads:
    """Bring scores, shape (M, n), to one scale, and say what exchanges make of them."""
    if statistic == "srcc":
        x, q = scipy.stats.rankdata(x, axis=1), scipy.stats.rankdata(q)
    centred = x / np.abs(x).max(axis=1, keepdims=True)
    centred -= centred.mean(axis=1, keepdims=True)
    z = centred / centred.std(axis=1, keepdims=True)
    if many:
        from benchmark.statistics.exchanged_sums import exchange_many

        return exchange_many(z, q, blocks, int(blocks.max()) + 1)
    return lambda flags: every_two(exchange_linear(z, q, blocks, flags), len(z))


def _intervals(x: Array, values: Array, statistic: Statistic, alpha: float) -> Ends | None:
    """Find Zou's intervals of all differences of two values; none of KRCC, and of too few images."""
    m, n = x.shape
    if statistic == "krcc" or n < 4:
        return None
    related = np.asarray(np.corrcoef(scipy.stats.rankdata(x, axis=1) if statistic == "srcc" else x))
    first, second = np.triu_indices(m, 1)
    three = np.stack([values[first], values[second], related[first, second]])
    imperfect = (np.abs(three) < NEARLY_ONE).all(axis=0)
    r1, r2, r12 = three[:, imperfect]
    ends = np.full((2, len(first)), np.nan)
    ends[:, imperfect] = zou(r1, r2, r12, n, ranks=statistic == "srcc", confidence=1 - alpha)
    low, high = np.full((2, m, m), np.nan)
    low[first, second], high[first, second] = ends
    low[second, first], high[second, first] = -ends[::-1]
    return Ends(low, high)


def _value(i: int, x: Array, judged: Judged, statistic: Statistic, level: Level) -> float:
    try:
        return at_level(x, judged, statistic=statistic, level=level).value
    except ValueError as error:
        raise ValueError(f"metric {i}: {error}") from error


def _warning(least: float, alpha: float, count: int, units: str) -> str:
    if least <= alpha:
        return ""
    return f"no difference can be found: with {count} {units} to exchange the least p value is {least:.2g}"
