"""`exchange_linear` of many exchanges and every two metrics at once: the same numbers from a compiled loop.

45 metrics and 40,000 exchanges make 40 million differences of some 200 multiplications each. Compiled, they are made in
one pass over what is summed once, and without holding Python's lock; where exchanges are few, NumPy is done before the
loop is loaded.
"""

from __future__ import annotations

import math

import numpy as np

from benchmark.statistics.arrays import Index
from benchmark.statistics.exchange import NEARLY_ONE, Leads
from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array

#: Exchanges that are gone through at a time, so that what they need stays in the fastest cache.
TOGETHER = 64
#: Of every metric: sums of z, z^2 and zq, their products with each other, and those with the sums of q, q^2 and 1.
SUMS = 21
#: What an exchange changes in products of a sum of one metric with one of another: it turns (k, h) into (h, k).
TURNED = ((0, 1), (0, 2), (1, 2))


def exchange_many(z: Array, q: Array, blocks: Index, n_blocks: int) -> Leads:
    """Exchange scores, shape (M, n), of images in so many blocks; see `exchange_linear`."""
    n = z.shape[1]
    q = (q - q.mean()) / q.std()

    def per_block(values: Array) -> Array:
        return np.bincount(blocks, values, n_blocks).astype(np.float64)

    fixed = np.stack([per_block(q), per_block(q * q), per_block(np.ones(n))])
    own = np.stack([[per_block(row), per_block(row * row), per_block(row * q)] for row in z])
    products, with_fixed = own[:, :, None] * own[:, None], own[:, :, None] * fixed
    terms = np.concatenate([own, products.reshape(len(z), 9, -1), with_fixed.reshape(len(z), 9, -1)], axis=1)
    i, j = np.triu_indices(len(z), 1)
    turned = np.stack([own[i, h] * own[j, k] - own[i, k] * own[j, h] for k, h in TURNED], axis=1)
    whole, across = terms.sum(axis=2), own[i] @ own[j].swapaxes(1, 2)
    fixed = fixed @ fixed.T
    # What is left of two large squares that cancel is rounding.
    constants = fixed, n, max(1e-12 * n_blocks / n**2, 1e-24)

    def leads(flags: Array) -> Array:
        moved, turns = (sums.reshape(-1, n_blocks) @ flags.T for sums in (terms, turned))
        found: Array = _studentised(
            whole, moved.reshape(*terms.shape[:2], -1), across, turns.reshape(*turned.shape[:2], -1), constants
        )
        return found

    return leads


@compiled(nogil=True)
def _studentised(
    whole: Array, moved: Array, across: Array, turned: Array, constants: tuple[Array, int, float]
) -> Array:
    """Compute the difference of Fisher's z of every two metrics after every exchange, divided by its standard error.

    Loops over exchanges have few arrays each, so that the compiler can tell them apart and makes vector code.

    Parameters
    ----------
    whole : ndarray, shape (M, 21)
        Sums of every metric over all blocks.
    moved : ndarray, shape (M, 21, R)
        The same over the blocks that each exchange moves.
    across : ndarray, shape (H, 3, 3)
        Of every two: sum k of the first times sum h of the second, over all blocks.
    turned : ndarray, shape (H, 3, R)
        What each exchange adds to these at the places `TURNED`, and takes from their counterparts.
    constants : tuple
        Products of the sums of q, q^2 and 1, shape (3, 3); the number of images; and the squared standard error of
        which, and below, nothing but rounding is left: the difference is then 0.

    Returns
    -------
    ndarray, shape (H, R)
    """
    fixed, n, least = constants
    metrics, exchanges = len(whole), moved.shape[2]
    found = np.zeros((len(across), exchanges))
    first_sums, second_sums = np.empty((SUMS, TOGETHER)), np.empty((SUMS, TOGETHER))
    first_weights, second_weights = np.empty((6, TOGETHER)), np.empty((6, TOGETHER))
    first_r, second_r, error = np.empty(TOGETHER), np.empty(TOGETHER), np.empty(TOGETHER)
    for start in range(0, exchanges, TOGETHER):
        size = min(TOGETHER, exchanges - start)
        both = 0
        for i in range(metrics):
            for j in range(i + 1, metrics):
                for k in range(SUMS):
                    _exchange(
                        (moved[i, k, start : start + size], moved[j, k, start : start + size]),
                        (whole[i, k], whole[j, k]),
                        (first_sums[k], second_sums[k]),
                    )
                _weigh(first_sums, n, size, _rows(first_weights), first_r)
                _weigh(second_sums, n, size, _rows(second_weights), second_r)
                for k in range(3, 6):  # of q, both metrics have the same sums
                    common, same = first_weights[k], second_weights[k]
                    for e in range(size):
                        common[e] -= same[e]
                for e in range(size):
                    error[e] = 0.0
                for k in range(3):
                    w1, w2, w_fixed = first_weights[k], second_weights[k], first_weights[3 + k]
                    for h in range(3):
                        v1, v2, common = first_weights[h], second_weights[h], first_weights[3 + h]
                        own, shared = first_sums[3 + 3 * k + h], first_sums[12 + 3 * k + h]
                        for e in range(size):
                            error[e] += w1[e] * (own[e] * v1[e] + 2.0 * shared[e] * common[e])
                        own, shared = second_sums[3 + 3 * k + h], second_sums[12 + 3 * k + h]
                        for e in range(size):
                            error[e] += w2[e] * (own[e] * v2[e] - 2.0 * shared[e] * common[e])
                        of_fixed, of_both = fixed[k, h], across[both, k, h]
                        for e in range(size):
                            error[e] += w_fixed[e] * of_fixed * common[e] - 2.0 * w1[e] * of_both * v2[e]
                for place in range(3):
                    k, h = max(0, place - 1), min(2, place + 1)
                    turn = turned[both, place, start : start + size]
                    _turn(error, turn, (first_weights[k], first_weights[h]), (second_weights[k], second_weights[h]))
                to = found[both, start : start + size]
                for e in range(size):
                    if error[e] >= least:
                        odds = (1.0 + first_r[e]) * (1.0 - second_r[e]) / ((1.0 - first_r[e]) * (1.0 + second_r[e]))
                        to[e] = 0.5 * math.log(odds) / math.sqrt(error[e])
                both += 1
    return found


_Two = tuple[Array, Array]
_Six = tuple[Array, Array, Array, Array, Array, Array]


@compiled(nogil=True)
def _rows(weights: Array) -> _Six:
    return weights[0], weights[1], weights[2], weights[3], weights[4], weights[5]


@compiled(nogil=True)
def _exchange(moved: _Two, whole: tuple[float, float], sums: _Two) -> None:
    """Write one sum of both metrics after the exchanges."""
    of_first, of_second = moved
    of_whole_first, of_whole_second = whole
    first, second = sums
    for e in range(len(of_first)):
        given = of_second[e] - of_first[e]
        first[e] = of_whole_first + given
        second[e] = of_whole_second - given


@compiled(nogil=True)
def _turn(error: Array, turn: Array, first: _Two, second: _Two) -> None:
    """Take off what the exchanges turn in the products of sums of both metrics."""
    first_k, first_h = first
    second_k, second_h = second
    for e in range(len(turn)):
        error[e] -= 2.0 * turn[e] * (first_k[e] * second_h[e] - first_h[e] * second_k[e])


@compiled(nogil=True)
def _weigh(sums: Array, n: int, size: int, weights: _Six, correlation: Array) -> None:
    """Write the correlations, and how much each sum has to do with Fisher's z of them."""
    z, squares, with_q = sums[0], sums[1], sums[2]
    of_z, of_squares, of_product, of_q, of_q_squares, of_one = weights
    mean, inverse, scale = of_q, of_product, of_q_squares  # until each has its weight
    for e in range(size):
        mean[e] = z[e] / n
        inverse[e] = 1.0 / math.sqrt(max(squares[e] / n - mean[e] * mean[e], 1e-12))
    for e in range(size):
        correlation[e] = min(max(with_q[e] * inverse[e] / n, -NEARLY_ONE), NEARLY_ONE)
    for e in range(size):
        r = correlation[e]
        scale[e] = 1.0 / (n * (1.0 - r * r))
        of_squares[e] = -(0.5 * scale[e] * r * inverse[e] * inverse[e])
    for e in range(size):
        of_z[e] = 2.0 * -of_squares[e] * mean[e]
        of_one[e] = of_squares[e] * mean[e] * mean[e]
    for e in range(size):
        of_q[e] = -scale[e] * mean[e] * inverse[e]
        of_product[e] = scale[e] * inverse[e]
        of_q_squares[e] = -0.5 * scale[e] * correlation[e]
