"""What MS-AAN makes of an image before anything is learnt: pixels of one size, or what frozen streams see in them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from fusion_metrics import Image, feature
from learned.backbones.frozen import frozen_network
from learned.backbones.pixels import pixels
from learned.ms_aan.config import Config
from learned.ms_aan.scales import Scales, Standardised, shrunk


@feature
def vector(image: Image, *, config: Config) -> npt.NDArray[np.float16]:
    """Average the maps of the frozen streams: shape (streams x channels,), in half precision."""
    maps = frozen_maps(torch.tensor(pixels(image, size=config.size))[None], config)
    averaged = torch.cat([stream.mean(dim=(2, 3)) for stream in maps], dim=1)[0]
    return averaged.to(torch.float16).numpy()


def frozen_maps(images: Tensor, config: Config) -> list[Tensor]:
    """Run the frozen streams on images (B, 3, size, size), 8 bits: one map a stream, coarse to fine."""
    network = frozen_network(config.backbone, config.weights, config.stages)
    scales = scales_of(config)(images.float() / 255)
    with torch.no_grad():
        return [
            network(shrunk(scale, size).contiguous(memory_format=torch.channels_last))
            for scale, size in zip(scales, config.sizes, strict=True)
        ]


def scales_of(config: Config) -> nn.Module:
    """Return the module that takes images apart."""
    if not config.multiscale:
        return Standardised()
    return _scales(config.size, config.levels, config.gains, config.collapse)


@lru_cache(maxsize=4)
def _scales(size: int, levels: tuple[int, int, int], gains: tuple[float, float, float], collapse: str) -> Scales:
    return Scales(size, levels, gains, collapse)  # type: ignore[arg-type]
