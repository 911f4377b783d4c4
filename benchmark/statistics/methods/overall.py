"""Methods over several metrics: mean rank and Borda points, with intervals from images drawn again.

- **Mean rank**: by every metric, methods are ranked by their means over the images, 1 for the best, ties at their mean
  rank; a method's ranks are averaged over the metrics. It is the mean of the columns of a table of ranks.
- **Borda points**: every metric on every image is a voter, who gives a method the share of the others that it beats
  (half for a tie); a method's points are their mean, in 0..1. It hears every image alike, where a mean follows the few
  images that differ most.

Neither weighs metrics: fifteen metrics of one family have fifteen votes; see `redundancy`. An interval speaks of other
images, judged by the same metrics. Borda points are a mean over images, so their interval is as good as that of any
mean. Mean ranks move in steps, and methods that are nearly alike change places from sample to sample, so theirs is only
a guide; the tests are in `pairwise`.

References
----------
Borda, Memoire sur les elections au scrutin, 1781; Efron, Tibshirani, An introduction to the bootstrap, 1993.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.numbers import counted
from benchmark.statistics.arrays import Labels
from benchmark.statistics.bootstrap import FEW_PAIRS, draw
from benchmark.statistics.methods.inputs import block_sums, blocks_of, checked_cube, names_of
from benchmark.statistics.resampled import chunks
from fusion_metrics.image import Array

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Overall:
    """M methods by K metrics.

    Attributes
    ----------
    ranks : ndarray, shape (K, M)
        By the mean of each metric, 1 is best.
    mean_rank, mean_rank_low, mean_rank_high : ndarray, shape (M,)
        Over the metrics, with its interval.
    borda, borda_low, borda_high : ndarray, shape (M,)
        Points in 0..1, more is better, with their interval.
    confidence : float
    blocks : int
        Images, or groups of them, drawn from.
    warning : str
        Why the intervals should not be leant on; empty where there is no reason.
    """

    ranks: Array
    mean_rank: Array
    mean_rank_low: Array
    mean_rank_high: Array
    borda: Array
    borda_low: Array
    borda_high: Array
    confidence: float
    blocks: int
    warning: str

    def to_frame(self, methods: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a method, in the order given."""
        import pandas as pd

        return pd.DataFrame(
            {
                "method": names_of(methods, len(self.mean_rank), "method"),
                "mean_rank": self.mean_rank,
                "mean_rank_low": self.mean_rank_low,
                "mean_rank_high": self.mean_rank_high,
                "borda": self.borda,
                "borda_low": self.borda_low,
                "borda_high": self.borda_high,
            }
        )


def overall(
    cube: npt.ArrayLike,
    groups: Labels | None = None,
    *,
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Overall:
    """Rank methods over several metrics.

    Parameters
    ----------
    cube : array_like, shape (metrics, images, methods)
        Oriented values.
    groups : sequence, optional
        Images with the same label are not independent and are drawn together.
    confidence : float
    replicates : int
    seed : int

    Raises
    ------
    ValueError
        Missing values; no metric; fewer than two images, methods or groups.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = overall(rng.normal(size=(4, 30, 3)) + [0, 0, 1])
    >>> found.mean_rank, found.borda.round(2)
    (array([2.5, 2.5, 1. ]), array([0.37, 0.34, 0.79]))
    """
    values = checked_cube(cube)
    images, methods = values.shape[1:]
    blocks, count = blocks_of(groups, images)
    ranks = mean_ranks(values.mean(axis=1))
    points = borda_points(values)
    sizes = np.bincount(blocks).astype(np.float64)
    counts = draw(count, replicates, seed)
    drawn = counts @ sizes
    sums = block_sums(values.swapaxes(0, 1), blocks, count).reshape(count, -1)
    resampled = np.empty((replicates, methods))
    for part in chunks(replicates, sums.shape[1]):
        means = (counts[part] @ sums / drawn[part, None]).reshape(-1, *ranks.shape)
        resampled[part] = mean_ranks(means).mean(axis=1)
    resampled_points = counts @ block_sums(points, blocks, count) / drawn[:, None]
    wide = float(scipy.stats.t.ppf((1 + confidence) / 2, count - 1)) * math.sqrt(count / (count - 1))
    mean_rank, borda = ranks.mean(axis=0), points.mean(axis=0)
    rank_error, borda_error = (wide * found.std(axis=0, ddof=1) for found in (resampled, resampled_points))
    few = f"{count} images or groups: the intervals are a guess from {counted(count, 'independent observation')}"
    return Overall(
        ranks=ranks,
        mean_rank=mean_rank,
        mean_rank_low=np.maximum(mean_rank - rank_error, 1.0),
        mean_rank_high=np.minimum(mean_rank + rank_error, float(methods)),
        borda=borda,
        borda_low=np.maximum(borda - borda_error, 0.0),
        borda_high=np.minimum(borda + borda_error, 1.0),
        confidence=confidence,
        blocks=count,
        warning=few if count < FEW_PAIRS else "",
    )


def mean_ranks(means: Array) -> Array:
    """Rank methods, the last axis: 1 for the greatest, ties at their mean rank.

    >>> mean_ranks(np.array([[0.2, 0.5, 0.5]]))
    array([[3. , 1.5, 1.5]])
    """
    found: Array = scipy.stats.rankdata(-means, axis=-1)
    return found


def borda_points(cube: Array) -> Array:
    """Average the points of every method on every image over the metrics, shape (images, methods), 0..1."""
    methods = cube.shape[2]
    points = np.zeros(cube.shape[1:])
    for metric in cube:
        points += (methods - mean_ranks(metric)) / (methods - 1)
    return points / len(cube)
