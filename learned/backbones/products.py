"""Products with the matrix of a layer, in pieces so small that they are multiplied where they lie.

A BLAS copies large matrices into an order of its own before it multiplies them, which for the few hundred rows that a
layer is given takes up to half of the time; small ones it takes as they are. The matrix of a large layer is kept in
panels of `PANEL` columns, one of which stays in the cache while all rows are multiplied with it.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Single: TypeAlias = npt.NDArray[np.float32]

#: Columns of a panel, and rows for which a panel may have all columns instead.
PANEL, ROWS = 64, 60
#: Multiplications of a product that OpenBLAS makes without copying.
SMALL = 1_000_000


def columns(channels: int, outputs: int) -> int:
    """Return how many columns a panel of a matrix has, of so many rows and columns."""
    return outputs if ROWS * channels * outputs <= SMALL else PANEL


def panels(matrix: npt.NDArray[np.floating], each: int | None = None) -> Single:
    """Lay out matrices (..., C, K), K a multiple of `PANEL`, as panels (..., panels, C, columns of each)."""
    apart = matrix.reshape(*matrix.shape[:-1], -1, each or columns(*matrix.shape[-2:]))
    return np.ascontiguousarray(np.moveaxis(apart, -2, -3), dtype=np.float32)


def rows(matrix: Single) -> int:
    """Return how many rows a product with one of these panels may have that is made without copying."""
    return max(1, SMALL // (matrix.shape[-2] * matrix.shape[-1]))


def multiply(x: Single, matrix: Single, y: Single) -> None:
    """Write the products of x, shape (..., n, C), and a matrix of panels to y, shape (..., n, K).

    Examples
    --------
    >>> x, matrix = np.random.default_rng(0).random((2, 128, 128), dtype=np.float32)
    >>> y = np.empty_like(x)
    >>> multiply(x, panels(matrix), y)
    >>> bool(np.allclose(y, x @ matrix))
    True
    """
    n = x.shape[-2]
    size = min(n, rows(matrix))
    whole = n // size * size
    _multiply(x[..., :whole, :], matrix, y[..., :whole, :], size)
    if whole < n:
        _multiply(x[..., whole:, :], matrix, y[..., whole:, :], n - whole)


def _multiply(x: Single, matrix: Single, y: Single, size: int) -> None:
    before = x.shape[:-2]
    blocks = x.reshape(*before, 1, -1, size, x.shape[-1])
    out = np.moveaxis(y.reshape(*before, -1, size, matrix.shape[-3], matrix.shape[-1]), -2, -4)
    np.matmul(blocks, matrix[..., None, :, :], out=out)
