"""Two distributions of a position joined between independence and the Frechet bound, window by window, compiled.

The bound has its mass on a staircase of 2n - 1 cells (i, j) from one corner of the joint distribution to the other, and
each window has a staircase of its own. Every number is added in the order in which NumPy adds whole arrays of windows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array

#: Makes 0 log 0 = 0; far below any product of two probabilities.
TINY = 1e-200
#: Covariances below this are rounding errors.
ROUNDING = 1e-12


class Distributions(NamedTuple):
    """The features in N windows of n pixels as probabilities of a position in the window.

    Attributes
    ----------
    p : ndarray, shape (n, N)
    entropy : ndarray, shape (N,)
        Entropy in bits.
    mean, deviation : ndarray, shape (N,)
        Mean and standard deviation of the position 0..n-1.
    """

    p: Array
    entropy: Array
    mean: Array
    deviation: Array


class Joined(NamedTuple):
    """Joint distributions of N windows.

    Attributes
    ----------
    joint, ratio : ndarray, shape (N, 2 n - 1)
        Probabilities on the staircase, and their magnitudes relative to independence.
    phi, independent : ndarray, shape (N,)
        phi, and what independence has on the staircase.
    """

    joint: Array
    ratio: Array
    phi: Array
    independent: Array


def probabilities(values: Array, size: int) -> Array:
    """Stretch the values in each window to 0..1 and divide them by their sum; those of a flat window are all equal.

    Parameters
    ----------
    values : ndarray, shape (H, W)
    size : int

    Returns
    -------
    ndarray, shape (size * size, N)
        Of all windows, the positions down the columns of each.
    """
    # NumPy asks the system for large pages, which compiled code does not.
    p = np.empty((size * size, (values.shape[0] - size + 1) * (values.shape[1] - size + 1)))
    _stretch(values, size, p)
    return p


@compiled(error_model="numpy")
def _stretch(values: Array, size: int, p: Array) -> None:
    height, width = values.shape[0] - size + 1, values.shape[1] - size + 1
    low, high, span, flat, total = np.empty(width), np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    for r in range(height):
        for c in range(width):
            low[c] = high[c] = values[r, c]
        for right in range(size):
            for down in range(size):
                row = values[r + down, right:]
                for c in range(width):
                    low[c] = min(row[c], low[c])
                    high[c] = max(row[c], high[c])
        for c in range(width):
            flat[c] = 1.0 if high[c] == low[c] else 0.0
            span[c] = (high[c] - low[c]) + flat[c]
            total[c] = 0.0
        for right in range(size):
            for down in range(size):
                row, of_row = values[r + down, right:], p[right * size + down, r * width :]
                for c in range(width):
                    of_row[c] = ((row[c] - low[c]) + flat[c]) / span[c]
                    total[c] += of_row[c]
        for k in range(len(p)):
            of_row = p[k, r * width :]
            for c in range(width):
                of_row[c] /= total[c]


@compiled
def different(x: Array, y: Array) -> npt.NDArray[np.bool_]:
    """Say of the columns of two arrays whether they differ anywhere."""
    differ = np.zeros(x.shape[1], dtype=np.bool_)
    for k in range(len(x)):
        for w in range(x.shape[1]):
            differ[w] |= x[k, w] != y[k, w]
    return differ


@compiled
def _product(x: Array, y: Array) -> float:
    """Inner product: even and odd positions apart, backwards in each full block of eight, as `numpy.einsum` does it."""
    even = odd = 0.0
    full = len(x) // 8 * 8
    for block in range(0, full, 8):
        for k in range(block + 6, block - 2, -2):
            even += x[k] * y[k]
            odd += x[k + 1] * y[k + 1]
    for k in range(full, len(x), 2):
        even += x[k] * y[k]
        if k + 1 < len(x):
            odd += x[k + 1] * y[k + 1]
    return even + odd


def join(X: Distributions, Y: Distributions, chosen: npt.NDArray[np.intp], largest_phi: float) -> Joined:
    """Join the distributions of some windows; see `fusion_metrics.features.window_information.shared_information`.

    Parameters
    ----------
    X, Y : Distributions
        Of n positions.
    chosen : ndarray of int, shape (N,)
        Which windows.
    largest_phi : float
        Limit of phi.
    """
    N, steps = len(chosen), 2 * len(X.p) - 1
    joined = Joined(np.empty((N, steps)), np.empty((N, steps)), np.empty(N), np.empty(N))
    _join(X, Y, chosen, largest_phi, joined)
    return joined


@compiled(error_model="numpy")
def _join(X: Distributions, Y: Distributions, chosen: npt.NDArray[np.intp], largest_phi: float, joined: Joined) -> None:
    """Write what `join` returns."""
    n, N, steps = len(X.p), len(chosen), 2 * len(X.p) - 1
    joint, ratio, phis, independent = joined
    x, y, F, G = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    bound, product = np.empty(steps), np.empty(steps)
    for at in range(N):
        w = chosen[at]
        for k in range(n):
            x[k], y[k] = X.p[k, w], Y.p[k, w]
        power = math.sqrt(max((_product(x, x) - 1 / n) * (_product(y, y) - 1 / n), 0.0))
        c = (_product(x, y) - 1 / n) / power if power > ROUNDING else 0.0
        mean_y = Y.mean[w]
        if c < 0.0:  # the lower bound is the upper one of the same distribution in reverse
            mean_y = n - 1 - mean_y
            for k in range(n):
                y[k] = Y.p[n - 1 - k, w]
        F[0], G[0] = min(x[0], 1.0), min(y[0], 1.0)
        below_x, below_y = x[0], y[0]
        for k in range(1, n):
            below_x += x[k]
            below_y += y[k]
            F[k], G[k] = min(below_x, 1.0), min(below_y, 1.0)
        F[n - 1] = G[n - 1] = math.inf  # no step leaves the grid
        moment = before = on_staircase = 0.0
        i = 0
        for k in range(steps):
            j = k - i
            upto = min(F[i], G[j]) if k < steps - 1 else 1.0
            bound[k], product[k] = upto - before, x[i] * y[j]
            moment += bound[k] * (i * j)
            on_staircase += product[k]
            before = upto
            i += F[i] <= G[j]
        covariance_up = moment - X.mean[w] * mean_y
        c_up = covariance_up / (X.deviation[w] * Y.deviation[w]) if covariance_up > ROUNDING else math.inf
        phi = min(abs(c) / c_up, largest_phi)
        phis[at], independent[at] = phi, on_staircase
        for k in range(steps):
            # Off the staircase the joint distribution is (1 - phi) x_i y_j: log(1 - phi) for what the staircase leaves.
            joint[at, k] = phi * bound[k] + (1 - phi) * product[k]
            ratio[at, k] = abs(joint[at, k] / (product[k] + TINY)) + TINY


@compiled
def shared_by_staircase(joint: Array, logarithms: Array) -> Array:
    """Sum ``joint * logarithms`` over each window's staircase, step by step."""
    information = np.zeros(len(joint))
    for w in range(len(joint)):
        for k in range(joint.shape[1]):
            information[w] += joint[w, k] * logarithms[w, k]
    return information
