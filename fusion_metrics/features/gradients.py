"""Edge strength, edge orientation and first differences: what the edge-based metrics share."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from fusion_metrics.feature import feature
from fusion_metrics.image import Array, Image


class Gradient(NamedTuple):
    """A gradient field on the scale of the pixels (0..255), shape (H, W) each."""

    x: Array
    y: Array
    strength: Array


#: In which order the products of a kernel and the pixels under it are added. Of whole grey levels every order gives the
#: same sum; of others, such as i/255, the sums differ in their last bit, which decides where a definition asks whether
#: two gradients are equal, or one is zero.
#:
#: ``"separable"``: three rows (or columns) with the weights 1, 2, 1, from top to bottom (left to right), and then the
#: difference of two of those sums.
#:
#: ``"kernel"``: product by product, as MATLAB's `conv2` does it: column after column of the kernel from left to right,
#: and each from top to bottom. Convolution turns the kernel, so that the pixels come from right to left and upwards.
#:
#: ``"columns"``: the three pixels of each column of the picture from top to bottom, and then those three sums from left
#: to right, as a sum over a window in MATLAB does it.
Order: TypeAlias = Literal["separable", "kernel", "columns"]

#: Sobel's kernels for horizontal and vertical differences, as they lie on the picture.
_SOBEL_X = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
_SOBEL_Y = _SOBEL_X.T

#: Scipy's names of borders, in numpy's words.
PADDING: dict[str, Literal["constant", "edge", "symmetric", "reflect"]] = {
    "constant": "constant",
    "nearest": "edge",
    "reflect": "symmetric",
    "mirror": "reflect",
}

#: Pixels that are worked on at once where the order does not matter.
PIECE = 32_768
#: Numbers in double precision that are worked on at once where many arrays of them are made and thrown away: half as
#: large as those for which the C library asks the system for memory one by one.
STRIP = 8_192

#: A pixel and its neighbour in each direction of the grid, as slices of the picture.
_NEIGHBOURS = {
    "horizontal": (np.s_[:, 1:], np.s_[:, :-1]),
    "vertical": (np.s_[1:, :], np.s_[:-1, :]),
    "main_diagonal": (np.s_[1:, 1:], np.s_[:-1, :-1]),
    "secondary_diagonal": (np.s_[1:, :-1], np.s_[:-1, 1:]),
}


@feature
def sobel(image: Image, *, border: str = "constant", order: Order = "separable", white: float = 255.0) -> Gradient:
    """Sobel gradient of the luminance.

    Parameters
    ----------
    image : Image
    border : {"constant", "nearest", "reflect", "mirror"}
        How the picture goes on outside (`scipy.ndimage` names); ``constant`` is zero, as in most of the field's
        scripts.
    order : {"separable", "kernel", "columns"}
        In which order products are added, see `Order`.
    white : float
        Scale of the pixels: with 1.0 they are divided by 255 before anything is added.

    Returns
    -------
    Gradient
        ``x`` grows to the right, ``y`` downwards; ``strength`` is the Euclidean norm.

    Examples
    --------
    >>> slope = Image(np.array([[0, 1, 3], [0, 1, 3], [0, 1, 3]], dtype=np.uint8))
    >>> sobel(slope, border="nearest", order="kernel").x[1]
    array([ 4., 12.,  8.])
    """
    return _whole(image, _gradient(image, border=border, order=order, white=white))


@feature
def prewitt(image: Image, *, border: str = "constant") -> Gradient:
    """Prewitt gradient of the luminance: `sobel` with equal weights for the three rows or columns of a difference."""
    return _whole(image, _central_differences(np.pad(image.compact_luminance, 1, mode=PADDING[border]), middle=1.0))


def _gradient(image: Image, *, border: str, order: Order, white: float) -> Iterator[tuple[slice, Gradient]]:
    """Yield the Sobel gradient of some rows after others, with these rows; see `sobel`."""
    luminance = image.compact_luminance if white == 255.0 else image.luminance / (255.0 / white)
    p = np.pad(luminance, 1, mode=PADDING[border])
    if order == "separable":
        yield from _central_differences(p, middle=2.0)
        return
    add = _product_by_product if order == "kernel" else _column_by_column
    x, y = add(p, _SOBEL_X), add(p, _SOBEL_Y)
    yield slice(None), Gradient(x, y, np.sqrt(x * x + y * y))


def _whole(image: Image, pieces: Iterator[tuple[slice, Gradient]]) -> Gradient:
    """Put the rows of a gradient together."""
    gradient = Gradient(*(np.empty(image.shape) for _ in range(3)))
    for rows, piece in pieces:
        for array, part in zip(gradient, piece, strict=True):
            array[rows] = part
    return gradient


def _central_differences(p: npt.NDArray[Any], middle: float) -> Iterator[tuple[slice, Gradient]]:
    """Differences of the neighbours on both sides, summed over three rows or columns with the weights 1, middle, 1.

    `scipy.ndimage.sobel` gives the same bits, in more time and without a word on the order in which it adds. Rows are
    worked on a few at a time, as many as stay in the cache.
    """
    step = max(1, STRIP // p.shape[1])
    for start in range(0, p.shape[0] - 2, step):
        around = p[start : start + step + 2].astype(np.float64)
        down = around[:-2] + middle * around[1:-1]
        down += around[2:]
        across = around[:, :-2] + middle * around[:, 1:-1]
        across += around[:, 2:]
        x, y = down[:, 2:] - down[:, :-2], across[2:] - across[:-2]
        squares = x * x
        squares += y * y
        yield slice(start, start + len(x)), Gradient(x, y, np.sqrt(squares))


def _product_by_product(p: Array, kernel: Array) -> Array:
    """Add products one by one, column after column of the kernel that `conv2` is given: the turned one."""
    height, width = p.shape[0] - 2, p.shape[1] - 2
    places = [(r, c) for c in (2, 1, 0) for r in (2, 1, 0) if kernel[r, c] != 0.0]
    return _added([kernel[r, c] * p[r : r + height, c : c + width] for r, c in places])


def _column_by_column(p: Array, kernel: Array) -> Array:
    """Add the products of each column of the picture, then the sums of the columns."""
    height, width = p.shape[0] - 2, p.shape[1] - 2
    columns = [
        [kernel[r, c] * p[r : r + height, c : c + width] for r in range(3) if kernel[r, c] != 0.0] for c in range(3)
    ]
    return _added([_added(column) for column in columns if column])


def _added(terms: list[Array]) -> Array:
    """Add from left to right, whatever numpy may do in a sum of its own."""
    return functools.reduce(operator.add, terms)


class Edge(NamedTuple):
    """Strength of the edge at every pixel, on the scale of the pixels, and its direction; shape (H, W) each."""

    strength: Array
    orientation: Array


@feature
def edge(
    image: Image,
    *,
    border: str = "constant",
    order: Order = "separable",
    white: float = 255.0,
    vertical_x: float = 0.0,
    vertical_angle: float | None = None,
) -> Edge:
    """Strength of the Sobel gradient and its direction, ``atan(s_y / s_x)``, without its sense.

    Parameters
    ----------
    image : Image
    border, order, white
        See `sobel`.
    vertical_x : float
        What takes the place of a horizontal component that is exactly zero. Zero itself means the limit: the
        gradient is vertical.
    vertical_angle : float, optional
        Direction of every pixel whose horizontal component is exactly zero, whatever its vertical one: that of a
        pixel without gradient, too.

    Returns
    -------
    Edge
        Directions are radians in [-pi/2, pi/2]; both ends are the vertical gradient, told apart by the sign of ``s_y``.
        A pixel without gradient has 0.
    """
    found = Edge(np.empty(image.shape), np.empty(image.shape))
    for rows, (x, y, strength) in _gradient(image, border=border, order=order, white=white):
        vertical = x == 0.0
        if vertical_x:
            x = np.where(vertical, vertical_x, x)
        np.arctan2(np.where(x < 0.0, -y, y), np.abs(x), out=found.orientation[rows])
        if vertical_angle is not None:
            found.orientation[rows][vertical] = vertical_angle
        found.strength[rows] = strength
    return found


def by_pieces(function: Callable[..., Array], *arrays: Array) -> Array:
    """Apply a function of each element to pieces of arrays that stay in the cache.

    Parameters
    ----------
    function : callable
        It takes one-dimensional arrays, as many as there are, and returns one; what it makes of an element depends on
        nothing but those in its place.
    *arrays : ndarray
        All of one shape.

    Returns
    -------
    ndarray of float64, of the same shape

    Examples
    --------
    >>> float(by_pieces(np.hypot, np.full((300, 200), 3.0), np.full((300, 200), 4.0))[299, 199])
    5.0
    """
    result = np.empty(arrays[0].shape)
    flat, filled = [array.reshape(-1) for array in arrays], result.reshape(-1)
    for start in range(0, result.size, STRIP):
        piece = slice(start, start + STRIP)
        filled[piece] = function(*(array[piece] for array in flat))
    return result


def neighbours(image: Image, direction: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the two parts of `Image.compact_luminance` of which `difference` is the difference."""
    here, there = _NEIGHBOURS[direction]
    return image.compact_luminance[here], image.compact_luminance[there]


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
    return image.luminance[here] - image.luminance[there]


def sum_of_squares(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> float:
    """Sum of the squared differences of two pictures, or of parts of one, as `Image.compact_luminance` has them.

    Of whole grey levels the sum is exact in any order, and so it is made of pieces that stay in the cache.

    Examples
    --------
    >>> sum_of_squares(np.array([[0, 255]], dtype=np.uint8), np.array([[255, 254]], dtype=np.uint8))
    65026.0
    """
    if not x.dtype == y.dtype == np.uint8:
        d = x - y.astype(np.float64)
        return float(np.vdot(d, d))
    total, step = 0.0, max(1, PIECE // max(x.shape[1], 1))
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        d = (np.maximum(x[rows], y[rows]) - np.minimum(x[rows], y[rows])).astype(np.float64)
        total += float(np.vdot(d, d))
    return total
