"""PNQC's network: one ResNet on three sizes of the image, a feature pyramid on each, one score."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize

from learned.backbones.frozen import OnFrozen, Standard, channels_of
from learned.backbones.pixels import standardised
from learned.backbones.resnet import ResNet, resnet
from learned.backbones.weights import start
from learned.pnqc_like.config import Config


class Assessment(NamedTuple):
    """What the network says of images.

    Attributes
    ----------
    score : Tensor, shape (B,)
        q in 0..1.
    z : Tensor, shape (B, K)
        Embeddings of length 1.
    """

    score: Tensor
    z: Tensor


class FeaturePyramid(nn.Module):
    """Bring maps of several stages to one width, and what coarse ones know down to the fine ones.

        T_L = lateral_L(C_L),   T_l = lateral_l(C_l) + up(T_(l+1)),   P_l = smooth_l(T_l),

    where C_l are the maps, fine to coarse, laterals are 1x1 convolutions, and up repeats pixels.

    Parameters
    ----------
    channels : sequence of int
        Channels of each C_l.
    width : int
        Channels of each P_l.
    kernel : int
        Size of the smoothing convolutions. With 0 the pyramid is one of averages, and its convolutions are linear.

    References
    ----------
    T.-Y. Lin et al., Feature pyramid networks for object detection, CVPR 2017.
    """

    def __init__(self, channels: Sequence[int], width: int, kernel: int) -> None:
        super().__init__()
        if kernel:
            lateral: list[nn.Module] = [nn.Conv2d(count, width, 1) for count in channels]
            smooth: list[nn.Module] = [nn.Conv2d(width, width, kernel, padding=kernel // 2) for _ in channels]
        else:
            lateral = [nn.Linear(count, width) for count in channels]
            smooth = [nn.Linear(width, width) for _ in channels]
        self.lateral, self.smooth = nn.ModuleList(lateral), nn.ModuleList(smooth)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Fuse maps, each (B, C_l, H_l, W_l), into as many, each (B, width, H_l, W_l); likewise averages (B, C_l)."""
        fused: list[Tensor] = []
        above: Tensor | None = None
        for lateral, smooth, x in reversed(list(zip(self.lateral, self.smooth, maps, strict=True))):
            top = lateral(x)
            if above is not None:
                top = top + (interpolate(above, top.shape[2:], mode="nearest") if top.ndim == 4 else above)
            fused.append(smooth(top))
            above = top
        return fused[::-1]


class Head(nn.Module):
    """From the averages g of all levels and scales to a score: ``e = W g + b``, ``z = e / |e|``, ``q = s(v relu(e))``.

    Parameters
    ----------
    channels : int
        Length of all averages together.
    embedding, dropout
        See `Config`.
    """

    def __init__(self, channels: int, embedding: int, dropout: float) -> None:
        super().__init__()
        self.embed = nn.Linear(channels, embedding)
        self.dropout = nn.Dropout(dropout)
        self.score = nn.Linear(embedding, 1)

    def forward(self, averages: Tensor) -> Assessment:
        """Assess images by their averages (B, channels)."""
        e = self.embed(averages)
        score = torch.sigmoid(self.score(self.dropout(torch.relu(e))).float())[:, 0]
        return Assessment(score, normalize(e.float(), dim=1))


class NormPerScale(nn.Module):
    """Batch normalisation that keeps statistics for each scale of the image, of which `scale` is in turn.

    In training a batch holds one scale. Statistics of all of them together would fit none, once they are used.
    """

    def __init__(self, norm: nn.BatchNorm2d, scales: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(deepcopy(norm) for _ in range(scales))
        self.scale = 0

    def forward(self, x: Tensor) -> Tensor:
        """Normalise a map (B, C, H, W)."""
        return self.norms[self.scale](x)


class Network(nn.Module):
    """ResNet, pyramid and head, trained together; takes pixels. The scales share all but batch normalisation.

    Parameters
    ----------
    config : Config
    load : bool
        Whether the ResNet starts from the weights that the configuration names; otherwise at random.
    """

    def __init__(self, config: Config, *, load: bool = True) -> None:
        super().__init__()
        self.config = config
        stages = max(config.levels)
        begun = start(config.backbone, config.weights, stages=stages, classes=0).network if load else None
        self.backbone = cast("ResNet", begun) if begun else resnet(config.backbone, stages=stages, classes=None)
        self.norms = _norms_per_scale(self.backbone, len(config.scales))
        self.pyramid = FeaturePyramid(_channels(config), config.width, config.kernel)
        self.head = Head(len(config.scales) * len(config.levels) * config.width, config.embedding, config.dropout)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, pixels: Tensor) -> Assessment:
        """Assess images (B, 3, size, size), 8 bits."""
        images = standardised(pixels).contiguous(memory_format=torch.channels_last)
        averages: list[Tensor] = []
        for number, scale in enumerate(self.config.scales):
            for norm in self.norms:
                norm.scale = number
            size = self.config.size // scale
            x = images if scale == 1 else interpolate(images, (size, size), mode="bilinear", antialias=True)
            maps = self.backbone.maps(x)
            averages += [level.mean(dim=(2, 3)) for level in self.pyramid([maps[i] for i in self.config.levels])]
        found: Assessment = self.head(torch.cat(averages, dim=1))
        return found


class FrozenNetwork(OnFrozen):
    """Pyramid and head alone, on averages of the maps of a frozen ResNet, standardised by the training images.

    Averaging and repeating pixels change nothing in the order of linear layers: the pyramid of the averages is the
    average of the pyramid.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(Standard(len(config.scales) * sum(_channels(config))))
        self.config = config
        self.dropout = nn.Dropout(config.dropout)
        self.pyramid = FeaturePyramid(_channels(config), config.width, config.kernel)
        self.head = Head(len(config.scales) * len(config.levels) * config.width, config.embedding, config.dropout)

    def forward(self, vectors: Tensor) -> Assessment:
        """Assess images by what `learned.pnqc_like.inputs.vector` gives, standardised, shape (B, channels)."""
        # One pyramid for all scales: they stand side by side in one batch.
        of_scales = self.dropout(vectors).reshape(len(vectors) * len(self.config.scales), -1)
        levels = self.pyramid(of_scales.split(_channels(self.config), dim=1))
        found: Assessment = self.head(torch.cat(levels, dim=1).reshape(len(vectors), -1))
        return found


def _norms_per_scale(network: nn.Module, scales: int) -> list[NormPerScale]:
    """Replace all batch normalisations of a network, and return what they became."""
    made: list[NormPerScale] = []
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                made.append(NormPerScale(child, scales))
                setattr(module, name, made[-1])
    return made


def _channels(config: Config) -> list[int]:
    return [channels_of(config.backbone, level) for level in config.levels]
