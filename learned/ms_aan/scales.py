"""The four scales of an image that the streams look at: its low-pass band and three band-pass images of the NSCT."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from learned.backbones.weights import MEAN, STD
from learned.ms_aan.config import Collapse
from learned.nsct import NSCTLayer


class Scales(nn.Module):
    """Take images apart into four scales, each brought to the range that ImageNet's networks expect (eq. 1).

    The low-pass band is standardised as an image is, ``(low - MEAN) / STD``. A band-pass image has mean 0; it is
    multiplied by the gain of its level, which makes it about as strong as an image, and divided by STD.

    Parameters
    ----------
    size : int
        Rows and columns of the images.
    levels : (int, int, int)
        log2 of the number of directions, coarse to fine.
    gains : (float, float, float)
        Coarse to fine.
    collapse : {"strongest", "together"}
        One image of the directional sub-bands of a level: at each pixel the coefficient of the largest magnitude, or
        all directions together, which is the band-pass image before it is split into directions.
    """

    def __init__(
        self, size: int, levels: tuple[int, int, int], gains: tuple[float, float, float], collapse: Collapse
    ) -> None:
        super().__init__()
        self.collapse = collapse
        self.nsct = NSCTLayer((size, size), levels if collapse == "strongest" else (0, 0, 0))
        self.gains = gains
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(STD)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Take images (B, 3, size, size) in 0..1 apart: four tensors of their shape, coarse to fine."""
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        subbands = self.nsct(images)
        scales = [(subbands.low - mean) / std]
        for bands, gain in zip(subbands.bands, self.gains, strict=True):
            # Sub-bands lie along the third axis; a level that was not split has one.
            one = bands if bands.shape[2] == 1 else bands.gather(2, bands.abs().argmax(dim=2, keepdim=True))
            scales.append(one.squeeze(2) * (gain / std))
        return scales


class Standardised(nn.Module):
    """The image itself as the one scale, for the network without NSCT."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(STD)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Standardise images (B, 3, H, W) in 0..1: a list of one tensor."""
        return [(images - self.get_buffer("mean")) / self.get_buffer("std")]


def shrunk(scale: Tensor, size: int) -> Tensor:
    """Average a scale (B, 3, H, W) down to the size at which a stream sees it."""
    return scale if scale.shape[-1] == size else interpolate(scale, (size, size), mode="area")
