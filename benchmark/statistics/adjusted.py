"""P values of every two metrics, and of every metric against the best, adjusted with how they depend on each other.

Every exchange is applied to all M (M - 1) / 2 differences alike, a block of exchanges at a time, so that what is in
memory does not grow with the number of exchanges. Two families of hypotheses are counted from each block: that two
metrics do not differ (two-sided), and that no metric is better than a given one (one-sided, by the furthest that any
other is ahead of it). Both are adjusted by a step down, each for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from benchmark.statistics.exchange import Differences
from benchmark.statistics.methods.best import furthest_behind
from benchmark.statistics.stepdown import Counts
from fusion_metrics.image import Array

#: Numbers that a block of exchanges may take in memory, in each of a few arrays; and in the cache, where a compiled
#: loop goes through them.
IN_MEMORY, IN_CACHE = 4_000_000, 1_000_000
#: Sums over moved blocks that `exchange_linear` keeps of every metric and exchange.
SUMS = 21


class Adjusted(NamedTuple):
    """P values of M metrics.

    Attributes
    ----------
    p, adjusted : ndarray, shape (M, M)
        Two-sided, of every two; alone and adjusted for all of them. 1 on the diagonal.
    p_best : ndarray, shape (M,)
        Of "no metric is better than this one", adjusted for all of them.
    """

    p: Array
    adjusted: Array
    p_best: Array


def adjust(
    exchange: Callable[[Array], Differences], metrics: int, flags: Iterable[Array], *, jobs: int = 1
) -> Adjusted:
    """Test every two metrics, and every metric against the best.

    Parameters
    ----------
    exchange : callable
        From exchanges, shape (R, B), to the difference of any two metrics after each of them.
    metrics : int
    flags : iterable of ndarray, shape (R, B) each
        Blocks of exchanges; the first exchange of all exchanges nothing.
    jobs : int
        Threads; -1 for one per core.
    """
    both = list(combinations(range(metrics), 2))
    pairs, best = None, None
    with Parallel(n_jobs=jobs, prefer="threads") as threads:
        for block in flags:
            differences = exchange(block)
            found = np.stack(threads(delayed(differences)(i, j) for i, j in both), axis=1)
            behind = furthest_behind(found, metrics)
            if pairs is None or best is None:
                pairs, best = Counts(np.abs(found[0])), Counts(behind[0])
            pairs.add(np.abs(found))
            best.add(behind)
    if pairs is None or best is None:
        raise ValueError("no exchanges to hold the differences against")
    counted = pairs.result()
    return Adjusted(_matrix(counted.p, metrics), _matrix(counted.adjusted, metrics), best.result().adjusted)


def parts(flags: Array, metrics: int, *, compiled: bool = False) -> Iterator[Array]:
    """Cut exchanges into blocks that keep what is made of them small."""
    room = IN_CACHE if compiled else IN_MEMORY
    step = max(1, room // (SUMS * metrics + metrics * (metrics - 1) // 2))
    return (flags[first : first + step] for first in range(0, len(flags), step))


def _matrix(upper: Array, metrics: int) -> Array:
    found = np.ones((metrics, metrics))
    first, second = np.triu_indices(metrics, 1)
    found[first, second] = found[second, first] = upper
    return found
