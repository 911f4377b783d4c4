"""What the network sees in an image: the maps after its four stages, with the sums over their windows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fusion_metrics import Image, feature
from learned.backbones.evaluation import Evaluation
from learned.backbones.frozen import frozen_network
from learned.backbones.resnet import RESNETS
from learned.qcnn.windows import Windows, windows
from learned.training.recipe import check_choice


@feature
def stages(image: Image, *, backbone: str, weights: str) -> tuple[Windows, ...]:
    """Run the network on an image: four maps, at 1/4, 1/8, 1/16 and 1/32 of the image's size.

    Parameters
    ----------
    image : Image
        It may have any size. The network gets RGB, or grey in three equal channels, as 0..1 and, as in the authors'
        program, not standardised with ImageNet's mean and deviation.
    backbone, weights : str
        A ResNet; see `learned.backbones.weights.start`.

    Raises
    ------
    FusionMetricsError
        No such ResNet, or its weights cannot be had.
    """
    check_choice("backbone", backbone, RESNETS)
    pixels = (image.pixels / 255).astype(np.float32)
    return tuple(windows(map_) for map_ in evaluation(backbone, weights).maps(pixels))


@lru_cache(maxsize=2)
def evaluation(backbone: str, weights: str) -> Evaluation:
    """Make a frozen network ready to look at pictures."""
    return Evaluation(frozen_network(backbone, weights))
