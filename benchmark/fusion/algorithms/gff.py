"""GFF: guided filtering of weight maps, in a base and a detail layer."""

from __future__ import annotations

import numpy as np
import scipy

from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import box_mean
from fusion_metrics.image import Array


@fusion_algorithm("gff", title="GFF")
def fuse_gff(
    a: Array,
    b: Array,
    *,
    base_size: int = 31,
    base_radius: int = 45,
    base_eps: float = 0.3,
    detail_radius: int = 7,
    detail_eps: float = 1e-6,
) -> Array:
    """Fuse two luminances by weight maps that follow their edges.

    Base B = mean over a window, detail D = I - B. Saliency S = Gaussian of ``|Laplacian of I|`` (radius 5, sigma 5); P
    is 1 where the source is the more salient one. P filtered with the source as its guide gives the weights of the
    bases (wide, soft) and of the details (narrow, sharp), normalised to sum 1.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    base_size : int
        Side of the window whose mean is the base.
    base_radius, base_eps : int, float
        Guided filter of the weights of the bases.
    detail_radius, detail_eps : int, float
        Guided filter of the weights of the details.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    S. Li, X. Kang, J. Hu. Image fusion with guided filtering. IEEE Transactions on Image Processing 22(7), 2013,
    2864-2875.
    """
    images = (a, b)
    bases = [box_mean(image, base_size) for image in images]
    details = [image - base for image, base in zip(images, bases, strict=True)]
    s_a, s_b = (
        scipy.ndimage.gaussian_filter(np.abs(scipy.ndimage.laplace(image)), sigma=5, radius=5) for image in images
    )
    decisions = [(s_a >= s_b).astype(np.float64), (s_a < s_b).astype(np.float64)]

    fused = np.zeros(a.shape)
    for layers, radius, eps in ((bases, base_radius, base_eps), (details, detail_radius, detail_eps)):
        weights = [guided_filter(i, p, radius, eps) for i, p in zip(images, decisions, strict=True)]
        w_a, w_b = (np.clip(weight, 0, 1) + np.finfo(np.float64).eps for weight in weights)
        fused += (w_a * layers[0] + w_b * layers[1]) / (w_a + w_b)
    return fused


def guided_filter(guide: Array, image: Array, radius: int, eps: float) -> Array:
    """Smooth `image` by the local linear model of `guide`, means over (2 radius + 1)-windows cut at the border.

    In a window: a = cov(I, p) / (var(I) + eps), b = mean(p) - a mean(I); the result is mean(a) I + mean(b).

    References
    ----------
    K. He, J. Sun, X. Tang. Guided image filtering. IEEE Transactions on Pattern Analysis and Machine Intelligence
    35(6), 2013, 1397-1409.
    """
    size = 2 * radius + 1
    inside = scipy.ndimage.uniform_filter(np.ones(guide.shape), size, mode="constant")

    def mean(values: Array) -> Array:
        filtered: Array = scipy.ndimage.uniform_filter(values, size, mode="constant")
        return filtered / inside

    mean_i, mean_p = mean(guide), mean(image)
    a = (mean(guide * image) - mean_i * mean_p) / (mean(guide * guide) - mean_i * mean_i + eps)
    return mean(a) * guide + mean(mean_p - a * mean_i)
