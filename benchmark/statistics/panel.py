"""Raters against their panel: correlations as in ITU-T P.913, bias and inconsistency as in ITU-T P.910."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import Labels, complete, numbered
from fusion_metrics.image import Array

#: A rater is rejected with a correlation below the first over images and below the second over algorithms.
OVER_IMAGES, OVER_ALGORITHMS = 0.75, 0.8
#: The model has settled when no score moves more than this.
SETTLED = 1e-9
ROUNDS = 1000
#: An inconsistency below this part of the range of the votes is none of a person's.
COLLAPSED = 1e-3


@dataclass(frozen=True)
class Correlated:
    """What the correlations say of every rater.

    Attributes
    ----------
    images : ndarray, shape (raters,)
        r1: of a rater's votes with the panel's mean votes.
    algorithms : ndarray, shape (raters,)
        r2: the same of means over the images of each algorithm; NaN where these do not vary.
    rejected : ndarray of bool, shape (raters,)
        Both are too low. Who votes the same for every image is correlated with nobody, and rejected.
    """

    images: Array
    algorithms: Array
    rejected: npt.NDArray[np.bool_]


def correlate_raters(votes: npt.ArrayLike, algorithms: Labels) -> Correlated:
    """Correlate every rater with the panel, which the rater is part of, as the recommendation has it.

    Parameters
    ----------
    votes : array_like, shape (n, raters)
        Every rater's vote for every image.
    algorithms : sequence, length n
        What made each image; P.913 calls it a hypothetical reference circuit.

    References
    ----------
    ITU-T P.913, Methods for the subjective assessment of video quality, audio quality and audiovisual quality of
    Internet video and distribution quality television in any environment, 2021, screening of subjects; the two
    thresholds are those of the test plan for multimedia of the Video Quality Experts Group.
    """
    table = complete(votes, "the votes", 2)
    kind, names = numbered(algorithms, len(table), "algorithms")
    mean = table.mean(axis=1)
    grouped = np.stack([table[kind == k].mean(axis=0) for k in range(len(names))])
    first = np.array([_pearson(table[:, r], mean) for r in range(table.shape[1])])
    second = np.array([_pearson(grouped[:, r], grouped.mean(axis=1)) for r in range(table.shape[1])])
    rejected = (np.nan_to_num(first, nan=0.0) < OVER_IMAGES) & (np.nan_to_num(second, nan=0.0) < OVER_ALGORITHMS)
    return Correlated(first, second, rejected)


def _pearson(x: Array, y: Array) -> float:
    x, y = x - x.mean(), y - y.mean()
    length = float(np.sqrt(np.sum(x**2) * np.sum(y**2)))
    return float(np.sum(x * y)) / length if length > 0 else float("nan")


@dataclass(frozen=True)
class Panel:
    """Votes as truth, bias and noise.

    Attributes
    ----------
    scores : ndarray, shape (n,)
        What the panel means when the bias of each rater is taken away and, if `weighted`, steady raters count more.
    bias : ndarray, shape (raters,)
        By how much a rater is above the others.
    inconsistency : ndarray, shape (raters,)
        The standard deviation of what remains of a rater's votes.
    weighted : bool
        False where one rater of few would get all the weight, so that all count alike.
    """

    scores: Array
    bias: Array
    inconsistency: Array
    weighted: bool


def panel_model(votes: npt.ArrayLike) -> Panel:
    """Fit u_ij = psi_i + bias_j + upsilon_j x to votes, by alternating projection.

    Scores are means of votes without bias, weighted by 1 / inconsistency^2; biases and inconsistencies are means and
    deviations of what remains, until nothing moves. In a panel of few that can end with scores that are the votes of
    one rater, who then seems to make no error at all. Where it comes to that, all raters get the same weight.

    Parameters
    ----------
    votes : array_like, shape (n, raters)
        NaN where somebody did not vote; everybody voted at least twice, and every image was voted for.

    References
    ----------
    ITU-T P.910, Subjective video quality assessment methods for multimedia applications, 2023, annex on the recovery of
    scores; Li, Bampis, Krasula, Janowski and Katsavounidis, A simple model for subject behavior in subjective
    experiments, Human Vision and Electronic Imaging 2020.

    Examples
    --------
    >>> found = panel_model([[1, 2, 1], [2, 3, 3], [3, 4, 2], [4, 5, 5]])
    >>> found.bias.round(2).tolist()
    [-0.42, 0.58, -0.17]
    """
    table = np.asarray(votes, dtype=np.float64)
    given = np.isfinite(table)
    if (given.sum(axis=0) < 2).any() or not given.any(axis=1).all():
        raise ValueError("somebody voted less than twice, or an image has no vote")
    least = max(COLLAPSED * float(np.ptp(table[given])), 1e-12)
    found = _settle(table, given, weighted=True)
    return _settle(table, given, weighted=False) if (found.inconsistency < least).any() else found


def _settle(table: Array, given: npt.NDArray[np.bool_], weighted: bool) -> Panel:
    values = np.where(given, table, 0.0)

    def mean(of: Array, axis: int) -> Array:
        return np.where(given, of, 0.0).sum(axis=axis) / given.sum(axis=axis)

    scores = mean(values, 1)
    bias = inconsistency = np.zeros(table.shape[1])
    for _ in range(ROUNDS):
        bias = mean(values - scores[:, None], 0)
        # Only differences to others can be known: the mean of all votes stays where it is.
        bias = bias - bias.mean()
        rest = values - scores[:, None] - bias
        inconsistency = np.sqrt(np.maximum(mean(rest**2, 0) - mean(rest, 0) ** 2, 0.0))
        steady = 1.0 / np.maximum(inconsistency, 1e-12) ** 2 if weighted else np.ones_like(bias)
        weight = np.where(given, steady, 0.0)
        moved = (weight * (values - bias)).sum(axis=1) / weight.sum(axis=1)
        settled = float(np.max(np.abs(moved - scores))) < SETTLED
        scores = moved
        if settled:
            break
    return Panel(scores, bias, inconsistency, weighted)
