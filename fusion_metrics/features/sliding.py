"""Weighted sums under a window that slides over a picture, compiled row by row so that they stay in the cache.

Each function adds in one stated order, because sums of other orders differ in their last bits, and where windows are
nearly flat those are all that is left of a variance.
"""

from __future__ import annotations

import numpy as np

from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array


def symmetric_sums(picture: Array, weights: Array) -> Array:
    """Sum under a square window of symmetric, separable weights, down and then across.

    Along either axis the centre is taken first and then the sums of two pixels that weigh the same, from the outermost
    inwards, as `scipy.ndimage.correlate1d` does it.

    Parameters
    ----------
    picture : ndarray, shape (H, W)
    weights : ndarray, shape (2 R + 1,)
        Weights along one side.

    Returns
    -------
    ndarray, shape (H - 2 R, W - 2 R)
        For windows that do not leave the picture.

    Examples
    --------
    >>> symmetric_sums(np.arange(12.0).reshape(3, 4), np.array([1.0, 2.0, 1.0]))
    array([[80., 96.]])
    """
    half = np.ascontiguousarray(weights[len(weights) // 2 :])
    # NumPy asks the system for large pages, which compiled code does not.
    sums = np.empty((picture.shape[0] - len(weights) + 1, picture.shape[1] - len(weights) + 1))
    _symmetric(np.ascontiguousarray(picture), half, sums)
    return sums


def sums_across(picture: Array, weights: Array) -> Array:
    """Sum products with the weights along each row, from left to right.

    Parameters
    ----------
    picture : ndarray, shape (H, W)
    weights : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (H, W - n + 1)

    Examples
    --------
    >>> sums_across(np.arange(8.0).reshape(2, 4), np.array([0.0, 1.0, 0.5]))
    array([[2. , 3.5],
           [8. , 9.5]])
    """
    sums = np.empty((picture.shape[0], picture.shape[1] - len(weights) + 1))
    _across(np.ascontiguousarray(picture), weights, sums)
    return sums


@compiled
def _symmetric(picture: Array, half: Array, sums: Array) -> None:
    reach = len(half) - 1
    height, width = sums.shape
    down = np.empty(picture.shape[1])
    for r in range(height):
        centre = picture[r + reach]
        for c in range(len(down)):
            down[c] = centre[c] * half[0]
        k = reach
        if k % 2:
            _add_pair(down, picture[r], picture[r + 2 * reach], half[k])
            k -= 1
        while k > 0:
            _add_pairs(
                down,
                (picture[r + reach - k], picture[r + reach + k], half[k]),
                (picture[r + reach - k + 1], picture[r + reach + k - 1], half[k - 1]),
            )
            k -= 2
        across = sums[r]
        centre = down[reach : reach + width]
        for c in range(width):
            across[c] = centre[c] * half[0]
        k = reach
        if k % 2:
            _add_pair(across, down[:width], down[2 * reach : 2 * reach + width], half[k])
            k -= 1
        while k > 0:
            left, right = reach - k, reach + k
            _add_pairs(
                across,
                (down[left : left + width], down[right : right + width], half[k]),
                (down[left + 1 : left + 1 + width], down[right - 1 : right - 1 + width], half[k - 1]),
            )
            k -= 2


_Pair = tuple[Array, Array, float]


@compiled
def _add_pair(sums: Array, before: Array, after: Array, weight: float) -> None:
    for c in range(len(sums)):
        sums[c] += (before[c] + after[c]) * weight


@compiled
def _add_pairs(sums: Array, outer: _Pair, inner: _Pair) -> None:
    before, after, weight = outer
    next_before, next_after, next_weight = inner
    for c in range(len(sums)):
        sums[c] = (sums[c] + (before[c] + after[c]) * weight) + (next_before[c] + next_after[c]) * next_weight


@compiled
def _across(picture: Array, weights: Array, sums: Array) -> None:
    n, width = len(weights), sums.shape[1]
    for r in range(picture.shape[0]):
        row, of_row = picture[r], sums[r]
        for c in range(width):
            of_row[c] = row[c] * weights[0]
        k = 1
        while k + 4 <= n:
            one, two, three, four = row[k:], row[k + 1 :], row[k + 2 :], row[k + 3 :]
            for c in range(width):
                first_two = (of_row[c] + one[c] * weights[k]) + two[c] * weights[k + 1]
                of_row[c] = (first_two + three[c] * weights[k + 2]) + four[c] * weights[k + 3]
            k += 4
        while k < n:
            one = row[k:]
            for c in range(width):
                of_row[c] += one[c] * weights[k]
            k += 1
