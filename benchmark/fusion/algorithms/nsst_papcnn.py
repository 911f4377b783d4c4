"""NSST-PAPCNN: shearlets, with parameter-adaptive pulse-coupled neurons choosing the details."""

from __future__ import annotations

import numpy as np
import scipy

from benchmark.fusion.nsst import Shearlets, insst, nsst
from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import choose_by
from fusion_metrics.image import Array
from fusion_metrics.pcnn import adaptive_pcnn

_K = np.array([1.0, 2.0, 1.0]) / 4


@fusion_algorithm("nsst_papcnn", title="NSST-PAPCNN")
def fuse_nsst_papcnn(
    a: Array, b: Array, *, directions: tuple[int, ...] = (8, 8, 16, 16), iterations: int = 110
) -> Array:
    """Fuse two luminances in the shearlet domain.

    Low band: the coefficient with the larger ``WLE * WSEML`` (`low_activity`). Directional bands: the coefficient whose
    neuron fires more often in `fusion_metrics.pcnn.adaptive_pcnn`.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    directions : tuple of int
        Directions per level of the transform, coarse to fine.
    iterations : int
        Of the network.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    M. Yin, X. Liu, Y. Liu, X. Chen. Medical image fusion with parameter-adaptive pulse coupled neural network in
    nonsubsampled shearlet transform domain. IEEE Transactions on Instrumentation and Measurement 68(1), 2019,
    49-64.
    """
    shearlets_a, shearlets_b = nsst(a, directions), nsst(b, directions)
    low = choose_by(low_activity(shearlets_a.low), low_activity(shearlets_b.low), shearlets_a.low, shearlets_b.low)
    bands = tuple(
        choose_by(
            adaptive_pcnn(band_a, iterations=iterations), adaptive_pcnn(band_b, iterations=iterations), band_a, band_b
        )
        for band_a, band_b in zip(shearlets_a.bands, shearlets_b.bands, strict=True)
    )
    return insst(Shearlets(low, bands))


def low_activity(band: Array) -> Array:
    """Measure the activity of a low band: weighted local energy times weighted eight-neighbour modified Laplacian.

    ``WLE = K * S^2`` and ``WSEML = K * sqrt(mean over 3 x 3 of EML)``, with K = [1 2 1; 2 4 2; 1 2 1] / 16 and
    ``EML = |2S - left - right| + |2S - up - down| + (|2S - both of one diagonal| + |2S - of the other|) / sqrt 2``.
    The root of the mean follows the public implementation of the paper.
    """
    rows, columns = band.shape
    padded = np.pad(band, 1, mode="symmetric")
    eml = np.zeros(band.shape)
    for down, right, weight in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, np.sqrt(0.5)), (1, -1, np.sqrt(0.5))):
        there = padded[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        opposite = padded[1 - down : 1 - down + rows, 1 - right : 1 - right + columns]
        eml += weight * np.abs(2 * band - there - opposite)
    mean = np.maximum(scipy.ndimage.uniform_filter(eml, 3, mode="reflect"), 0)  # running sums can end just below 0
    return _weighted_mean(band**2) * _weighted_mean(np.sqrt(mean))


def _weighted_mean(values: Array) -> Array:
    rows: Array = scipy.ndimage.correlate1d(values, _K, axis=0, mode="reflect")
    mean: Array = scipy.ndimage.correlate1d(rows, _K, axis=1, mode="reflect")
    return mean
