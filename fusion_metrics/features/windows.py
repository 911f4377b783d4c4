"""Local statistics and structural similarity: what Q_S, Q_C, Q_Y and SSIM all compute in sliding windows.

One implementation and one memory: the mean and variance of a picture's windows are computed once per picture and window
shape, the covariance and the similarity map of two pictures once per pair.

A window is flat when its pixels are all equal; its variance here is then exactly zero, whatever the weights, so that
the metrics can say what a flat window is worth instead of dividing rounding errors by each other.
"""

from __future__ import annotations

from functools import reduce
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from fusion_metrics.errors import UndefinedScore
from fusion_metrics.feature import feature
from fusion_metrics.features.sliding import sums_across
from fusion_metrics.image import Array, Image
from fusion_metrics.strips import strips

#: A variance below this is the rounding error of E[x^2] - E[x]^2, a difference of numbers up to 255^2. One grey level
#: in the corner of the 11x11 Gaussian window, the least that an 8-bit picture can vary, makes 1e-6.
ROUNDING = 1e-9
#: What becomes of windows in which a script divides zero by zero; see `mean_of_valued`.
Unvalued: TypeAlias = Literal["halved", "undefined", "left out"]


class Window(NamedTuple):
    """A square window that slides over the picture and never leaves it.

    Parameters
    ----------
    size : int
        Rows and columns.
    sigma : float, optional
        Standard deviation of the Gaussian weights in pixels; all pixels weigh the same without it.
    step : int
        Pixels from one position to the next; `size` makes non-overlapping blocks. What is left over at the right and
        lower border, less than a step, is not looked at.
    """

    size: int
    sigma: float | None = None
    step: int = 1

    @property
    def weights(self) -> Array:
        """Weights along one side, shape (size,), sum 1; the window's weights are their outer product."""
        if self.sigma is None:
            return np.full(self.size, 1.0 / self.size)
        x = np.arange(self.size) - (self.size - 1) / 2
        weights: Array = np.exp(-(x**2) / (2 * self.sigma**2))
        weights /= weights.sum()
        return weights


#: The window of the universal quality index, Wang and Bovik 2002.
UNIFORM_8 = Window(8)
#: The window of Q_Y, Yang et al. 2008.
GAUSSIAN_7 = Window(7, 1.5)
#: The window of SSIM, Wang et al. 2004.
GAUSSIAN_11 = Window(11, 1.5)
#: The constants of SSIM for grey levels 0..255: (0.01 * 255)^2 and (0.03 * 255)^2.
SSIM_C1, SSIM_C2 = 6.5025, 58.5225


@feature
def local_mean(image: Image, *, window: Window) -> Array:
    """Mean luminance in each window, shape ((H - size) // step + 1, (W - size) // step + 1), 0..255."""
    return _average((image,), window)


@feature
def local_variance(image: Image, *, window: Window, flat: float = ROUNDING) -> Array:
    """Variance of the luminance in each window (divided by the weights' sum), exactly 0 where it is below `flat`."""
    variance = _average((image, image), window)
    mean = local_mean(image, window=window)
    for rows in strips(variance.shape):
        here = variance[rows]
        here -= mean[rows] ** 2
        here[here < flat] = 0.0
    return variance


@feature
def local_covariance(a: Image, b: Image, *, window: Window, flat: float = ROUNDING) -> Array:
    """Covariance of two pictures' luminance in each window, exactly 0 where either's variance is below `flat`."""
    return covariance_once(a, b, window=window, flat=flat)


def covariance_once(a: Image, b: Image, *, window: Window, flat: float = ROUNDING) -> Array:
    """Compute `local_covariance` without remembering it: k sources have k (k - 1) / 2 of them."""
    if a is b:
        return local_variance(a, window=window, flat=flat)
    covariance = _average((a, b), window)
    means = [local_mean(image, window=window) for image in (a, b)]
    variances = [local_variance(image, window=window, flat=flat) for image in (a, b)]
    for rows in strips(covariance.shape):
        here = covariance[rows]
        here -= means[0][rows] * means[1][rows]
        for variance in variances:
            here[variance[rows] == 0] = 0.0
    return covariance


@feature
def ssim_map(a: Image, b: Image, *, window: Window, c1: float = 0.0, c2: float = 0.0) -> Array:
    """Structural similarity of two pictures in each window; with C1 = C2 = 0 the universal quality index.

        SSIM = (2 mu_a mu_b + C1) / (mu_a^2 + mu_b^2 + C1) * (2 sigma_ab + C2) / (sigma_a^2 + sigma_b^2 + C2)

    Parameters
    ----------
    a, b : Image
    window : Window
    c1, c2 : float
        Stabilising constants in squared grey levels; `SSIM_C1` and `SSIM_C2` are those of SSIM. Without them a factor
        that is 0/0 counts as 1, as in Wang and Bovik's own program: two flat windows are compared by their means
        alone, and two black ones are equal. That is also the limit of vanishing constants.

    Returns
    -------
    ndarray
        Values in [-1, 1]; 1 where the windows are equal.

    References
    ----------
    wang2002uqi, wang2004ssim

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8)
    >>> quality = ssim_map(Image(ramp), Image(2 * ramp), window=UNIFORM_8)
    >>> quality.shape, round(float(quality.max()), 2)
    ((9, 9), 0.64)
    """
    mu = [local_mean(image, window=window) for image in (a, b)]
    sigma = [local_variance(image, window=window) for image in (a, b)]
    sigma_ab = local_covariance(a, b, window=window)
    similarity = np.empty_like(sigma_ab)
    for rows in strips(similarity.shape):
        mu_a, mu_b = (of_image[rows] for of_image in mu)
        luminance = _ratio(2 * mu_a * mu_b + c1, mu_a**2 + mu_b**2 + c1)
        structure = _ratio(2 * sigma_ab[rows] + c2, sigma[0][rows] + sigma[1][rows] + c2)
        np.clip(luminance * structure, -1.0, 1.0, out=similarity[rows])
    return similarity


@feature
def variance_share(a: Image, b: Image, *, window: Window) -> Array:
    """Weight of the first source in each window: its share of the two local variances, Piella's lambda(w)."""
    return share(local_variance(a, window=window), local_variance(b, window=window))


def share(x: Array, y: Array) -> Array:
    """Share of x in x + y, and one half where that sum is zero: then nothing prefers one to the other."""
    total = x + y
    return np.divide(x, total, out=np.full_like(total, 0.5), where=total != 0)


def weighted_mean(values: Array, weights: Array) -> float:
    """Mean of `values` under `weights` of any sum.

    Raises
    ------
    UndefinedScore
        All weights are zero and the values differ; where they are all equal every weighting gives that value.
    """
    total = weights.sum()
    if total > 0:
        return float((weights * values).sum() / total)
    if values.min() == values.max():
        return float(values.flat[0])
    raise UndefinedScore("neither source has any detail that could weight the windows")


def mean_of_valued(values: Array, valued: npt.NDArray[np.bool_], unvalued: Unvalued, why: str) -> float:
    """Mean over windows, in some of which a script divides zero by zero.

    Parameters
    ----------
    values : ndarray
        What the definition gives in each window; one half for the ratio that is 0/0.
    valued : ndarray of bool
        Where there is no such ratio.
    unvalued : {"halved", "undefined", "left out"}
        What becomes of the other windows: they count as they are; or with a single one there is no mean; or the mean
        is that of all others.
    why : str
        What is the case in windows without value, for the error message.

    Raises
    ------
    UndefinedScore
        With ``"undefined"`` where any window lacks a value, with ``"left out"`` where all do.
    """
    if unvalued == "halved":
        return float(values.mean())
    without = values.size - np.count_nonzero(valued)
    if without == values.size or (without and unvalued == "undefined"):
        raise UndefinedScore(f"in {without} of {values.size} windows {why}: the script divides zero by zero there")
    return float(values[valued].mean())


def _average(factors: tuple[Image, ...], window: Window) -> Array:
    """Weighted average of one luminance, or of the product of two, in each window.

    The weights are separable, so there is one product down and one across.
    """
    height, width = factors[0].shape
    size, weights = window.size, window.weights
    if min(height, width) < size:
        raise UndefinedScore(f"a {size}x{size} window does not fit in the image")
    average = np.empty(((height - size) // window.step + 1, (width - size) // window.step + 1))
    for rows in strips(average.shape):
        under = slice(rows.start * window.step, (rows.stop - 1) * window.step + size)
        values = reduce(np.multiply, (image.luminance[under] for image in factors))
        down = sliding_window_view(values, size, axis=0)[:: window.step] @ weights
        if window.step == 1 and width > size:
            average[rows] = sums_across(down, weights)
        else:
            average[rows] = sliding_window_view(down, size, axis=1)[:, :: window.step] @ weights
    return average


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Quotient, and 1 where numerator and denominator vanish together."""
    return np.divide(numerator, denominator, out=np.ones_like(denominator), where=denominator > 0)
