"""NSCT: nonsubsampled contourlet transform, details by larger magnitude."""

from __future__ import annotations

from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import choose_max
from fusion_metrics.image import Array
from fusion_metrics.nsct import insct, nsct


@fusion_algorithm("nsct", title="NSCT")
def fuse_nsct(a: Array, b: Array, *, levels: tuple[int, ...] = (2, 3, 3, 4)) -> Array:
    """Fuse two luminances in the contourlet domain: choose-max of the directional bands, mean of the low band.

    `levels` are log2 of the number of directions, coarse to fine.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    levels : tuple of int
        log2 of the number of directions per level, coarse to fine.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    Q. Zhang, B.-L. Guo. Multifocus image fusion using the nonsubsampled contourlet transform. Signal Processing
    89(7), 2009, 1334-1346 (transform and basic rule).
    """
    return insct(nsct(a, levels).combine(nsct(b, levels), low=lambda p, q: (p + q) / 2, bands=choose_max))
