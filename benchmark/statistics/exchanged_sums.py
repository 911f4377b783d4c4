"""`exchange_linear` of many exchanges: the same numbers from a compiled loop.

45 metrics and 40,000 exchanges make 40 million differences of some 200 multiplications each. Compiled, they are made in
one pass over what is summed once, and without holding Python's lock; where exchanges are few, NumPy is done before the
loop is loaded.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from benchmark.statistics.arrays import Index
from benchmark.statistics.exchange import NEARLY_ONE, Differences
from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array

#: Exchanges that are gone through at a time, so that what they need stays in the fastest cache.
TOGETHER = 64
#: Of every metric: sums of z, z^2 and zq, their products with each other, and those with the sums of q, q^2 and 1.
SUMS = 21
#: What an exchange changes in products of a sum of one metric with one of another: it turns (k, h) into (h, k).
TURNED = ((0, 1), (0, 2), (1, 2))


def exchange_many(z: Array, q: Array, blocks: Index, flags: Array) -> Differences:
    """Exchange scores; see `exchange_linear`. The first metric of two is the one that comes first."""
    n, n_blocks = z.shape[1], flags.shape[1]
    q = (q - q.mean()) / q.std()

    def per_block(values: Array) -> Array:
        return np.bincount(blocks, values, n_blocks).astype(np.float64)

    fixed = np.stack([per_block(q), per_block(q * q), per_block(np.ones(n))])
    own = np.stack([[per_block(row), per_block(row * row), per_block(row * q)] for row in z])
    products, with_fixed = own[:, :, None] * own[:, None], own[:, :, None] * fixed
    terms = np.concatenate([own, products.reshape(len(z), 9, -1), with_fixed.reshape(len(z), 9, -1)], axis=1)
    whole, moved = terms.sum(axis=2), terms @ flags.T
    i, j = np.triu_indices(len(z), 1)
    turned = np.stack([own[i, h] * own[j, k] - own[i, k] * own[j, h] for k, h in TURNED], axis=1) @ flags.T
    place = {both: number for number, both in enumerate(combinations(range(len(z)), 2))}
    fixed = fixed @ fixed.T
    # What is left of two large squares that cancel is rounding.
    least = max(1e-12 * n_blocks / n**2, 1e-24)

    def differences(first: int, second: int) -> Array:
        found: Array = _studentised(
            (whole[first], whole[second]),
            (moved[first], moved[second]),
            own[first] @ own[second].T,
            turned[place[first, second]],
            (fixed, n, least),
        )
        return found

    return differences


@compiled(nogil=True)
def _studentised(
    whole: tuple[Array, Array],
    moved: tuple[Array, Array],
    across: Array,
    turned: Array,
    constants: tuple[Array, int, float],
) -> Array:
    """Compute the difference of Fisher's z of two metrics after every exchange, divided by its standard error.

    Parameters
    ----------
    whole : tuple of ndarray, shape (21,) each
        Sums of both metrics over all blocks.
    moved : tuple of ndarray, shape (21, R) each
        The same over the blocks that each exchange moves.
    across : ndarray, shape (3, 3)
        Sum k of the first times sum h of the second, over all blocks.
    turned : ndarray, shape (3, R)
        What each exchange adds to these at the places `TURNED`, and takes from their counterparts.
    constants : tuple
        Products of the sums of q, q^2 and 1, shape (3, 3); the number of images; and the squared standard error of
        which, and below, nothing but rounding is left: the difference is then 0.

    Returns
    -------
    ndarray, shape (R,)
    """
    fixed, n, least = constants
    exchanges = moved[0].shape[1]
    found = np.zeros(exchanges)
    sums, weights = np.empty((2, SUMS, TOGETHER)), np.empty((2, 6, TOGETHER))
    r, error = np.empty((2, TOGETHER)), np.empty(TOGETHER)
    for start in range(0, exchanges, TOGETHER):
        size = min(TOGETHER, exchanges - start)
        for k in range(SUMS):
            for e in range(size):
                given = moved[1][k, start + e] - moved[0][k, start + e]
                sums[0, k, e] = whole[0][k] + given
                sums[1, k, e] = whole[1][k] - given
        for m in range(2):
            _weigh(sums[m], n, size, weights[m], r[m])
        for k in range(3, 6):  # of q, both metrics have the same sums
            weights[0, k] -= weights[1, k]
        error[:] = 0.0
        for k in range(3):
            for h in range(3):
                for e in range(size):
                    w1, w2, common = weights[0, k, e], weights[1, k, e], weights[0, 3 + h, e]
                    error[e] += w1 * (
                        sums[0, 3 + 3 * k + h, e] * weights[0, h, e] + 2.0 * sums[0, 12 + 3 * k + h, e] * common
                    )
                    error[e] += w2 * (
                        sums[1, 3 + 3 * k + h, e] * weights[1, h, e] - 2.0 * sums[1, 12 + 3 * k + h, e] * common
                    )
                    error[e] += weights[0, 3 + k, e] * fixed[k, h] * common - 2.0 * w1 * across[k, h] * weights[1, h, e]
        for place in range(3):
            k, h = max(0, place - 1), min(2, place + 1)
            for e in range(size):
                apart = weights[0, k, e] * weights[1, h, e] - weights[0, h, e] * weights[1, k, e]
                error[e] -= 2.0 * turned[place, start + e] * apart
        for e in range(size):
            if error[e] >= least:
                odds = (1.0 + r[0, e]) * (1.0 - r[1, e]) / ((1.0 - r[0, e]) * (1.0 + r[1, e]))
                found[start + e] = 0.5 * math.log(odds) / math.sqrt(error[e])
    return found


@compiled(nogil=True)
def _weigh(sums: Array, n: int, size: int, weights: Array, correlation: Array) -> None:
    """Write the correlations, and how much each sum has to do with Fisher's z of them."""
    for e in range(size):
        mean = sums[0, e] / n
        variance = max(sums[1, e] / n - mean * mean, 1e-12)
        inverse = 1.0 / math.sqrt(variance)
        r = min(max(sums[2, e] * inverse / n, -NEARLY_ONE), NEARLY_ONE)
        scale = 1.0 / (n * (1.0 - r * r))
        half = 0.5 * scale * r * inverse * inverse
        correlation[e] = r
        weights[0, e] = 2.0 * half * mean
        weights[1, e] = -half
        weights[2, e] = scale * inverse
        weights[3, e] = -scale * mean * inverse
        weights[4, e] = -0.5 * scale * r
        weights[5, e] = -half * mean * mean
