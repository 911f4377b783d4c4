"""Haar wavelet: the differences between neighbouring pixels and blocks, in which Q_M looks for edges."""

from __future__ import annotations

from typing import NamedTuple

from fusion_metrics.errors import UndefinedScore
from fusion_metrics.feature import feature
from fusion_metrics.image import Array, Image


class HaarLevel(NamedTuple):
    """The detail coefficients of one level, shape (H // 2^level, W // 2^level) each."""

    horizontal: Array
    vertical: Array
    diagonal: Array

    @property
    def energy(self) -> Array:
        """Sum of the squared details at each position."""
        return self.horizontal**2 + self.vertical**2 + self.diagonal**2


@feature
def haar(image: Image, *, levels: int) -> tuple[HaarLevel, ...]:
    """Details of the orthonormal Haar wavelet transform of the luminance, finest level first.

    Each 2x2 block ``p q / r s`` gives the details (p + q - r - s) / 2 of horizontal edges, (p - q + r - s) / 2 of
    vertical ones and (p - q - r + s) / 2 of diagonal ones; (p + q + r + s) / 2 goes on to the next level. An odd last
    row or column completes no block and is not looked at.

    Raises
    ------
    UndefinedScore
        The image has fewer than 2^levels rows or columns.

    Examples
    --------
    >>> import numpy as np
    >>> (level,) = haar(Image(np.array([[0, 0], [10, 10]], dtype=np.uint8)), levels=1)
    >>> level.horizontal, level.vertical
    (array([[-10.]]), array([[0.]]))
    """
    # PyWavelets scales by 1 / sqrt(2) along each axis, which rounds where halving does not.
    smooth = image.luminance
    details = []
    for _ in range(levels):
        height, width = smooth.shape[0] // 2 * 2, smooth.shape[1] // 2 * 2
        if min(height, width) == 0:
            raise UndefinedScore(f"{levels} levels of the Haar wavelet need at least {2**levels} rows and columns")
        upper, lower = smooth[0:height:2], smooth[1:height:2]
        vertical_sum, vertical_difference = upper + lower, upper - lower
        left, right = slice(0, width, 2), slice(1, width, 2)
        details.append(
            HaarLevel(
                horizontal=(vertical_difference[:, left] + vertical_difference[:, right]) / 2,
                vertical=(vertical_sum[:, left] - vertical_sum[:, right]) / 2,
                diagonal=(vertical_difference[:, left] - vertical_difference[:, right]) / 2,
            )
        )
        smooth = (vertical_sum[:, left] + vertical_sum[:, right]) / 2
    return tuple(details)
