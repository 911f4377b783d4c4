"""What every function here asks of its input: complete, finite, of one length, and varying where it must."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from fusion_metrics.image import Array

Index: TypeAlias = npt.NDArray[np.intp]
Labels: TypeAlias = Sequence[str] | Sequence[int] | npt.NDArray[np.str_] | Index


def complete(values: npt.ArrayLike, name: str, ndim: int = 1) -> Array:
    """Return `values` as float64; refuse what is missing, as a mean over the rest would compare unlike things.

    Raises
    ------
    ValueError
        NaN or infinite values, or another number of dimensions.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != ndim:
        raise ValueError(f"{name} has {array.ndim} dimensions instead of {ndim}")
    lacking = array.size - np.count_nonzero(np.isfinite(array))
    if lacking:
        raise ValueError(f"{name}: {lacking} of {array.size} values are missing or not finite")
    return array


def paired(x: npt.ArrayLike, q: npt.ArrayLike) -> tuple[Array, Array]:
    """Return scores and opinion scores of the same images.

    Raises
    ------
    ValueError
        As `complete`; different lengths; fewer than three images.
    """
    scores, opinions = complete(x, "the metric"), complete(q, "the opinion scores")
    if len(scores) != len(opinions):
        raise ValueError(f"{len(scores)} scores of the metric for {len(opinions)} opinion scores")
    if len(scores) < 3:
        raise ValueError(f"{len(scores)} scored images are too few")
    return scores, opinions


def varying(x: npt.ArrayLike, q: npt.ArrayLike) -> tuple[Array, Array]:
    """Return scores and opinion scores that can be correlated.

    Raises
    ------
    ValueError
        As `paired`; all scores, or all opinion scores, are equal.
    """
    scores, opinions = paired(x, q)
    if np.ptp(opinions) == 0:
        raise ValueError("all opinion scores are equal")
    if np.ptp(scores) == 0:
        raise ValueError("the metric gives all images the same value")
    return scores, opinions


def numbered(labels: Labels, n: int, name: str) -> tuple[Index, tuple[str | int, ...]]:
    """Give groups numbers in the order of their names; return those of the labels, and the names.

    >>> numbered(["b", "a", "b"], 3, "pairs")
    (array([1, 0, 1]), ('a', 'b'))
    """
    if len(labels) != n:
        raise ValueError(f"{len(labels)} {name} for {n} images")
    names, numbers = np.unique(np.asarray(labels), return_inverse=True)
    return numbers.astype(np.intp), tuple(names.tolist())
