"""Laplacian pyramid: details by larger magnitude, scale by scale."""

from __future__ import annotations

from itertools import pairwise

from benchmark.fusion.pyramid import expand, gaussian_pyramid
from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import choose_max
from fusion_metrics.image import Array


@fusion_algorithm("laplacian", title="LP")
def fuse_laplacian(a: Array, b: Array, *, levels: int = 4) -> Array:
    """Fuse two luminances in the Laplacian pyramid: ``L_k = G_k - expand(G_k+1)``, choose-max of L_k, mean of the top.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    levels : int
        Band-pass levels under the top.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    P. J. Burt, E. H. Adelson. The Laplacian pyramid as a compact image code. IEEE Transactions on Communications
    31(4), 1983, 532-540.
    """
    gaussian_a, gaussian_b = gaussian_pyramid(a, levels), gaussian_pyramid(b, levels)
    fused = (gaussian_a[-1] + gaussian_b[-1]) / 2
    for detail_a, detail_b in zip(reversed(_details(gaussian_a)), reversed(_details(gaussian_b)), strict=True):
        fused = choose_max(detail_a, detail_b) + expand(fused, detail_a.shape)
    return fused


def _details(gaussian: list[Array]) -> list[Array]:
    return [fine - expand(coarse, fine.shape) for fine, coarse in pairwise(gaussian)]
