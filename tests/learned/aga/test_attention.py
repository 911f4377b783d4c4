"""AGA: both kinds of attention against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from learned.aga.attention import TransposedAttention, WindowAttention, WindowBlock


@pytest.mark.parametrize("order", ["transposed", "reshaped"])
def test_attention_among_channels_is_its_formula(order) -> None:
    torch.manual_seed(0)
    attention = TransposedAttention(9, 0.0, order)
    tokens = torch.randn(2, 9, 4)
    x = tokens.transpose(1, 2)
    weights = torch.softmax(attention.q(x) @ attention.k(x).transpose(1, 2) / 3, dim=2)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 4))
    found = weights @ attention.v(x)
    added = found if order == "transposed" else found.transpose(1, 2).reshape(2, 4, 9)
    torch.testing.assert_close(attention(tokens), (x + added).transpose(1, 2))


def test_attention_weights_sum_to_one() -> None:
    """If all channels have one value v, its weighted mean is v whatever the weights are."""
    attention = TransposedAttention(9, 0.0, "transposed")
    nn.init.zeros_(attention.v.weight)
    tokens = torch.randn(2, 9, 4)
    torch.testing.assert_close(attention(tokens) - tokens, attention.v.bias[:, None].expand(2, 9, 4))


def reached(block: WindowBlock, row: int, column: int) -> set[tuple[int, int]]:
    """List the places that change with the token of one place."""
    block.eval()
    tokens = torch.randn(1, 64, 4, generator=torch.Generator().manual_seed(1))
    changed = tokens.clone()
    changed[0, 8 * row + column] += torch.tensor([1.0, -1.0, 0.5, 0.0])
    difference = (block(changed) - block(tokens)).abs().amax(dim=2).reshape(8, 8)
    return {(int(i), int(j)) for i, j in (difference > 1e-6).nonzero()}


@pytest.mark.parametrize(
    ("shift", "place", "rows", "columns"),
    [
        (0, (1, 6), range(4), range(4, 8)),
        (2, (3, 3), range(2, 6), range(2, 6)),
        (2, (0, 0), range(2), range(2)),  # what wraps around is kept apart
        (2, (7, 3), range(6, 8), range(2, 6)),
    ],
)
def test_attention_stays_within_its_window(shift, place, rows, columns) -> None:
    torch.manual_seed(0)
    block = WindowBlock(4, 2, 8, grid=8, window=4, shift=shift, drop=0.0)
    assert reached(block, *place) == {(i, j) for i in rows for j in columns}


def test_the_bias_of_a_window_is_by_relative_place() -> None:
    block = WindowBlock(4, 1, 8, grid=8, window=4, shift=0, drop=0.0)
    place = block.place
    assert place.shape == (16, 16)
    for i, j in ((0, 5), (5, 10), (1, 6)):  # one row down and one column right of the first
        assert place[j, i] == place[5, 0]
    assert len(place.unique()) == 49


def test_a_window_block_by_hand() -> None:
    """One window without shift: plain attention with a bias."""
    torch.manual_seed(0)
    block = WindowBlock(4, 1, 8, grid=2, window=2, shift=0, drop=0.0).eval()
    tokens = torch.randn(1, 4, 4)
    x = block.norm1(tokens)
    q, k, v = block.attn.qkv(x).chunk(3, dim=2)
    weights = torch.softmax(q @ k.transpose(1, 2) / 2 + block.bias[block.place][..., 0], dim=2)
    attended = tokens + block.attn.proj(weights @ v)
    torch.testing.assert_close(block(tokens), attended + block.mlp(block.norm2(attended)))


def test_layers_of_window_attention() -> None:
    torch.manual_seed(0)
    layers = WindowAttention(4, 2, 8, grid=8, window=4, depths=(2, 2), scale=0.8, dropout=0.1, drop=0.3).eval()
    blocks = [block for layer in layers.layers for block in layer]
    assert [block.shift for block in blocks] == [0, 2, 0, 2]
    np.testing.assert_allclose([block.drop for block in blocks], [0, 0.1, 0.2, 0.3])
    expected = tokens = torch.randn(1, 64, 4)
    for layer, conv in zip(layers.layers, layers.convs, strict=True):
        maps = layer(expected).transpose(1, 2).reshape(1, 4, 8, 8)
        expected = expected + 0.8 * conv(maps).relu().reshape(1, 4, 64).transpose(1, 2)
    torch.testing.assert_close(layers(tokens), expected)


def test_branches_are_left_out_for_whole_images() -> None:
    torch.manual_seed(0)
    block = WindowBlock(4, 2, 8, grid=8, window=4, shift=0, drop=0.5).train()
    tokens = torch.randn(64, 64, 4)
    nn.init.zeros_(block.mlp.fc2.weight)
    nn.init.zeros_(block.mlp.fc2.bias)
    added = block(tokens) - tokens
    block.eval()
    whole = block(tokens) - tokens
    kept = added.abs().amax(dim=(1, 2)) > 0
    assert 16 < kept.sum() < 48
    torch.testing.assert_close(added[kept], 2 * whole[kept], rtol=1e-4, atol=1e-5)
