"""AGA: graph, attention, heads, losses and network against their formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from fusion_metrics import FusionMetricsError
from learned.aga.attention import TransposedAttention, WindowAttention, WindowBlock
from learned.aga.config import configure
from learned.aga.graph import AdaptiveGraph, GraphLayer, grid_adjacency
from learned.aga.losses import exceedance, ordinal_loss, soft_score
from learned.aga.network import FrozenNetwork, Network, Stage, WeightedHead
from learned.aga.trainee import Assessing
from learned.backbones.vit import VisionTransformer
from learned.training.engine import train
from learned.training.settings import Settings
from learned.training.trainee import Position

RANDOM = {"backbone": "resnet34", "weights": "random", "transformer": "random"}
PAPER = configure("paper", **RANDOM, order="transposed")
QUICK = configure("quick", **RANDOM, order="transposed")
#: All parts, but small enough for a test.
SMALL = replace(
    PAPER,
    size=32,
    grid=8,
    channels=16,
    heads=2,
    taps=(0, 1),
    widths=(16, 8, 4),
    hidden=8,
    attentions=1,
    depths=(2,),
    window_heads=2,
    mlp=16,
    bins=8,
)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


# The graph ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "columns"), [(28, 28), (8, 8), (3, 5), (1, 4), (1, 1)])
def test_places_are_joined_to_the_eight_around(rows, columns):
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


def test_a_graph_layer_sums_over_neighbours():
    """X = 1 on a 3x3 grid: corners have 3 neighbours, edges 5, the centre 8."""
    layer = GraphLayer(2, 3, 3, "transposed")
    nn.init.ones_(layer.weight)
    found = layer(torch.ones(1, 2, 9))
    assert found.shape == (1, 3, 9)
    assert found[0, 0].reshape(3, 3).tolist() == [[6, 10, 6], [10, 16, 10], [6, 10, 6]]


@pytest.mark.parametrize("order", ["transposed", "reshaped"])
def test_a_graph_layer_is_its_formula(order):
    torch.manual_seed(0)
    layer = GraphLayer(4, 6, 3, order)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.edges)
    x = torch.randn(2, 4, 9)
    places = torch.relu((x @ (grid_adjacency(3, 3) * layer.edges)).transpose(1, 2) @ layer.weight)
    expected = places.transpose(1, 2) if order == "transposed" else places.reshape(2, 6, 9)
    torch.testing.assert_close(layer(x), expected)
    assert not torch.equal(places.transpose(1, 2), places.reshape(2, 6, 9))


def test_what_the_weights_of_a_graph_start_at():
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


def test_what_a_graph_adds():
    graph = AdaptiveGraph(4, 6, 3, keep=0.8, add=0.2, order="transposed")
    tokens = torch.randn(2, 9, 4)
    first, second = graph.layers
    expected = 0.8 * tokens + 0.2 * second(first(tokens.transpose(1, 2))).transpose(1, 2)
    torch.testing.assert_close(graph(tokens), expected)
    assert graph.add.requires_grad


# Attention ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["transposed", "reshaped"])
def test_attention_among_channels_is_its_formula(order):
    torch.manual_seed(0)
    attention = TransposedAttention(9, 0.0, order)
    tokens = torch.randn(2, 9, 4)
    x = tokens.transpose(1, 2)
    weights = torch.softmax(attention.q(x) @ attention.k(x).transpose(1, 2) / 3, dim=2)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 4))
    found = weights @ attention.v(x)
    added = found if order == "transposed" else found.transpose(1, 2).reshape(2, 4, 9)
    torch.testing.assert_close(attention(tokens), (x + added).transpose(1, 2))


def test_attention_weights_sum_to_one():
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
def test_attention_stays_within_its_window(shift, place, rows, columns):
    torch.manual_seed(0)
    block = WindowBlock(4, 2, 8, grid=8, window=4, shift=shift, drop=0.0)
    assert reached(block, *place) == {(i, j) for i in rows for j in columns}


def test_the_bias_of_a_window_is_by_relative_place():
    block = WindowBlock(4, 1, 8, grid=8, window=4, shift=0, drop=0.0)
    place = block.place
    assert place.shape == (16, 16)
    for i, j in ((0, 5), (5, 10), (1, 6)):  # one row down and one column right of the first
        assert place[j, i] == place[5, 0]
    assert len(place.unique()) == 49


def test_a_window_block_by_hand():
    """One window without shift: plain attention with a bias."""
    torch.manual_seed(0)
    block = WindowBlock(4, 1, 8, grid=2, window=2, shift=0, drop=0.0).eval()
    tokens = torch.randn(1, 4, 4)
    x = block.norm1(tokens)
    q, k, v = block.attn.qkv(x).chunk(3, dim=2)
    weights = torch.softmax(q @ k.transpose(1, 2) / 2 + block.bias[block.place][..., 0], dim=2)
    attended = tokens + block.attn.proj(weights @ v)
    torch.testing.assert_close(block(tokens), attended + block.mlp(block.norm2(attended)))


def test_layers_of_window_attention():
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


def test_branches_are_left_out_for_whole_images():
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


# Scores and losses ----------------------------------------------------------------------------------------------------


def test_a_head_weighs_places():
    head = WeightedHead(3, 5, 2, dropout=0.0, first=0.5)
    tokens = torch.randn(4, 7, 3)
    value, weight = head.value(tokens), head.weight(tokens)
    assert bool(((weight > 0) & (weight < 1)).all())
    shares = weight / weight.sum(dim=1, keepdim=True)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(4, 2))
    torch.testing.assert_close(head(tokens), (value * shares).sum(dim=1))
    nn.init.zeros_(head.value[3].weight)
    torch.testing.assert_close(head(tokens), torch.full((4, 2), 0.5))  # the scores start in the middle


def test_probabilities_come_from_pairs():
    y = torch.tensor([[1.0, 3.0, 2.0, 0.0, 0.0, 0.0]])
    np.testing.assert_allclose(exceedance(y), [[0.75, 0, 0]], atol=1e-6)


def test_the_soft_score_interpolates_between_bins():
    """The released formula: the middles of two neighbouring bins, weighted by the fraction of the sum."""
    p = torch.rand(20, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    total = p.sum(dim=1)
    whole = total.floor()
    low, high = (2 * whole + 1) / 2 / 31, (2 * whole + 3) / 2 / 31
    torch.testing.assert_close(soft_score(p), low * (1 - (total - whole)) + high * (total - whole))


def test_the_ordinal_loss_by_hand():
    """Four thresholds: q = 0.7 has the label round(2.1) = 2, q = 0 the label 0."""
    p = torch.tensor([[0.9, 0.8, 0.3, 0.1], [0.2, 0.1, 0.0, 0.0]])
    first = math.log(0.9) + math.log(0.8) + math.log(0.7) + math.log(0.9)
    second = math.log(0.8) + math.log(0.9)
    assert ordinal_loss(p, torch.tensor([0.7, 0.0])).item() == pytest.approx(-(first + second) / 2, rel=1e-5)
    certain = ordinal_loss(torch.zeros(1, 4), torch.tensor([1.0])).item()
    assert certain == pytest.approx(-3 * math.log(1e-6), rel=1e-5)  # finite


def test_the_whole_loss_by_hand():
    torch.manual_seed(0)
    network = Network(SMALL).eval()
    config = replace(SMALL, flip=0.0)
    batch = {"x": torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8), "q": torch.tensor([0.0, 0.5, 1.0])}
    losses: list[torch.Tensor] = []
    trainee = Assessing(network, config)
    told = trainee.step(trainee.networks, batch, lambda name, loss: losses.append(loss))
    score, exceeded = network(batch["x"])
    mse, ordinal = ((score - batch["q"]) ** 2).mean(), ordinal_loss(exceeded, batch["q"])
    torch.testing.assert_close(losses[0], mse + 0.005 * ordinal)
    torch.testing.assert_close(told["ordinal"], ordinal.detach())


# The network ----------------------------------------------------------------------------------------------------------


def test_the_paper_network_by_hand():
    with torch.device("meta"):
        network = Network(PAPER, load=False)

    def stage(channels: int, out: int) -> int:
        attention = 2 * 3 * (784 * 784 + 784)
        block = 4 * out + (3 * out * out + 3 * out) + (out * out + out) + 49 * 4 + 2 * out * 768 + 768 + out
        return attention + channels * out + out + 2 * (2 * block + 9 * out * out + out)

    def graph(channels: int) -> int:
        return 2 * (channels * 384 + 784 * 784) + 1

    expected = {
        "stages": stage(3072, 768) + stage(768, 384),
        "graphs": graph(768) + graph(384),
        "ordinal_stage": stage(384, 192),
        "score": 2 * (384 * 384 + 384 + 384 + 1),
        "ordinal": 2 * (192 * 96 + 96 + 96 * 64 + 64),
        "transformer": 148_224 + 768 + 785 * 768 + 10 * 7_087_872,
    }
    assert {name: count(module) for name, module in network.named_children()} == expected
    assert count(network) == sum(expected.values()) + 2 == 123_768_150


def test_the_paper_network_looks_at_an_image():
    """With four blocks and single layers instead of ten and two."""
    network = Network(replace(PAPER, taps=(0, 1, 2, 3), attentions=1, depths=(1, 1)), load=False).eval()
    with torch.inference_mode():
        score, exceeded = network(torch.randint(0, 256, (1, 3, 224, 224), dtype=torch.uint8))
    assert (score.shape, exceeded.shape) == ((1,), (1, 32))
    assert bool(((exceeded >= 0) & (exceeded <= 1)).all())
    assert math.isfinite(score.item())


def test_how_the_parts_are_joined():
    torch.manual_seed(0)
    network = Network(SMALL).eval()
    x = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    tokens = network.transformer((x / 255 - 0.5) / 0.5)
    assert tokens.shape == (2, 64, 32)
    for stage, graph in zip(network.stages, network.graphs, strict=True):
        tokens = graph(stage(tokens))
    assert [graph.keep for graph in network.graphs] == [0.8, 0.9]
    exceeded = exceedance(network.ordinal(network.ordinal_stage(tokens)))
    score = 0.9 * network.score(tokens)[:, 0] + 0.1 * soft_score(exceeded)
    found = network(x)
    torch.testing.assert_close(found.score, score)
    torch.testing.assert_close(found.exceeded, exceeded)


def test_order_is_used_everywhere():
    torch.manual_seed(0)
    reshaped = Network(replace(SMALL, order="reshaped"))
    orders = [module.order for module in reshaped.modules() if isinstance(module, GraphLayer | TransposedAttention)]
    assert orders == ["reshaped"] * (3 + 4)
    assert Stage(4, 4, SMALL).layers[0].order == "transposed"


def test_the_transformer_starts_from_a_file(tmp_path, monkeypatch):
    """Whose later blocks, norm and classifier are left over."""
    torch.manual_seed(0)
    public = VisionTransformer((3,), size=32, patch=4, width=16, heads=2)
    path = tmp_path / "mine.pth"
    torch.save({**public.state_dict(), "norm.weight": torch.ones(16), "head.bias": torch.ones(10)}, path)
    network = Network(replace(SMALL, transformer=str(path)))
    for name, tensor in network.transformer.state_dict().items():
        assert torch.equal(tensor, public.state_dict()[name])
    monkeypatch.setattr("learned.backbones.weights.folders", lambda: [tmp_path])
    with pytest.raises(FusionMetricsError, match=r"put vit_base_patch8_224\S+ into \$FMBENCH_WEIGHTS, or ask for"):
        Network(replace(SMALL, transformer="imagenet"))
    path.rename(tmp_path / "vit_base_patch8_224.augreg_in21k_ft_in1k.safetensors")
    with pytest.raises(FusionMetricsError, match="holds no weights that can be read"):
        Network(replace(SMALL, transformer="imagenet"))


def test_the_reduced_network_by_hand():
    network = FrozenNetwork(QUICK).eval()
    graph = 2 * (32 * 32 + 64 * 64) + 1
    assert count(network) == (128 * 32 + 32) + graph + 2 * (32 * 32 + 32 + 32 + 1) == 16_547
    maps = torch.randn(3, 64, 128)
    found = network(maps)
    torch.testing.assert_close(found.score, network.score(network.graph(network.reduce(maps)))[:, 0])
    assert found.exceeded is None


def test_the_reduced_network_drops_whole_channels():
    network = FrozenNetwork(replace(QUICK, head_dropout=0.5)).train()
    seen: list[torch.Tensor] = []
    network.reduce.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    network(torch.ones(4, 64, 128))
    assert torch.equal(seen[0], seen[0][:, :1].expand(4, 64, 128))
    assert 0.3 < (seen[0][:, 0] == 0).float().mean() < 0.7


# Learning -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["quick", "transposed", "reshaped"])
def test_sixteen_images_are_learnt_by_heart(kind):
    random = torch.Generator().manual_seed(0)
    if kind == "quick":
        config = replace(QUICK, head_dropout=0.0, epochs=60)
        x, network = torch.randn(16, 64, 128, generator=random), FrozenNetwork
    else:
        dropouts = {"attention_dropout": 0.0, "window_dropout": 0.0, "head_dropout": 0.0, "window_drop": 0.0}
        config = replace(SMALL, order=kind, flip=0.0, epochs=50, learning_rate=5e-3, period=0, **dropouts)
        x, network = torch.randint(0, 256, (16, 3, 32, 32), generator=random, dtype=torch.uint8), Network
    torch.manual_seed(0)
    data = {"x": x, "q": torch.linspace(0, 1, 16)}
    trainee = Assessing(network(config), config)
    train(trainee, data, Settings(config.epochs, 16))
    with torch.inference_mode():
        rmse = torch.mean((trainee.predict(data) - data["q"]) ** 2).sqrt()
    assert rmse < data["q"].std() / 2  # what the mean alone would leave is the deviation


def test_the_learning_rate_swings_as_released():
    """A cosine of 50 steps, moved after every batch, falls and rises again; other presets have one fall."""
    published, quick = (Assessing(nn.Linear(1, 1), config) for config in (PAPER, QUICK))
    rates = [published.rate(Position(0, 1, step, 1000)) for step in (0, 25, 50, 100, 150)]
    np.testing.assert_allclose(rates, [1, 0.5, 0, 1, 0], atol=1e-12)
    assert quick.rate(Position(0, 1, 500, 1000)) == pytest.approx(0.5)
    [group] = published.optimisers()["adam"].param_groups
    assert (group["lr"], group["weight_decay"]) == (1e-5, 1e-5)


def test_the_best_epoch_correlates_best():
    trainee = Assessing(nn.Linear(1, 1), PAPER)
    predicted, q = np.array([0.1, 0.5, 0.4, 0.9]), np.array([0.0, 0.2, 0.6, 1.0])
    expected = stats.spearmanr(predicted, q).statistic + np.corrcoef(predicted, q)[0, 1]
    assert trainee.merit(predicted, q) == pytest.approx(expected)
    assert trainee.merit(np.full(4, 0.3), q) == 0
