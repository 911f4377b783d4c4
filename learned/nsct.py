"""The nonsubsampled contourlet transform as a torch layer: fixed, linear, differentiable, for batches on any device.

The numbers are those of `fusion_metrics.nsct`; see there for what the bands are. Nothing here is learned: networks
that work on NSCT bands put this layer in front, and gradients pass through it in both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from fusion_metrics.nsct.directions import wedge_responses
from fusion_metrics.nsct.filters import pyramid_responses
from fusion_metrics.nsct.subbands import Border, mirrored, torus_shape
from fusion_metrics.nsct.transform import check_settings

# torch.fft carries no annotations.
rfft2: Callable[[Tensor], Tensor] = torch.fft.rfft2
irfft2: Callable[..., Tensor] = torch.fft.irfft2
irfft: Callable[..., Tensor] = torch.fft.irfft
ifft: Callable[..., Tensor] = torch.fft.ifft


class SubbandTensors(NamedTuple):
    """What `NSCTLayer.forward` returns and `NSCTLayer.inverse` takes.

    Attributes
    ----------
    low : Tensor, shape (B, C, H, W)
        Low-pass band.
    extended : tuple of Tensor, each (B, C, directions, rows, columns)
        Directional bands per level, coarse to fine, with the mirrored margin that the inverse needs; the image is in
        the upper left corner. Rules for editing bands belong here, so that they reach the margin as well.
    """

    low: Tensor
    extended: tuple[Tensor, ...]

    @property
    def bands(self) -> tuple[Tensor, ...]:
        """Directional bands over the image, per level coarse to fine, each (B, C, directions, H, W)."""
        rows, columns = self.low.shape[-2:]
        return tuple(band[..., :rows, :columns] for band in self.extended)


class NSCTLayer(nn.Module):
    """NSCT of image batches of one size, and its inverse.

    One FFT of the image, one product per sub-band, one inverse FFT per sub-band; mirrored borders add an inverse and
    a forward FFT per level, because wedges and pyramid then live on different tori.

    Parameters
    ----------
    shape : (int, int)
        H, W of the images.
    levels, pyramid, directions, border
        As for `fusion_metrics.nsct.nsct`; the numbers are the same.
    dtype : torch.dtype
        float32 or float64, of the responses and so of input and output. ``layer.double()`` after float32 keeps the
        rounding of float32; ask for float64 here instead.

    Raises
    ------
    ValueError
        If a setting is unknown.

    Examples
    --------
    >>> layer = NSCTLayer((32, 48), levels=(1, 3), dtype=torch.float64)
    >>> images = torch.rand(2, 3, 32, 48, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    >>> subbands = layer(images)
    >>> [tuple(band.shape) for band in subbands.bands]
    [(2, 3, 2, 32, 48), (2, 3, 8, 32, 48)]
    >>> bool((layer.inverse(subbands) - images).abs().max() < 1e-12)
    True
    """

    def __init__(
        self,
        shape: tuple[int, int],
        levels: Sequence[int] = (2, 3, 3, 4),
        *,
        pyramid: str = "maxflat",
        directions: str = "dmaxflat7",
        border: Border = "symmetric",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.levels = check_settings(levels, pyramid, directions, border)
        self.shape = shape = (shape[0], shape[1])
        self.border = border
        self._tori = {level: torus_shape(shape, level, border) for level in {*self.levels} - {0}}
        # The pyramid's torus: the image itself, or with its three mirror images.
        self._mirror = shape if border == "periodic" else (2 * shape[0], 2 * shape[1])
        a = 2 * pi * np.arange(self._mirror[0])[:, None] / self._mirror[0]
        b = 2 * pi * np.arange(self._mirror[1] // 2 + 1)[None, :] / self._mirror[1]
        for way in ("analysis", "synthesis"):
            back = way == "synthesis"
            for depth in range(len(self.levels)):
                pair = np.stack(pyramid_responses(pyramid, depth, a, b, synthesis=back))
                self._remember(f"pyramid_{way}_{depth}", torch.tensor(pair, dtype=dtype))
            for level, torus in self._tori.items():
                wedges = wedge_responses(torus, level, directions, synthesis=back, toolbox=border == "toolbox")
                self._remember(f"wedges_{way}_{level}", torch.tensor(wedges, dtype=dtype))
        for torus in (self._mirror, *self._tori.values()):
            for n, length in zip(shape, torus, strict=True):
                self._remember(f"mirrored_{n}_{length}", torch.tensor(mirrored(n, length)))

    def forward(self, images: Tensor) -> SubbandTensors:
        """Decompose images.

        Parameters
        ----------
        images : Tensor, shape (B, C, H, W)
            Images of the layer's size and dtype, on its device.

        Returns
        -------
        SubbandTensors
            ``.low`` and ``.bands``, in the unit of the images.

        Raises
        ------
        ValueError
            If size or dtype isn't the layer's.
        """
        self._check(images)
        spectrum = rfft2(self._extend(images, self._mirror))
        extended: list[Tensor] = []
        for depth, level in enumerate(reversed(self.levels)):
            low, high = self.get_buffer(f"pyramid_analysis_{depth}")
            extended.append(self._split(spectrum * high, level))
            spectrum = spectrum * low
        return SubbandTensors(self._image(spectrum, self._mirror), tuple(reversed(extended)))

    def inverse(self, subbands: SubbandTensors) -> Tensor:
        """Reconstruct the images, shape (B, C, H, W), from their sub-bands; exact up to rounding."""
        self._check(subbands.low)
        spectrum = rfft2(self._extend(subbands.low, self._mirror))
        depths = reversed(range(len(self.levels)))
        for depth, level, bands in zip(depths, self.levels, subbands.extended, strict=True):
            low, high = self.get_buffer(f"pyramid_synthesis_{depth}")
            spectrum = spectrum * low + self._merge(bands, level) * high
        return self._image(spectrum, self._mirror)

    def extra_repr(self) -> str:
        """Return the settings that ``repr`` shows."""
        return f"shape={self.shape}, levels={self.levels}, border={self.border!r}"

    def _split(self, spectrum: Tensor, level: int) -> Tensor:
        """Return the directional bands (B, C, directions, rows, columns) of a high band on the pyramid's torus."""
        if level == 0:
            return self._image(spectrum, self._mirror).unsqueeze(-3)
        torus = self._tori[level]
        if torus != self._mirror:
            spectrum = rfft2(self._extend(self._image(spectrum, self._mirror), torus))
        # Band by band: the intermediate spectra stay in the processor's cache.
        wedges = self.get_buffer(f"wedges_analysis_{level}")
        return torch.stack([irfft2(spectrum * wedge, s=torus) for wedge in wedges], dim=-3)

    def _merge(self, bands: Tensor, level: int) -> Tensor:
        """Return the spectrum on the pyramid's torus of the high band: the inverse of `_split`."""
        if level == 0:
            return rfft2(self._extend(bands.squeeze(-3), self._mirror))
        torus = self._tori[level]
        wedges = self.get_buffer(f"wedges_synthesis_{level}")
        spectrum = rfft2(bands[..., 0, :, :]) * wedges[0]
        for d in range(1, len(wedges)):
            spectrum = spectrum + rfft2(bands[..., d, :, :]) * wedges[d]
        if self.border == "periodic":
            return spectrum
        return rfft2(self._extend(self._image(spectrum, torus), self._mirror))

    def _extend(self, x: Tensor, torus: tuple[int, int]) -> Tensor:
        for axis, n, length in zip((-2, -1), self.shape, torus, strict=True):
            if length != n:
                x = x.index_select(axis, self.get_buffer(f"mirrored_{n}_{length}"))
        return x

    def _image(self, spectrum: Tensor, torus: tuple[int, int]) -> Tensor:
        """Transform back, without those rows of the torus that are no part of the image: `irfft2`, and then cut."""
        rows, columns = self.shape
        return irfft(ifft(spectrum, dim=-2)[..., :rows, :], n=torus[1], dim=-1)[..., :columns]

    def _remember(self, name: str, tensor: Tensor) -> None:
        """Keep a tensor that moves with the module; it follows from the settings, so state_dict leaves it out."""
        self.register_buffer(name, tensor, persistent=False)

    def _check(self, x: Tensor) -> None:
        dtype = next((buffer.dtype for buffer in self.buffers() if buffer.is_floating_point()), x.dtype)
        if x.ndim != 4 or tuple(x.shape[-2:]) != self.shape or x.dtype != dtype:
            raise ValueError(
                f"expected {dtype} of shape (B, C, {self.shape[0]}, {self.shape[1]}), got {x.dtype} of {tuple(x.shape)}"
            )
