"""Visual information: what an eye could learn from a source, and how much of it the fused image still carries.

VIF and VIFF both model a window of the fused image as the source's, with gain and additive noise, in four Gaussian
scales of the picture. That model is fitted here, once for both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fusion_metrics.feature import feature
from fusion_metrics.features.windows import Window, local_covariance, local_mean, local_variance
from fusion_metrics.image import Array, Image
from fusion_metrics.strips import strips

#: Finest first.
SCALES = (1, 2, 3, 4)
#: Rows and columns from which on the coarsest scale has a window.
MIN_SIZE = 41
#: A window of less variance is flat. Coarse scales of a dark background hold next to nothing, but not nothing: this is
#: closer to rounding errors than the windows of 8-bit pictures need, and it is the limit of the authors' programs.
FLAT = 1e-10
WHITE = 255.0


class Channel(NamedTuple):
    """Through what a source went to become the fused image: D = g C + V in each window.

    Attributes
    ----------
    gain : ndarray
        g, not negative; zero where the fused image does not go with the source.
    signal : ndarray
        Variance of the source C, in squared grey levels.
    noise : ndarray
        Variance of V, what the gain leaves unexplained of the fused image D.
    """

    gain: Array
    signal: Array
    noise: Array

    def kept(self, sigma_n_sq: float) -> Array:
        """Information about the source in what an eye with noise of that variance sees of the fused image."""
        kept = np.empty_like(self.gain)
        for rows in strips(kept.shape):
            ratio = self.gain[rows] ** 2 * self.signal[rows] / (self.noise[rows] + sigma_n_sq)
            np.log10(1.0 + ratio, out=kept[rows])
        return kept

    def offered(self, sigma_n_sq: float) -> Array:
        """Information about the source in what the same eye sees of the source itself."""
        offered = np.empty_like(self.signal)
        for rows in strips(offered.shape):
            np.log10(1.0 + self.signal[rows] / sigma_n_sq, out=offered[rows])
        return offered


def scale_window(scale: int) -> Window:
    """Gaussian window of a scale: 17, 9, 5 and 3 pixels, the standard deviation a fifth of that."""
    size = 2 ** (5 - scale) + 1
    return Window(size, size / 5)


def at_scale(image: Image, *, scale: int) -> Image:
    """Smooth and halve the picture from scale to scale up to one of the `SCALES`, without what a window cuts off."""
    return image if scale == 1 else _coarser(image, scale=scale)


@feature
def _coarser(image: Image, *, scale: int) -> Image:
    smooth = local_mean(at_scale(image, scale=scale - 1), window=scale_window(scale))
    return Image(smooth[::2, ::2], data_range=255.0, name=f"{image.name} at scale {scale}")


@feature
def distortion_channel(source: Image, fused: Image, *, scale: int, saturated: bool = False) -> Channel:
    """Fit the model D = g C + V in each window of a scale.

        g = sigma_CD / (sigma_C^2 + 1e-10),   sigma_V^2 = sigma_D^2 - g sigma_CD

    A window in which source and fused image do not vary together has g = 0, and all its variance is noise. The paper
    has no 1e-10, but the authors' programs do, and in windows that are almost flat it does not vanish: it moves VIF by
    up to 1e-5.

    Parameters
    ----------
    source, fused : Image
        C and D.
    scale : int
        One of `SCALES`.
    saturated : bool
        Cut products of two pixels at 255 in the finest scale, as those of integers of 8 bits are. What is called a
        variance then is none, and seldom above zero in bright parts.

    References
    ----------
    sheikh2006

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(48), np.arange(48)).astype(np.uint8)
    >>> channel = distortion_channel(Image(2 * ramp), Image(ramp), scale=4)
    >>> float(channel.gain.mean().round(6)), float(channel.noise.mean().round(6))
    (0.5, 0.0)
    """
    window = scale_window(scale)
    C, D = at_scale(source, scale=scale), at_scale(fused, scale=scale)
    if saturated and scale == 1:
        sigma_C, sigma_D, sigma_CD = (_saturated(x, y, window) for x, y in ((C, C), (D, D), (C, D)))
        sigma_CD[(sigma_C == 0.0) | (sigma_D == 0.0)] = 0.0
    else:
        sigma_C = local_variance(C, window=window, flat=FLAT)
        sigma_D = local_variance(D, window=window, flat=FLAT)
        sigma_CD = local_covariance(C, D, window=window, flat=FLAT)
    channel = Channel(gain=np.empty_like(sigma_C), signal=sigma_C, noise=np.empty_like(sigma_C))
    for rows in strips(sigma_C.shape):
        g = np.divide(np.maximum(sigma_CD[rows], 0.0), sigma_C[rows] + FLAT, out=channel.gain[rows])
        np.maximum(sigma_D[rows] - g * sigma_CD[rows], 0.0, out=channel.noise[rows])
    return channel


def _saturated(x: Image, y: Image, window: Window) -> Array:
    """Mean of the products, cut at white, less the product of the means; of a picture with itself not negative."""
    products = Image(np.minimum(x.luminance * y.luminance, WHITE), data_range=WHITE)
    moment = local_mean(products, window=window) - local_mean(x, window=window) * local_mean(y, window=window)
    if x is y:
        moment[moment < FLAT] = 0.0
    return moment
