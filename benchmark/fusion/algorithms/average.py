"""Average: the mean of the sources. The floor of every comparison: contrast is halved wherever one source is empty."""

from __future__ import annotations

from benchmark.fusion.registry import fusion_algorithm
from fusion_metrics.image import Array


@fusion_algorithm("average", title="Average")
def fuse_average(a: Array, b: Array) -> Array:
    """Fuse two luminances: F = (A + B) / 2.

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
    H. B. Mitchell. Image Fusion: Theories, Techniques and Applications. Springer, 2010.
    """
    return (a + b) / 2
