"""The attention-based quality network (AQA): from an image, its nuance and the generator's features to a score."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from learned.backbones.vgg import VGG, VGGS
from learned.backbones.weights import MEAN, RANDOM, STD, start
from learned.g2npan.config import Config
from learned.g2npan.losses import nuance

#: Activation maps whose values differ by less are flat.
FLAT = 1e-6


class Assessment(NamedTuple):
    """What the assessor says of images.

    Attributes
    ----------
    score : Tensor, shape (B,)
        Q_pre.
    attention : Tensor, shape (B, h, w)
        F_CAM, in 0..1.
    """

    score: Tensor
    attention: Tensor


class Assessor(nn.Module):
    """VGG on an image and its nuance, joined by F_base before the fully connected layer, whose weights make the CAM.

    VGG's first convolution becomes two, one for the image and one for the nuance, with half of its channels each; side
    by side they are what the rest of VGG expects. F_base is averaged down to the size of VGG's last map and stands
    beside it (eq. 5). The mean over positions enters one fully connected layer instead of VGG's three, because a class
    activation map is defined by the weights of a layer on such means (Zhou et al., CVPR 2016).

    Without a generator the first convolution stays whole, and there is VGG's map alone.

    Parameters
    ----------
    config : Config
    load : bool
        Whether to start from ``config.weights``; otherwise from random ones.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: Config, *, load: bool = True) -> None:
        super().__init__()
        vgg = _vgg(config, load=load)
        first = cast(nn.Conv2d, vgg.features[0])
        count = 2 if config.guided else 1
        width = first.out_channels
        self.stems = nn.ModuleList(nn.Conv2d(config.channels, width // count, 3, padding=1) for _ in range(count))
        if first.weight.shape == self.stems[0].weight.shape:
            self.stems[0] = first
        self.body = nn.Sequential(*_body(list(vgg.features.children())[1:], width, config.pools, config.normalised))
        self.classify = nn.Linear(vgg.channels + (config.down[-1] if config.guided else 0), 1)
        for name, values in (("mean", MEAN), ("std", STD)):
            of_channels = torch.tensor(values).repeat_interleave(config.fold**2)[:, None, None]
            self.register_buffer(name, of_channels, persistent=False)

    def forward(self, image: Tensor, generated: Tensor | None = None, features: Tensor | None = None) -> Assessment:
        """Assess.

        Parameters
        ----------
        image : Tensor, shape (B, C, H, W)
            I_org in 0..1.
        generated, features : Tensor, optional
            I_hq and F_base, of the same images, where there is a generator.
        """
        inputs = [(image - self.mean).div_(self.std)]
        if generated is not None:
            inputs.append(nuance(image, generated))
        maps = self.body(torch.cat([stem(x) for stem, x in zip(self.stems, inputs, strict=True)], dim=1))
        if features is not None:
            maps = torch.cat([adaptive_avg_pool2d(features, maps.shape[-2:]), maps], dim=1)
        score = self.classify(maps.mean(dim=(2, 3)))[:, 0]
        return Assessment(score, class_activation(maps, self.classify.weight[0]))


def class_activation(maps: Tensor, weights: Tensor) -> Tensor:
    """Weight maps by what they contribute to the score, ``sum_k w_k F_k``, stretched to 0..1 in each image.

    Stretched, because the mean of the weighted map is the score, but for the bias: held to the map of a better image
    it would pull the score to that image's.

    Parameters
    ----------
    maps : Tensor, shape (B, K, h, w)
    weights : Tensor, shape (K,)

    Returns
    -------
    Tensor, shape (B, h, w)
        0 everywhere for a flat map.

    Examples
    --------
    >>> maps = torch.tensor([[[[0.0, 1.0]], [[2.0, 1.0]]]])
    >>> class_activation(maps, torch.tensor([3.0, -1.0]))
    tensor([[[0., 1.]]])
    """
    activation = torch.einsum("bkhw,k->bhw", maps, weights).float()
    low, high = (extreme[:, None, None] for extreme in (activation.amin(dim=(1, 2)), activation.amax(dim=(1, 2))))
    return (activation - low) / (high - low).clamp_min(FLAT)


def _vgg(config: Config, *, load: bool) -> VGG:
    if config.weights != RANDOM and load:
        return cast(VGG, start(config.backbone, config.weights, classes=0).network)
    blocks = tuple(tuple(width // config.narrow for width in block) for block in VGGS[config.backbone])
    return VGG(blocks, classes=None)


def _body(layers: list[nn.Module], width: int, pools: int, normalised: bool) -> list[nn.Module]:
    """List VGG's layers after the first convolution, without its last pools, with normalisation if that is wanted."""
    body: list[nn.Module] = [nn.BatchNorm2d(width)] if normalised else []
    for layer in layers:
        if isinstance(layer, nn.MaxPool2d):
            pools -= 1
            if pools < 0:
                continue
        body.append(layer)
        if normalised and isinstance(layer, nn.Conv2d):
            body.append(nn.BatchNorm2d(layer.out_channels))
    return body
