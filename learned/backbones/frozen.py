"""What frozen residual networks see in an image: each stage is computed once, whichever metrics ask for it.

A frozen network is not trained, so what it gives of an image never changes, and metrics that stand on the same one
share it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from fusion_metrics import Image, feature
from learned.backbones.folding import folded
from learned.backbones.pixels import pixels, standardised
from learned.backbones.resnet import RESNETS
from learned.backbones.weights import start

if TYPE_CHECKING:
    from learned.backbones.resnet import ResNet

#: Frozen weights that start at random are drawn with it: every process draws the same.
FROZEN_SEED = 0
#: Stages that `stage_map` gives. Later ones tell things apart, which quality does not ask for, and double the time.
STAGES = 2


@feature
def stage_map(image: Image, *, backbone: str, weights: str, size: int, stage: int) -> Tensor:
    """Compute the map of one stage of a frozen network, from that of the stage before.

    Parameters
    ----------
    image : Image
    backbone : {"resnet18", "resnet34", "resnet50"}
    weights : str
        See `learned.backbones.weights.start`.
    size : int
        Rows and columns to which the image is resampled, a multiple of 8.
    stage : int
        0 is the stem with its max pool, 1 to `STAGES` are the stages.

    Returns
    -------
    Tensor, shape (1, channels, size / 4, size / 4), the second stage's (1, channels, size / 8, size / 8)
        Several metrics hold it: to be left as it is.
    """
    network = frozen_network(backbone, weights, STAGES)
    with torch.no_grad():
        if stage == 0:
            x = standardised(torch.tensor(pixels(image, size=size))[None])
            return network.stem(x.contiguous(memory_format=torch.channels_last))
        before = stage_map(image, backbone=backbone, weights=weights, size=size, stage=stage - 1)
        found: Tensor = network.get_submodule(network.stages[stage - 1])(before)
    return found


def channels_of(backbone: str, stage: int) -> int:
    """Return the number of channels of a stage's map, from 1.

    Examples
    --------
    >>> channels_of("resnet34", 3), channels_of("resnet50", 3)
    (256, 1024)
    """
    return (32 << stage) * RESNETS[backbone].block.expansion


@lru_cache(maxsize=4)
def frozen_network(backbone: str, weights: str, stages: int = 4) -> ResNet:
    """Make a network for evaluation alone, without classifier, its batch normalisation folded into the convolutions."""
    with torch.random.fork_rng([]):
        torch.manual_seed(FROZEN_SEED)
        network = cast("ResNet", start(backbone, weights, stages=stages, classes=0).network)
    network = folded(network)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


class Standard(nn.Module):
    """Bring every channel to mean 0 and deviation 1, over the images and places that `learn` was shown.

    Parameters
    ----------
    channels : int

    Examples
    --------
    >>> standard = Standard(2)
    >>> standard.learn(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
    >>> standard(torch.tensor([[2.0, 6.0]]))
    tensor([[0., 1.]])
    """

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))

    def learn(self, x: Tensor) -> None:
        """Take mean and deviation from data (n, ..., channels); a channel that never changes keeps a deviation of 1."""
        flat = x.flatten(0, -2).float()
        self.mean.copy_(flat.mean(dim=0))
        deviation = self.deviation(flat)
        # The mean of equal numbers may differ from them by rounding: whether any differ, these themselves tell.
        changes = flat.amax(dim=0) > flat.amin(dim=0)
        self.std.copy_(torch.where(changes, deviation, torch.ones_like(deviation)))

    def deviation(self, flat: Tensor) -> Tensor:
        """Compute the deviation of each channel of (n, channels) from `mean`."""
        return (flat - self.mean).square_().mean(dim=0).sqrt()

    def forward(self, x: Tensor) -> Tensor:
        """Standardise (..., channels)."""
        return (x - self.mean).div_(self.std)


class OnFrozen(nn.Module):
    """Base of networks that stand on a frozen one, and take what it gives of an image once that is standardised.

    Parameters
    ----------
    standard : Standard
        It learns from the training images, and is applied to all images before they come to `forward`.
    """

    def __init__(self, standard: Standard) -> None:
        super().__init__()
        self.standard = standard
