"""Batch normalisation folded into the convolution before it: the same function in fewer operations, once frozen."""

from __future__ import annotations

from typing import cast

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from learned.backbones.resnet import ResNet

_PAIRS = {"conv1": "bn1", "conv2": "bn2", "conv3": "bn3"}


def folded(network: ResNet) -> ResNet:
    """Fold a ResNet, in place, for evaluation."""
    network.eval()
    for module in list(network.modules()):
        for convolution, norm in _PAIRS.items():
            if isinstance(getattr(module, norm, None), nn.BatchNorm2d):
                setattr(module, convolution, fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm)))
                setattr(module, norm, nn.Identity())
        if isinstance(shortcut := getattr(module, "downsample", None), nn.Sequential):
            convolution_of_shortcut, norm_of_shortcut = shortcut
            module.downsample = fuse_conv_bn_eval(
                cast(nn.Conv2d, convolution_of_shortcut), cast(nn.BatchNorm2d, norm_of_shortcut)
            )
    return network
