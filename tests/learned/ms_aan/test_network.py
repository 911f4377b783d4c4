"""MS-AAN: its network, and what stands on frozen streams."""

from __future__ import annotations

from dataclasses import replace

import torch

from learned.ms_aan.network import FrozenNetwork, Head, Network, Standardised, stretched
from tests.learned.ms_aan.pictures import PAPER, TINY_QUICK


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_paper_network_by_hand() -> None:
    """Four ResNet34 up to layer3, a 3x3 convolution of 4 x 256 channels to 512, five classes."""
    network = Network(PAPER)
    stem = 64 * 3 * 49 + 2 * 64
    layer1 = 3 * (2 * 9 * 64 * 64 + 4 * 64)
    layer2 = (9 * 64 * 128 + 9 * 128 * 128 + 64 * 128 + 6 * 128) + 3 * (2 * 9 * 128 * 128 + 4 * 128)
    layer3 = (9 * 128 * 256 + 9 * 256 * 256 + 128 * 256 + 6 * 256) + 5 * (2 * 9 * 256 * 256 + 4 * 256)
    stream = stem + layer1 + layer2 + layer3
    assert count(network.streams[0]) == stream
    assert count(network.head) == 9 * 1024 * 512 + 2 * 512 + 512 * 5 + 5
    assert count(network) == 4 * stream + count(network.head) == 37_403_397
    with torch.inference_mode():
        logits, attended = network.eval()(torch.rand(1, 4, 3, 128, 128))
    assert (logits.shape, attended.shape) == ((1, 5), (1, 8, 8))  # 128 / 16
    assert 0 <= float(attended.min()) <= float(attended.max()) <= 1


def test_pooling_is_equation_5() -> None:
    head = Head(3, 4, 1, 0.0).eval()
    x = torch.rand(2, 3, 5, 5)
    activation = torch.relu(head.bn(head.conv(x)))
    z = activation.mean(dim=(2, 3)) + activation.amax(dim=(2, 3))
    torch.testing.assert_close(head(x)[0], z @ head.fc.weight.T + head.fc.bias)


def test_attention_is_the_activation_map_of_the_class() -> None:
    head = Head(3, 4, 1, 0.0).eval()
    x = torch.rand(2, 3, 5, 5)
    classes = torch.tensor([1, 3])
    activation = torch.relu(head.bn(head.conv(x)))
    expected = torch.stack(
        [torch.relu((head.fc.weight[c, :, None, None] * activation[i]).sum(0)) for i, c in enumerate(classes)]
    )
    torch.testing.assert_close(head(x, classes)[1], stretched(expected))


def test_stretching() -> None:
    maps = torch.tensor([[[1.0, 3.0], [2.0, 1.0]], [[7.0, 7.0], [7.0, 7.0]]])
    assert stretched(maps).tolist() == [[[0, 1], [0.5, 0]], [[0, 0], [0, 0]]]


def test_averaging_before_a_convolution_is_averaging_after_it() -> None:
    network = FrozenNetwork(replace(TINY_QUICK, dropout=0.0)).eval()
    standard = torch.rand(2, 256, 4, 4)
    after = network.head.bn(network.head.conv(standard).mean(dim=(2, 3), keepdim=True))
    z = 2 * torch.relu(after)[..., 0, 0]  # one place: average and maximum are the same
    torch.testing.assert_close(network(standard.mean(dim=(2, 3))).logits, network.head.fc(z), rtol=1e-4, atol=1e-5)


def test_a_channel_that_never_changes_stays_finite() -> None:
    standard = Standardised(2)
    standard.learn(torch.tensor([[1.0, 2.0], [1.0, 4.0]]))
    assert standard.std.tolist() == [1.0, 1.0]
    assert standard.mean.tolist() == [1.0, 3.0]
    for value in (0.1, 1.7, 123.4):
        standard.learn(torch.full((129, 2), value))
        assert standard.std.tolist() == [1.0, 1.0]
