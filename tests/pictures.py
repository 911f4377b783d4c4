"""Pictures the project makes itself, for tests; the first two come with the package, for whoever writes a metric."""

from __future__ import annotations

import numpy as np

from fusion_metrics.testing.pictures import multifocus, picture

__all__ = ["crossed_waves", "multifocus", "pansharpened", "picture"]


def crossed_waves() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertical and horizontal waves and their mean, for which an independent implementation printed some values."""
    i, j = np.mgrid[:64, :64]
    a = np.round(127.5 + 100 * np.sin(2 * np.pi * j / 16))
    b = np.round(127.5 + 100 * np.cos(2 * np.pi * i / 11))
    fused = np.round((a + b) / 2)
    return a.astype(np.uint8), b.astype(np.uint8), fused.astype(np.uint8)


def pansharpened() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """A scene of three bands, its panchromatic picture, and the scene as three methods make it of a fourth of the size.

    Whole numbers throughout, so that the pictures are the same on every machine.

    Returns
    -------
    truth : ndarray of uint8, shape (192, 192, 3)
    pan : ndarray of uint8, shape (192, 192)
    fused : dict of str to ndarray of uint8
        ``coarse``, every 4x4 block its mean, ``additive`` and ``brovey``, which put the panchromatic detail into that.
    """
    random = np.random.default_rng(11)
    scene = sum(
        weight * np.kron(random.integers(0, 256, (192 // size, 192 // size, 3)), np.ones((size, size, 1), dtype=int))
        for size, weight in ((32, 4), (8, 2), (1, 1))
    )
    for axis in (0, 1):
        scene = scene + np.roll(scene, 1, axis) + np.roll(scene, -1, axis)
    truth = 30 + scene // 63 * 3 // 4
    pan = truth.sum(axis=2) // 3
    blocks = truth.reshape(48, 4, 48, 4, 3).sum(axis=(1, 3)) // 16
    coarse = np.kron(blocks, np.ones((4, 4, 1), dtype=int))
    intensity = coarse.sum(axis=2) // 3
    fused = {
        "coarse": coarse,
        "additive": coarse + (pan - intensity)[..., None],
        "brovey": coarse * pan[..., None] // intensity[..., None],
    }
    as_bytes = {name: np.clip(pixels, 0, 255).astype(np.uint8) for name, pixels in fused.items()}
    return truth.astype(np.uint8), pan.astype(np.uint8), as_bytes
