"""DTM-PCNN: pulse-coupled neurons driven by the Tchebichef moments around every pixel."""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy

from benchmark.errors import BenchmarkError
from benchmark.fusion.registry import fusion_algorithm
from fusion_metrics.image import Array
from fusion_metrics.pcnn import simplified_pcnn


@fusion_algorithm("dtm_pcnn", title="DTM-PCNN")
def fuse_dtm_pcnn(a: Array, b: Array, *, block: int = 8, order: int = 4, iterations: int = 200) -> Array:
    """Fuse two luminances pixel by pixel: the source whose neurons fire more often over the block, the mean if both do.

    The stimulus is the root of the block's moment energy, the linking strength ``1 / (1 + exp(-E / mean(E)))`` of the
    energy E itself, so that structured surroundings pull a neuron along. The paper is not freely available: the energy
    of the non-constant moments as stimulus and the adaptive linking strength are its idea, blocks that slide by one
    pixel and every constant are this project's. Sources are switched in the spatial domain, which leaves seams.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    block : int
        Side of the block around a pixel.
    order : int
        Highest order p + q of the moments, below `block`.
    iterations : int
        Of the network.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    L. Tang, J. Qian, L. Li, J. Hu, X. Wu. Multimodal medical image fusion based on discrete Tchebichef moments and
    pulse coupled neural network. International Journal of Imaging Systems and Technology 27(1), 2017, 57-65.
    """
    stimuli, strengths = [], []
    for image in (a, b):
        energy = moment_energy(image, block, order)
        mean = energy.mean()
        stimuli.append(np.sqrt(energy))
        strengths.append(1 / (1 + np.exp(-energy / mean)) if mean > 0 else np.full(image.shape, 0.5))
    times_a, times_b = simplified_pcnn(
        np.stack(stimuli), beta=np.stack(strengths), alpha_l=0.06931, iterations=iterations
    )
    lead = (times_a - times_b).astype(np.float64)
    for axis in (0, 1):
        lead = scipy.ndimage.correlate1d(lead, np.ones(2 * (block // 2) + 1), axis=axis, mode="reflect")
    return np.where(lead > 0, a, np.where(lead < 0, b, (a + b) / 2))


def moment_energy(image: Array, block: int, order: int) -> Array:
    """Sum the squared Tchebichef moments of orders 1..`order` (p + q) of the block around every pixel.

    ``T_pq = sum_xy t_p(x) t_q(y) f(x, y)`` with the orthonormal polynomials t_p. T_00 is the mean, and left out.

    References
    ----------
    R. Mukundan, S. H. Ong, P. A. Lee. Image analysis by Tchebichef moments. IEEE Transactions on Image Processing
    10(9), 2001, 1357-1364.
    """
    if order >= block:
        raise BenchmarkError(f"moments up to order {order} need blocks of more than {order} pixels, not {block}")
    t = tchebichef_polynomials(block, order)
    energy = np.zeros(image.shape)
    for p in range(order + 1):
        down = scipy.ndimage.correlate1d(image, t[p], axis=0, mode="reflect")
        for q in range(order + 1 - p):
            if p or q:
                energy += scipy.ndimage.correlate1d(down, t[q], axis=1, mode="reflect") ** 2
    return energy


@cache
def tchebichef_polynomials(size: int, order: int) -> Array:
    """Tabulate the orthonormal discrete Tchebichef (Gram) polynomials t_0..t_order on 0..size-1, one a row.

    They are what orthonormalising the powers 1, x, x^2, ... on these points gives.
    """
    x = np.arange(size) - (size - 1) / 2
    q, r = np.linalg.qr(np.vander(x, order + 1, increasing=True))
    return np.ascontiguousarray((q * np.sign(np.diag(r))).T)
