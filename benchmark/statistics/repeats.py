"""Agreement on many random test subsets: the "1,000 repeats" of learning papers, for metrics whose scores are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import Labels, numbered, varying
from benchmark.statistics.resampled import chunks, resampled
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Repeats:
    """The statistics of every subset.

    Attributes
    ----------
    plcc, srcc, krcc : ndarray, shape (repeats,)
        NaN where all scores, or all opinion scores, of a subset are equal.
    rmse : ndarray, shape (repeats,)
        NaN where the metric gives all images outside the subset the same value.
    undefined : int
        Subsets with a NaN. A mean over the others would flatter: where this is not 0, there is no mean.
    """

    plcc: Array
    srcc: Array
    krcc: Array
    rmse: Array
    undefined: int


def repeated_subsets(
    x: npt.ArrayLike,
    q: npt.ArrayLike,
    *,
    pairs: Labels | None = None,
    fraction: float = 0.2,
    repeats: int = 1000,
    on_scale: bool = False,
    seed: int = 0,
) -> Repeats:
    """Draw test subsets at random and compute the agreement on each.

    Nothing is fitted again: the spread is that of the test images. It is smaller than the uncertainty about other
    scenes, for which see `benchmark.statistics.bootstrap`: subsets overlap, and images of one scene lie on both sides.

    Parameters
    ----------
    x, q : array_like, shape (n,)
        Oriented scores (out-of-fold predictions, of a metric that learned) and opinion scores in 0..1.
    pairs : sequence of str or int, length n, optional
        Draw whole source pairs instead of images.
    fraction : float
        Share of the images, or pairs, in a subset.
    repeats : int
    on_scale : bool
        The scores predict q. Otherwise, for the RMSE, they are stretched so that their least and greatest outside the
        subset become 0 and 1, and clipped; see `benchmark.statistics.agreement.predictions`.
    seed : int
        The same seed draws the same subsets for every metric.

    Raises
    ------
    ValueError
        Missing values; scores that do not vary; a fraction that leaves no image, or all of them, in the subset.

    Examples
    --------
    >>> x = np.linspace(0, 1, 50)
    >>> found = repeated_subsets(x, x**2, repeats=100)
    >>> float(found.srcc.mean()), found.undefined
    (1.0, 0)
    """
    x, q = varying(x, q)
    units, names = (np.arange(len(x)), range(len(x))) if pairs is None else numbered(pairs, len(x), "pairs")
    n_units = len(names)
    size = round(fraction * n_units)
    if not 0 < size < n_units:
        raise ValueError(f"a subset of {size} of {n_units} is none")
    rng = np.random.default_rng(seed)
    order = rng.permuted(np.tile(np.arange(n_units), (repeats, 1)), axis=1)
    counts = (order < size).astype(np.float64)
    plcc, srcc, krcc = (resampled(statistic, x, q, counts, units) for statistic in ("plcc", "srcc", "krcc"))
    rmse = resampled("rmse", x, q, counts, units) if on_scale else _stretched_rmse(x, q, counts[:, units] > 0)
    undefined = np.isnan(np.stack([plcc, srcc, krcc, rmse])).any(axis=0)
    return Repeats(plcc, srcc, krcc, rmse, int(np.count_nonzero(undefined)))


def _stretched_rmse(x: Array, q: Array, inside: npt.NDArray[np.bool_]) -> Array:
    found = np.empty(len(inside))
    for part in chunks(len(inside), len(x)):
        here = inside[part]
        low = np.where(here, np.inf, x).min(axis=1, keepdims=True)
        high = np.where(here, -np.inf, x).max(axis=1, keepdims=True)
        width = np.where(high > low, high - low, np.nan)
        squares = (np.clip((x - low) / width, 0.0, 1.0) - q) ** 2
        found[part] = np.sqrt(np.mean(squares, axis=1, where=here))
    return found
