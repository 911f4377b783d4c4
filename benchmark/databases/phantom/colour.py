"""Colour scales for the functional images, in the manner of the Whole Brain Atlas' displays.

The control points are this project's own: they follow the look of such displays (dark, through blue or violet, to
orange and red), not the bytes of any.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCALES", "colourise"]

#: Control points (value, red, green, blue), values in [0, 1], colours in 0..255; straight lines between them.
SCALES: dict[str, tuple[tuple[float, int, int, int], ...]] = {
    "PET": (
        (0.00, 0, 0, 0),
        (0.08, 0, 0, 45),
        (0.25, 10, 60, 200),
        (0.38, 70, 140, 250),
        (0.50, 225, 225, 120),
        (0.62, 255, 230, 20),
        (0.78, 255, 140, 0),
        (0.92, 240, 20, 10),
        (1.00, 255, 40, 160),
    ),
    "SPECT": (
        (0.00, 0, 0, 0),
        (0.14, 32, 60, 64),
        (0.22, 24, 28, 50),
        (0.34, 66, 0, 128),
        (0.48, 120, 30, 140),
        (0.60, 215, 90, 100),
        (0.74, 240, 105, 55),
        (0.86, 255, 125, 10),
        (1.00, 255, 215, 225),
    ),
}


def colourise(values: NDArray[np.floating], scale: str) -> NDArray[np.uint8]:
    """Values in [0, 1] to colours; what lies outside is clipped.

    Parameters
    ----------
    values : ndarray, shape (H, W)
    scale : {"PET", "SPECT"}

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)

    Examples
    --------
    >>> colourise(np.array([[0.0, 1.0]]), "SPECT").tolist()
    [[[0, 0, 0], [255, 215, 225]]]
    """
    at, *channels = np.array(SCALES[scale], dtype=np.float64).T
    colours = np.stack([np.interp(values, at, channel) for channel in channels], axis=-1)
    return np.asarray(np.rint(colours), dtype=np.uint8)
