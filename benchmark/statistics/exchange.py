"""Exchange of two metrics' scores in blocks, and how much their agreement differs after each exchange.

The difference is that of Fisher's z, divided by its standard error:

    T = (atanh r_1 - atanh r_2) / sqrt(sum_g (psi_1g / (1 - r_1^2) - psi_2g / (1 - r_2^2))^2),

where psi_g = dr / dc_g is what block g does to a correlation r in which it has the weight c_g = 1 (the infinitesimal
jackknife). An undivided difference is right only if the two metrics could be exchanged in everything; divided, also if
they merely correlate equally, while one errs on scenes and the other on images.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TypeAlias

import numpy as np

from benchmark.statistics.arrays import Index
from benchmark.statistics.resampled import chunks, concordance
from fusion_metrics.image import Array

#: From the numbers of two metrics to the difference after each exchange, shape (R,), the first without any.
Differences: TypeAlias = Callable[[int, int], Array]
#: From exchanges, shape (R, B), to the difference of every two metrics, first those with metric 0, after each exchange:
#: shape (M (M - 1) / 2, R).
Leads: TypeAlias = Callable[[Array], Array]
#: Fisher's z is taken of correlations up to here; it has no value for a perfect one.
NEARLY_ONE = 1 - 1e-5


def exchanges(blocks: int, permutations: int, seed: int) -> tuple[Array, bool]:
    """Draw which blocks are exchanged, shape (R, B) of 0 and 1; all ways, and True, if there are no more than asked.

    The first exchanges nothing, so that the share of differences as large as the first is a valid p value.

    >>> exchanges(2, 100, 0)[0]
    array([[0., 0.],
           [0., 1.],
           [1., 0.],
           [1., 1.]])
    """
    if 2**blocks <= permutations:
        return np.array(list(product([0.0, 1.0], repeat=blocks))), True
    flags = np.random.default_rng(seed).integers(0, 2, size=(permutations + 1, blocks)).astype(np.float64)
    flags[0] = 0
    return flags, False


def exchange_values(values: Array) -> Leads:
    """Exchange what each metric has in every block, shape (M, B), where the mean over blocks is the agreement.

    An exchange turns the sign of the difference d of a block: T = sum d / sqrt(sum d^2), which grows with Student's t.
    The divisor is the same after every exchange, so it changes no p value of two metrics alone, and gives any two
    metrics one scale.
    """
    first, second = np.triu_indices(len(values), 1)
    apart = values[first] - values[second]
    errors = np.array([np.linalg.norm(differences) for differences in apart])
    # What does not differ at all stays at 0.
    scaled = np.divide(apart, errors[:, None], out=np.zeros_like(apart), where=errors[:, None] > 1e-12)
    return lambda flags: scaled @ (1 - 2 * flags).T


def exchange_linear(z: Array, q: Array, blocks: Index, flags: Array) -> Differences:
    """Exchange scores, shape (M, n), with mean 0 and variance 1; agreement is Pearson's correlation with q.

    With ranks for z and q, it is Spearman's, without ranking again after an exchange.

    A correlation is made of sums per block, sum z, sum z^2 and sum zq, and psi_g is a combination of these and of sum
    q, sum q^2 and the size of the block. So the squared standard error is a quadratic form in nine weights, whose
    matrix (sums over blocks of products of two of them) is linear in what is exchanged: the blocks themselves are
    gone through once per metric, not once per two metrics and exchange.
    """
    n, n_blocks = z.shape[1], flags.shape[1]
    q = (q - q.mean()) / q.std()

    def per_block(values: Array) -> Array:
        return np.bincount(blocks, values, n_blocks).astype(np.float64)

    fixed = np.stack([per_block(q), per_block(q * q), per_block(np.ones(n))])
    own = np.stack([[per_block(row), per_block(row * row), per_block(row * q)] for row in z])
    # Of every metric: its sums, their products with each other and with those of q; then those of exchanged blocks.
    terms = np.concatenate(
        [
            own,
            (own[:, :, None] * own[:, None]).reshape(len(z), 9, -1),
            np.einsum("mig,jg->mijg", own, fixed).reshape(len(z), 9, -1),
        ],
        axis=1,
    )
    whole, moved = terms.sum(axis=2), np.einsum("rg,mkg->mkr", flags, terms, optimize=True)
    fixed_products = fixed @ fixed.T

    def differences(i: int, j: int) -> Array:
        left, right = (whole[kept][:, None] - moved[kept] + moved[given] for kept, given in ((i, j), (j, i)))
        (r1, weights1), (r2, weights2) = (_weights(s, ss, sq, n) for s, ss, sq in (left[:3], right[:3]))
        weights1, weights2 = weights1 / (1 - r1**2), weights2 / (1 - r2**2)
        # Products of a sum of one metric with one of the other: an exchange turns (k, l) into (l, k).
        across = np.einsum("kg,lg->klg", own[i], own[j])
        turned = np.einsum("rg,klg->klr", flags, across.swapaxes(0, 1) - across, optimize=True)
        across = across.sum(axis=2)[..., None] + turned
        error = (
            _form(weights1[:3], left[3:12].reshape(3, 3, -1), weights1[:3])
            + _form(weights2[:3], right[3:12].reshape(3, 3, -1), weights2[:3])
            - 2 * _form(weights1[:3], across, weights2[:3])
        )
        common = weights1[3:] - weights2[3:]
        error += 2 * _form(weights1[:3], left[12:].reshape(3, 3, -1), common)
        error -= 2 * _form(weights2[:3], right[12:].reshape(3, 3, -1), common)
        error += np.einsum("kr,kl,lr->r", common, fixed_products, common, optimize=True)
        # What is left of two large squares that cancel is rounding.
        error[error < 1e-12 * n_blocks / n**2] = 0.0
        return _divided(np.arctanh(r1) - np.arctanh(r2), np.sqrt(error))

    return differences


def _weights(s: Array, ss: Array, sq: Array, n: int) -> tuple[Array, Array]:
    """Correlation, and the weights of sum z, z^2, zq, q, q^2 and 1 in psi, shape (6, R), from sums over all blocks."""
    mean = s / n
    variance = np.maximum(ss / n - mean**2, 1e-12)
    deviation = np.sqrt(variance)
    r = np.clip(sq / (n * deviation), -NEARLY_ONE, NEARLY_ONE)
    half = r / (2 * variance)
    weights = np.stack([2 * half * mean, -half, 1 / deviation, -mean / deviation, -r / 2, -half * mean**2])
    return r, weights / n


def _form(left: Array, matrix: Array, right: Array) -> Array:
    """Bilinear form of every exchange: (k, R), (k, l, R), (l, R) to (R,)."""
    form: Array = np.einsum("lr,lr->r", np.einsum("kr,klr->lr", left, matrix), right)
    return form


def exchange_tau(z: Array, q: Array, blocks: Index, flags: Array) -> Differences:
    """Exchange ranks, shape (M, n); agreement is Kendall's tau-b with q."""
    n_blocks = flags.shape[1]
    # Both metrics' scores in one list, of which an exchange leaves one half to one and its counterpart to the other.
    units = np.concatenate([blocks, blocks + n_blocks])
    twice = np.concatenate([q, q])
    K_qq = concordance(twice, twice, units, 2 * n_blocks)

    def correlate(K_xq: Array, K_xx: Array, held: Array) -> tuple[Array, Array]:
        rows = [held @ K for K in (K_xq, K_xx, K_qq)]
        agreeing, untied_x, untied_q = (np.einsum("ij,ij->i", row, held)[:, None] for row in rows)
        # An exchange can leave scores, or opinions, that are all tied: as everywhere, such a metric found no order.
        untied_x, untied_q = (np.where(untied > 0, untied, np.inf) for untied in (untied_x, untied_q))
        root = np.sqrt(untied_x * untied_q)
        tau = agreeing / root
        psi = held * (2 * rows[0] / root - tau * (rows[1] / untied_x + rows[2] / untied_q))
        return tau[:, 0], psi[:, :n_blocks] + psi[:, n_blocks:]

    def differences(i: int, j: int) -> Array:
        both = np.concatenate([z[i], z[j]])
        matrices = concordance(both, twice, units, 2 * n_blocks), concordance(both, both, units, 2 * n_blocks)
        found = np.empty(len(flags))
        for part in chunks(len(flags), n_blocks):
            held = np.concatenate([1 - flags[part], flags[part]], axis=1)
            found[part] = _studentised(*correlate(*matrices, held), *correlate(*matrices, 1 - held))
        return found

    return differences


def _studentised(r1: Array, psi1: Array, r2: Array, psi2: Array) -> Array:
    r1, r2 = (np.clip(r, -NEARLY_ONE, NEARLY_ONE) for r in (r1, r2))
    psi = psi1 / (1 - r1**2)[:, None] - psi2 / (1 - r2**2)[:, None]
    return _divided(np.arctanh(r1) - np.arctanh(r2), np.sqrt(np.einsum("ij,ij->i", psi, psi)))


def _divided(difference: Array, error: Array) -> Array:
    found: Array = np.divide(difference, error, out=np.zeros_like(error), where=error > 1e-12)
    return found
