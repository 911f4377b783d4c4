"""AGA's network: tokens of a transformer, two stages of attention and graph, a weighted score; and a reduced one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from fusion_metrics import FusionMetricsError
from learned.aga.attention import TransposedAttention, WindowAttention
from learned.aga.config import Config
from learned.aga.graph import AdaptiveGraph
from learned.aga.losses import exceedance, soft_score
from learned.backbones.frozen import OnFrozen, Standard, channels_of
from learned.backbones.pixels import standardised
from learned.backbones.vit import VIT_MEAN, VIT_STD, VisionTransformer
from learned.backbones.weights import RANDOM, VIT, find, is_imagenet, load_into, load_state, missing


class Assessment(NamedTuple):
    """What the network says of images.

    Attributes
    ----------
    score : Tensor, shape (B,)
        q, not limited to 1.
    exceeded : Tensor, shape (B, bins), or None
        Probabilities that q exceeds each threshold of the ordinal branch, where there is one.
    """

    score: Tensor
    exceeded: Tensor | None


class Stage(nn.Module):
    """Attention among channels, a linear layer (a 1x1 convolution), and window attention.

    Parameters
    ----------
    channels, out : int
    config : Config
    """

    def __init__(self, channels: int, out: int, config: Config) -> None:
        super().__init__()
        places, dropout = config.grid**2, config.attention_dropout
        self.layers = nn.Sequential(
            *(TransposedAttention(places, dropout, config.order) for _ in range(config.attentions)),
            nn.Linear(channels, out),
            WindowAttention(
                out,
                config.window_heads,
                config.mlp,
                grid=config.grid,
                window=config.window,
                depths=config.depths,
                scale=config.scale,
                dropout=config.window_dropout,
                drop=config.window_drop,
            ),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Transform tokens (B, places, channels) into (B, places, out)."""
        return self.layers(tokens)


class WeightedHead(nn.Module):
    """``sum_i w_i f_i / sum_i w_i`` over places i, with f of one small network and w in 0..1 of another.

    Parameters
    ----------
    channels, hidden, out : int
        Channels at the start, in the middle and at the end of each network.
    dropout, first : float
        See `Config`.
    """

    def __init__(self, channels: int, hidden: int, out: int, *, dropout: float, first: float) -> None:
        super().__init__()
        self.value, self.weight = (
            nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, out), last)
            for last in (nn.ReLU(), nn.Sigmoid())
        )
        nn.init.constant_(self.value[3].bias, first)  # type: ignore[arg-type]

    def forward(self, tokens: Tensor) -> Tensor:
        """Average tokens (B, places, channels) to (B, out)."""
        weight = self.weight(tokens).float()
        return (self.value(tokens).float() * weight).sum(dim=1) / weight.sum(dim=1)


class Network(nn.Module):
    """The released network; takes pixels.

    Parameters
    ----------
    config : Config
    load : bool
        Whether the transformer starts from the weights that the configuration names; otherwise at random.
    """

    def __init__(self, config: Config, *, load: bool = True) -> None:
        super().__init__()
        first, second, third = config.widths
        self.transformer = _transformer(config, load=load)
        self.stages = nn.ModuleList(
            [Stage(len(config.taps) * config.channels, first, config), Stage(first, second, config)]
        )
        self.graphs = nn.ModuleList(
            AdaptiveGraph(width, config.hidden, config.grid, keep=keep, add=config.add, order=config.order)
            for width, keep in zip((first, second), config.keep, strict=True)
        )
        self.score = WeightedHead(second, second, 1, dropout=config.dropout, first=config.first_score)
        self.ordinal_stage = Stage(second, third, config)
        self.ordinal = WeightedHead(
            third, third // 2, 2 * config.bins, dropout=config.dropout, first=config.first_score
        )
        self.shares = nn.Parameter(torch.tensor(config.shares))

    def forward(self, pixels: Tensor) -> Assessment:
        """Assess images (B, 3, size, size), 8 bits."""
        tokens = self.transformer(standardised(pixels, VIT_MEAN, VIT_STD))
        for stage, graph in zip(self.stages, self.graphs, strict=True):
            tokens = graph(stage(tokens))
        exceeded = exceedance(self.ordinal(self.ordinal_stage(tokens)))
        score = self.shares[0] * self.score(tokens)[:, 0] + self.shares[1] * soft_score(exceeded)
        return Assessment(score, exceeded)


class FrozenNetwork(OnFrozen):
    """The reduced network: ``head(graph(W x + b))`` on the map x of a frozen ResNet.

    The map is standardised by the training images. There is no ordinal branch, and none of the attentions.
    """

    def __init__(self, config: Config) -> None:
        channels = channels_of(config.backbone, config.stage)
        super().__init__(Standard(channels))
        width = config.widths[0]
        # Without a channel at all places: single places would be guessed from their neighbours.
        self.dropout = nn.Dropout1d(config.dropout)
        self.reduce = nn.Linear(channels, width)
        self.graph = AdaptiveGraph(
            width, config.hidden, config.grid, keep=config.keep[0], add=config.add, order=config.order
        )
        self.score = WeightedHead(width, width, 1, dropout=0.0, first=config.first_score)

    def forward(self, maps: Tensor) -> Assessment:
        """Assess images by what `learned.aga.inputs.places` gives, standardised, shape (B, grid^2, channels)."""
        x = self.dropout(maps.transpose(1, 2)).transpose(1, 2)
        return Assessment(self.score(self.graph(self.reduce(x)))[:, 0], None)


def _transformer(config: Config, *, load: bool) -> VisionTransformer:
    patch = config.size // config.grid
    network = VisionTransformer(config.taps, size=config.size, patch=patch, width=config.channels, heads=config.heads)
    if load and config.transformer != RANDOM:
        if problem := missing(VIT, config.transformer):
            raise FusionMetricsError(problem)
        path = find(VIT, config.transformer) if is_imagenet(config.transformer) else None
        path = path or Path(config.transformer)
        load_into(network, load_state(path), path)
    return network
