"""The adaptive graph: places of a grid, joined to their eight neighbours by edges whose weights are learnt."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from learned.aga.config import Order


def grid_adjacency(rows: int, columns: int) -> Tensor:
    """Say which places of a grid, counted row by row, are neighbours: 1 for the eight around, none for itself.

    Examples
    --------
    >>> grid_adjacency(2, 3)[0]
    tensor([0., 1., 0., 1., 1., 0.])
    """
    place = torch.arange(rows * columns)
    row, column = place // columns, place % columns
    distance = torch.maximum((row[:, None] - row).abs(), (column[:, None] - column).abs())
    return (distance == 1).float()


def rearranged(x: Tensor, order: Order) -> Tensor:
    """Turn (B, p, q) into (B, q, p): by exchanging the axes, or by reading the same numbers in another shape.

    The second is what the released code does where it means the first; it mixes places and channels up.

    Examples
    --------
    >>> x = torch.arange(6).reshape(1, 2, 3)
    >>> rearranged(x, "transposed")[0].tolist(), rearranged(x, "reshaped")[0].tolist()
    ([[0, 3], [1, 4], [2, 5]], [[0, 1], [2, 3], [4, 5]])
    """
    return x.transpose(1, 2) if order == "transposed" else x.reshape(len(x), x.shape[2], x.shape[1])


class GraphLayer(nn.Module):
    """``X' = relu((X (Adj o P))^T W)``: sums over neighbours, weighted by P, and a linear map of the channels.

    Parameters
    ----------
    channels, out : int
    grid : int
        Rows and columns.
    order : {"transposed", "reshaped"}
        What becomes of X'. With "reshaped" all of W starts at 1/out, as released. With "transposed" that would make
        all channels of X' equal, and the gradient keeps equal channels equal: W starts at random between 0 and 2/out.
    """

    adjacency: Tensor

    def __init__(self, channels: int, out: int, grid: int, order: Order) -> None:
        super().__init__()
        self.order: Order = order
        start = 2 * torch.rand(channels, out) if order == "transposed" else torch.ones(channels, out)
        self.weight = nn.Parameter(start / out)
        self.edges = nn.Parameter(torch.ones(grid**2, grid**2))
        self.register_buffer("adjacency", grid_adjacency(grid, grid), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Transform X, shape (B, channels, places), into (B, out, places)."""
        return rearranged(torch.relu((x @ (self.adjacency * self.edges)).transpose(1, 2) @ self.weight), self.order)


class AdaptiveGraph(nn.Module):
    """``keep X + w layer2(layer1(X))`` with a learnt w.

    Parameters
    ----------
    channels, hidden : int
        Channels of X, and between the layers.
    grid : int
        Rows and columns.
    keep, add : float
        The constant, and what w starts at.
    order
        See `GraphLayer`.
    """

    def __init__(self, channels: int, hidden: int, grid: int, *, keep: float, add: float, order: Order) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            GraphLayer(channels, hidden, grid, order), GraphLayer(hidden, channels, grid, order)
        )
        self.keep = keep
        self.add = nn.Parameter(torch.tensor(add))

    def forward(self, tokens: Tensor) -> Tensor:
        """Transform tokens (B, places, channels)."""
        graph: Tensor = self.layers(tokens.transpose(1, 2))
        return self.keep * tokens + self.add * graph.transpose(1, 2)
