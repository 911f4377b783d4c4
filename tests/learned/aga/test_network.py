"""AGA: its network, and the reduced one."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from fusion_metrics import FusionMetricsError
from learned.aga.attention import TransposedAttention
from learned.aga.graph import GraphLayer
from learned.aga.losses import exceedance, soft_score
from learned.aga.network import FrozenNetwork, Network, Stage
from learned.backbones.vit import VisionTransformer
from tests.learned.aga.configurations import PAPER, QUICK, SMALL


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_paper_network_by_hand() -> None:
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


def test_the_paper_network_looks_at_an_image() -> None:
    """With four blocks and single layers instead of ten and two."""
    network = Network(replace(PAPER, taps=(0, 1, 2, 3), attentions=1, depths=(1, 1)), load=False).eval()
    with torch.inference_mode():
        score, exceeded = network(torch.randint(0, 256, (1, 3, 224, 224), dtype=torch.uint8))
    assert (score.shape, exceeded.shape) == ((1,), (1, 32))
    assert bool(((exceeded >= 0) & (exceeded <= 1)).all())
    assert math.isfinite(score.item())


def test_how_the_parts_are_joined() -> None:
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


def test_order_is_used_everywhere() -> None:
    torch.manual_seed(0)
    reshaped = Network(replace(SMALL, order="reshaped"))
    orders = [module.order for module in reshaped.modules() if isinstance(module, GraphLayer | TransposedAttention)]
    assert orders == ["reshaped"] * (3 + 4)
    assert Stage(4, 4, SMALL).layers[0].order == "transposed"


def test_the_transformer_starts_from_a_file(tmp_path, monkeypatch) -> None:
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


def test_the_reduced_network_by_hand() -> None:
    network = FrozenNetwork(QUICK).eval()
    graph = 2 * (32 * 32 + 64 * 64) + 1
    assert count(network) == (128 * 32 + 32) + graph + 2 * (32 * 32 + 32 + 32 + 1) == 16_547
    maps = torch.randn(3, 64, 128)
    found = network(maps)
    torch.testing.assert_close(found.score, network.score(network.graph(network.reduce(maps)))[:, 0])
    assert found.exceeded is None


def test_the_reduced_network_drops_whole_channels() -> None:
    network = FrozenNetwork(replace(QUICK, dropout=0.5)).train()
    seen: list[torch.Tensor] = []
    network.reduce.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    network(torch.ones(4, 64, 128))
    assert torch.equal(seen[0], seen[0][:, :1].expand(4, 64, 128))
    assert 0.3 < (seen[0][:, 0] == 0).float().mean() < 0.7
