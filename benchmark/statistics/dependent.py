"""Intervals for the difference of two correlations with the same third variable, from formulas instead of resamples.

Two metrics correlate with the same opinions at r1 and r2, and with each other at r12; how far r1 and r2 err together
follows from the three and the number of images n. That supposes images that are independent of each other, which
fused images of one scene are not. So these intervals are no substitute for the exchanges of
`benchmark.statistics.comparison`; they check them: where errors of a scene are small, both find the same.

References
----------
Zou, Toward using confidence intervals to compare correlations, Psychological Methods 12(4), 2007; for ranks: Bonett,
Wright, Sample size requirements for estimating Pearson, Kendall and Spearman correlations, Psychometrika 65, 2000.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from fusion_metrics.image import Array


class Ends(NamedTuple):
    """The ends of intervals."""

    low: Array
    high: Array


def zou(
    r1: npt.ArrayLike,
    r2: npt.ArrayLike,
    r12: npt.ArrayLike,
    n: int,
    *,
    ranks: bool = False,
    confidence: float = 0.95,
) -> Ends:
    """Put an interval around the difference r1 - r2 of two dependent correlations.

    The distances of r1 and r2 from the ends of their own intervals are added as standard errors are, with the
    correlation c between r1 and r2:

        L = r1 - r2 - sqrt((r1 - l1)^2 + (u2 - r2)^2 - 2 c (r1 - l1) (u2 - r2)),

    and U with the other ends.

    Parameters
    ----------
    r1, r2, r12 : array_like
        Correlations of the two variables with the third, and with each other; between -1 and 1, none of them
        included.
    n : int
        Images.
    ranks : bool
        The correlations are Spearman's, whose z has the variance (1 + r^2 / 2) / (n - 3) instead of 1 / (n - 3).
    confidence : float

    Raises
    ------
    ValueError
        A correlation of 1, -1 or NaN; fewer than four images.

    Examples
    --------
    >>> [round(float(end), 3) for end in zou(0.396, 0.179, 0.088, 66)]
    [-0.093, 0.517]
    """
    first, second, between = _checked(r1, r2, r12, n)
    (l1, u1), (l2, u2) = (_own(r, n, ranks, confidence) for r in (first, second))
    squares = 1 - first**2 - second**2 - between**2
    c = ((between - first * second / 2) * squares + between**3) / ((1 - first**2) * (1 - second**2))

    def reach(one: Array, other: Array) -> Array:
        squared: Array = np.maximum(one**2 + other**2 - 2 * c * one * other, 0.0)
        return np.sqrt(squared)

    apart = first - second
    return Ends(apart - reach(first - l1, u2 - second), apart + reach(u1 - first, second - l2))


def _own(r: Array, n: int, ranks: bool, confidence: float) -> tuple[Array, Array]:
    quantile = float(scipy.stats.norm.ppf((1 + confidence) / 2))
    width = quantile * np.sqrt((1 + r**2 / 2 if ranks else 1) / (n - 3))
    return np.tanh(np.arctanh(r) - width), np.tanh(np.arctanh(r) + width)


def _checked(r1: npt.ArrayLike, r2: npt.ArrayLike, r12: npt.ArrayLike, n: int) -> tuple[Array, Array, Array]:
    first, second, between = (np.asarray(r, dtype=np.float64) for r in (r1, r2, r12))
    if n < 4:
        raise ValueError(f"no interval from {n} images")
    if not all((np.abs(r) < 1).all() for r in (first, second, between)):
        raise ValueError("a correlation of 1, -1 or none has no interval")
    return first, second, between
