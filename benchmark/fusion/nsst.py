"""Nonsubsampled shearlet transform: a shift-invariant pyramid whose bands are split into directions.

The pyramid is the "maxflat" one of the nonsubsampled contourlet transform (`fusion_metrics.nsct`). Each of its bands
is cut into wedges by Meyer windows over the slope of the frequency. Everything is a product in the Fourier domain, so
borders are circular.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy

from fusion_metrics.image import Array
from fusion_metrics.nsct import pyramid_responses


class Shearlets(NamedTuple):
    """Coefficients of an image: `low` (H, W), and `bands`, coarse to fine, of shape (directions, H, W) each."""

    low: Array
    bands: tuple[Array, ...]


def nsst(image: Array, directions: Sequence[int] = (8, 8, 16, 16)) -> Shearlets:
    """Decompose an image into a low band and directional bands of its own size.

    Every level, finest first, splits the spectrum X in ``X A1``, cut into wedges by `shear_windows`, and ``X A0``,
    handed on; A0 and A1 are the low and high responses of the pyramid.

    Parameters
    ----------
    image : ndarray, shape (H, W)
    directions : sequence of int
        Number of directions per level, coarse to fine.

    Returns
    -------
    Shearlets

    References
    ----------
    G. Easley, D. Labate, W.-Q. Lim. Sparse directional image representations using the discrete shearlet transform.
    Applied and Computational Harmonic Analysis 25(1), 2008, 25-46.
    A. L. da Cunha, J. Zhou, M. N. Do. The nonsubsampled contourlet transform: theory, design, and applications. IEEE
    Transactions on Image Processing 15(10), 2006, 3089-3101 (the pyramid).

    Examples
    --------
    >>> image = np.random.default_rng(0).random((40, 31))
    >>> shearlets = nsst(image)
    >>> [len(band) for band in shearlets.bands]
    [8, 8, 16, 16]
    >>> bool(np.abs(insst(shearlets) - image).max() < 1e-12)
    True
    """
    spectrum = scipy.fft.rfft2(image)
    bands: list[Array] = []
    for level, count in enumerate(reversed(directions)):
        low, high = pyramid_responses("maxflat", level, *_frequencies(image.shape))
        bands.insert(0, scipy.fft.irfft2(spectrum * high * shear_windows(image.shape, count), s=image.shape))
        spectrum = spectrum * low
    return Shearlets(scipy.fft.irfft2(spectrum, s=image.shape), tuple(bands))


def insst(shearlets: Shearlets) -> Array:
    """Put the image together again: the inverse of `nsst` up to rounding.

    The windows of a level sum to 1, so its directions are simply added; then ``X <- X S0 + band S1``, coarse to fine,
    with the synthesis responses of the pyramid, ``A0 S0 + A1 S1 = 1``.
    """
    shape = shearlets.low.shape
    spectrum = scipy.fft.rfft2(shearlets.low)
    for level, band in zip(reversed(range(len(shearlets.bands))), shearlets.bands, strict=True):
        low, high = pyramid_responses("maxflat", level, *_frequencies(shape), synthesis=True)
        spectrum = spectrum * low + scipy.fft.rfft2(band.sum(axis=0)) * high
    image: Array = scipy.fft.irfft2(spectrum, s=shape)
    return image


@lru_cache(maxsize=8)
def shear_windows(shape: tuple[int, int], count: int) -> Array:
    """Build Meyer windows of `count` directions over the frequencies of `scipy.fft.rfft2`, of sum 1 everywhere.

    The slope of a frequency runs over 0..4 once around the half plane, 0..2 in the cone of larger column frequency and
    2..4 in the other one. A window is ``cos^2(pi/2 v(x))`` of the distance x from its centre, in units of the spacing
    4 / count, with ``v(x) = x^4 (35 - 84 x + 70 x^2 - 20 x^3)``: neighbours overlap, ``v(x) + v(1 - x) = 1``.
    """
    a, b = _frequencies(shape)
    a, b = np.broadcast_arrays(a, b)
    across = np.abs(b) >= np.abs(a)
    larger = np.where(across, b, a)
    larger = np.where(larger == 0, 1.0, larger)  # at frequency 0, where no band has anything
    slope = np.where(across, 1 + a / larger, 3 - b / larger)
    centres = (np.arange(count) + 0.5) * 4 / count
    distance = np.abs((slope - centres[:, None, None] + 2) % 4 - 2) * count / 4
    x = np.minimum(distance, 1)
    windows: Array = np.cos(np.pi / 2 * x**4 * (35 - 84 * x + 70 * x**2 - 20 * x**3)) ** 2
    windows.setflags(write=False)
    return windows


def _frequencies(shape: tuple[int, ...]) -> tuple[Array, Array]:
    height, width = shape
    return 2 * np.pi * scipy.fft.fftfreq(height)[:, None], 2 * np.pi * scipy.fft.rfftfreq(width)
