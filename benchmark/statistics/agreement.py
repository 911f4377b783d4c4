"""PLCC, SRCC, KRCC and RMSE of one metric's scores with opinion scores.

Scores are turned so that more is better before they come here (`MetricSpec.orient`), so that a positive correlation
means agreement and a negative one disagreement. Opinion scores are q = (MOS - min) / (max - min), in 0..1. What has no
value (a metric that gives all images the same score) is a ValueError with the reason as its message.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import complete, paired, varying
from benchmark.statistics.logistic import LogisticFit, Parameters, fit_logistic
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Agreement:
    """The numbers of one metric on one set of images.

    Attributes
    ----------
    n : int
        Images.
    plcc, srcc, krcc : float
        Of the scores as they are.
    rmse : float
        Of `predictions`: see there.
    mapped : LogisticFit
        PLCC and RMSE after a fitted logistic, or why there is none. A monotone curve leaves SRCC and KRCC alone.
    """

    n: int
    plcc: float
    srcc: float
    krcc: float
    rmse: float
    mapped: LogisticFit


def agreement(
    x: npt.ArrayLike,
    q: npt.ArrayLike,
    *,
    train: npt.ArrayLike | None = None,
    on_scale: bool = False,
    parameters: Parameters = 4,
) -> Agreement:
    """Compute all numbers at once.

    Parameters
    ----------
    x, q : array_like, shape (n,)
        Oriented scores and opinion scores in 0..1.
    train, on_scale
        See `predictions`.
    parameters : {4, 5}
        Of the logistic.

    Raises
    ------
    ValueError
        Missing values, fewer than three images, scores or opinion scores that do not vary.
    """
    n = len(varying(x, q)[0])
    raw = rmse(predictions(x, train=train, on_scale=on_scale), q)
    return Agreement(n, plcc(x, q), srcc(x, q), krcc(x, q), raw, fit_logistic(x, q, parameters))


def plcc(x: npt.ArrayLike, q: npt.ArrayLike) -> float:
    """Pearson's linear correlation.

    >>> round(plcc([1, 2, 3, 5, 4], [0, 0.25, 0.5, 0.75, 1]), 6)
    0.9
    """
    scores, opinions = varying(x, q)
    # One scale before the sums: scores near 1e-300 or 1e200 would lose their squares.
    return float(scipy.stats.pearsonr(scores / np.abs(scores).max(), opinions / np.abs(opinions).max()).statistic)


def srcc(x: npt.ArrayLike, q: npt.ArrayLike) -> float:
    """Spearman's rank correlation: Pearson's of the ranks, ties at their mean rank."""
    return float(scipy.stats.spearmanr(*varying(x, q)).statistic)


def krcc(x: npt.ArrayLike, q: npt.ArrayLike) -> float:
    """Kendall's rank correlation tau-b, which allows for ties as opinion scores have them.

    tau_b = (C - D) / sqrt((N - T_x) (N - T_q)) with C concordant and D discordant of all N pairs of images, T_x and
    T_q pairs tied in x and in q.

    >>> round(krcc([1, 1, 2, 3], [0.0, 0.2, 0.4, 0.4]), 6)
    0.8
    """
    return float(scipy.stats.kendalltau(*varying(x, q)).statistic)


def rmse(predicted: npt.ArrayLike, q: npt.ArrayLike) -> float:
    """Root mean square error of predictions on the scale of the opinion scores."""
    estimates, opinions = paired(predicted, q)
    return math.sqrt(float(np.mean((estimates - opinions) ** 2)))


def predictions(x: npt.ArrayLike, *, train: npt.ArrayLike | None = None, on_scale: bool = False) -> Array:
    """Bring scores to the scale of the opinion scores, without a fitted curve, so that they have a raw RMSE.

    Parameters
    ----------
    x : array_like, shape (n,)
        Oriented scores.
    train : array_like, shape (m,), optional
        Scores on the training part. A metric that does not predict q is stretched so that their least and greatest
        become 0 and 1, and clipped there; without `train` it is stretched over its own images.
    on_scale : bool
        The scores predict q (a metric that learned): they stay as they are.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        Missing values; training scores that do not vary.

    >>> predictions([1.0, 3.0, 9.0], train=[1.0, 5.0])
    array([0. , 0.5, 1. ])
    """
    scores = complete(x, "the metric")
    if on_scale:
        return scores
    known = scores if train is None else complete(train, "the metric on the training part")
    low, high = known.min(), known.max()
    if low == high:
        raise ValueError("the metric gives all images of the training part the same value")
    stretched: Array = np.clip((scores - low) / (high - low), 0.0, 1.0)
    return stretched
