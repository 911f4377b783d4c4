"""P values of every two metrics, and of every metric against the best, adjusted with how they depend on each other.

Every exchange is applied to all M (M - 1) / 2 differences alike, a block of exchanges at a time, so that what is in
memory does not grow with the number of exchanges. Two families of hypotheses are counted from each block: that two
metrics do not differ (two-sided), and that no metric is better than a given one (one-sided, by the furthest that any
other is ahead of it). Both are adjusted by a step down, each for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from benchmark.statistics.exchange import Differences, Leads
from benchmark.statistics.methods.best import furthest_behind
from benchmark.statistics.stepdown import Counted, Counts
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


def adjust(leads: Leads, metrics: int, flags: Iterable[Array], *, jobs: int = 1) -> Adjusted:
    """Test every two metrics, and every metric against the best.

    Parameters
    ----------
    leads : callable
        From exchanges, shape (R, B), to the difference of every two metrics after each of them.
    metrics : int
    flags : iterable of ndarray, shape (R, B) each
        Blocks of exchanges; the first exchange of all exchanges nothing.
    jobs : int
        Threads, each with a block of its own; -1 for one per core.
    """
    blocks = iter(flags)
    if (first := next(blocks, None)) is None:
        raise ValueError("no exchanges to hold the differences against")
    found = leads(first)
    pairs, best = Counts(np.abs(found[:, 0])), Counts(furthest_behind(found.T[:1], metrics)[0])

    def counted(found: Array) -> tuple[Counted, Counted]:
        return pairs.count(np.abs(found).T), best.count(furthest_behind(found.T, metrics))

    with threadpool_limits(1, user_api="blas"):  # a product of matrices in each thread has no use for more
        pending = Parallel(n_jobs=jobs, prefer="threads", batch_size=1, return_as="generator")(
            delayed(lambda block: counted(leads(block)))(block) for block in blocks
        )
        for of_pairs, of_best in chain([counted(found)], pending):
            pairs.take(of_pairs)
            best.take(of_best)
    together = pairs.result()
    return Adjusted(_matrix(together.p, metrics), _matrix(together.adjusted, metrics), best.result().adjusted)


def every_two(differences: Differences, metrics: int, *, jobs: int = 1) -> Array:
    """Compute the differences of every two metrics one after the other, shape (M (M - 1) / 2, R)."""
    both = combinations(range(metrics), 2)
    return np.stack(Parallel(n_jobs=jobs, prefer="threads")(delayed(differences)(i, j) for i, j in both))


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
