"""MS-AAN's network: a stream per scale, one convolution over all of them, five classes, and where it looks."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from learned.backbones.frozen import OnFrozen, Standard, channels_of
from learned.backbones.resnet import WIDTH, ResNet, resnet
from learned.backbones.weights import start
from learned.ms_aan.config import Config
from learned.ms_aan.losses import CLASSES


class Classified(NamedTuple):
    """What the network says of images.

    Attributes
    ----------
    logits : Tensor, shape (B, 5)
        Class scores.
    attention : Tensor, shape (B, H, W)
        The activation map of a class, in 0..1.
    """

    logits: Tensor
    attention: Tensor


class Head(nn.Module):
    """From the concatenated maps f of all streams to classes and attention.

        G = relu(bn(conv(f))),   z = GAP(G) + GMP(G)   (eq. 5),   logits = fc(z),
        A = relu(sum_k w_k^c G_k), scaled to 0..1,

    where w^c are the weights of class c in fc: the class activation map, computed in the same pass.

    Parameters
    ----------
    channels : int
        Channels of the concatenated maps.
    width, kernel, dropout
        See `Config`.
    """

    def __init__(self, channels: int, width: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.conv = nn.Conv2d(channels, width, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.fc = nn.Linear(width, CLASSES)

    def forward(self, maps: Tensor, classes: Tensor | None = None) -> Classified:
        """Classify.

        Parameters
        ----------
        maps : Tensor, shape (B, channels, H, W)
        classes : Tensor of int, shape (B,), optional
            The classes whose activation maps are wanted; without it the likeliest.
        """
        activation = self.activation(maps)
        logits = self.fc(activation.mean(dim=(2, 3)) + activation.amax(dim=(2, 3)))
        chosen = logits.argmax(dim=1) if classes is None else classes
        return Classified(logits, stretched(torch.relu(self.evidence(activation, chosen))))

    def activation(self, maps: Tensor) -> Tensor:
        """Compute G, shape (B, width, H, W)."""
        return torch.relu(self.bn(self.conv(self.dropout(maps))))

    def evidence(self, activation: Tensor, classes: Tensor) -> Tensor:
        """Compute what every place adds to the score of a class, sum_k w_k^c G_k: shape (B, H, W)."""
        return torch.einsum("bk,bkhw->bhw", self.fc.weight[classes], activation)


class Network(nn.Module):
    """Streams and head, trained together.

    Parameters
    ----------
    config : Config
    load : bool
        Whether the streams start from the weights that the configuration names; otherwise at random, to be loaded.

    Attributes
    ----------
    notes : str
        What the streams started from.
    """

    def __init__(self, config: Config, *, load: bool = True) -> None:
        super().__init__()
        streams: list[ResNet] = []
        self.notes = ""
        for _ in range(config.streams):
            if load and config.narrow == 1:
                begun = start(config.backbone, config.weights, stages=config.stages)
                self.notes = begun.notes
                streams.append(cast("ResNet", begun.network))
            else:
                streams.append(resnet(config.backbone, stages=config.stages, width=WIDTH // config.narrow))
        self.streams = nn.ModuleList(streams)
        channels = sum(stream.channels for stream in streams)
        self.head = Head(channels, config.width, config.kernel, config.dropout)
        # Channels innermost: a tenth faster on processors, more on GPUs.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, scales: Tensor, classes: Tensor | None = None) -> Classified:
        """Classify images by their scales, shape (B, streams, 3, H, W); see `Head.forward`."""
        found: Classified = self.head(self.maps(scales), classes)
        return found

    def maps(self, scales: Tensor) -> Tensor:
        """Concatenate what the streams see in the scales: shape (B, channels, H, W)."""
        seen = zip(self.streams, scales.float().unbind(dim=1), strict=True)
        return torch.cat([stream(scale) for stream, scale in seen], dim=1)


class Standardised(Standard):
    """Brings vectors to mean 0 and deviation 1, with a deviation that is rounded once."""

    def deviation(self, flat: Tensor) -> Tensor:
        """Compute the deviation of each channel; its last digit is part of the published numbers."""
        return flat.std(dim=0, correction=0)


class FrozenNetwork(OnFrozen):
    """The head alone, on what frozen streams gave: a vector an image, standardised by the training images.

    Averaging is linear, so a 1x1 convolution of the averaged maps is the average of the convolved ones.
    """

    def __init__(self, config: Config) -> None:
        channels = config.streams * channels_of(config.backbone, config.stages)
        super().__init__(Standardised(channels))
        self.head = Head(channels, config.width, config.kernel, config.dropout)

    def forward(self, vectors: Tensor, classes: Tensor | None = None) -> Classified:
        """Classify images by their standardised vectors, shape (B, channels); see `Head.forward`."""
        found: Classified = self.head(vectors[:, :, None, None], classes)
        return found


def stretched(attention: Tensor) -> Tensor:
    """Scale each map (B, H, W) to 0..1; a flat one becomes 0."""
    low = attention.amin(dim=(1, 2), keepdim=True)
    span = attention.amax(dim=(1, 2), keepdim=True) - low
    return (attention - low) / torch.where(span > 0, span, torch.ones_like(span))
