"""Windows through all channels of a feature map, compared by what can be summed, without ever laying them out.

A window is the vector of SIZE x SIZE pixels of all C channels, n = SIZE^2 C numbers; laid out one beside the other the
windows of a map take 169 times its memory. But all vectors of a map are standardised by one mean and one deviation, and
what is then asked of them, variances and cosines, follows from the sums of x, x^2 and x y over each window: box sums
of pictures in which the channels are added up already. Sums are in double precision, in which the products of two
single-precision numbers are exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array

#: Rows and columns of a window.
SIZE = 13
#: A sum of squared differences, as a share of the squares that it is the difference of, up to which it counts as 0: the
#: square of the relative rounding error that a deep network leaves in a single-precision map.
ROUNDING = 1e-12


class Windows(NamedTuple):
    """A map, and what its windows have in common with no other map.

    Attributes
    ----------
    x : ndarray of float32, shape (H, W, C)
        The map.
    n : int
        Numbers in a window.
    total, squares : ndarray, shape (H', W')
        Sums of x and of x^2 over each window; windows that reach beyond the map find zeros there.
    mu, sigma : float
        Mean and (population) standard deviation of all windows laid out, so that a pixel counts as often as windows
        cover it. A sigma of 0 stands for a constant map.
    """

    x: npt.NDArray[np.float32]
    n: int
    total: Array
    squares: Array
    mu: float
    sigma: float

    @property
    def energy(self) -> Array:
        """sigma^2 |z|^2 of each window, with z = (x - mu) / sigma; 0 in all windows of a constant map."""
        if self.sigma == 0.0:
            return np.zeros_like(self.squares)
        return _difference(self.squares + self.n * self.mu**2, 2.0 * self.mu * self.total)

    @property
    def variance(self) -> Array:
        """Sample variance (n - 1) of z in each window; 0 in all windows of a constant map."""
        if self.sigma == 0.0:
            return np.zeros_like(self.squares)
        return _difference(self.squares, self.total**2 / self.n) / ((self.n - 1) * self.sigma**2)


def windows(x: npt.NDArray[np.float32]) -> Windows:
    """Sum a map over its windows.

    Parameters
    ----------
    x : ndarray of float32, shape (H, W, C)
        If H or W is below `SIZE`, it is surrounded by zeros, by as many on all four sides as make the shorter side
        14 or 15 long: this many windows then fit where none would.

    Examples
    --------
    >>> step = windows(np.array([[[0.0], [2.0]]] * 13, np.float32).repeat(7, axis=1))
    >>> step.total.shape, step.n, round(float(step.total[0, 0]))
    ((1, 2), 169, 156)
    """
    n = SIZE**2 * x.shape[2]
    total, squares = map(_box_sums, _sums(x))
    mu, mean_square = float(total.mean()) / n, float(squares.mean()) / n
    return Windows(x, n, total, squares, mu, float(_difference(mean_square, mu**2)) ** 0.5)


def cosine(one: Windows, other: Windows) -> Array:
    """Cosine of the angle between the standardised vectors of two maps of one shape, in each window.

    Two vectors of zeros, as the windows of two constant maps become, are equal and count as 1; a vector of zeros and
    another one have nothing in common and count as 0.
    """
    n = one.n
    product = _box_sums(_products(one.x, other.x)) + n * one.mu * other.mu
    product -= one.mu * other.total + other.mu * one.total
    one_energy, other_energy = one.energy, other.energy
    lengths = np.sqrt(one_energy * other_energy)
    both_zero = (one_energy == 0.0) & (other_energy == 0.0)
    ratio: Array = np.divide(product, lengths, out=both_zero.astype(np.float64), where=lengths > 0.0)
    return ratio.clip(-1.0, 1.0)


@compiled(fastmath={"reassoc"})  # in whichever order is quickest
def _sums(x: npt.NDArray[np.float32]) -> Array:
    """Add up the channels of a map, and their squares, shape (2, H, W)."""
    height, width, channels = x.shape
    sums = np.empty((2, height, width))
    for row in range(height):
        for column in range(width):
            pixel = x[row, column]
            total = square = 0.0
            for k in range(channels):
                value = np.float64(pixel[k])
                total += value
                square += value * value
            sums[0, row, column], sums[1, row, column] = total, square
    return sums


@compiled(fastmath={"reassoc"})
def _products(x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]) -> Array:
    """Multiply two maps and add up the channels, shape (H, W)."""
    height, width, channels = x.shape
    products = np.empty((height, width))
    for row in range(height):
        for column in range(width):
            one, other = x[row, column], y[row, column]
            total = 0.0
            for k in range(channels):
                total += np.float64(one[k]) * np.float64(other[k])
            products[row, column] = total
    return products


def _box_sums(values: Array) -> Array:
    """Sum over each window, of which one more fits than the picture is longer than it."""
    shorter = min(values.shape)
    if shorter < SIZE:
        values = np.pad(values, (SIZE - shorter) // 2 + 1)
    down: Array = sliding_window_view(values, SIZE, axis=0).sum(axis=-1)
    across: Array = sliding_window_view(down, SIZE, axis=1).sum(axis=-1)
    return across


def _difference(squares: npt.ArrayLike, less: npt.ArrayLike) -> Array:
    """Subtract, and make of what is no more than a rounding error of `squares` a zero."""
    squares = np.asarray(squares, dtype=np.float64)
    rest = squares - less
    return np.where(rest > ROUNDING * squares, rest, 0.0)
