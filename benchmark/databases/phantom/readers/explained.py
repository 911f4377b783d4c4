"""What of a fused image the truth explains, and what is left over: noise, halos, blocks, patches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.databases.phantom.readers.eye import pool

__all__ = ["LocalModel"]

Array = NDArray[np.float64]

NEIGHBOURHOOD = 8.0  # pixels, standard deviation of the window: half a degree
RIDGE = 1e-3  # relative to lightness 0..1: keeps flat neighbourhoods solvable


class LocalModel:
    """Local linear regression of a perceived image on the perceived, noise-free sources.

    Around every pixel, in a Gaussian window, each channel of the image is the combination of the constant and of the
    sources' channels that comes closest to it. A combination that changes slowly from place to place (a mean, a weight
    map, a choice of source by region) is explained; noise, halos, blocks and the seams of a choice are not.

    Parameters
    ----------
    sources : ndarray, shape (n, H, W)
        Channels of the sources as perceived.
    """

    def __init__(self, sources: Array) -> None:
        self._x = np.concatenate([np.ones_like(sources[:1]), sources / 100])
        n = len(self._x)
        i, j = np.triu_indices(n)
        moments = np.empty((*sources.shape[1:], n, n))
        moments[..., i, j] = moments[..., j, i] = np.moveaxis(pool(self._x[i] * self._x[j], NEIGHBOURHOOD), 0, -1)
        moments += RIDGE * np.diag([1e-3] + [1.0] * (n - 1))
        self._inverse = np.linalg.inv(moments)

    def residual(self, seen: Array) -> Array:
        """Subtract from every channel of `seen`, shape (channels, H, W), what the model explains of it."""
        moments = np.stack([pool(self._x * channel, NEIGHBOURHOOD) for channel in seen], axis=-1)
        coefficients = self._inverse @ np.moveaxis(moments, 0, -2)
        return np.asarray(seen - np.einsum("hwnc,nhw->chw", coefficients, self._x))
