"""What becomes of a ranking if one metric, or one image, is left out.

The ranking is the one by mean rank over the metrics (`overall`). Without each metric and without each image, or group
of images, it is made again, and held against the full one by Kendall's tau-b: 1 where no two methods change places. Of
two methods that do, readers should know the names. Where a single metric or image decides who is first, a table is no
evidence of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import Labels
from benchmark.statistics.methods.inputs import block_sums, blocks_of, checked_cube, names_of
from benchmark.statistics.methods.overall import mean_ranks
from benchmark.statistics.resampled import chunks
from fusion_metrics.image import Array

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LeftOut:
    """The ranking without one part, for each of L parts.

    Attributes
    ----------
    mean_rank : ndarray, shape (L, M)
        Of every method without that part.
    tau : ndarray, shape (L,)
        Kendall's tau-b with the full ranking; 0 where all methods are tied without that part.
    swaps : tuple of tuple of (int, int), length L
        Methods that change places: of each two, the first is better in the full ranking and the second without that
        part. What is tied in either is no swap.
    leader_changes : ndarray of bool, shape (L,)
        Whether no method that is first in the full ranking is first without that part.
    """

    mean_rank: Array
    tau: Array
    swaps: tuple[tuple[tuple[int, int], ...], ...]
    leader_changes: npt.NDArray[np.bool_]

    def to_frame(self, parts: Sequence[str] | None = None, methods: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row for each part left out, swaps as ``A > B`` turned round."""
        import pandas as pd

        names = names_of(methods, self.mean_rank.shape[1], "method")
        return pd.DataFrame(
            {
                "left_out": names_of(parts, len(self.tau), "part"),
                "tau": self.tau,
                "swaps": ["; ".join(f"{names[a]} > {names[b]}" for a, b in row) for row in self.swaps],
                "leader_changes": self.leader_changes,
            }
        )


@dataclass(frozen=True)
class Stability:
    """The full ranking, and those without one part.

    Attributes
    ----------
    mean_rank : ndarray, shape (M,)
    metrics : LeftOut or None
        Without each metric; None where there is only one.
    images : LeftOut
        Without each image, or group of images in the order of their labels.
    """

    mean_rank: Array
    metrics: LeftOut | None
    images: LeftOut


def stability(cube: npt.ArrayLike, groups: Labels | None = None) -> Stability:
    """Leave out each metric and each image, and rank the methods again.

    Parameters
    ----------
    cube : array_like, shape (metrics, images, methods)
        Oriented values.
    groups : sequence, optional
        Images with the same label are left out together.

    Raises
    ------
    ValueError
        Missing values; no metric; fewer than two images, methods or groups; a full ranking in which all are tied.

    Examples
    --------
    Two metrics say that method 0 is the best, and the third that it is the worst. Without the second, method 1 is
    the best; without the first, all are tied:

    >>> cube = np.array([[[3, 2, 1]] * 4, [[3, 1, 2]] * 4, [[0, 3, 2]] * 4])
    >>> found = stability(cube)
    >>> found.mean_rank.round(2), found.metrics.swaps, found.images.tau
    (array([1.67, 2.  , 2.33]), ((), ((0, 1),), ()), array([1., 1., 1., 1.]))
    """
    values = checked_cube(cube)
    blocks, count = blocks_of(groups, values.shape[1])
    ranks = mean_ranks(values.mean(axis=1))
    full = ranks.mean(axis=0)
    if np.ptp(full) == 0:
        raise ValueError("all methods have the same mean rank: there is no ranking to hold others against")
    k = len(values)
    metrics = None
    if k > 1:
        metrics = _left_out(full, np.stack([np.delete(ranks, i, axis=0).mean(axis=0) for i in range(k)]))
    sums = block_sums(values.swapaxes(0, 1), blocks, count)
    sizes = np.bincount(blocks)[:, None, None]
    without = np.empty((count, len(full)))
    for part in chunks(count, sums[0].size):
        rest = sums.sum(axis=0) - sums[part]
        without[part] = mean_ranks(rest / (len(blocks) - sizes[part])).mean(axis=1)
    return Stability(full, metrics, _left_out(full, without))


def _left_out(full: Array, without: Array) -> LeftOut:
    # Mean ranks are sums of halves; divided, equal ones may differ in the last digit.
    full, without = np.round(full, 9), np.round(without, 9)
    first, second = np.triu_indices(len(full), 1)
    before, after = np.sign(full[first] - full[second]), np.sign(without[:, first] - without[:, second])
    untied = np.sqrt(np.abs(before).sum() * np.abs(after).sum(axis=1))
    tau = np.divide(after @ before, untied, out=np.zeros(len(without)), where=untied > 0)
    swaps = tuple(
        tuple(
            (int(a), int(b)) if ahead < 0 else (int(b), int(a))
            for a, b, ahead, now in zip(first, second, before, row, strict=True)
            if ahead * now < 0
        )
        for row in after
    )
    leads = without == without.min(axis=1, keepdims=True)
    changes = ~leads[:, full == full.min()].any(axis=1)
    return LeftOut(without, tau, swaps, changes)
