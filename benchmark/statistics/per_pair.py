"""The mean correlation within source pairs with its standard error, as an analysis over several databases asks for it.

Source pairs are independent of each other, so the mean of the P values has the standard error s / sqrt(P), whatever
their distribution is. The interval is the one of `benchmark.statistics.bootstrap` without its drawing: of Fisher's z,
with Student's t of P - 1 degrees of freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import within_pairs
from benchmark.statistics.resampled import Statistic


@dataclass(frozen=True)
class PairMean:
    """A correlation within source pairs, averaged over them.

    Attributes
    ----------
    value : float
    standard_error : float
        Of `value`, for other source pairs; 0 where all pairs have the same correlation.
    low, high : float
        Ends of the interval.
    pairs : int
        Source pairs that entered; see `benchmark.statistics.levels` for the rules.
    """

    value: float
    standard_error: float
    low: float
    high: float
    pairs: int


def pair_mean(x: npt.ArrayLike, judged: Judged, *, statistic: Statistic = "srcc", confidence: float = 0.95) -> PairMean:
    """Average the correlation within source pairs over the pairs.

    Parameters
    ----------
    x : array_like, shape (n,)
        Oriented scores.
    judged : Judged
        What the same images are judged by.
    statistic : {"srcc", "plcc", "krcc"}
    confidence : float

    Raises
    ------
    ValueError
        Missing values; scores that do not vary; fewer than two source pairs with three images of different opinion.

    Examples
    --------
    >>> q = [0.1, 0.2, 0.3, 0.5, 0.6, 0.7]
    >>> judged = Judged.of(q, [1, 1, 1, 2, 2, 2], ["a", "b", "c"] * 2)
    >>> found = pair_mean([1, 2, 3, 12, 11, 13], judged)
    >>> round(found.value, 6), round(found.standard_error, 6), found.pairs
    (0.75, 0.25, 2)
    """
    values = within_pairs(x, judged, statistic)
    values = values[~np.isnan(values)]
    pairs = len(values)
    if pairs < 2:
        raise ValueError(f"no standard error from {pairs} source pairs with three images of different opinion")
    value = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(pairs)
    if abs(value) == 1:
        return PairMean(value, error, value, value, pairs)
    width = float(scipy.stats.t.ppf((1 + confidence) / 2, pairs - 1)) * error / (1 - value**2)
    centre = math.atanh(value)
    return PairMean(value, error, math.tanh(centre - width), math.tanh(centre + width), pairs)
