"""SWT weighted average: stationary wavelet transform, details averaged where the sources agree."""

from __future__ import annotations

import numpy as np
import pywt

from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import box_mean
from fusion_metrics.image import Array


@fusion_algorithm("swt_average", title="SWT average")
def fuse_swt_average(
    a: Array, b: Array, *, wavelet: str = "db2", levels: int = 4, window: int = 3, threshold: float = 0.75
) -> Array:
    """Fuse two luminances in a shift-invariant wavelet frame by a weighted average of the details.

    Salience S = local energy; match ``M = 2 <A B> / (S_A + S_B)``. The more salient coefficient weighs ``w_max``:
    1 where M <= threshold, and ``1/2 + (1 - M) / (2 (1 - threshold))`` above, so that equal coefficients are averaged.
    (Averaging all coefficients of a linear transform would be no more than `average`.) The low band is averaged.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    wavelet : str
        A discrete wavelet of PyWavelets.
    levels : int
        Depth.
    window : int
        Side of the window of salience and match.
    threshold : float
        Match above which coefficients are averaged, below 1.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    P. J. Burt, R. J. Kolczynski. Enhanced image capture through fusion. International Conference on Computer
    Vision, 1993, 173-182 (rule); O. Rockinger. Image sequence fusion using a shift-invariant wavelet transform.
    International Conference on Image Processing, 1997, 288-291 (transform).
    """
    height, width = a.shape
    block = 2**levels
    # The transform is periodic and wants multiples of 2^levels: a mirrored margin keeps the borders apart.
    pads = [(block, block + -side % block) for side in (height, width)]
    stacks = [
        pywt.swt2(np.pad(image, pads, mode="symmetric"), wavelet, level=levels, trim_approx=True) for image in (a, b)
    ]
    low_a, low_b = stacks[0][0], stacks[1][0]
    details = [
        tuple(_weighted(*bands, window, threshold) for bands in zip(*level, strict=True))
        for level in zip(stacks[0][1:], stacks[1][1:], strict=True)
    ]
    fused: Array = pywt.iswt2([(low_a + low_b) / 2, *details], wavelet)
    return np.ascontiguousarray(fused[block : block + height, block : block + width])


def _weighted(a: Array, b: Array, window: int, threshold: float) -> Array:
    s_a, s_b = box_mean(a * a, window), box_mean(b * b, window)
    # Running sums leave rounding errors where there is nothing: the floor keeps their match near 0.
    match = 2 * box_mean(a * b, window) / (s_a + s_b + 1e-12)
    w_max = np.where(match <= threshold, 1.0, 0.5 + 0.5 * (1 - match) / (1 - threshold))
    w_a = np.where(s_a >= s_b, w_max, 1 - w_max)
    return w_a * a + (1 - w_a) * b
