"""What the optimisation-based algorithms share: differences with free borders, their Laplacian, soft thresholding."""

from __future__ import annotations

import numpy as np
import scipy

from fusion_metrics.image import Array


def gradient(image: Array) -> Array:
    """Take forward differences down and across, zero at the last row and column; shape (2, H, W)."""
    result = np.zeros((2, *image.shape))
    result[0, :-1] = np.diff(image, axis=0)
    result[1, :, :-1] = np.diff(image, axis=1)
    return result


def divergence(field: Array) -> Array:
    """Apply the negative adjoint of `gradient`."""
    down, across = field
    result = np.zeros(down.shape)
    result[:-1] += down[:-1]
    result[1:] -= down[:-1]
    result[:, :-1] += across[:, :-1]
    result[:, 1:] -= across[:, :-1]
    return result


def laplacian_eigenvalues(shape: tuple[int, ...]) -> Array:
    """Tabulate the eigenvalues of -divergence(gradient) in the basis of the two-dimensional DCT-II."""
    rows, columns = (4 * np.sin(np.pi * np.arange(n) / (2 * n)) ** 2 for n in shape)
    return np.asarray(rows[:, None] + columns)


def base_layer(image: Array, smoothness: float) -> Array:
    """Find the x that minimises ``||x - image||^2 + smoothness ||grad x||^2``."""
    response = 1 / (1 + smoothness * laplacian_eigenvalues(image.shape))
    return np.asarray(scipy.fft.idctn(response * scipy.fft.dctn(image, norm="ortho"), norm="ortho"))


def shrink(values: Array, threshold: float) -> Array:
    """Threshold softly: the proximal map of ``threshold * |.|``."""
    return values - np.clip(values, -threshold, threshold)
