"""Two kinds of attention: among channels over all places, and among the places of a window."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from learned.aga.config import Order
from learned.aga.graph import rearranged
from learned.backbones.vit import MLP, SelfAttention


class TransposedAttention(nn.Module):
    """Attention among channels over all places (TAB), with q, k, v linear maps of X (channels, places).

        X' = X + softmax(q k^T / sqrt(places)) v

    Parameters
    ----------
    places : int
    dropout : float
        Share of what is added that a training step leaves out.
    order : {"transposed", "reshaped"}
        The released code exchanges the axes of what is added and then reads it in the shape of X, which mixes it up;
        "transposed" leaves it as it is.
    """

    def __init__(self, places: int, dropout: float, order: Order) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(places, places) for _ in range(3))
        self.dropout = nn.Dropout(dropout)
        self.order: Order = order

    def forward(self, tokens: Tensor) -> Tensor:
        """Transform tokens (B, places, channels)."""
        x = tokens.transpose(1, 2)
        found = scaled_dot_product_attention(self.q(x), self.k(x), self.v(x))
        added: Tensor = self.dropout(rearranged(found.transpose(1, 2), self.order))
        return tokens + added.transpose(1, 2)


class WindowBlock(nn.Module):
    """One block of a Swin transformer: attention within windows, with a learnt bias by relative place, and an MLP.

    Parameters
    ----------
    channels, heads, hidden : int
        `hidden` of the MLP.
    grid, window : int
        Rows and columns; the grid is a multiple of the window.
    shift : int
        By which windows lie further right and down; those that wrap around are split at the border.
    drop : float
        Share of the images for which a branch is left out in training.
    """

    place: Tensor
    apart: Tensor

    def __init__(
        self, channels: int, heads: int, hidden: int, *, grid: int, window: int, shift: int, drop: float
    ) -> None:
        super().__init__()
        self.grid, self.window, self.shift, self.drop = grid, window, shift, drop
        self.norm1 = nn.LayerNorm(channels)
        self.attn = SelfAttention(channels, heads)
        self.bias = nn.Parameter(torch.empty((2 * window - 1) ** 2, heads))
        nn.init.trunc_normal_(self.bias, std=0.02)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = MLP(channels, hidden)
        row, column = torch.arange(window**2) // window, torch.arange(window**2) % window
        down, right = (axis[:, None] - axis + window - 1 for axis in (row, column))
        self.register_buffer("place", down * (2 * window - 1) + right, persistent=False)
        self.register_buffer("apart", _apart(grid, window, shift), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Transform tokens (B, grid^2, channels)."""
        x = self.norm1(tokens).unflatten(1, (self.grid, self.grid)).roll((-self.shift, -self.shift), (1, 2))
        bias = self.bias[self.place].movedim(-1, 0).to(x.dtype) + self.apart.to(x.dtype)[:, None]
        x = _merged(self.attn(_windows(x, self.window), bias), self.window)
        x = x.roll((self.shift, self.shift), (1, 2)).flatten(1, 2)
        tokens = tokens + self._kept(x)
        return tokens + self._kept(self.mlp(self.norm2(tokens)))

    def _kept(self, branch: Tensor) -> Tensor:
        if not self.training or self.drop == 0:
            return branch
        kept = torch.rand(len(branch), 1, 1, device=branch.device) >= self.drop
        return branch * kept / (1 - self.drop)


class WindowAttention(nn.Module):
    """The Swin part of AGA: per layer ``x + scale relu(conv(blocks(x)))``, every second block with shifted windows.

    Parameters
    ----------
    channels, heads, hidden, grid, window
        See `WindowBlock`.
    depths : sequence of int
        Blocks of each layer.
    scale : float
    dropout : float
        Share of the input that a training step leaves out.
    drop : float
        Drop of the last block, see `WindowBlock`; it grows evenly from 0.
    """

    def __init__(
        self,
        channels: int,
        heads: int,
        hidden: int,
        *,
        grid: int,
        window: int,
        depths: Sequence[int],
        scale: float,
        dropout: float,
        drop: float,
    ) -> None:
        super().__init__()
        self.grid, self.scale = grid, scale
        self.dropout = nn.Dropout(dropout)
        drops = iter(np.linspace(0, drop, sum(depths)).tolist())
        self.layers = nn.ModuleList(
            nn.Sequential(
                *(
                    WindowBlock(
                        channels,
                        heads,
                        hidden,
                        grid=grid,
                        window=window,
                        shift=window // 2 if i % 2 else 0,
                        drop=next(drops),
                    )
                    for i in range(depth)
                )
            )
            for depth in depths
        )
        self.convs = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in depths)

    def forward(self, tokens: Tensor) -> Tensor:
        """Transform tokens (B, grid^2, channels)."""
        tokens = self.dropout(tokens)
        for layer, conv in zip(self.layers, self.convs, strict=True):
            maps = layer(tokens).transpose(1, 2).unflatten(2, (self.grid, self.grid))
            tokens = tokens + self.scale * torch.relu(conv(maps)).flatten(2).transpose(1, 2)
        return tokens


def _windows(x: Tensor, window: int) -> Tensor:
    """Cut (B, grid, grid, channels) into (B, windows, window^2, channels)."""
    count, grid, _, channels = x.shape
    cut = x.reshape(count, grid // window, window, grid // window, window, channels).transpose(2, 3)
    return cut.reshape(count, (grid // window) ** 2, window**2, channels)


def _merged(windows: Tensor, window: int) -> Tensor:
    """Put windows together again."""
    count, number, _, channels = windows.shape
    side = math.isqrt(number)
    cut = windows.reshape(count, side, side, window, window, channels).transpose(2, 3)
    return cut.reshape(count, side * window, side * window, channels)


def _apart(grid: int, window: int, shift: int) -> Tensor:
    """Compute what keeps places of a window apart that lie at opposite borders: (windows, window^2, window^2)."""
    wrapped = (torch.arange(grid) >= grid - shift).long()
    region = _windows((2 * wrapped[:, None] + wrapped)[None, :, :, None], window)[0, :, :, 0]
    different = region[:, :, None] != region[:, None]
    return torch.zeros(different.shape).masked_fill(different, -torch.inf)
