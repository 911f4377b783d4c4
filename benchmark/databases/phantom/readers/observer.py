"""A channelised Hotelling observer: how detectable a known lesion is in one fused image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from benchmark.databases.phantom.readers.eye import PIXELS_PER_DEGREE

__all__ = ["LesionObserver"]

Array = NDArray[np.float64]

SURROUND = 8.0  # pixels, standard deviation with which the observer's attention falls off around the lesion
FAINT = 0.5  # Delta E: a signal that nowhere exceeds it is none
EXTENT = 0.1  # of the largest signal: what exceeds it is the lesion
INTERNAL = 1.0 * PIXELS_PER_DEGREE  # Delta E in a pixel, standard deviation of the observer's internal noise


@dataclass(frozen=True)
class _Channels:
    """Templates t, shape (n, H, W), for the lesion as one source shows it, and the d' which that source offers."""

    opponent: tuple[int, ...]
    templates: Array
    offered: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns in which the templates can be moved anywhere without meeting themselves."""
        rows, columns = (scipy.fft.next_fast_len(2 * side, real=True) for side in self.templates.shape[1:])
        return rows, columns

    @cached_property
    def spectra(self) -> NDArray[np.complex128]:
        """What a spectrum is multiplied with to find the templates at every place; one for all images of a pair."""
        return np.asarray(np.conj(scipy.fft.rfft2(self.templates, self.shape)))


class LesionObserver:
    r"""Observer who knows the lesion's appearance in either source, and the anatomy around it.

    For the source k the channels are the signals :math:`s_{kc}` that the lesion adds to what is perceived in lightness
    and colour (c), without the part that ordinary anatomy could imitate: in a window W around the lesion, templates are
    orthogonal to the constant and to both sources without the lesion. An image without the lesion then excites them by
    noise alone, so that one image is enough: no second one, without the lesion, has to be fused. Of an image F the
    observer takes

    .. math:: v_{kc} = t_{kc}^T F_c, \qquad d'^2_k = v_k^T K_k^{-1} v_k - n_k

    where K is the covariance of the channels over places in the brain without a lesion, taken from what the truth does
    not explain of F, plus internal noise; n, the number of channels, is what :math:`v^T K^{-1} v` would be without a
    lesion. `INTERNAL` noise is white, such that one Delta E over one square degree has d' = 1.

    Parameters
    ----------
    present, absent : tuple of two ndarrays, shape (3, H, W)
        Both noise-free sources as perceived, with and without the lesion.
    background : ndarray, shape (n, H, W)
        The channels of `absent` that show anything.
    head, brain : ndarray, shape (H, W)
        Fractions; the lesion's surroundings end with the head, clutter is taken from the brain.
    """

    def __init__(
        self, present: tuple[Array, Array], absent: tuple[Array, Array], background: Array, head: Array, brain: Array
    ) -> None:
        signals = [with_lesion - without for with_lesion, without in zip(present, absent, strict=True)]
        size = np.max([np.abs(signal).max(axis=0) for signal in signals], axis=0)
        self._sources: list[_Channels] = []
        if size.max() < FAINT:
            return
        extent = size > EXTENT * size.max()
        distance = scipy.ndimage.distance_transform_edt(~extent)
        window = np.sqrt(np.exp(-0.5 * (distance / SURROUND) ** 2) * head)
        anatomy = np.stack([np.ones_like(window), *background]) * window
        basis, _ = np.linalg.qr(anatomy.reshape(len(anatomy), -1).T)
        self._clear = brain * ~extent
        for signal in signals:
            opponent = tuple(c for c in range(3) if np.abs(signal[c]).max() >= FAINT)
            if opponent:
                s = (signal[list(opponent)] * window).reshape(len(opponent), -1)
                t = s - (s @ basis) @ basis.T
                noise = INTERNAL * np.linalg.norm(t * window.ravel(), axis=1)
                offered = np.linalg.norm(np.sum(t * s, axis=1) / np.maximum(noise, 1e-9))
                self._sources.append(_Channels(opponent, t.reshape(-1, *window.shape) * window, float(offered)))

    @property
    def offered(self) -> tuple[float, ...]:
        """Detectability d' of the lesion in each source that shows it, seen alone and free of noise."""
        return tuple(source.offered for source in self._sources)

    def detect(self, seen: Array, residual: Array) -> tuple[float, ...]:
        """Look for the lesion in a fused image: d' for its appearance in each source that shows it.

        Parameters
        ----------
        seen : ndarray, shape (3, H, W)
            The fused image as perceived.
        residual : ndarray, shape (3, H, W)
            What the truth does not explain of it.
        """
        return tuple(self._detect(source, seen, residual) for source in self._sources)

    def _detect(self, source: _Channels, seen: Array, residual: Array) -> float:
        channels, t = list(source.opponent), source.templates
        v = np.sum(t * seen[channels], axis=(1, 2))
        spectra = scipy.fft.rfft2(residual[channels] * self._clear, source.shape) * source.spectra
        responses = scipy.fft.irfft2(spectra, source.shape).reshape(len(channels), -1)
        clutter = responses @ responses.T / np.sum(self._clear**2)
        internal = INTERNAL**2 * np.diag(np.sum(t**2, axis=(1, 2)))
        d2 = v @ np.linalg.solve(clutter + internal, v) - len(channels)
        return float(np.sqrt(max(d2, 0.0)))
