"""Edge strength, edge orientation and first differences: what the edge-based metrics share."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from fusion_metrics.feature import feature
from fusion_metrics.image import Array, Image


class Gradient(NamedTuple):
    """A gradient field on the scale of the pixels (0..255), shape (H, W) each."""

    x: Array
    y: Array
    strength: Array


#: Scipy's names of borders, in numpy's words.
_PADDING: dict[str, Literal["constant", "edge", "symmetric", "reflect"]] = {
    "constant": "constant",
    "nearest": "edge",
    "reflect": "symmetric",
    "mirror": "reflect",
}

#: A pixel and its neighbour in each direction of the grid, as slices of the picture.
_NEIGHBOURS = {
    "horizontal": (np.s_[:, 1:], np.s_[:, :-1]),
    "vertical": (np.s_[1:, :], np.s_[:-1, :]),
    "main_diagonal": (np.s_[1:, 1:], np.s_[:-1, :-1]),
    "secondary_diagonal": (np.s_[1:, :-1], np.s_[:-1, 1:]),
}


@feature
def sobel(image: Image, *, border: str = "constant") -> Gradient:
    """Sobel gradient of the luminance.

    Parameters
    ----------
    image : Image
    border : {"constant", "nearest", "reflect", "mirror"}
        How the picture goes on outside (`scipy.ndimage` names); ``constant`` is zero, as in most of the field's
        scripts.

    Returns
    -------
    Gradient
        ``x`` grows to the right, ``y`` downwards; ``strength`` is the Euclidean norm.
    """
    return _central_differences(image, border, middle=2.0)


@feature
def prewitt(image: Image, *, border: str = "constant") -> Gradient:
    """Prewitt gradient of the luminance: `sobel` with equal weights for the three rows or columns of a difference."""
    return _central_differences(image, border, middle=1.0)


def _central_differences(image: Image, border: str, middle: float) -> Gradient:
    """Differences of the neighbours on both sides, summed over three rows or columns with the weights 1, middle, 1."""
    p = np.pad(image.luminance, 1, mode=_PADDING[border])
    down = p[:-2] + middle * p[1:-1] + p[2:]
    across = p[:, :-2] + middle * p[:, 1:-1] + p[:, 2:]
    x, y = down[:, 2:] - down[:, :-2], across[2:] - across[:-2]
    return Gradient(x, y, np.sqrt(x * x + y * y))


@feature
def orientation(
    image: Image, *, border: str = "constant", vertical_x: float = 0.0, vertical_angle: float | None = None
) -> Array:
    """Direction of the Sobel gradient, ``atan(s_y / s_x)``, without its sense.

    Parameters
    ----------
    image : Image
    border : str
        See `sobel`.
    vertical_x : float
        What takes the place of a horizontal component that is exactly zero. Zero itself means the limit: the
        gradient is vertical.
    vertical_angle : float, optional
        Direction of every pixel whose horizontal component is exactly zero, whatever its vertical one: that of a
        pixel without gradient, too.

    Returns
    -------
    ndarray, shape (H, W)
        Radians in [-pi/2, pi/2]; both ends are the vertical gradient, told apart by the sign of ``s_y``. A pixel
        without gradient has 0.
    """
    x, y, _ = sobel(image, border=border)
    vertical = x == 0.0
    if vertical_x:
        x = np.where(vertical, vertical_x, x)
    angle: Array = np.arctan2(np.where(x < 0.0, -y, y), np.abs(x))
    if vertical_angle is not None:
        angle[vertical] = vertical_angle
    return angle


def difference(image: Image, direction: str) -> Array:
    """Difference of neighbouring pixels of the luminance.

    Parameters
    ----------
    image : Image
    direction : {"horizontal", "vertical", "main_diagonal", "secondary_diagonal"}
        Where the neighbour is: on the left, above, above left, above right.

    Returns
    -------
    ndarray
        Pixel minus neighbour, for the pixels that have one: shape (H, W-1), (H-1, W) or, along diagonals, (H-1, W-1).

    Examples
    --------
    >>> difference(Image(np.array([[0, 1], [10, 100]], dtype=np.uint8)), "secondary_diagonal")
    array([[9.]])
    """
    here, there = _NEIGHBOURS[direction]
    apart: Array = image.luminance[here] - image.luminance[there]
    return apart
