"""Edge pixels: one-pixel lines where the Sobel gradient is strong and largest across the edge."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fusion_metrics.feature import feature
from fusion_metrics.features.gradients import sobel
from fusion_metrics.image import Array, Image


@feature
def sobel_edges(image: Image) -> npt.NDArray[np.bool_]:
    """Where the luminance has an edge: MATLAB's `edge` with its default method and threshold.

    With the Sobel gradient (s_x, s_y) of a picture that goes on with its border pixels, a pixel is an edge if its
    s^2 = s_x^2 + s_y^2 is more than four times the mean of s^2 and, across the edge (horizontally if |s_x| >= |s_y|,
    vertically if |s_y| >= |s_x|), not less than that of the neighbour before it and more than that of the one after.
    What lies outside the picture has less.

    Returns
    -------
    ndarray of bool, shape (H, W)

    Examples
    --------
    >>> step = Image(np.repeat(np.array([[0, 9]], dtype=np.uint8), 5, axis=1))
    >>> sobel_edges(step).astype(int)
    array([[0, 0, 0, 0, 0, 1, 0, 0, 0, 0]])
    """
    x, y, _ = sobel(image, border="nearest")
    s_sq = x * x + y * y
    across, down = np.abs(x) >= np.abs(y), np.abs(y) >= np.abs(x)
    ridge = (across & _largest(s_sq)) | (down & _largest(s_sq.T).T)
    return (s_sq > 4.0 * s_sq.mean()) & ridge


def _largest(strength: Array) -> npt.NDArray[np.bool_]:
    """Not less than the pixel on the left, more than the one on the right."""
    outside = np.pad(strength, ((0, 0), (1, 1)), constant_values=-np.inf)
    return (outside[:, :-2] <= strength) & (strength > outside[:, 2:])
