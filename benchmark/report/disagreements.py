"""Images on which a metric and the opinion scores differ most, by rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy

from fusion_metrics.image import Array

#: Images shown in each direction.
SHOWN = 3


class Disagreement(NamedTuple):
    """One image.

    Attributes
    ----------
    place : int
        Of the image among those that the metric is judged on.
    rank, opinion_rank : float
        By the metric and by opinion, 1 is best; means where scores are equal.
    """

    place: int
    rank: float
    opinion_rank: float


def disagreements(
    x: Array, q: Array, pairs: Sequence[str], shown: int = SHOWN
) -> tuple[list[Disagreement], list[Disagreement]]:
    """Find the largest differences of rank, at most one image of each source pair, so that not all show one scene.

    Parameters
    ----------
    x, q : ndarray, shape (n,)
        Oriented scores and opinion scores.
    pairs : sequence of str, length n
    shown : int

    Returns
    -------
    too_high, too_low : list of Disagreement
        Images that the metric ranks better, and worse, than opinion does; the largest difference first.

    Examples
    --------
    >>> high, low = disagreements(np.array([4.0, 3, 2, 1]), np.array([0.1, 0.3, 0.2, 0.9]), "abcd", 1)
    >>> high, low
    ([Disagreement(place=0, rank=1.0, opinion_rank=4.0)], [Disagreement(place=3, rank=4.0, opinion_rank=1.0)])
    """
    ranks, opinion = scipy.stats.rankdata(-x), scipy.stats.rankdata(-q)
    gain = opinion - ranks

    def worst(by: Array) -> list[Disagreement]:
        found: dict[str, Disagreement] = {}
        for i in np.argsort(-by, kind="stable"):
            if by[i] <= 0 or len(found) == shown:
                break
            found.setdefault(pairs[i], Disagreement(int(i), float(ranks[i]), float(opinion[i])))
        return list(found.values())

    return worst(gain), worst(-gain)
