"""Structural similarity in single precision: what scripts get that compute with 32 bits.

A local variance is the small difference E[x^2] - E[x]^2 of two large numbers. In 32 bits its rounding errors exceed the
constants of SSIM as soon as these are small, and in smooth parts they are all that is left: there the order of
additions decides the value. Two orders go round, and both are reproduced: that of `scipy.ndimage.uniform_filter`, on
which scikit-image relies, and a chain of fused multiply-adds, as in the convolutions of deep learning libraries.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from fusion_metrics.errors import UndefinedScore
from fusion_metrics.features.windows import Window

Single: TypeAlias = npt.NDArray[np.float32]


class Similarity(NamedTuple):
    """The two factors of SSIM in each window, in float32: of the means, and of contrast and structure."""

    luminance: Single
    structure: Single

    @property
    def mean(self) -> float:
        """Mean over the windows of the product of both."""
        return float((self.luminance * self.structure).mean(dtype=np.float64))


def averages(x: Single, window: Window) -> Single:
    """Average in each window that lies inside the picture.

    Parameters
    ----------
    x : ndarray of float32, shape (H, W)
    window : Window
        Without a standard deviation the sums are those of scipy's running sum, rounded once along each axis; with one
        the weights are rounded to 32 bits, and so is the sum after each of its terms.

    Returns
    -------
    ndarray of float32, shape (H - size + 1, W - size + 1)
    """
    size = window.size
    if min(x.shape) < size:
        raise UndefinedScore(f"a {size}x{size} window does not fit in the image")
    if window.sigma is None:
        inside = slice(size // 2, -(size // 2))
        uniform: Single = scipy.ndimage.uniform_filter(x, size=size)[inside, inside]
        return uniform
    weights = _gaussian(window)
    return _chained(_chained(x, weights).T, weights).T


def similarity(x: Single, y: Single, *, window: Window, dynamic_range: float, sample: bool = False) -> Similarity:
    """Compare two pictures window by window.

    Parameters
    ----------
    x, y : ndarray of float32, shape (H, W)
    window : Window
    dynamic_range : float
        L, of which the constants of SSIM are made.
    sample : bool
        Variances and covariance of a sample, larger than the mean square by n / (n - 1).
    """
    c1, c2 = np.float32((0.01 * dynamic_range) ** 2), np.float32((0.03 * dynamic_range) ** 2)
    n = window.size**2
    two, larger = np.float32(2.0), np.float32(n / (n - 1)) if sample else np.float32(1.0)
    mu_x, mu_y = averages(x, window), averages(y, window)
    var_x = larger * (averages(x * x, window) - mu_x * mu_x)
    var_y = larger * (averages(y * y, window) - mu_y * mu_y)
    product: Single = mu_x * mu_y
    squares: Single = mu_x * mu_x + mu_y * mu_y
    cov = larger * (averages(x * y, window) - product)
    luminance: Single = (two * product + c1) / (squares + c1)
    structure: Single = (two * cov + c2) / (var_x + var_y + c2)
    return Similarity(luminance, structure)


def halved(x: Single) -> Single:
    """Average blocks of 2x2 pixels; an odd picture gets a row or a column of zeros in front."""
    even = np.pad(x, [(length % 2, 0) for length in x.shape])
    mean: Single = (even[::2, ::2] + even[::2, 1::2] + even[1::2, ::2] + even[1::2, 1::2]) / np.float32(4.0)
    return mean


def _gaussian(window: Window) -> Single:
    """Weights along one side, sum 1, every step rounded to 32 bits."""
    x = np.arange(window.size) - window.size // 2
    exponent = (-(x**2) / (2.0 * (window.sigma or 1.0) ** 2)).astype(np.float32)
    weights = np.exp(exponent.astype(np.float64))
    normalised: Single = weights.astype(np.float32) / np.float32(weights.sum())
    return normalised


def _chained(x: Single, weights: Single) -> Single:
    """Weighted sums down the columns. A product of two numbers of 32 bits is exact in 64, so each term rounds once."""
    rows = x.shape[0] - len(weights) + 1
    total = np.zeros((rows, x.shape[1]), dtype=np.float32)
    for k, weight in enumerate(weights.astype(np.float64)):
        total = (total + x[k : k + rows].astype(np.float64) * weight).astype(np.float32)
    return total
