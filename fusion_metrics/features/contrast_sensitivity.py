"""Contrast sensitivity: what the eye passes of each spatial frequency, and pictures filtered with it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
import scipy

from fusion_metrics.feature import feature
from fusion_metrics.features.histograms import levels
from fusion_metrics.image import Array, Image


class MannosSakrison(NamedTuple):
    """Sensitivity of Mannos and Sakrison 1974: ``S(r) = 2.6 (0.0192 + s r) exp(-(s r)^1.1)``.

    Parameters
    ----------
    scale : float
        s, in degrees per cycle: 0.114 in the publication, which puts the peak at 7.9 cycles per degree. A copy with
        0.144 (peak at 6.2) goes round in the image fusion scripts.

    Examples
    --------
    >>> sensitivity = MannosSakrison()(np.array([0.0, 7.89, 30.0]))
    >>> [round(float(s), 3) for s in sensitivity]
    [0.05, 0.981, 0.187]
    """

    scale: float = 0.114

    def __call__(self, frequency: Array) -> Array:
        """Return the sensitivity at a frequency in cycles per degree."""
        x = self.scale * frequency
        return 2.6 * (0.0192 + x) * np.exp(-(x**1.1))


class DifferenceOfGaussians(NamedTuple):
    """Sensitivity as a difference of two Gaussians: ``S(r) = exp(-(r/f0)^2) - a exp(-(r/f1)^2)``.

    Parameters
    ----------
    f0, f1 : float
        Cycles per degree; the constants are those of Watson and Ahumada's standard model of foveal detection (2005),
        which Chen and Blum 2009 take.
    a : float
        How much of the mean is taken away: ``S(0) = 1 - a``.

    Examples
    --------
    >>> sensitivity = DifferenceOfGaussians()(np.array([0.0, 3.0, 30.0]))
    >>> [round(float(s), 3) for s in sensitivity]
    [0.238, 0.957, 0.022]
    """

    f0: float = 15.387
    f1: float = 1.3456
    a: float = 0.7622

    def __call__(self, frequency: Array) -> Array:
        """Return the sensitivity at a frequency in cycles per degree."""
        wide: Array = np.exp(-((frequency / self.f0) ** 2))
        return wide - self.a * np.exp(-((frequency / self.f1) ** 2))


ContrastSensitivity: TypeAlias = MannosSakrison | DifferenceOfGaussians

MANNOS_SAKRISON = MannosSakrison()
DIFFERENCE_OF_GAUSSIANS = DifferenceOfGaussians()


@lru_cache(maxsize=16)
def frequency_response(shape: tuple[int, int], sensitivity: ContrastSensitivity, pitch: tuple[float, float]) -> Array:
    """Sample a contrast sensitivity function for use with `scipy.fft.rfft2`.

    Parameters
    ----------
    shape : (int, int)
        Rows H and columns W of what is transformed.
    sensitivity : MannosSakrison or DifferenceOfGaussians
    pitch : (float, float)
        Degrees of visual angle from one pixel to the next, down and across.

    Returns
    -------
    ndarray, shape (H, W // 2 + 1)
        S(r) with r the radial frequency in cycles per degree; read-only.
    """
    down = scipy.fft.fftfreq(shape[0], pitch[0])
    across = scipy.fft.rfftfreq(shape[1], pitch[1])
    response = sensitivity(np.hypot(down[:, None], across))
    response.setflags(write=False)
    return response


@feature
def visible(image: Image, *, sensitivity: ContrastSensitivity, degrees: float, region: int | None = None) -> Array:
    """Filter the luminance with a contrast sensitivity function.

    Parameters
    ----------
    image : Image
    sensitivity : MannosSakrison or DifferenceOfGaussians
    degrees : float
        Visual angle that the picture fills, down as well as across.
    region : int, optional
        Divide the picture into squares of so many pixels, fill up those at the right and the bottom with zeros, and
        filter each by itself. Default: filter the picture as a whole.

    Returns
    -------
    ndarray, shape (H, W), or the next multiples of `region`
        On the scale of the pixels. Filtering is periodic, in the discrete Fourier transform.
    """
    grey = image.luminance
    height, width = grey.shape
    pitch = (degrees / height, degrees / width)
    if region is None:
        response = frequency_response((height, width), sensitivity, pitch)
        return scipy.fft.irfft2(scipy.fft.rfft2(grey) * response, s=grey.shape, overwrite_x=True)
    squares = regions(grey, region)
    response = frequency_response((region, region), sensitivity, pitch)
    # Axes of the squares: (row of squares, row, column of squares, column).
    spectrum = scipy.fft.rfft2(squares, axes=(1, 3)) * response[:, None, :]
    filtered = scipy.fft.irfft2(spectrum, s=(region, region), axes=(1, 3), overwrite_x=True)
    return filtered.reshape(squares.shape[0] * region, squares.shape[2] * region)


def regions(picture: Array, size: int) -> Array:
    """Cut a picture into squares, filling up those at the right and the bottom with zeros.

    Returns
    -------
    ndarray, shape (rows of squares, size, columns of squares, size)

    Examples
    --------
    >>> regions(np.ones((3, 5)), 2).sum(axis=(1, 3))
    array([[4., 4., 2.],
           [2., 2., 1.]])
    """
    height, width = picture.shape
    padded = np.pad(picture, ((0, -height % size), (0, -width % size)))
    return padded.reshape(padded.shape[0] // size, size, padded.shape[1] // size, size)


@feature
def stretched_image(image: Image, *, white: float = 255.0) -> Image:
    """Make the 8-bit picture of the stretched grey levels, which the 2012 toolbox works on; see `levels`."""
    return Image(levels(image, stretched=True, white=white), name=image.name)
