"""Which metrics say the same: rank correlations between metrics, their tree, and groups of alike metrics.

Two metrics may correlate because some images are easy for all methods, and yet disagree about which method is better.
So methods are ranked within every image, and the ranks, less their mean, of all images are correlated (`within`). The
other correlation, Spearman's over all values of all images and methods (`all`), is there for comparison with papers.

Correlations keep their signs: metrics whose rankings are opposite are not redundant, but in conflict. The distance of
two metrics is 1 - rho, and metrics are joined by complete linkage: in a group, every two metrics correlate at least as
much as the threshold says. (By average linkage, it holds on average.)

The effective number of metrics is K^2 / sum rho_ij^2 over all i and j: K if none correlate, 1 if all are one.

References
----------
Spearman, The proof and measurement of association between two things, American Journal of Psychology 15, 1904;
Sorensen, A method of establishing groups of equal amplitude in plant sociology, 1948, for complete linkage; Bretherton
et al., The effective number of spatial degrees of freedom of a time-varying field, Journal of Climate 12, 1999.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import Index
from benchmark.statistics.methods.inputs import checked_cube, names_of
from fusion_metrics.image import Array

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["within", "all"]
Linkage = Literal["complete", "average"]


@dataclass(frozen=True)
class Redundancy:
    """How alike K metrics are.

    Attributes
    ----------
    correlation : ndarray, shape (K, K)
    tree : ndarray, shape (K - 1, 4)
        As scipy's `linkage` describes it; heights are 1 - rho.
    group : ndarray of int, shape (K,)
        Number of each metric's group, from 1 in the order of the metrics.
    threshold : float
        Metrics of one group correlate at least so much.
    effective : float
        Effective number of metrics.
    """

    correlation: Array
    tree: Array
    group: Index
    threshold: float
    effective: float

    @property
    def alike(self) -> list[list[int]]:
        """The groups that have at least two metrics."""
        members = [np.flatnonzero(self.group == number).tolist() for number in range(1, int(self.group.max()) + 1)]
        return [found for found in members if len(found) > 1]

    def to_frame(self, metrics: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the correlations, metrics as rows and columns, with the number of each one's group."""
        import pandas as pd

        names = names_of(metrics, len(self.group), "metric")
        frame = pd.DataFrame(self.correlation, index=pd.Index(names, name="metric"), columns=names)
        frame.insert(0, "group", self.group)
        return frame


def redundancy(
    cube: npt.ArrayLike, *, threshold: float = 0.8, level: Level = "within", linkage: Linkage = "complete"
) -> Redundancy:
    """Correlate metrics and group those that are alike.

    Parameters
    ----------
    cube : array_like, shape (metrics, images, methods)
        Oriented values.
    threshold : float
        Rank correlation from which metrics are alike.
    level : {"within", "all"}
        Rank methods within every image, or all values at once.
    linkage : {"complete", "average"}

    Raises
    ------
    ValueError
        Missing values; fewer than two metrics, images or methods; a metric that gives all methods the same value.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> first, other = rng.normal(size=(2, 40, 5))
    >>> found = redundancy([first, np.exp(first), other])
    >>> found.group, round(found.effective, 2)
    (array([1, 1, 2]), 1.79)
    """
    values = checked_cube(cube)
    if len(values) < 2:
        raise ValueError("one metric cannot be redundant")
    correlation = rank_correlations(values, level)
    distance = np.clip(1 - correlation, 0.0, None)
    np.fill_diagonal(distance, 0.0)
    tree = scipy.cluster.hierarchy.linkage(scipy.spatial.distance.squareform(distance, checks=False), method=linkage)
    # Heights of metrics that correlate exactly as the threshold says may be above it in the last digit.
    found = scipy.cluster.hierarchy.fcluster(tree, 1 - threshold + 1e-12, criterion="distance")
    numbers: dict[int, int] = {}
    group = np.array([numbers.setdefault(int(number), len(numbers) + 1) for number in found], dtype=np.intp)
    return Redundancy(correlation, tree, group, threshold, len(values) ** 2 / float((correlation**2).sum()))


def rank_correlations(cube: Array, level: Level = "within") -> Array:
    """Correlate the ranks of every two metrics, shape (K, K).

    Raises
    ------
    ValueError
        A metric whose values, or whose ranks of methods within every image, are all the same.
    """
    k, _, methods = cube.shape
    if level == "within":
        ranks = scipy.stats.rankdata(cube, axis=2).reshape(k, -1) - (methods + 1) / 2
    else:
        ranks = scipy.stats.rankdata(cube.reshape(k, -1), axis=1)
        ranks -= ranks.mean(axis=1, keepdims=True)
    length = np.sqrt((ranks**2).sum(axis=1))
    for i in np.flatnonzero(length == 0):
        raise ValueError(f"metric {i} gives all methods the same value on every image")
    ranks /= length[:, None]
    found: Array = np.clip(ranks @ ranks.T, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found
