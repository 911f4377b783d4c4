"""From many p values to a ranking: Holm's adjustment and rank clusters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import Index
from fusion_metrics.image import Array


def holm(p: Array) -> Array:
    """Adjust the p values of a symmetric matrix for all comparisons: the k-th smallest of m times m + 1 - k, monotone.

    >>> holm(np.array([[1, 0.01, 0.04], [0.01, 1, 0.03], [0.04, 0.03, 1]]))
    array([[1.  , 0.03, 0.06],
           [0.03, 1.  , 0.06],
           [0.06, 0.06, 1.  ]])
    """
    upper = np.triu_indices(len(p), 1)
    order = np.argsort(p[upper], kind="stable")
    m = len(order)
    stepped = np.maximum.accumulate(p[upper][order] * (m - np.arange(m)))
    adjusted = np.ones_like(p)
    flat = np.empty(m)
    flat[order] = np.minimum(stepped, 1.0)
    adjusted[upper] = flat
    adjusted.T[upper] = flat
    return adjusted


def rank_clusters(values: Array, worse: npt.NDArray[np.bool_]) -> Index:
    """Rank metrics in clusters, as the WMT metrics shared tasks do.

    From the best metric down, a metric joins the cluster above it unless it is significantly worse than one of the
    members; then it opens the next cluster. So no member of a cluster is significantly worse than another, while not
    all metrics of neighbouring clusters need differ.

    Parameters
    ----------
    values : ndarray, shape (M,)
    worse : ndarray of bool, shape (M, M)
        Whether metric i is significantly worse than metric j.

    Returns
    -------
    ndarray of int, shape (M,)
        1 for the best cluster.

    References
    ----------
    Freitag et al., Results of WMT22 metrics shared task, 2022.
    """
    cluster = np.zeros(len(values), dtype=np.intp)
    members: list[int] = []
    for metric in np.argsort(-values, kind="stable"):
        if not members or worse[metric, members].any():
            members = []
            cluster[metric] = cluster.max() + 1
        else:
            cluster[metric] = cluster[members[0]]
        members.append(int(metric))
    return cluster
