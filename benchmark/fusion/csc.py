"""Convolutional sparse coding: an image as a sum of few shifted small filters."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np
import scipy

from fusion_metrics.image import Array


@cache
def load_dictionary() -> Array:
    """Load the filters that `benchmark.fusion.learn_dictionary` made, shape (filters, 8, 8), each of norm 1."""
    with as_file(files("benchmark.fusion") / "csr_dictionary.npy") as path:
        filters: Array = np.load(path, allow_pickle=False)
    filters.setflags(write=False)
    return filters


def sparse_code(image: Array, filters: Array, *, lam: float, rho: float, iterations: int) -> Array:
    """Find sparse maps X_m with ``sum_m d_m * X_m`` near the image, by ADMM in the Fourier domain.

    Minimises ``1/2 ||sum_m d_m * X_m - S||^2 + lam sum_m ||X_m||_1``, convolution circular. With the splitting X = Y
    and scaled multipliers U, the filters of one frequency are joined by a matrix of rank one: with ``Z = Y - U``, in
    the Fourier domain ``X_m = Z_m + conj(d_m) (S - sum d Z) / (rho + sum |d|^2)``. Y is X + U soft thresholded by
    lam / rho.

    Parameters
    ----------
    image : ndarray, shape (H, W)
    filters : ndarray, shape (M, h, w)
    lam : float
        Weight of the L1 norm.
    rho : float
        Weight of the splitting: changes the way, not the end.
    iterations : int

    Returns
    -------
    ndarray, shape (M, H, W)
        Y: exactly zero at most places.

    References
    ----------
    B. Wohlberg. Efficient algorithms for convolutional sparse representations. IEEE Transactions on Image Processing
    25(1), 2016, 301-315.
    """
    shape = image.shape
    d = scipy.fft.rfft2(filters, s=shape)
    d_conj = np.conj(d)
    inverse = 1 / (rho + np.sum(np.abs(d) ** 2, axis=0))
    s = scipy.fft.rfft2(image)
    y = np.zeros((len(filters), *shape))
    u = np.zeros_like(y)
    for _ in range(iterations):
        z = y - u
        misfit = s - np.einsum("mij,mij->ij", d, scipy.fft.rfft2(z))
        z += scipy.fft.irfft2(d_conj * (misfit * inverse), s=shape)  # X
        z += u
        np.clip(z, -lam / rho, lam / rho, out=u)  # what soft thresholding of X + U takes off is the next U
        np.subtract(z, u, out=y)
    return y


def synthesise(maps: Array, filters: Array) -> Array:
    """Put the image together from its maps: ``sum_m d_m * X_m``, circular."""
    shape = maps.shape[1:]
    image: Array = scipy.fft.irfft2(np.sum(scipy.fft.rfft2(filters, s=shape) * scipy.fft.rfft2(maps), axis=0), s=shape)
    return image
