"""What PNQC makes of an image before anything is learnt, where its ResNet is frozen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from fusion_metrics import Image, feature
from learned.backbones.frozen import stage_map
from learned.pnqc_like.config import Config


@feature
def vector(image: Image, *, config: Config) -> npt.NDArray[np.float16]:
    """Average the maps of the frozen ResNet, by scale and within it by level: shape (channels,), in half precision."""
    maps = [
        stage_map(image, backbone=config.backbone, weights=config.weights, size=config.size // scale, stage=level)
        for scale in config.scales
        for level in config.levels
    ]
    return torch.cat([stage.mean(dim=(2, 3))[0] for stage in maps]).half().numpy()
