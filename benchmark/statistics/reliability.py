"""How far raters agree: intraclass correlations, Krippendorff's alpha, and what a rater says when asked twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import complete


@dataclass(frozen=True)
class Intraclass:
    """Intraclass correlations of a two-way random effects model, absolute agreement.

    Attributes
    ----------
    single, low, high : float
        ICC(2,1) of Shrout and Fleiss: of one rater; with its interval.
    mean, mean_low, mean_high : float
        ICC(2,k): of the mean of these raters.
    consistent : float
        ICC(3,k): of the mean where strict and lenient raters do not count as disagreeing; Cronbach's alpha.
    images, raters : int
    """

    single: float
    low: float
    high: float
    mean: float
    mean_low: float
    mean_high: float
    consistent: float
    images: int
    raters: int


def intraclass(votes: npt.ArrayLike, confidence: float = 0.95) -> Intraclass:
    """Estimate intraclass correlations.

    Parameters
    ----------
    votes : array_like, shape (n, raters)
        Every rater's vote for every image.
    confidence : float

    Raises
    ------
    ValueError
        Missing votes; fewer than two images or raters; votes that do not vary.

    References
    ----------
    Shrout and Fleiss, Intraclass correlations: uses in assessing rater reliability, Psychological Bulletin 86, 1979;
    McGraw and Wong, Forming inferences about some intraclass correlation coefficients, Psychological Methods 1, 1996,
    for the interval.

    Examples
    --------
    The example of Shrout and Fleiss, six targets and four judges:

    >>> votes = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> found = intraclass(votes)
    >>> [round(value, 2) for value in (found.single, found.mean, found.consistent)]
    [0.29, 0.62, 0.91]
    """
    table = complete(votes, "the votes", 2)
    n, k = table.shape
    if n < 2 or k < 2:
        raise ValueError(f"{n} images by {k} raters are too few for an intraclass correlation")
    if np.ptp(table) == 0:
        raise ValueError("all votes are equal")
    mean = table.mean()
    rows, columns = table.mean(axis=1) - mean, table.mean(axis=0) - mean
    between = k * float(np.sum(rows**2)) / (n - 1)
    judges = n * float(np.sum(columns**2)) / (k - 1)
    rest = float(np.sum((table - mean - rows[:, None] - columns) ** 2)) / ((n - 1) * (k - 1))
    single = (between - rest) / (between + (k - 1) * rest + k * (judges - rest) / n)
    averaged = (between - rest) / (between + (judges - rest) / n)
    consistent = 1.0 - rest / between if between > 0 else -math.inf
    low, high = _interval(between, judges, rest, n, k, single, confidence)
    of_mean = [k * end / (1.0 + (k - 1) * end) if end > -1.0 / (k - 1) else -math.inf for end in (low, high)]
    return Intraclass(single, low, high, averaged, of_mean[0], of_mean[1], consistent, n, k)


def _interval(
    between: float, judges: float, rest: float, n: int, k: int, single: float, confidence: float
) -> tuple[float, float]:
    """Return the interval of ICC(2,1) of McGraw and Wong, with Satterthwaite's degrees of freedom."""
    if rest <= 0.0 and judges <= 0.0:
        return 1.0, 1.0
    if single >= 1.0:
        return single, single
    a = k * single / (n * (1.0 - single))
    b = 1.0 + k * single * (n - 1) / (n * (1.0 - single))
    below = (a * judges) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1))
    freedom = (a * judges + b * rest) ** 2 / below if below > 0 else float((n - 1) * (k - 1))
    tail = 0.5 + confidence / 2.0
    first, second = float(scipy.stats.f.ppf(tail, n - 1, freedom)), float(scipy.stats.f.ppf(tail, freedom, n - 1))
    other = k * judges + (k * n - k - n) * rest
    low = n * (between - first * rest) / (first * other + n * between)
    high = n * (second * between - rest) / (other + n * second * between)
    return low, high


def krippendorff_alpha(votes: npt.ArrayLike) -> float:
    """Krippendorff's alpha for interval data: 1 - observed / expected disagreement.

    Parameters
    ----------
    votes : array_like, shape (n, raters)
        NaN where somebody did not vote; images with a single vote are of no account.

    Raises
    ------
    ValueError
        No image has two votes, or all votes are equal.

    References
    ----------
    Krippendorff, Content Analysis, 4th ed., 2019, section 12.3.

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 1], [2, 2], [3, 3], [4, 5], [5, 4]]), 4)
    0.91
    """
    table = np.asarray(votes, dtype=np.float64)
    given = np.isfinite(table)
    count = given.sum(axis=1)
    table, given, count = table[count > 1], given[count > 1], count[count > 1]
    if not len(table):
        raise ValueError("no image has two votes")
    values = np.where(given, table, 0.0)
    # Twice the sum of squared differences of all pairs of a set is 2 (n sum x^2 - (sum x)^2).
    within = 2.0 * (count * (values**2).sum(axis=1) - values.sum(axis=1) ** 2)
    n = int(count.sum())
    observed = float(np.sum(within / (count - 1))) / n
    pooled = table[given] - table[given].mean()
    expected = 2.0 * n * float(np.sum(pooled**2)) / (n * (n - 1))
    if expected == 0.0:
        raise ValueError("all votes are equal")
    return 1.0 - observed / expected


@dataclass(frozen=True)
class Consistency:
    """What somebody said when an image came again.

    Attributes
    ----------
    repeats : int
    same : float
        Share of equal answers.
    difference : float
        Mean absolute difference, in units of the scale.
    deviation : float
        Standard deviation of a single answer: that of the differences over sqrt(2).
    """

    repeats: int
    same: float
    difference: float
    deviation: float


def consistency(first: npt.ArrayLike, second: npt.ArrayLike) -> Consistency | None:
    """Compare two answers to the same images; None where nothing was repeated.

    >>> consistency([1, 2, 3, 4], [1, 2, 4, 3])
    Consistency(repeats=4, same=0.5, difference=0.5, deviation=0.5)
    """
    a, b = complete(first, "the first answers"), complete(second, "the second answers")
    if not len(a):
        return None
    apart = a - b
    deviation = math.sqrt(float(np.mean(apart**2)) / 2.0)
    return Consistency(len(a), float(np.mean(apart == 0)), float(np.mean(np.abs(apart))), deviation)
