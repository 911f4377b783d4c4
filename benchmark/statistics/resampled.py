"""PLCC, SRCC, KRCC and RMSE of many resamples at once.

A resample is a row of counts: how often each unit (a source pair with all its images, or a single image) was drawn.
Subsets are counts of 0 and 1, bootstrap samples multinomial counts, leaving one out is a 0 among ones. Nothing is
copied and nothing is sorted again:

- PLCC and RMSE need sums per unit, so a thousand resamples are one product of matrices;
- SRCC: the mean rank of a value is the cumulative count below it plus half of (the count at it, plus one), so scores
  are sorted once and every resample is a cumulative sum;
- KRCC (tau-b): concordant less discordant pairs of images are counted once for every two units, K; a resample with
  counts c has c' K c of them. That is exact, ties and repeated draws included, and costs O(n^2) once instead of
  O(R n log n). K has units x units entries: with 10,000 single images as units 800 MB, with 129 source pairs 130 kB.

A resample in which x or q does not vary has no correlation: NaN, which the callers count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np

from benchmark.statistics.arrays import Index
from fusion_metrics.image import Array

Statistic = Literal["plcc", "srcc", "krcc", "rmse"]
#: Numbers in a temporary array: it should stay in the cache.
CHUNK = 200_000
#: Up to so many units, the matrices K of KRCC are kept for further resamples: three of 8 MB each.
FEW_UNITS = 1_000


def resampled(statistic: Statistic, x: Array, q: Array, counts: Array, units: Index) -> Array:
    """Compute a statistic of every resample.

    Parameters
    ----------
    statistic : {"plcc", "srcc", "krcc", "rmse"}
        RMSE takes `x` as a prediction of `q`.
    x, q : ndarray, shape (n,)
        Oriented scores and opinion scores.
    counts : ndarray, shape (R, G)
        How often each unit is in each resample.
    units : ndarray of int, shape (n,)
        The unit, 0..G-1, of each image.

    Returns
    -------
    ndarray, shape (R,)
        NaN where x or q does not vary in the resample.

    Examples
    --------
    All four images; the last one twice and without the first:

    >>> x, q = np.array([1.0, 1.0, 2.0, 3.0]), np.array([0.0, 0.2, 0.4, 0.4])
    >>> counts = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 2.0]])
    >>> resampled("krcc", x, q, counts, np.arange(4)).round(4)
    array([0.8   , 0.7746])
    """
    return resampler(statistic, x, q, units, np.shape(counts)[1])(np.asarray(counts, dtype=np.float64))


def resampler(statistic: Statistic, x: Array, q: Array, units: Index, n_units: int) -> Callable[[Array], Array]:
    """Make a function of counts alone, as `resampled` has them, for several sets of resamples of the same scores."""
    if statistic == "krcc":
        return _krcc(x, q, units, n_units)
    compute: dict[Statistic, Callable[[Array, Array, Array, Index], Array]] = {
        "plcc": _plcc,
        "srcc": _srcc,
        "rmse": _rmse,
    }
    return lambda counts: compute[statistic](x, q, counts, units)


def _plcc(x: Array, q: Array, counts: Array, units: Index) -> Array:
    # Centred and scaled first, so that little is lost when squares of sums are subtracted.
    x, q = _unit_range(x), _unit_range(q)
    n, sx, sq, sxx, sqq, sxq = (
        counts @ np.bincount(units, terms, counts.shape[1]) for terms in (np.ones_like(x), x, q, x * x, q * q, x * q)
    )
    vx, vq = n * sxx - sx**2, n * sqq - sq**2
    # Rounding of the subtraction; a true variance of scores in -1..1 that is smaller has no digits left.
    flat = (vx <= 1e-13 * n**2) | (vq <= 1e-13 * n**2)
    return ratio(n * sxq - sx * sq, np.where(flat, 0.0, vx * vq))


def _unit_range(x: Array) -> Array:
    """Bring values to mean 0 within -1..1; without change to their correlations."""
    centred = x / max(float(np.abs(x).max()), np.finfo(np.float64).tiny)
    centred = centred - centred.mean()
    scaled: Array = centred / max(float(np.abs(centred).max()), np.finfo(np.float64).tiny)
    return scaled


def _srcc(x: Array, q: Array, counts: Array, units: Index) -> Array:
    found = np.empty(len(counts))
    for part in chunks(len(counts), len(x)):
        weights = counts[part][:, units]
        middle = (weights.sum(axis=1, keepdims=True) + 1) / 2
        a, b = (_mean_ranks(values, weights) - middle for values in (x, q))
        wa, wb = weights * a, weights * b
        power = np.einsum("ij,ij->i", wa, a) * np.einsum("ij,ij->i", wb, b)
        found[part] = ratio(np.einsum("ij,ij->i", wa, b), power)
    return found


def _mean_ranks(values: Array, weights: Array) -> Array:
    """Mean rank of every image in every resample, shape (R, n); of images that are not drawn, an unused number."""
    order = np.argsort(values, kind="stable")
    starts = np.concatenate([[True], np.diff(values[order]) > 0])
    drawn = np.add.reduceat(weights[:, order], np.flatnonzero(starts), axis=1)
    ranks = np.cumsum(drawn, axis=1) - drawn / 2 + 0.5
    which = np.empty_like(order)
    which[order] = np.cumsum(starts) - 1
    taken: Array = ranks[:, which]
    return taken


def chunks(rows: int, columns: int) -> Iterator[slice]:
    """Cut so many rows into slices that keep temporary arrays small."""
    step = max(1, CHUNK // columns)
    return (slice(first, first + step) for first in range(0, rows, step))


def _krcc(x: Array, q: Array, units: Index, n_units: int) -> Callable[[Array], Array]:
    # tau_b is a correlation of signs: C - D = c' K(x, q) c, and pairs not tied in x are c' K(x, x) c.
    def matrices() -> Iterator[Array]:
        return (concordance(*terms, units, n_units) for terms in ((x, q), (x, x), (q, q)))

    kept = list(matrices()) if n_units <= FEW_UNITS else None

    def correlate(counts: Array) -> Array:
        agreeing, untied_x, untied_q = (np.einsum("ij,ij->i", counts @ K, counts) for K in kept or matrices())
        return ratio(agreeing, untied_x * untied_q)

    return correlate


def concordance(x: Array, q: Array, units: Index, n_units: int) -> Array:
    """Count concordant less discordant pairs of images, for every two units: sum of sign(x_i - x_j) sign(q_i - q_j).

    Returns
    -------
    ndarray, shape (G, G)
        Over images i of unit g and j of unit h; within a unit each pair counts both ways.
    """
    order = np.argsort(units, kind="stable")
    x, q, units = x[order], q[order], units[order]
    present, starts = np.unique(units, return_index=True)
    K = np.zeros((n_units, n_units))
    for part in chunks(len(x), len(x)):
        rows, row_starts = np.unique(units[part], return_index=True)
        sx, sq = (np.subtract(v[part, None] > v, v[part, None] < v, dtype=np.int8) for v in (x, q))
        columns = np.add.reduceat(sx * sq, starts, axis=1, dtype=np.int32)
        K[np.ix_(rows, present)] += np.add.reduceat(columns, row_starts, axis=0)
    return K


def _rmse(x: Array, q: Array, counts: Array, units: Index) -> Array:
    squares = counts @ np.bincount(units, (x - q) ** 2, counts.shape[1])
    found: Array = np.sqrt(squares / (counts @ np.bincount(units, minlength=counts.shape[1])))
    return found


def ratio(covariance: Array, power: Array) -> Array:
    """Correlation from a covariance and the product of two variances, NaN where one of them is zero."""
    root = np.sqrt(power)
    found = np.divide(covariance, root, out=np.full_like(root, np.nan), where=root > 0)
    return np.clip(found, -1.0, 1.0)
