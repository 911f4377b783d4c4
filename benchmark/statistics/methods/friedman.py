"""Friedman's test with the correction of Iman and Davenport, mean ranks, and Nemenyi's critical difference.

Methods are ranked within every image, 1 for the best, ties at their mean rank. Under the hypothesis that they are all
alike, the mean ranks R_j of k methods over n images are all about (k + 1) / 2, and

    chi2 = 12 n / (k (k + 1)) sum_j (R_j - (k + 1) / 2)^2    (divided by 1 - sum (t^3 - t) / (n (k^3 - k)) for ties),
    F    = (n - 1) chi2 / (n (k - 1) - chi2)

are distributed like chi2 with k - 1 and like F with k - 1 and (k - 1) (n - 1) degrees of freedom; the latter holds its
level with few images, while the former rejects too seldom. Two methods differ at the level alpha, all pairs considered,
if their mean ranks differ by more than Nemenyi's critical difference

    CD = q_alpha sqrt(k (k + 1) / (12 n)),

with q_alpha of the studentised range of k normal values.

Mean ranks of two methods depend on which others take part; the tests in `pairwise` do not. So Nemenyi's difference is
for the diagram that readers know, and `pairwise` for claims.

References
----------
Friedman, The use of ranks to avoid the assumption of normality, JASA 32, 1937; Iman, Davenport, Approximations of the
critical region of the Friedman statistic, Communications in Statistics A 9, 1980; Nemenyi, Distribution-free multiple
comparisons, 1963; Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7, 2006; Benavoli,
Corani, Mangili, Should we really use post-hoc tests based on mean-ranks?, JMLR 17, 2016.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import Labels
from benchmark.statistics.methods.inputs import block_sums, blocks_of, checked_values, names_of
from fusion_metrics.image import Array

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Friedman:
    """Whether any of M methods differs from the others, and which two do.

    Attributes
    ----------
    ranks : ndarray, shape (M,)
        Mean ranks, 1 is best.
    blocks : int
        Images, or groups of them, that were ranked.
    chi2, p : float
        Friedman's statistic, corrected for ties, and its p value.
    f, f_p : float
        The same after Iman and Davenport. F is infinite where all images rank the methods alike; its p value is then
        the chance of that, (1 / M!)^(blocks - 1).
    alpha : float
        Level of the critical difference.
    critical_difference : float
        Mean ranks that differ by more differ significantly.
    """

    ranks: Array
    blocks: int
    chi2: float
    p: float
    f: float
    f_p: float
    alpha: float
    critical_difference: float

    @property
    def nemenyi(self) -> Array:
        """P values of all pairs, adjusted for all of them, shape (M, M); 1 on the diagonal."""
        return nemenyi(self.ranks, self.blocks)

    def to_frame(self, methods: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the p values of all pairs, methods as rows and columns in the order given, with the mean ranks."""
        import pandas as pd

        names = names_of(methods, len(self.ranks), "method")
        frame = pd.DataFrame(self.nemenyi, index=pd.Index(names, name="method"), columns=names)
        frame.insert(0, "mean_rank", self.ranks)
        return frame


def friedman(values: npt.ArrayLike, groups: Labels | None = None, *, alpha: float = 0.05) -> Friedman:
    """Test whether methods differ, and find the critical difference of their mean ranks.

    Parameters
    ----------
    values : array_like, shape (images, methods)
        Oriented values of one metric.
    groups : sequence, optional
        Images with the same label (fused from one source pair, say) are not independent: their values are averaged
        before methods are ranked.
    alpha : float

    Raises
    ------
    ValueError
        Missing values; fewer than three methods (for two, `benchmark.statistics.methods.pairwise`); methods that have
        the same value on every image.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = friedman(rng.normal(size=(30, 4)) + [0, 0, 0, 1])
    >>> found.ranks.round(2), round(found.critical_difference, 3), round(found.f_p, 4)
    (array([2.9 , 2.8 , 2.77, 1.53]), 0.856, 0.0)
    """
    table = checked_values(values)
    blocks, n = blocks_of(groups, len(table))
    k = table.shape[1]
    if k < 3:
        raise ValueError("Friedman's test needs three methods; two are compared by a paired test")
    # Sums of equal values in one order are equal, so what is tied stays tied.
    table = block_sums(table, blocks, n) / np.bincount(blocks)[:, None]
    if (table == table[:, :1]).all():
        raise ValueError("all methods have the same value on every image")
    ranks = scipy.stats.rankdata(-table, axis=1).mean(axis=0)
    chi2, p = (float(part) for part in scipy.stats.friedmanchisquare(*table.T))
    room = n * (k - 1) - chi2
    if room > 1e-9 * n:
        f = (n - 1) * chi2 / room
        f_p = float(scipy.stats.f.sf(f, k - 1, (k - 1) * (n - 1)))
    else:
        f, f_p = math.inf, math.exp(-(n - 1) * math.lgamma(k + 1))
    return Friedman(ranks, n, chi2, p, f, f_p, alpha, critical_difference(k, n, alpha))


@cache
def critical_difference(methods: int, images: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of mean ranks.

    Demsar's example of four classifiers on 14 data sets:

    >>> round(critical_difference(4, 14), 2), round(critical_difference(4, 14, 0.1), 2)
    (1.25, 1.12)
    """
    return float(scipy.stats.studentized_range.ppf(1 - alpha, methods, math.inf)) * _unit(methods, images)


def nemenyi(ranks: Array, images: int) -> Array:
    """P values of all pairs of mean ranks, shape (M, M), from the studentised range."""
    k = len(ranks)
    first, second = np.triu_indices(k, 1)
    apart = np.abs(ranks[first] - ranks[second]) / _unit(k, images)
    p = np.ones((k, k))
    p[first, second] = p[second, first] = np.clip(scipy.stats.studentized_range.sf(apart, k, math.inf), 0.0, 1.0)
    return p


def cliques(ranks: Array, apart: float) -> list[tuple[int, int]]:
    """Find the largest runs of methods, in the order of `ranks` (ascending), that differ by no more than `apart`.

    Returns
    -------
    list of (int, int)
        First and last place of every run of at least two methods that is in no other one.

    >>> cliques(np.array([1.0, 1.5, 2.2, 4.0]), 1.0)
    [(0, 1), (1, 2)]
    """
    last = np.searchsorted(ranks, ranks + apart + 1e-12, side="right") - 1
    found: list[tuple[int, int]] = []
    for i, j in enumerate(last.tolist()):
        if j > i and (not found or j > found[-1][1]):
            found.append((i, j))
    return found


def _unit(methods: int, images: int) -> float:
    return math.sqrt(methods * (methods + 1) / (12 * images))
