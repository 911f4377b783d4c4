"""Smooth random fields: what makes one average brain into many different ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["coverage", "smooth_field"]

# Integral of the squared cubic B-spline: the variance, along one axis and averaged over positions, of a spline with
# independent unit coefficients.
SPLINE_VARIANCE = 151 / 315


def smooth_field(rng: np.random.Generator, size: int, spacing: float) -> NDArray[np.float64]:
    """Gaussian random field with zero mean, unit variance and a stated grain.

    field = B C B^T / (151/315), with independent standard normal coefficients C on nodes every ``spacing`` pixels and
    B the uniform cubic B-spline basis. Neighbouring bumps are about two spacings apart.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the coefficients.
    size : int
        Side of the square field in pixels.
    spacing : float
        Distance between spline nodes in pixels.

    Returns
    -------
    ndarray of float64, shape (size, size)

    Examples
    --------
    >>> field = smooth_field(np.random.default_rng(0), 64, 4.0)
    >>> field.shape, bool(0.7 < field.std() < 1.3)
    ((64, 64), True)
    """
    nodes = int(np.ceil((size - 1) / spacing)) + 4
    t = np.abs(1.5 + np.arange(size)[:, None] / spacing - np.arange(nodes))  # every pixel has its four nodes
    basis = np.where(t < 1, 2 / 3 - t**2 + t**3 / 2, np.clip(2 - t, 0, None) ** 3 / 6)
    return np.asarray(basis @ rng.standard_normal((nodes, nodes)) @ basis.T / SPLINE_VARIANCE)


def coverage(distance: NDArray[np.floating], width: float = 1.0) -> NDArray[np.float64]:
    """How much of a cell of size ``width`` lies where ``distance`` > 0, in [0, 1], for a straight edge."""
    return np.clip(np.asarray(distance, dtype=np.float64) / width + 0.5, 0.0, 1.0)
