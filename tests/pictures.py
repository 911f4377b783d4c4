"""Pictures the project makes itself, for tests."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def picture(size: tuple[int, int] = (64, 64), seed: int = 1) -> np.ndarray:
    """A natural-looking grey picture: smoothed noise with edges, full range, uint8."""
    random = np.random.default_rng(seed)
    rough = random.standard_normal((size[0] + 16, size[1] + 16))
    smooth = ndimage.gaussian_filter(rough, 3)[8:-8, 8:-8]
    fine = ndimage.gaussian_filter(rough, 0.7)[8:-8, 8:-8]
    scene = np.tanh(20 * smooth) + 0.35 * fine
    scene = (scene - scene.min()) / np.ptp(scene)
    return np.rint(255 * scene).astype(np.uint8)


def multifocus(size: tuple[int, int] = (64, 64), seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two sources, each sharp in one half, and the picture that is sharp everywhere."""
    sharp = picture(size, seed)
    blurred = np.rint(ndimage.gaussian_filter(sharp.astype(float), 2)).astype(np.uint8)
    left = np.arange(size[1])[None, :] < size[1] // 2
    return np.where(left, sharp, blurred), np.where(left, blurred, sharp), sharp


def crossed_waves() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertical and horizontal waves and their mean, for which an independent implementation printed some values."""
    i, j = np.mgrid[:64, :64]
    a = np.round(127.5 + 100 * np.sin(2 * np.pi * j / 16))
    b = np.round(127.5 + 100 * np.cos(2 * np.pi * i / 11))
    fused = np.round((a + b) / 2)
    return a.astype(np.uint8), b.astype(np.uint8), fused.astype(np.uint8)
