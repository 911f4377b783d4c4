"""What a simulated reader sees: an image in units of just noticeable difference, blurred as an eye blurs it.

Viewing conditions: an sRGB display, 16 pixels to the degree of visual angle. An image of 128 pixels is 8 degrees wide,
7 cm at half a metre.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from fusion_metrics.features.sliding import symmetric_sums

__all__ = ["PIXELS_PER_DEGREE", "perceive", "pool"]

Array = NDArray[np.float64]

PIXELS_PER_DEGREE = 16.0

#: Of S-CIELAB's point spreads for lightness, red-green and blue-yellow: (weight, spread sigma in degrees) of the
#: exp(-r**2 / sigma**2) that make them up. Lightness has a third there, negative and 4.3 degrees wide; in an image of 8
#: degrees it would do no more than subtract a constant.
SPREADS = (
    ((0.921, 0.0283), (0.105, 0.133)),
    ((0.531, 0.0392), (0.330, 0.494)),
    ((0.488, 0.0536), (0.371, 0.386)),
)


def perceive(image: NDArray[np.uint8] | Array) -> Array:
    r"""Perceived lightness, red-green and blue-yellow of an image, in units of :math:`\Delta E`.

    CIELAB (D65), each coordinate convolved with the normalised point spread of its opponent channel. S-CIELAB [1]_
    blurs light and then compresses it; here it is the other way round, so that the colour of a bright region does not
    spill into black air, where CIELAB would magnify it.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, 3)
        uint8, or floats in 0..1.

    Returns
    -------
    ndarray of float64, shape (3, H, W)
        L* in 0..100, a*, b*; distances in it are colour differences.

    References
    ----------
    .. [1] X. Zhang, B. A. Wandell, "A spatial extension of CIELAB for digital color-image reproduction", Journal of the
       Society for Information Display 5(1), 1997, 61-63.

    Examples
    --------
    >>> white = perceive(np.full((16, 16), 255, np.uint8))
    >>> white.shape, int(white[0].mean().round())
    ((3, 16, 16), 100)
    """
    scaled = image / 255.0 if image.dtype == np.uint8 else np.asarray(image, dtype=np.float64)
    if scaled.ndim == 2:
        lightness = rgb2lab(np.repeat(scaled[..., None], 3, axis=-1))[..., 0]
        return np.stack([_blur(lightness, SPREADS[0]), np.zeros_like(lightness), np.zeros_like(lightness)])
    lab = rgb2lab(scaled)
    return np.stack([_blur(lab[..., channel], spread) for channel, spread in enumerate(SPREADS)])


def pool(x: Array, sigma: float) -> Array:
    """Average over a Gaussian neighbourhood of `sigma` pixels, along the last two axes; zero beyond the border."""
    return _gaussian(x, sigma, "constant")


def _blur(x: Array, spread: tuple[tuple[float, float], ...]) -> Array:
    total = sum(weight for weight, _ in spread)
    sigmas = [sigma / np.sqrt(2) * PIXELS_PER_DEGREE for _, sigma in spread]
    parts = [_gaussian(x, sigma, "edge") for sigma in sigmas]
    return np.asarray(sum(weight / total * part for (weight, _), part in zip(spread, parts, strict=True)))


def _gaussian(x: Array, sigma: float, border: Literal["constant", "edge"]) -> Array:
    """Filter pictures, shape (..., H, W): to the last bit `scipy.ndimage.gaussian_filter`, in half of its time.

    The window ends at three standard deviations; beyond the border is zero ("constant"), or the border itself ("edge").
    """
    reach = int(3.0 * sigma + 0.5)
    window = np.exp(-0.5 / (sigma * sigma) * np.arange(-reach, reach + 1) ** 2)
    window /= window.sum()
    pictures = np.pad(x.reshape(-1, *x.shape[-2:]), ((0, 0), (reach, reach), (reach, reach)), mode=border)
    return np.stack([symmetric_sums(picture, window) for picture in pictures]).reshape(x.shape)
