"""PCA: one weight per source, from the principal component of their joint distribution."""

from __future__ import annotations

import numpy as np

from benchmark.fusion.registry import fusion_algorithm
from fusion_metrics.image import Array


@fusion_algorithm("pca", title="PCA")
def fuse_pca(a: Array, b: Array) -> Array:
    """Fuse two luminances: F = w_A A + w_B B, with w the leading eigenvector of their covariance over its sum.

    The source that varies more dominates. The eigenvector's entries are taken by magnitude: those of anticorrelated
    sources differ in sign, and their sum may be zero. Two flat sources get equal weights.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    V. P. S. Naidu, J. R. Raol. Pixel-level image fusion using wavelets and principal component analysis. Defence
    Science Journal 58(3), 2008, 338-352.
    """
    covariance = np.cov(a.ravel(), b.ravel())
    if not covariance.any():
        return (a + b) / 2
    _, vectors = np.linalg.eigh(covariance)
    w_a, w_b = np.abs(vectors[:, -1]) / np.abs(vectors[:, -1]).sum()
    return np.asarray(w_a * a + w_b * b)
