"""Backbones against the names, shapes and counts of the public weights, written down here from their publications."""

from __future__ import annotations

import pytest
import torch

from learned.backbones.folding import folded
from learned.backbones.resnet import resnet
from learned.backbones.vgg import vgg


def norm(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        f"{name}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")
    }
    return shapes | {f"{name}.num_batches_tracked": ()}


def expected_resnet(depths: tuple[int, ...], kernels: tuple[int, ...], expansion: int) -> dict[str, tuple[int, ...]]:
    """Every tensor of a ResNet: stem, blocks of convolutions, a shortcut where the shape changes, classifier."""
    shapes = {
        "conv1.weight": (64, 3, 7, 7),
        **norm("bn1", 64),
        "fc.weight": (1000, 512 * expansion),
        "fc.bias": (1000,),
    }
    channels = 64
    for stage, depth in enumerate(depths, 1):
        width = 32 * 2**stage
        for block in range(depth):
            at = f"layer{stage}.{block}"
            for i, kernel in enumerate(kernels, 1):
                into = channels if i == 1 else width
                out = width * expansion if i == len(kernels) else width
                shapes |= {f"{at}.conv{i}.weight": (out, into, kernel, kernel), **norm(f"{at}.bn{i}", out)}
            if block == 0 and channels != width * expansion:
                shapes |= {f"{at}.downsample.0.weight": (width * expansion, channels, 1, 1)}
                shapes |= norm(f"{at}.downsample.1", width * expansion)
            channels = width * expansion
    return shapes


@pytest.mark.parametrize(
    ("name", "depths", "kernels", "expansion", "parameters"),
    [
        ("resnet18", (2, 2, 2, 2), (3, 3), 1, 11_689_512),
        ("resnet34", (3, 4, 6, 3), (3, 3), 1, 21_797_672),
        ("resnet50", (3, 4, 6, 3), (1, 3, 1), 4, 25_557_032),
    ],
)
def test_resnets_have_the_public_names_shapes_and_counts(name, depths, kernels, expansion, parameters):
    network = resnet(name)
    found = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    assert found == expected_resnet(depths, kernels, expansion)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.parametrize(
    ("name", "places", "parameters"),
    [
        ("vgg11", (0, 3, 6, 8, 11, 13, 16, 18), 132_863_336),
        ("vgg16", (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), 138_357_544),
        ("vgg19", (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34), 143_667_240),
    ],
)
def test_vggs_have_the_public_names_and_counts(name, places, parameters):
    with torch.device("meta"):  # half a gigabyte of weights that nobody looks at
        network = vgg(name)
    layers = [f"features.{i}" for i in places] + [f"classifier.{i}" for i in (0, 3, 6)]
    assert set(network.state_dict()) == {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")}
    assert network.state_dict()["classifier.0.weight"].shape == (4096, 512 * 7 * 7)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.parametrize(("stages", "shape"), [(1, (64, 16, 16)), (2, (128, 8, 8)), (3, (256, 4, 4)), (4, (512, 2, 2))])
def test_stages_give_maps_at_a_quarter_to_a_thirty_second(stages, shape):
    network = resnet("resnet34", stages=stages, classes=None)
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, *shape)
    assert network.channels == shape[0]


def test_where_the_stride_of_a_bottleneck_sits():
    x = torch.zeros(1, 3, 64, 64)
    for stride_first, strides in ((False, (1, 2)), (True, (2, 1))):
        network = resnet("resnet50", stages=2, stride_first=stride_first)
        block = network.get_submodule("layer2.0")
        assert (block.conv1.stride[0], block.conv2.stride[0]) == strides
        assert network(x).shape == (1, 512, 8, 8)


def test_a_residual_block_adds_its_input():
    network = resnet("resnet18", stages=1).eval()
    block = network.get_submodule("layer1.0")
    torch.nn.init.zeros_(block.bn2.weight)  # what the convolutions find is lost
    x = torch.randn(1, 64, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(block(x), torch.relu(x))


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_folding_does_not_change_what_is_computed(name):
    torch.manual_seed(0)
    network = resnet(name, stages=2)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    x = torch.randn(2, 3, 32, 32)
    expected = network.eval()(x)
    torch.testing.assert_close(folded(network)(x), expected, rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())


def test_a_resnet_has_one_to_four_stages():
    with pytest.raises(ValueError, match="1 to 4 stages, not 5"):
        resnet("resnet18", stages=5)
