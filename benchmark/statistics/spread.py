"""Mean opinion scores with their intervals, how the spread of votes depends on them, and how many raters it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import Index
from benchmark.statistics.ceiling import spearman_brown
from fusion_metrics.image import Array

#: Raters that nobody recommends to stay below: ITU-R BT.500 asks for 15.
FEWEST = 15
#: Beyond so many, more raters are not the answer.
MOST = 999


@dataclass(frozen=True)
class Opinions:
    """Mean opinion scores.

    Attributes
    ----------
    mean, deviation, low, high : ndarray, shape (n,)
        NaN where nobody voted; the interval is Student's, NaN for a single vote. The deviation has n - 1 below.
    votes : ndarray of int
    """

    mean: Array
    deviation: Array
    low: Array
    high: Array
    votes: Index


def mean_opinions(votes: npt.ArrayLike, confidence: float = 0.95) -> Opinions:
    """Average the votes for each image.

    Parameters
    ----------
    votes : array_like, shape (n, raters)
        NaN where somebody did not vote.
    confidence : float

    Examples
    --------
    >>> found = mean_opinions([[3, 4, 5], [2, np.nan, np.nan]])
    >>> found.mean, found.votes, round(float(found.high[0]), 2)
    (array([4., 2.]), array([3, 1]), 6.48)
    """
    table = np.asarray(votes, dtype=np.float64)
    given = np.isfinite(table)
    count = given.sum(axis=1)
    values = np.where(given, table, 0.0)
    n = len(table)
    mean = np.divide(values.sum(axis=1), count, out=np.full(n, np.nan), where=count > 0)
    squares = np.where(given, (table - mean[:, None]) ** 2, 0.0).sum(axis=1)
    deviation = np.sqrt(np.divide(squares, count - 1, out=np.full(n, np.nan), where=count > 1))
    enough = np.maximum(count, 2)
    reach = scipy.stats.t.ppf(0.5 + confidence / 2.0, enough - 1) * deviation / np.sqrt(enough)
    return Opinions(mean, deviation, mean - reach, mean + reach, count.astype(np.intp))


def sos_parameter(mean: npt.ArrayLike, deviation: npt.ArrayLike, low: float, high: float) -> float:
    """Estimate a of the SOS hypothesis: SOS^2 = a (-x^2 + (low + high) x - low high), by least squares.

    The squared deviation of votes vanishes at both ends of a scale and is largest in its middle. The parameter says how
    large: 0 if all raters agree, 1 if all vote at the two ends. Images with fewer than two votes are of no account.

    Parameters
    ----------
    mean, deviation : array_like, shape (n,)
    low, high : float
        The ends of the scale.

    References
    ----------
    Hossfeld, Schatz and Egger, SOS: the MOS is not enough!, QoMEX 2011, eq. 3.

    Examples
    --------
    >>> round(sos_parameter([3, 2], [1, 0.5], 1, 5), 4)
    0.19
    """
    x, sos = (np.asarray(values, dtype=np.float64) for values in (mean, deviation))
    known = np.isfinite(x) & np.isfinite(sos)
    parabola = -(x[known] ** 2) + (low + high) * x[known] - low * high
    below = float(np.sum(parabola**2))
    return float(np.sum(parabola * sos[known] ** 2)) / below if below > 0 else math.nan


def raters_for_interval(deviation: float, reach: float, confidence: float = 0.95) -> int:
    """Return how many raters make the interval of a mean score at most `reach` to each side.

    Parameters
    ----------
    deviation : float
        Of the votes for one image.
    reach : float
        In units of the scale.
    confidence : float

    Examples
    --------
    >>> raters_for_interval(0.7, 0.25)
    33
    """
    for n in range(2, MOST):
        if scipy.stats.t.ppf(0.5 + confidence / 2.0, n - 1) * deviation / math.sqrt(n) <= reach:
            return n
    return MOST


def raters_for_reliability(single: float, wanted: float) -> int:
    """Return how many raters' mean has a reliability, given that of one rater, by Spearman and Brown.

    >>> raters_for_reliability(0.4, 0.9)
    14
    """
    if single <= 0.0:
        return MOST
    return next((n for n in range(1, MOST) if spearman_brown(single, n) >= wanted - 1e-12), MOST)
