"""Learn the filters of the `csr` algorithm: ``python -m benchmark.fusion.learn_dictionary``.

Learns from pictures that scikit-image ships, none of them medical and none fused in the tests, and writes
``csr_dictionary.npy`` beside this file. Takes about a minute.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy
from skimage import color, data

from benchmark.fusion.csc import sparse_code
from benchmark.fusion.variational import base_layer
from fusion_metrics.image import Array

PICTURES = ("astronaut", "chelsea", "coffee", "rocket")
SIDE = 144
SEED = 2016


def learn(
    images: list[Array], *, count: int = 16, size: int = 8, lam: float = 0.05, rounds: int = 40, seed: int = SEED
) -> Array:
    """Learn filters d_m that code high-pass images of one size sparsely.

    Alternates `sparse_code` of all images with a few projected gradient steps on the filters. For the maps X, in the
    Fourier domain::

        gradient_m = sum over images of conj(X_m) (sum_k d_k X_k - S)
        d_m       <- project(d_m - gradient_m / L),   L = largest sum over images and m of |X_m|^2

    where project cuts to size x size and scales to norm 1.

    Parameters
    ----------
    images : list of ndarray, shape (H, W)
    count, size : int
        Number of filters and their side.
    lam : float
        Weight of the L1 norm in the coding.
    rounds : int
    seed : int
        Of the white noise that the filters start from.

    Returns
    -------
    ndarray, shape (count, size, size)
        Each of norm 1, the most used first.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    filters = _unit(random.standard_normal((count, size, size)))
    shape = images[0].shape
    spectra = [scipy.fft.rfft2(image) for image in images]
    for _ in range(rounds):
        maps = [sparse_code(image, filters, lam=lam, rho=10 * lam, iterations=40) for image in images]
        codes = [scipy.fft.rfft2(image_maps) for image_maps in maps]
        largest = sum(np.sum(np.abs(x) ** 2, axis=0) for x in codes).max()
        for _ in range(10):
            d = scipy.fft.rfft2(filters, s=shape)
            gradient = sum(np.conj(x) * (np.sum(d * x, axis=0) - s) for x, s in zip(codes, spectra, strict=True))
            filters = _unit(filters - scipy.fft.irfft2(gradient, s=shape)[:, :size, :size] / largest)
    use = np.sum([np.abs(image_maps).sum(axis=(1, 2)) for image_maps in maps], axis=0)
    return np.asarray(filters[np.argsort(-use)])


def _unit(filters: Array) -> Array:
    unit: Array = filters / np.linalg.norm(filters, axis=(1, 2), keepdims=True)
    return unit


def training_images() -> list[Array]:
    """Load grey scikit-image pictures at half size, their middle, without what `base_layer` keeps."""
    images = []
    for name in PICTURES:
        grey = color.rgb2gray(getattr(data, name)())
        top, left = ((side - 2 * SIDE) // 2 for side in grey.shape)
        middle = grey[top : top + 2 * SIDE, left : left + 2 * SIDE]
        image = middle.reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3))
        images.append(image - base_layer(image, 5.0))
    return images


if __name__ == "__main__":
    np.save(Path(__file__).with_name("csr_dictionary.npy"), learn(training_images()))
