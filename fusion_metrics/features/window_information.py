"""Information that two images share window by window, from their features: what FMI is made of."""

from __future__ import annotations

import functools
from typing import Literal, TypeAlias

import numpy as np
import pywt
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft

from fusion_metrics.feature import feature
from fusion_metrics.features.edges import sobel_edges
from fusion_metrics.features.staircase import TINY, Distributions, different, join, probabilities, shared_by_staircase
from fusion_metrics.image import Array, Image

FeatureMap: TypeAlias = Literal["pixel", "gradient", "edge", "dct", "wavelet"]

#: Windows worked on at a time: what is computed of them stays in the processor's cache.
CHUNK = 4096


@feature
def distributions(image: Image, *, feature: FeatureMap, size: int) -> Distributions:
    """Distribution of each window's features over its positions."""
    p = probabilities(np.ascontiguousarray(feature_map(image, feature=feature)), size)
    position = np.arange(len(p))
    mean = position @ p
    variance = position**2 @ p - mean**2
    entropy = np.empty(p.shape[1])
    for start in range(0, p.shape[1], CHUNK):
        chunk = p[:, start : start + CHUNK]
        entropy[start : start + CHUNK] = -(chunk * np.log2(chunk + TINY)).sum(axis=0)
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
    differ = np.flatnonzero(different(X.p, Y.p))
    for start in range(0, len(differ), CHUNK):
        chunk = differ[start : start + CHUNK]
        joined = join(X, Y, chunk, largest_phi)
        # The logarithms of NumPy: compiled ones would be others in the last digit.
        information = shared_by_staircase(joined.joint, np.log2(joined.ratio, out=joined.ratio))
        rest = 1 - joined.phi
        information += rest * np.log2(np.abs(rest) + TINY) * (1 - joined.independent)
        total = X.entropy[chunk] + Y.entropy[chunk]
        shared[chunk] = np.divide(2.0 * information, total, out=np.zeros(len(chunk)), where=total > 0.0)
    return shared


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
        return fft.dctn(grey, norm="ortho")
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
