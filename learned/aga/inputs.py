"""What AGA's reduced network makes of an image before anything is learnt."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from torch.nn.functional import adaptive_avg_pool2d

from fusion_metrics import Image, feature
from learned.aga.config import Config
from learned.backbones.frozen import stage_map


@feature
def places(image: Image, *, config: Config) -> npt.NDArray[np.float16]:
    """Average the map of a frozen ResNet's stage to the grid: shape (grid^2, channels), in half precision."""
    found = stage_map(image, backbone=config.backbone, weights=config.weights, size=config.size, stage=config.stage)
    return adaptive_avg_pool2d(found, config.grid)[0].flatten(1).T.half().contiguous().numpy()
