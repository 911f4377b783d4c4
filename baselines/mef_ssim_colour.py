"""MEF-SSIMc: MEF-SSIM of colours, with the brightness that a fused image should have; a variant of `mef_ssim`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fusion_metrics import Image, feature
from fusion_metrics.features.windows import (
    SSIM_C1,
    SSIM_C2,
    UNIFORM_8,
    Window,
    local_covariance,
    local_mean,
)
from fusion_metrics.image import Array

#: Standard deviations of the weights of brightness, in parts of the range.
SIGMA_G = SIGMA_L = 0.2
WHITE, MIDDLE = 255.0, 0.5


class _Reference(NamedTuple):
    """What each patch of a fused image is compared with: brightness, variance, and which of the sources have it."""

    brightness: Array
    variance: Array
    shares: tuple[Array, ...]


def mef_ssim_colour(
    sources: Sequence[Image],
    fused: Image,
    *,
    window: Window = UNIFORM_8,
    sigma_g: float = SIGMA_G,
    sigma_l: float = SIGMA_L,
    C1: float = SSIM_C1,
    C2: float = SSIM_C2,
) -> float:
    """Brightness, contrast and structure of the fused image's colour patches against the best of all sources.

    A patch x_i is the vector of all colours of an 8x8 window, l_i its mean and c_i = ||x_i - l_i|| its strength. The
    patch to compare with has contrast and structure of the strongest, and a mean to which sources contribute the more,
    the nearer to the middle of the range they are there (l_i) and as a whole (m_i),

        x' = x_j - l_j + l',   j = argmax c_i,   l' = sum(w_i l_i) / sum(w_i),
        w_i = exp(-(m_i/255 - 1/2)^2 / (2 sigma_g^2) - (l_i/255 - 1/2)^2 / (2 sigma_l^2)),
        MEF-SSIMc = mean over all patches of
            (2 l' l_f + C1) (2 sigma_x'f + C2) / ((l'^2 + l_f^2 + C1) (sigma_x'^2 + sigma_f^2 + C2)).

    The strongest patch is the limit of MEF-SSIM's weights c_i^p for large p. That limit, the window, the constants and
    both widths, 0.2, are those of the authors' program. Of patches that are equally strong, the mean of their
    covariances with the fused image counts (inferred).

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    window : Window
        Patches of it are compared, in all colours at once.
    sigma_g, sigma_l : float
        Widths of the weights of a source's brightness as a whole, and of the patch's.
    C1, C2 : float
        Stabilising constants in squared grey levels.

    Returns
    -------
    float
        In [-1, 1]; 1 where fused image and sources are equal.

    References
    ----------
    ma2018, ma2015
    """
    colours = max(len(image.channels) for image in (*sources, fused))
    planes = [_planes(image, colours) for image in (*sources, fused)]
    reference = _reference(*sources, window=window, sigma_g=sigma_g, sigma_l=sigma_l)
    l_f, f = _brightness(planes[-1], window), planes[-1]
    sigma_xf = sum(share * _product(plane, f, window) for share, plane in zip(reference.shares, planes, strict=False))
    luminance = (2 * reference.brightness * l_f + C1) / (reference.brightness**2 + l_f**2 + C1)
    structure = (2 * sigma_xf + C2) / (reference.variance + _product(f, f, window) + C2)
    return float((luminance * structure).mean())


@feature
def _reference(*sources: Image, window: Window, sigma_g: float, sigma_l: float) -> _Reference:
    """Fuse the patches of all sources."""
    colours = max(len(image.channels) for image in sources)
    planes = [_planes(image, colours) for image in sources]
    brightness = np.stack([_brightness(plane, window) for plane in planes])
    variance = np.stack([_product(plane, plane, window) for plane in planes])
    whole = np.array([source.pixels.mean() for source in sources])[:, None, None]
    exponent = ((whole / WHITE - MIDDLE) / sigma_g) ** 2 + ((brightness / WHITE - MIDDLE) / sigma_l) ** 2
    # Less the least, so that one weight is 1: far from the middle all would be next to nothing.
    weights = np.exp(-(exponent - exponent.min(axis=0)) / 2)
    strongest = variance.max(axis=0)
    chosen = (variance == strongest).astype(np.float64)
    shares = chosen / chosen.sum(axis=0)
    return _Reference((weights * brightness).sum(axis=0) / weights.sum(axis=0), strongest, tuple(shares))


def _planes(image: Image, colours: int) -> tuple[Image, ...]:
    """List the colours of a picture; a grey one has the same in each."""
    return image.channels if len(image.channels) == colours else image.channels * colours


def _brightness(planes: Sequence[Image], window: Window) -> Array:
    """Mean of all colours in each window."""
    return _mean([local_mean(plane, window=window) for plane in planes])


def _product(x: Sequence[Image], y: Sequence[Image], window: Window) -> Array:
    """Covariance of two patches over pixels and colours; the variance of a patch, with itself."""
    of_colours = [
        local_covariance(one, other, window=window) + local_mean(one, window=window) * local_mean(other, window=window)
        for one, other in zip(x, y, strict=True)
    ]
    covariance = _mean(of_colours) - _brightness(x, window) * _brightness(y, window)
    return np.maximum(covariance, 0.0) if x is y else covariance


def _mean(arrays: Sequence[Array]) -> Array:
    mean: Array = np.add.reduce(arrays) / len(arrays)
    return mean
