"""The Gaussian pyramid of Burt and Adelson, on which the Laplacian and the contrast pyramid stand."""

from __future__ import annotations

import numpy as np
import scipy

from fusion_metrics.image import Array

#: The generating kernel with a = 3/8.
KERNEL = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def gaussian_pyramid(image: Array, levels: int) -> list[Array]:
    """Build G_0 (the image itself) to G_levels, each half the size of the one before.

    Stops early, before a side would fall below 2.
    """
    pyramid = [image]
    while len(pyramid) <= levels and min(pyramid[-1].shape) > 2:
        pyramid.append(_blur(pyramid[-1])[::2, ::2])
    return pyramid


def expand(image: Array, shape: tuple[int, ...]) -> Array:
    """Double an image in size, to `shape`, by interpolation with the generating kernel."""
    spread = np.zeros(shape)
    spread[::2, ::2] = image
    return 4 * _blur(spread)


def _blur(image: Array) -> Array:
    # Mirrored about the border pixel, zeros that `expand` puts in stay where they belong.
    rows: Array = scipy.ndimage.correlate1d(image, KERNEL, axis=0, mode="mirror")
    blurred: Array = scipy.ndimage.correlate1d(rows, KERNEL, axis=1, mode="mirror")
    return blurred
