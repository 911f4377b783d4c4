"""Krasula's analysis: whether a metric tells which of two images people find better, where people really differ.

Correlations ask a metric to order images that no panel could order. Here every two images are first compared by their
votes; a metric then has to tell different from similar, and better from worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import Index, Labels, complete, numbered
from fusion_metrics.image import Array

_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


@dataclass(frozen=True)
class Krasula:
    """How well a metric classifies pairs of images.

    Attributes
    ----------
    auc_different : float or None
        Area under the ROC curve of |difference of the metric| as a sign that opinions differ significantly: the
        probability that the metric differs more for two images that people tell apart than for two that they do not.
        None where there are no pairs of one kind.
    auc_better : float or None
        The same of the signed difference, among pairs that people tell apart, as a sign of which is better. None
        where people tell none apart.
    correct : float or None
        Share of those pairs that the metric has in the right order; a tie is not.
    n_different, n_similar : int
        Pairs of images.
    """

    auc_different: float | None
    auc_better: float | None
    correct: float | None
    n_different: int
    n_similar: int


def krasula(
    x: npt.ArrayLike,
    mos: npt.ArrayLike,
    std: npt.ArrayLike,
    n_votes: npt.ArrayLike,
    *,
    pairs: Labels | None = None,
    alpha: float = 0.05,
) -> Krasula:
    """Classify all pairs of images with a metric.

    Parameters
    ----------
    x : array_like, shape (n,)
        Oriented scores.
    mos, std, n_votes : array_like, shape (n,)
        Mean, standard deviation (with n_votes - 1) and number of the votes for each image.
    pairs : sequence of str or int, length n, optional
        Compare only fused images of the same source pair. Without it, all are compared, as in the publication.
    alpha : float
        Level of the test whether two images differ; see `opinion_differences`.

    Raises
    ------
    ValueError
        Missing values, different lengths, fewer than two votes for an image.

    References
    ----------
    Krasula, Fliegel, Le Callet, Klima, On the accuracy of objective image and video quality models: new methodology
    for performance evaluation, QoMEX 2016.

    Examples
    --------
    >>> found = krasula([1.0, 2.0, 4.0, 3.0], [1.0, 1.1, 3.0, 3.1], [0.5] * 4, [20] * 4)
    >>> found.auc_different, found.auc_better, found.correct, found.n_different, found.n_similar
    (0.875, 1.0, 1.0, 4, 2)
    """
    x = complete(x, "the metric")
    i, j, sign = opinion_differences(mos, std, n_votes, pairs=pairs, alpha=alpha)
    if len(x) != len(np.atleast_1d(mos)):
        raise ValueError(f"{len(x)} scores of the metric for {len(np.atleast_1d(mos))} opinion scores")
    difference = x[i] - x[j]
    apart = sign != 0
    better, similar = difference[apart] * sign[apart], np.abs(difference[~apart])
    # Of millions, sorting is what takes time: the absolute differences are those of both halves of the signed ones.
    better.sort()
    similar.sort()
    middle = int(np.searchsorted(better, 0.0))
    wins = _wins(better[middle:], similar) + _wins(-better[:middle][::-1], similar)
    n_different, n_similar = len(better), len(similar)
    return Krasula(
        wins / (n_different * n_similar) if n_different and n_similar else None,
        # Which image of a pair comes first is arbitrary, so each pair enters both ways.
        _wins(better, -better[::-1]) / n_different**2 if n_different else None,
        float(np.mean(better > 0)) if n_different else None,
        n_different,
        n_similar,
    )


def opinion_differences(
    mos: npt.ArrayLike,
    std: npt.ArrayLike,
    n_votes: npt.ArrayLike,
    *,
    pairs: Labels | None = None,
    alpha: float = 0.05,
) -> tuple[Index, Index, Array]:
    """Test for every two images whether opinions of them differ: z = (MOS_i - MOS_j) / sqrt(s_i^2 / n_i + s_j^2 / n_j).

    Two-sided, at level alpha for each pair of images, without adjustment, as published: about alpha of the pairs that
    do not differ are taken for different. Votes of one rater for both images are treated as independent.

    Returns
    -------
    i, j : ndarray of int, shape (N,)
        The images of every pair, i < j.
    sign : ndarray, shape (N,)
        1 where i is better, -1 where j is, 0 where they do not differ.
    """
    mos, std, n_votes = complete(mos, "the MOS"), complete(std, "the spread of votes"), complete(n_votes, "the votes")
    if not len(mos) == len(std) == len(n_votes):
        raise ValueError(f"{len(mos)} MOS, {len(std)} standard deviations, {len(n_votes)} numbers of votes")
    if (n_votes < 2).any():
        raise ValueError("an image with fewer than two votes has no spread")
    i, j = np.triu_indices(len(mos), 1)
    if pairs is not None:
        pair = numbered(pairs, len(mos), "pairs")[0]
        same = pair[i] == pair[j]
        i, j = i[same], j[same]
    variance = std**2 / n_votes
    difference = mos[i] - mos[j]
    # Without spread any difference is one: |z| > limit, written without the division.
    limit = scipy.stats.norm.ppf(1 - alpha / 2) * np.sqrt(variance[i] + variance[j])
    return i, j, np.where(np.abs(difference) > limit, np.sign(difference), 0.0)


def _wins(positive: Array, negative: Array) -> float:
    """Count how often one of these is greater than one of those, half where they are equal; both are sorted.

    Over the product of their numbers, that is the area under the ROC curve.

    >>> _wins(np.array([2.0, 3.0]), np.array([1.0, 2.0]))
    3.5
    """
    # Neighbours are looked for among neighbours, which is much quicker than ranks.
    below, not_above = (int(np.searchsorted(negative, positive, side).sum()) for side in _SIDES)
    return (below + not_above) / 2
