"""Screening of raters after ITU-R BT.500: who votes far off the others, now above and now below them.

The result is reported. No rater is left out of any number in this project.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import Index, complete
from fusion_metrics.image import Array

#: Where the kurtosis of the votes for an image lies between these, they count as normally distributed.
NORMAL = (2.0, 4.0)
#: How far off a vote lies, in standard deviations: normal votes, others.
FAR, FAR_OTHERWISE = 2.0, math.sqrt(20)
#: A rater is rejected with a share of far votes above, and an asymmetry below.
SHARE, ASYMMETRY = 0.05, 0.3


@dataclass(frozen=True)
class Screening:
    """What the recommendation says of every rater.

    Attributes
    ----------
    above, below : ndarray of int, shape (raters,)
        P and Q: images for which the rater voted far above, far below the mean.
    share : ndarray, shape (raters,)
        (P + Q) / images.
    asymmetry : ndarray, shape (raters,)
        |P - Q| / (P + Q); 1 for a rater with no far vote.
    rejected : ndarray of bool, shape (raters,)
        Share above 0.05 with an asymmetry below 0.3: erratic. Somebody who is strict or lenient throughout stays.
    kurtosis : ndarray, shape (n,)
        m_4 / m_2^2 of the votes for each image; NaN where all raters agree.
    """

    above: Index
    below: Index
    share: Array
    asymmetry: Array
    rejected: npt.NDArray[np.bool_]
    kurtosis: Array


def screen_raters(votes: npt.ArrayLike) -> Screening:
    """Screen raters.

    Parameters
    ----------
    votes : array_like, shape (n, raters)
        Every rater's vote for every image.

    Raises
    ------
    ValueError
        Missing votes, fewer than three raters.

    References
    ----------
    ITU-R BT.500-14, Methodologies for the subjective assessment of the quality of television images, 2019, screening
    of observers by the beta_2 test.
    """
    votes = complete(votes, "the votes", 2)
    n, raters = votes.shape
    if raters < 3:
        raise ValueError(f"{raters} raters are too few to say who is off")
    mean, deviation = votes.mean(axis=1, keepdims=True), votes.std(axis=1, ddof=1, keepdims=True)
    differ = np.ptp(votes, axis=1) > 0
    kurtosis = np.full(n, np.nan)
    kurtosis[differ] = scipy.stats.kurtosis(votes[differ], axis=1, fisher=False)
    normal = (kurtosis >= NORMAL[0]) & (kurtosis <= NORMAL[1])
    far = np.where(normal, FAR, FAR_OTHERWISE)[:, None] * deviation
    above = np.count_nonzero((votes >= mean + far) & differ[:, None], axis=0)
    below = np.count_nonzero((votes <= mean - far) & differ[:, None], axis=0)
    both = above + below
    asymmetry = np.divide(np.abs(above - below), both, out=np.ones(raters), where=both > 0)
    share = both / n
    return Screening(above, below, share, asymmetry, (share > SHARE) & (asymmetry < ASYMMETRY), kurtosis)
