"""GTF: gradient transfer, the intensities of one source with the gradients of the other."""

from __future__ import annotations

import numpy as np
import scipy

from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.variational import divergence, gradient, laplacian_eigenvalues, shrink
from fusion_metrics.image import Array


@fusion_algorithm("gtf", title="GTF")
def fuse_gtf(a: Array, b: Array, *, lam: float = 4.0, rho: float = 2.0, iterations: int = 100) -> Array:
    """Fuse two luminances: the x that minimises ``||x - b||_1 + lam ||grad x - grad a||_1``.

    `b` (infrared there, the functional image here) gives the intensities, `a` the gradients: the only algorithm here
    that is not symmetric by intention. With z = x - a this is L1 total variation of b - a, solved by ADMM with weight
    `rho`; its quadratic step is a Poisson equation, diagonal in the cosine transform.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    lam : float
        Weight of the gradients.
    rho : float
        Weight of the splitting: changes the way, not the end.
    iterations : int

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    J. Ma, C. Chen, C. Li, J. Huang. Infrared and visible image fusion via gradient transfer and total variation
    minimization. Information Fusion 31, 2016, 100-109.
    """
    d = b - a
    inverse = 1 / (1 + laplacian_eigenvalues(a.shape))
    z = d.copy()
    p, q = np.zeros_like(d), np.zeros((2, *d.shape))  # z - d and grad z, split off
    dual_p, dual_q = np.zeros_like(p), np.zeros_like(q)
    for _ in range(iterations):
        right = d + p - dual_p - divergence(q - dual_q)
        z = scipy.fft.idctn(inverse * scipy.fft.dctn(right, norm="ortho"), norm="ortho")
        dz = gradient(z)
        p = shrink(z - d + dual_p, 1 / rho)
        q = shrink(dz + dual_q, lam / rho)
        dual_p += z - d - p
        dual_q += dz - q
    return np.asarray(a + z)
