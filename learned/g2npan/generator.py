"""The generator: from a fused image of any quality to what its best version would look like.

Down-sampling, feature warehouses, up-sampling, all with 3x3 kernels (section 3.2 of the paper, Figures 3 and 4).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from learned.g2npan.config import Config


class Generated(NamedTuple):
    """What the generator makes of images.

    Attributes
    ----------
    image : Tensor, shape (B, C, H, W)
        I_hq, in 0..1.
    features : Tensor, shape (B, K, H / 4, W / 4)
        F_base, the map that the last warehouse hands on.
    """

    image: Tensor
    features: Tensor


def conv_block(channels: int, width: int, slope: float, *, stride: int = 1) -> nn.Sequential:
    """Convolve, rectify, normalise: the paper puts the batch normalisation after the activation."""
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, stride=stride, padding=1), nn.LeakyReLU(slope), nn.BatchNorm2d(width)
    )


class ResidualBlock(nn.Module):
    """``x + three convolution layers (x)``."""

    def __init__(self, width: int, slope: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(conv_block(width, width, slope) for _ in range(3)))

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (B, width, H, W)."""
        return x + self.layers(x)


class FeatureWarehouse(nn.Module):
    """Unique Feature Warehouse (UFW): features from three scales, integrated twice, added to what came in.

    The paper says that the structure overlaps, works at several scales and integrates them continuously, with 3x3
    kernels and equal sizes of input and output (32 x 32); its drawing was not at hand. Inferred is a nested hourglass
    with sums across. With C a convolution block, down a convolution at stride 2 and up bilinear,

        e1 = C(x),  e2 = C(down(e1)),  e3 = C(down(e2)),
        d2 = C(up(e3) + e2),  d1 = C(up(d2) + e1),  y = x + C([d1, e1]).

    Parameters
    ----------
    width : int
        Channels of every map.
    slope : float
        Slope of the leaky rectifiers.
    """

    def __init__(self, width: int, slope: float) -> None:
        super().__init__()
        self.e1, self.e2, self.e3, self.d2, self.d1 = (conv_block(width, width, slope) for _ in range(5))
        self.down1, self.down2 = (nn.Conv2d(width, width, 3, stride=2, padding=1) for _ in range(2))
        self.integrate = conv_block(2 * width, width, slope)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (B, width, H, W)."""
        e1 = self.e1(x)
        e2 = self.e2(self.down1(e1))
        e3 = self.e3(self.down2(e2))
        d2 = self.d2(_up_to(e3, e2) + e2)
        d1 = self.d1(_up_to(d2, e1) + e1)
        return x + self.integrate(torch.cat([d1, e1], dim=1))


class Generator(nn.Module):
    """Down-sampling, `config.warehouses` warehouses, up-sampling.

    Three blocks "convolution, activation, normalisation, residual block" halve the size twice; four layers "up-sample,
    convolution, normalisation, activation" double it twice, the last with a sigmoid.

    Parameters
    ----------
    config : Config
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        down: list[nn.Module] = []
        width = config.channels
        for channels, stride in zip(config.down, config.strides, strict=True):
            down += [conv_block(width, channels, config.slope, stride=stride), ResidualBlock(channels, config.slope)]
            width = channels
        self.down = nn.Sequential(*down)
        self.warehouses = nn.Sequential(*(FeatureWarehouse(width, config.slope) for _ in range(config.warehouses)))
        up: list[nn.Module] = []
        layers = zip((*config.up, config.channels), (1, *config.strides[::-1]), strict=True)
        for number, (channels, factor) in enumerate(layers):
            if factor > 1:
                up.append(nn.Upsample(scale_factor=factor))
            up += [nn.Conv2d(width, channels, 3, padding=1), nn.BatchNorm2d(channels)]
            up.append(nn.Sigmoid() if number == len(config.up) else nn.LeakyReLU(config.slope))
            width = channels
        self.up = nn.Sequential(*up)

    def forward(self, image: Tensor) -> Generated:
        """Generate.

        Parameters
        ----------
        image : Tensor, shape (B, C, H, W)
            I_org, in 0..1; C is ``config.channels``.
        """
        features = self.warehouses(self.down(image))
        return Generated(self.up(features), features)


def _up_to(x: Tensor, size_of: Tensor) -> Tensor:
    return interpolate(x, size=size_of.shape[-2:], mode="bilinear", align_corners=False)
