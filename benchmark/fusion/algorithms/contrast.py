"""Contrast pyramid (ratio of low-pass): local contrast by larger distance from one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmark.fusion.pyramid import expand, gaussian_pyramid
from benchmark.fusion.registry import fusion_algorithm
from fusion_metrics.image import Array


@fusion_algorithm("contrast", title="Contrast pyramid")
def fuse_contrast(a: Array, b: Array, *, levels: int = 4, offset: float = 0.1) -> Array:
    """Fuse two luminances in the ratio pyramid ``R_k = G_k / expand(G_k+1)``: the R_k farther from 1, mean of the top.

    `offset` is added to the images and taken off at the end: without it black has no contrast, and next to it every
    contrast is huge. The product of the ratios may leave 0..1: it overshoots at the edges of dark regions.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    levels : int
        Ratio levels under the top.
    offset : float
        Luminance added before and taken off after.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    A. Toet. Image fusion by a ratio of low-pass pyramid. Pattern Recognition Letters 9(4), 1989, 245-253.
    """
    gaussian_a, gaussian_b = gaussian_pyramid(a + offset, levels), gaussian_pyramid(b + offset, levels)
    fused = (gaussian_a[-1] + gaussian_b[-1]) / 2
    for ratio_a, ratio_b in zip(reversed(_ratios(gaussian_a)), reversed(_ratios(gaussian_b)), strict=True):
        stronger = np.where(np.abs(ratio_a - 1) >= np.abs(ratio_b - 1), ratio_a, ratio_b)
        fused = stronger * expand(fused, ratio_a.shape)
    return fused - offset


def _ratios(gaussian: list[Array]) -> list[Array]:
    return [fine / expand(coarse, fine.shape) for fine, coarse in pairwise(gaussian)]
