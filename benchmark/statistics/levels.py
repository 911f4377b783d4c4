"""The same scores looked at as algorithms x source pairs: over all images, within pairs, and between algorithms.

`global` correlates all fused images at once: differences between pairs (a scene that everybody scores low) count as
much as differences between algorithms. `pair` is the mean over source pairs of the correlation over a pair's fused
images: can the metric rank algorithms on one scene? `algorithm` correlates the means of the algorithms over all pairs:
can it rank algorithms as a whole?

Rules, the same for every metric, so that all metrics are judged on the same units:

- A pair with fewer than three fused images, or whose opinion scores are all equal, has no order to find: it is left out
  of `pair` and counted.
- A pair in which the metric gives all images one value, though opinions differ, counts as 0: the metric found no order.
- `algorithm` takes the algorithms that have an image for every pair; the others are left out and counted, as a mean
  over easier pairs is not comparable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.numbers import counted
from benchmark.statistics.arrays import paired, varying
from benchmark.statistics.judged import Judged
from benchmark.statistics.resampled import Statistic, chunks, ratio, resampler
from fusion_metrics.image import Array

Level = Literal["global", "pair", "algorithm"]
LEAST = 3


@dataclass(frozen=True)
class AtLevel:
    """A statistic at a level, and what it rests on.

    Attributes
    ----------
    value : float
    n : int
        Images, pairs or algorithms that entered.
    left_out : int
        Pairs or algorithms left out by the rules above.
    tied : int
        Pairs that count as 0 because the metric ties all their images.
    note : str
        The last two in words; empty if both are 0.
    weighted : callable
        The statistic where every source pair has a weight: from counts, shape (R, P), to values, shape (R,), NaN where
        undefined. Left-out pairs keep their column.
    """

    value: float
    n: int
    left_out: int
    tied: int
    note: str
    weighted: Callable[[Array], Array]


def at_level(x: npt.ArrayLike, judged: Judged, *, statistic: Statistic = "srcc", level: Level = "global") -> AtLevel:
    """Compute a statistic at a level.

    Parameters
    ----------
    x : array_like, shape (n,)
        Oriented scores.
    judged : Judged
        What the same images are judged by.
    statistic : {"plcc", "srcc", "krcc", "rmse"}
        RMSE takes `x` as predictions on the scale of q, and is global only.
    level : {"global", "pair", "algorithm"}

    Raises
    ------
    ValueError
        Missing values; scores that do not vary; no pair, or fewer than three algorithms, left by the rules.

    Examples
    --------
    Three algorithms on two pairs, ranked rightly on the first and with one exchange on the second:

    >>> x, q = [1, 2, 3, 12, 11, 13], [0.1, 0.2, 0.3, 0.5, 0.6, 0.7]
    >>> judged = Judged.of(q, [1, 1, 1, 2, 2, 2], ["a", "b", "c"] * 2)
    >>> [round(at_level(x, judged, level=level).value, 6) for level in ("global", "pair", "algorithm")]
    [0.942857, 0.75, 0.866025]
    """
    scores, opinions = (paired if statistic == "rmse" else varying)(x, judged.q)
    if statistic == "rmse" and level != "global":
        raise ValueError("RMSE is global only")
    n_pairs = len(judged.pairs)
    if level == "global":
        return _at_level(resampler(statistic, scores, opinions, judged.pair, n_pairs), n_pairs, len(scores))
    if level == "pair":
        return _pair_level(*_within_pairs(scores, judged, statistic))
    grid, names = algorithm_means(np.stack([scores, opinions]), judged)
    left_out = len(judged.algorithms) - len(names)

    def between(counts: Array) -> Array:
        return rowwise(statistic, *over_pairs(grid, counts))

    note = f"{counted(left_out, 'algorithm')} without an image for every pair left out" if left_out else ""
    return _at_level(between, n_pairs, len(names), left_out, note=note)


def within_pairs(x: npt.ArrayLike, judged: Judged, statistic: Statistic = "srcc") -> Array:
    """Compute the correlation within every source pair.

    Returns
    -------
    ndarray, shape (P,)
        In the order of the sorted names; NaN for pairs that are left out, 0 where the metric ties all images.
    """
    return _within_pairs(varying(x, judged.q)[0], judged, statistic)[0]


def algorithm_means(values: Array, judged: Judged) -> tuple[Array, tuple[str | int, ...]]:
    """Arrange scores as algorithms x source pairs.

    Parameters
    ----------
    values : ndarray, shape (k, n)
        Several scores of the same images.
    judged : Judged
        For its source pairs and algorithms.

    Returns
    -------
    grid : ndarray, shape (k, P, A)
        Scores (means, where an algorithm has several images of a pair) of the algorithms that have an image for every
        pair, in the order of the sorted names.
    names : tuple
        Those algorithms.

    Raises
    ------
    ValueError
        Fewer than three algorithms have an image for every pair.
    """
    n_pairs, n_algorithms = len(judged.pairs), len(judged.algorithms)
    cell, n_cells = judged.pair * n_algorithms + judged.algorithm, n_pairs * n_algorithms
    images = np.bincount(cell, minlength=n_cells)
    sums = np.stack([np.bincount(cell, row, n_cells) for row in values])
    whole = np.all((images > 0).reshape(n_pairs, n_algorithms), axis=0)
    if whole.sum() < LEAST:
        raise ValueError(f"{whole.sum()} algorithms have an image for every pair: fewer than {LEAST}")
    grid = (sums / np.maximum(images, 1)).reshape(len(values), n_pairs, n_algorithms)[:, :, whole]
    return grid, tuple(judged.algorithms[i] for i in np.flatnonzero(whole))


def over_pairs(grid: Array, counts: Array) -> Array:
    """Average scores over source pairs, up to a scale.

    Parameters
    ----------
    grid : ndarray, shape (k, P, A)
    counts : ndarray, shape (R, P)

    Returns
    -------
    ndarray, shape (k, R, A)
        Means divided by the greatest score, to 12 decimals: equal means of numbers summed in another order are ties.
    """
    scale = np.maximum(np.abs(grid).max(axis=(1, 2), keepdims=True), np.finfo(np.float64).tiny)
    means: Array = np.round(counts @ (grid / scale) / counts.sum(axis=1, keepdims=True), 12)
    return means


def rowwise(statistic: Statistic, X: Array, Q: Array) -> Array:
    """Correlate the rows of two arrays, shape (R, n) both; NaN where a row does not vary."""
    if statistic == "krcc":
        return _rowwise_krcc(X, Q)
    if statistic == "srcc":
        X, Q = scipy.stats.rankdata(X, axis=1), scipy.stats.rankdata(Q, axis=1)
    # A mean of equal values can differ from them by rounding: a row that does not vary is set to exactly 0.
    X, Q = (np.where(np.ptp(v, axis=1, keepdims=True) > 0, v - v.mean(axis=1, keepdims=True), 0.0) for v in (X, Q))
    power = np.einsum("ij,ij->i", X, X) * np.einsum("ij,ij->i", Q, Q)
    return ratio(np.einsum("ij,ij->i", X, Q), power)


def _rowwise_krcc(X: Array, Q: Array) -> Array:
    sums = np.empty((3, len(X)))
    for part in chunks(len(X), X.shape[1] ** 2):
        sx, sq = (np.sign(v[part, :, None] - v[part, None, :]) for v in (X, Q))
        sums[:, part] = [np.einsum("ijk,ijk->i", *terms) for terms in ((sx, sq), (sx, sx), (sq, sq))]
    return ratio(sums[0], sums[1] * sums[2])


def _at_level(
    weighted: Callable[[Array], Array], n_pairs: int, n: int, left_out: int = 0, tied: int = 0, note: str = ""
) -> AtLevel:
    value = float(weighted(np.ones((1, n_pairs)))[0])
    if np.isnan(value):
        raise ValueError("the metric, or the opinion scores, do not vary at this level")
    return AtLevel(value, n, left_out, tied, note, weighted)


def _within_pairs(x: Array, judged: Judged, statistic: Statistic) -> tuple[Array, int, int]:
    """Return values (NaN: left out), how many pairs are left out, and how many the metric ties."""
    q, pair, n_pairs = judged.q, judged.pair, len(judged.pairs)
    values = np.full(n_pairs, np.nan)
    order = np.argsort(pair, kind="stable")
    sizes = np.bincount(pair, minlength=n_pairs)
    starts = np.cumsum(sizes) - sizes
    tied = 0
    # Pairs with the same number of images are the rows of one array.
    for size in np.unique(sizes[sizes >= LEAST]):
        alike = np.flatnonzero(sizes == size)
        images = order[starts[alike, None] + np.arange(size)]
        alike, images = (v[np.ptp(q[images], axis=1) > 0] for v in (alike, images))
        found = rowwise(statistic, x[images], q[images])
        tied += int(np.count_nonzero(np.isnan(found)))
        values[alike] = np.nan_to_num(found)
    return values, int(np.count_nonzero(np.isnan(values))), tied


def _pair_level(values: Array, left_out: int, tied: int) -> AtLevel:
    if left_out == len(values):
        raise ValueError("no source pair has three images whose opinion scores differ")
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)

    def mean(counts: Array) -> Array:
        return ratio(counts @ filled, (counts @ known) ** 2)

    notes = [f"{counted(left_out, 'pair')} without three images of different opinion left out"] if left_out else []
    ties = f"{counted(tied, 'pair')} {'counts' if tied == 1 else 'count'} as 0: the metric ties all images of a pair"
    notes += [ties] if tied else []
    return _at_level(mean, len(values), int(known.sum()), left_out, tied, "; ".join(notes))
