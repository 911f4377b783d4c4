"""Noise ceiling: how well any metric could agree with opinions that are themselves means of few, noisy votes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import complete
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import Level, at_level


@dataclass(frozen=True)
class Ceiling:
    """Agreement of people with themselves.

    Attributes
    ----------
    half : float
        Mean correlation of the mean votes of two random halves of the raters.
    low, high : float
        Where 95 % of the splits lie: how much depends on who is in which half, not a confidence interval.
    reliability : float
        What two whole panels of this size would correlate, from `half` by `spearman_brown`.
    ceiling : float
        sqrt(reliability), what a metric that knows the true opinion would correlate with this panel's mean; 0 where
        halves do not agree at all. Metrics above it fit the votes of these raters.
    raters, splits : int
    """

    half: float
    low: float
    high: float
    reliability: float
    ceiling: float
    raters: int
    splits: int


def noise_ceiling(
    votes: npt.ArrayLike,
    judged: Judged,
    *,
    statistic: Literal["plcc", "srcc"] = "srcc",
    level: Level = "global",
    splits: int = 200,
    seed: int = 0,
) -> Ceiling:
    """Split the raters at random into halves, many times, and correlate the halves' mean votes.

    Parameters
    ----------
    votes : array_like, shape (n, raters)
        Every rater's vote for every image. Of an odd number of raters, one at a time sits out.
    judged : Judged
        For the source pairs and algorithms of the images.
    level
        See `benchmark.statistics.levels.at_level`.
    statistic : {"srcc", "plcc"}
        The correction holds exactly for PLCC and nearly for SRCC.
    splits : int
    seed : int

    Raises
    ------
    ValueError
        Missing votes, fewer than two raters, votes that do not vary.

    References
    ----------
    Spearman, Correlation calculated from faulty data, British Journal of Psychology 3, 1910; Brown, Some experimental
    results in the correlation of mental abilities, ibid.

    Examples
    --------
    Raters see the truth with as much noise as it varies: 15 of them correlate with others at 15 / 16.

    >>> rng = np.random.default_rng(0)
    >>> votes = rng.normal(size=(2000, 1)) + rng.normal(size=(2000, 15))
    >>> judged = Judged.of(votes.mean(axis=1), np.repeat(np.arange(200), 10), np.tile(np.arange(10), 200))
    >>> found = noise_ceiling(votes, judged, statistic="plcc", splits=20)
    >>> round(found.reliability, 2), round(found.ceiling, 2)
    (0.94, 0.97)
    """
    votes = complete(votes, "the votes", 2)
    raters = votes.shape[1]
    size = raters // 2
    if size < 1:
        raise ValueError("a single rater has no halves")
    rng = np.random.default_rng(seed)
    found = np.empty(splits)
    for split in range(splits):
        order = rng.permutation(raters)
        first, second = (votes[:, half].mean(axis=1) for half in (order[:size], order[size : 2 * size]))
        found[split] = at_level(first, judged.by(second), statistic=statistic, level=level).value
    half = float(found.mean())
    low, high = np.quantile(found, [0.025, 0.975])
    # Halves that do not agree at all are not corrected: more of such raters would not agree either.
    reliability = spearman_brown(half, raters / size) if half > 0 else half
    return Ceiling(half, float(low), float(high), reliability, math.sqrt(max(reliability, 0.0)), raters, splits)


def spearman_brown(r: float, times: float = 2.0) -> float:
    """Predict the correlation of panels that are so many times larger: times r / (1 + (times - 1) r).

    >>> round(spearman_brown(0.7), 4)
    0.8235
    """
    return times * r / (1 + (times - 1) * r)
