"""Information that two images share window by window, from their features: what FMI is made of."""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pywt
import scipy
from numpy.lib.stride_tricks import sliding_window_view

from fusion_metrics.feature import feature
from fusion_metrics.features.edges import sobel_edges
from fusion_metrics.image import Array, Image

FeatureMap: TypeAlias = Literal["pixel", "gradient", "edge", "dct", "wavelet"]

#: Windows worked on at a time: what is computed of them stays in the processor's cache.
CHUNK = 4096
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


@feature
def distributions(image: Image, *, feature: FeatureMap, size: int) -> Distributions:
    """Distribution of each window's features over its positions."""
    values = windows(feature_map(image, feature=feature), size)
    low = values.min(axis=0)
    span = values.max(axis=0) - low
    flat = span == 0.0
    p = (values - low + flat) / (span + flat)
    p /= p.sum(axis=0)
    position = np.arange(len(p))
    mean = position @ p
    variance = position**2 @ p - mean**2
    entropy = -(p * np.log2(p + TINY)).sum(axis=0)
    return Distributions(p, entropy, mean, np.sqrt(np.maximum(variance, 0.0)))


@feature
def shared_information(source: Image, fused: Image, *, feature: FeatureMap, size: int, largest_phi: float) -> Array:
    """Mutual information of the features in each window, as a share of their mean entropy.

    Two distributions of a position, x and y with distribution functions F and G, are joined between independence and
    the Frechet bound,

        H(i, j) = phi min(F_i, G_j) + (1 - phi) F_i G_j,   phi = c / c_up,

    where c is the correlation of the vectors x and y, and c_up that of the two positions under the bound. For c < 0
    the bound is max(F_i + G_j - 1, 0).

    Parameters
    ----------
    source, fused : Image
    feature : {"pixel", "gradient", "edge", "dct", "wavelet"}
    size : int
        Rows and columns of a window.
    largest_phi : float
        Limit of phi. Beyond 1 some probabilities are negative, and count with the logarithm of their magnitude.

    Returns
    -------
    ndarray, shape (N,)
        2 I / (H + H) of all N windows, in [0, 1] unless phi exceeds 1; 1 where the distributions are equal, 0 where
        either window is flat or has a single peak, and the other one has not.

    References
    ----------
    haghighat2014, nelsen1987
    """
    X, Y = (distributions(image, feature=feature, size=size) for image in (source, fused))
    shared = np.ones(len(X.entropy))
    differ = np.flatnonzero((X.p != Y.p).any(axis=0))
    for start in range(0, len(differ), CHUNK):
        chunk = differ[start : start + CHUNK]
        x, y = (Distributions(*(part[..., chunk] for part in whole)) for whole in (X, Y))
        shared[chunk] = _normalised_information(x, y, largest_phi)
    return shared


def _normalised_information(X: Distributions, Y: Distributions, largest_phi: float) -> Array:
    """Share of information of distributions that differ."""
    n, N = X.p.shape
    x, y = X.p, Y.p
    power = np.sqrt(np.maximum((_product(x, x) - 1 / n) * (_product(y, y) - 1 / n), 0.0))
    c = np.divide(_product(x, y) - 1 / n, power, out=np.zeros(N), where=power > ROUNDING)
    # The lower bound is the upper one of the same distribution in reverse.
    reverse = c < 0.0
    y = np.where(reverse, y[::-1], y)
    mean_y = np.where(reverse, n - 1 - Y.mean, Y.mean)

    # min(F, G) has its mass on a staircase of 2n - 1 cells (i, j), from one corner to the other.
    # Each step picks one number of each window, so those of a window lie together in memory here.
    x, y = (np.ascontiguousarray(p.T) for p in (x, y))
    F, G = (np.minimum(np.cumsum(p, axis=1), 1.0) for p in (x, y))
    F[:, -1] = G[:, -1] = np.inf  # no step leaves the grid
    bound, independent = np.empty((2 * n - 1, N)), np.empty((2 * n - 1, N))
    moment, before, i, start = np.zeros(N), np.zeros(N), np.zeros(N, dtype=np.intp), n * np.arange(N)
    for k in range(2 * n - 1):
        j = k - i
        at_i, at_j = start + i, start + j
        F_i, G_j = F.take(at_i), G.take(at_j)
        upto = np.minimum(F_i, G_j) if k < 2 * n - 2 else np.ones(N)
        np.subtract(upto, before, out=bound[k])
        np.multiply(x.take(at_i), y.take(at_j), out=independent[k])
        moment += bound[k] * (i * j)
        before = upto
        i = i + (F_i <= G_j)

    covariance_up = moment - X.mean * mean_y
    c_up = np.full(N, np.inf)
    np.divide(covariance_up, X.deviation * Y.deviation, out=c_up, where=covariance_up > ROUNDING)
    phi = np.minimum(np.abs(c) / c_up, largest_phi)
    # Off the staircase the joint distribution is (1 - phi) x_i y_j: log(1 - phi) for what the staircase leaves.
    joint = phi * bound + (1 - phi) * independent
    information = (joint * np.log2(np.abs(joint / (independent + TINY)) + TINY)).sum(axis=0)
    information += (1 - phi) * np.log2(np.abs(1 - phi) + TINY) * (1 - independent.sum(axis=0))
    total = X.entropy + Y.entropy
    return np.divide(2.0 * information, total, out=np.zeros(N), where=total > 0.0)


def _product(x: Array, y: Array) -> Array:
    """Inner product in each window."""
    return np.einsum("in,in->n", x, y)


def windows(values: Array, size: int) -> Array:
    """All windows, shape (size * size, N): the pixels of each one down its columns."""
    view = sliding_window_view(values, (size, size))
    return view.transpose(3, 2, 0, 1).reshape(size * size, -1)


@feature
def feature_map(image: Image, *, feature: FeatureMap) -> Array:
    """Compute the features that FMI compares: a number for each pixel, or each coefficient of a transform."""
    grey = image.luminance
    if feature == "pixel":
        return grey
    if feature == "gradient":
        return np.gradient(grey, axis=1)
    if feature == "edge":
        return sobel_edges(image).astype(np.float64)
    if feature == "dct":
        return scipy.fft.dctn(grey, norm="ortho")
    approximation, (horizontal, vertical, diagonal) = pywt.dwt2(grey, meyer_wavelet(), mode="symmetric")
    bands: Array = np.block([[approximation, horizontal], [vertical, diagonal]])
    # Stretched as a whole: equal windows of two pictures are equal features only if their ranges are equal, too.
    low, high = bands.min(), bands.max()
    return (bands - low) / (high - low) if high > low else np.ones_like(bands)


@functools.cache
def meyer_wavelet() -> pywt.Wavelet:
    """Make the discrete Meyer wavelet: Meyer's scaling filter, cut to 102 taps.

    The filter passes frequencies up to pi/3, stops those above 2 pi/3 and goes from one to the other along
    cos(nu(t) pi / 2), nu(t) = t^4 (35 - 84 t + 70 t^2 - 20 t^3), so smoothly that 101 taps hold all but 1e-5 of it.
    """
    frequency = np.linspace(-np.pi, np.pi, 4096, endpoint=False)
    t = np.clip(3.0 * np.abs(frequency) / np.pi - 1.0, 0.0, 1.0)
    response = np.cos(np.pi / 2 * t**4 * (35 - 84 * t + 70 * t**2 - 20 * t**3))
    taps: Array = np.cos(np.outer(np.arange(-50, 51), frequency)) @ response / len(frequency)
    return pywt.Wavelet("discrete Meyer", filter_bank=pywt.orthogonal_filter_bank([*taps, 0.0]))
