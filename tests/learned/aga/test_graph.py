"""AGA: its graph against its formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from learned.aga.graph import AdaptiveGraph, GraphLayer, grid_adjacency


@pytest.mark.parametrize(("rows", "columns"), [(28, 28), (8, 8), (3, 5), (1, 4), (1, 1)])
def test_places_are_joined_to_the_eight_around(rows, columns) -> None:
    adjacency = grid_adjacency(rows, columns)
    expected = np.zeros((rows, columns, rows, columns))
    for i in range(rows):
        for j in range(columns):
            for down in (-1, 0, 1):
                for right in (-1, 0, 1):
                    if (down or right) and 0 <= i + down < rows and 0 <= j + right < columns:
                        expected[i, j, i + down, j + right] = 1
    np.testing.assert_array_equal(adjacency, expected.reshape(rows * columns, -1))
    assert adjacency.diagonal().sum() == 0


def test_a_graph_layer_sums_over_neighbours() -> None:
    """X = 1 on a 3x3 grid: corners have 3 neighbours, edges 5, the centre 8."""
    layer = GraphLayer(2, 3, 3, "transposed")
    nn.init.ones_(layer.weight)
    found = layer(torch.ones(1, 2, 9))
    assert found.shape == (1, 3, 9)
    assert found[0, 0].reshape(3, 3).tolist() == [[6, 10, 6], [10, 16, 10], [6, 10, 6]]


@pytest.mark.parametrize("order", ["transposed", "reshaped"])
def test_a_graph_layer_is_its_formula(order) -> None:
    torch.manual_seed(0)
    layer = GraphLayer(4, 6, 3, order)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.edges)
    x = torch.randn(2, 4, 9)
    places = torch.relu((x @ (grid_adjacency(3, 3) * layer.edges)).transpose(1, 2) @ layer.weight)
    expected = places.transpose(1, 2) if order == "transposed" else places.reshape(2, 6, 9)
    torch.testing.assert_close(layer(x), expected)
    assert not torch.equal(places.transpose(1, 2), places.reshape(2, 6, 9))


def test_what_the_weights_of_a_graph_start_at() -> None:
    """All equal as released; with transposition that would keep all hidden channels equal for ever."""
    assert torch.equal(GraphLayer(4, 6, 3, "reshaped").weight, torch.full((4, 6), 1 / 6))
    drawn = GraphLayer(64, 96, 3, "transposed").weight
    assert 0 <= drawn.min() < drawn.max() <= 2 / 96
    assert drawn.mean().item() == pytest.approx(1 / 96, rel=0.05)

    x = torch.randn(5, 4, 9, generator=torch.Generator().manual_seed(0))
    for order, frozen in (("transposed", True), ("reshaped", False)):
        graph = AdaptiveGraph(4, 6, 3, keep=0.8, add=0.2, order=order)
        for layer in graph.layers:
            nn.init.constant_(layer.weight, 1 / 6)
        graph(x.transpose(1, 2)).square().sum().backward()
        gradient = graph.layers[0].weight.grad
        assert torch.allclose(gradient, gradient[:, :1], rtol=1e-4) is frozen


def test_what_a_graph_adds() -> None:
    graph = AdaptiveGraph(4, 6, 3, keep=0.8, add=0.2, order="transposed")
    tokens = torch.randn(2, 9, 4)
    first, second = graph.layers
    expected = 0.8 * tokens + 0.2 * second(first(tokens.transpose(1, 2))).transpose(1, 2)
    torch.testing.assert_close(graph(tokens), expected)
    assert graph.add.requires_grad
