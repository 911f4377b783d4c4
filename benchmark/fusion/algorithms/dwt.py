"""DWT: discrete wavelet transform, details by larger magnitude."""

from __future__ import annotations

import numpy as np
import pywt

from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import choose_max
from fusion_metrics.image import Array


@fusion_algorithm("dwt", title="DWT")
def fuse_dwt(a: Array, b: Array, *, wavelet: str = "db4", levels: int = 4) -> Array:
    """Fuse two luminances in a decimated wavelet basis: choose-max of the details, mean of the approximation.

    The basis is not shift-invariant, so that switching between the sources rings along edges. `levels` is lowered
    where the image is too small for it. The paper's consistency check of the decision map is left out.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    wavelet : str
        A discrete wavelet of PyWavelets.
    levels : int
        Depth, lowered where the image is too small for it.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    H. Li, B. S. Manjunath, S. K. Mitra. Multisensor image fusion using the wavelet transform. Graphical Models and
    Image Processing 57(3), 1995, 235-245.
    """
    depth = max(1, min(levels, pywt.dwtn_max_level(a.shape, wavelet)))
    low, *details = zip(*(pywt.wavedec2(image, wavelet, level=depth) for image in (a, b)), strict=True)
    fused = [tuple(map(choose_max, *pair)) for pair in details]
    height, width = a.shape
    result: Array = pywt.waverec2([(low[0] + low[1]) / 2, *fused], wavelet)[:height, :width]
    return np.ascontiguousarray(result)
