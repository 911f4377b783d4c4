"""Grey-level histograms: the probabilities, entropies and mutual information that several metrics share.

A pair of images has one joint histogram, whichever metric asks for it first, and only its occupied cells are kept:
a 256x256 picture fills a few thousand of the 65536. All information is in bits.

Pictures of more than 8 bits keep their precision in every other metric, but a histogram counts how often something
occurs: 65,536 bins for as many pixels would each hold one or none, and entropies would measure the size of the picture.
All publications and scripts count 256 grey levels, so every picture goes into 256 bins, each one grey level wide on the
scale 0..255, around its whole numbers; what is black and white is what the reading says.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fusion_metrics.compiled import compiled
from fusion_metrics.errors import UndefinedScore
from fusion_metrics.feature import feature
from fusion_metrics.image import Array, Image

LEVELS = 256


class JointHistogram(NamedTuple):
    """How often two images have level `x` and level `y` at one place, for the n pairs of levels that occur.

    Attributes
    ----------
    x, y : ndarray of int, shape (n,)
        The levels of a pair.
    p : ndarray, shape (n,)
        Its probability, above zero.
    p_x, p_y : ndarray, shape (256,)
        Probabilities of all levels in either image.
    """

    x: npt.NDArray[np.intp]
    y: npt.NDArray[np.intp]
    p: Array
    p_x: Array
    p_y: Array


@feature
def levels(image: Image, *, stretched: bool = False, white: float = 255.0) -> npt.NDArray[np.uint8]:
    """Grey levels: the luminance in whole numbers.

    Parameters
    ----------
    image : Image
    stretched : bool
        Spread the picture's own minimum and maximum over 0..255 first, as Z. Liu's toolbox does. For pictures of
        whole grey levels this renames the levels and merges none, so that entropies do not change.
    white : float
        Value of white while the picture is stretched, 255 or 1 in the scripts. It decides by its rounding errors alone,
        namely which way a level goes that lies half-way between two: up to 500 pixels of a picture.

    Returns
    -------
    ndarray of uint8, shape (H, W)

    Raises
    ------
    UndefinedScore
        A constant picture cannot be stretched; a black one stays black.
    """
    if not stretched:
        return image.compact_luminance if image.is_8bit else np.rint(image.luminance).astype(np.uint8)
    grey = image.luminance / (255.0 / white)
    low, high = grey.min(), grey.max()
    if high == 0.0:
        return np.zeros(grey.shape, dtype=np.uint8)
    if low == high:
        raise UndefinedScore(f"{image.name} is constant, so its grey levels cannot be stretched to 0..255")
    # Halves go up, as in MATLAB.
    stretched_grey: Array = np.floor((grey - low) / (high - low) * 255.0 + 0.5)
    return stretched_grey.astype(np.uint8)


@feature
def histogram(image: Image, *, stretched: bool = False) -> Array:
    """Probability of each grey level, shape (256,); see `levels`."""
    grey = levels(image, stretched=stretched)
    return np.bincount(grey.ravel(), minlength=LEVELS) / grey.size


@feature
def joint_histogram(x: Image, y: Image, *, stretched: bool = False) -> JointHistogram:
    """Count the pairs of grey levels that two images of one size have at the same place; see `levels`.

    Examples
    --------
    >>> import numpy as np
    >>> left = Image(np.array([[0, 0, 7, 7]], dtype=np.uint8))
    >>> right = Image(np.array([[1, 1, 1, 2]], dtype=np.uint8))
    >>> joint_histogram(left, right).p
    array([0.5 , 0.25, 0.25])
    """
    counts = _pairs(levels(x, stretched=stretched).ravel(), levels(y, stretched=stretched).ravel())
    occupied = np.flatnonzero(counts > 0)  # twice as fast as of the counts themselves
    table, size = counts.reshape(LEVELS, LEVELS), x.shape[0] * x.shape[1]
    return JointHistogram(
        x=occupied // LEVELS,
        y=occupied % LEVELS,
        p=counts[occupied] / size,
        p_x=table.sum(axis=1) / size,
        p_y=table.sum(axis=0) / size,
    )


def _pairs(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Count how often each pair of levels occurs at one place, shape (65536,)."""
    if "numba" in sys.modules:
        return _count_pairs(x, y)
    # Loading numba takes as long as counting in a thousand pictures takes longer without it.
    both = x.astype(np.uint16)
    both *= LEVELS
    both += y
    return np.bincount(both, minlength=LEVELS * LEVELS)


@compiled
def _count_pairs(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Count in one pass, without an array of pairs."""
    counts = np.zeros(LEVELS * LEVELS, dtype=np.int64)
    for place in range(x.size):
        counts[np.intp(x[place]) * LEVELS + y[place]] += 1
    return counts


@feature
def entropy(image: Image, *, stretched: bool = False) -> float:
    """Shannon entropy of the grey levels, 0..8 bits; see `levels`.

    Examples
    --------
    >>> import numpy as np
    >>> entropy(Image(np.array([[0, 10, 20, 30]], dtype=np.uint8)))
    2.0
    """
    return shannon(histogram(image, stretched=stretched))


@feature
def joint_entropy(x: Image, y: Image, *, stretched: bool = False) -> float:
    """Shannon entropy of the pairs of grey levels, 0..16 bits; see `joint_histogram`."""
    p = joint_histogram(x, y, stretched=stretched).p
    counts = np.rint(p * (x.shape[0] * x.shape[1]))
    if counts.max() < 2**16:  # so many are put in order quickly
        return _entropy(np.sort(counts.astype(np.uint16), kind="stable") / (x.shape[0] * x.shape[1]))
    return shannon(p)


def mutual_information(x: Image, y: Image, *, stretched: bool = False) -> float:
    """Information that two images share, ``I(X; Y) = H(X) + H(Y) - H(X, Y)``, 0..8 bits.

    Parameters
    ----------
    x, y : Image
        Two images of one size.
    stretched : bool
        See `levels`.
    """
    joint = joint_histogram(x, y, stretched=stretched)
    information = shannon(joint.p_x) + shannon(joint.p_y) - joint_entropy(x, y, stretched=stretched)
    # Of independent images rounding may leave a negative zero's worth.
    return max(information, 0.0)


def shannon(p: Array) -> float:
    """Entropy ``-sum(p log2 p)`` of probabilities, in bits; those that are zero do not count."""
    # In order of size, so that images that differ in the names of their levels have entropies equal to the last bit.
    return _entropy(np.sort(p[p > 0.0]))


def _entropy(p: Array) -> float:
    return float(-(p @ np.log2(p)))
