"""Pictures the project makes itself, for tests; the first two come with the package, for whoever writes a metric."""

from __future__ import annotations

import numpy as np

from fusion_metrics.testing.pictures import multifocus, picture

__all__ = ["crossed_waves", "multifocus", "picture"]


def crossed_waves() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertical and horizontal waves and their mean, for which an independent implementation printed some values."""
    i, j = np.mgrid[:64, :64]
    a = np.round(127.5 + 100 * np.sin(2 * np.pi * j / 16))
    b = np.round(127.5 + 100 * np.cos(2 * np.pi * i / 11))
    fused = np.round((a + b) / 2)
    return a.astype(np.uint8), b.astype(np.uint8), fused.astype(np.uint8)
