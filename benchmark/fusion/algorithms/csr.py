"""CSR: convolutional sparse representation of the details, larger codes win."""

from __future__ import annotations

import numpy as np

from benchmark.fusion.csc import load_dictionary, sparse_code, synthesise
from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import box_mean
from benchmark.fusion.variational import base_layer
from fusion_metrics.image import Array


@fusion_algorithm("csr", title="CSR")
def fuse_csr(
    a: Array,
    b: Array,
    *,
    smoothness: float = 5.0,
    lam: float = 0.01,
    rho: float = 2.5,
    iterations: int = 6,
    radius: int = 3,
) -> Array:
    """Fuse two luminances in base and detail, the detail coded over learned filters.

    Base B minimises ``||B - I||^2 + smoothness ||grad B||^2``; bases are averaged, the paper's rule for sources of
    different modality. Details I - B are coded (`benchmark.fusion.csc`); where the L1 norm over the filters, averaged
    over (2 radius + 1)-windows, is larger, all codes of that source are taken. ADMM stops after a few iterations: the
    fused image hardly changes from there on.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    smoothness : float
        Of the base.
    lam : float
        Weight of the L1 norm of the codes.
    rho : float
        Weight of the splitting in the coding.
    iterations : int
        Of the coding.
    radius : int
        Of the window over which activity is averaged.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    Y. Liu, X. Chen, R. K. Ward, Z. J. Wang. Image fusion with convolutional sparse representation. IEEE Signal
    Processing Letters 23(12), 2016, 1882-1886.
    """
    filters = load_dictionary()
    margin = filters.shape[-1]  # codes are circular: a mirrored margin keeps the borders apart
    bases = [base_layer(image, smoothness) for image in (a, b)]
    codes_a, codes_b = (
        sparse_code(np.pad(image - base, margin, mode="symmetric"), filters, lam=lam, rho=rho, iterations=iterations)
        for image, base in zip((a, b), bases, strict=True)
    )
    activity_a, activity_b = (box_mean(np.abs(codes).sum(axis=0), 2 * radius + 1) for codes in (codes_a, codes_b))
    detail = synthesise(np.where(activity_a > activity_b, codes_a, codes_b), filters)
    return (bases[0] + bases[1]) / 2 + detail[margin:-margin, margin:-margin]
