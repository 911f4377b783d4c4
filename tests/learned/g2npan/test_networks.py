from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from learned.g2npan.assessor import Assessor, class_activation  # noqa: E402
from learned.g2npan.config import Config, configure  # noqa: E402
from learned.g2npan.discriminator import Discriminator  # noqa: E402
from learned.g2npan.generator import FeatureWarehouse, Generator, ResidualBlock  # noqa: E402
from learned.g2npan.network import Network  # noqa: E402

PAPER = Config()
SMALL = configure("quick")


def images(count: int, config: Config = SMALL) -> torch.Tensor:
    side = config.size // config.fold
    return torch.rand(count, config.channels, side, side, generator=torch.Generator().manual_seed(0))


def weights(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def block(channels: int, width: int) -> int:
    """3x3 kernels and biases; scales and offsets of the normalisation."""
    return 9 * channels * width + width + 2 * width


def test_weights_of_the_published_generator():
    residual = [3 * block(width, width) for width in (32, 64, 128)]
    down = block(3, 32) + block(32, 64) + block(64, 128) + sum(residual)
    warehouse = 5 * block(128, 128) + 2 * (9 * 128 * 128 + 128) + block(256, 128)
    up = block(128, 64) + block(64, 32) + block(32, 16) + block(16, 3)
    assert warehouse == 81 * 128**2 + 20 * 128 == 1_329_664
    generator = Generator(PAPER)
    assert weights(generator.down) == down
    assert weights(generator.warehouses) == 5 * warehouse
    assert weights(generator.up) == up
    assert weights(generator) == down + 5 * warehouse + up == 7_422_185


def test_weights_of_the_published_discriminator():
    expected = block(3, 64) + block(64, 128) + block(128, 256) + block(256, 512) + 9 * 512 + 1
    assert weights(Discriminator(PAPER)) == expected == 1_557_505


def test_weights_of_the_published_assessor():
    """The two first convolutions together have as many as VGG's one."""
    convolutions = [(3, 64), (64, 128), (128, 256), (256, 256), (256, 512), (512, 512), (512, 512), (512, 512)]
    vgg11 = sum(9 * channels * width + width for channels, width in convolutions)
    assert vgg11 == 9_220_480
    assert weights(Assessor(PAPER)) == vgg11 + 512 + 128 + 1
    assert weights(Assessor(replace(PAPER, guided=False))) == vgg11 + 512 + 1
    for backbone, expected in (("vgg16", 14_714_688), ("vgg19", 20_024_384)):
        assert weights(Assessor(replace(PAPER, guided=False, backbone=backbone))) == expected + 512 + 1


def test_shapes_of_the_published_network():
    x = torch.rand(2, 3, 128, 128)
    generator, discriminator, assessor = Generator(PAPER), Discriminator(PAPER), Assessor(PAPER)
    assert [tuple(part.shape) for part in generator(x)] == [(2, 3, 128, 128), (2, 128, 32, 32)]
    assert discriminator.blocks(x).shape == (2, 512, 8, 8)
    assert discriminator(x).shape == (2,)
    score, attention = assessor(x, *generator(x))
    assert (score.shape, attention.shape) == ((2,), (2, 8, 8))


@pytest.mark.parametrize("parts", [{}, {"guided": False}, {"warehouses": 0}, {"backbone": "vgg16"}], ids=str)
def test_shapes_of_the_quick_network(parts):
    config = replace(SMALL, **parts)
    network = Network(config)
    score, attention, generated = network(images(3, config))
    assert (score.shape, attention.shape) == ((3,), (3, 4, 4))
    assert (generated is None) is not config.guided
    if generated is not None:
        assert generated.shape == (3, 48, 32, 32)
        assert network.generator(images(3))[1].shape == (3, 16, 8, 8)
        assert 0 <= generated.min() <= generated.max() <= 1


def test_blocks_add_to_what_comes_in():
    """With what is added silenced, blocks hand on what they got."""
    x = torch.rand(2, 8, 16, 16)
    for module, last in ((ResidualBlock(8, 0.2), "layers.2.2"), (FeatureWarehouse(8, 0.2), "integrate.2")):
        torch.nn.init.zeros_(module.get_submodule(last).weight)
        torch.testing.assert_close(module(x), x)


def test_a_warehouse_sees_three_scales():
    """Through two strides of 2 a pixel reaches further than the nine convolutions of one scale could carry it."""
    warehouse = FeatureWarehouse(4, 0.2).eval()
    x = torch.rand(1, 4, 64, 64, requires_grad=True)
    warehouse(x)[0, :, 32, 32].sum().backward()
    reach = x.grad[0].abs().sum(dim=0).nonzero()
    assert (reach.max(dim=0).values - reach.min(dim=0).values).min() > 2 * 9


def test_the_score_is_the_mean_of_the_unstretched_activation_map():
    assessor = Assessor(replace(SMALL, guided=False)).eval()
    maps = assessor.body(assessor.stems[0]((images(2) - assessor.mean) / assessor.std))
    row, bias = assessor.classify.weight[0], assessor.classify.bias
    activation = (maps * row[:, None, None]).sum(dim=1)
    score, attention = assessor(images(2))
    torch.testing.assert_close(score, activation.mean(dim=(1, 2)) + bias)
    for found, raw in zip(attention, activation, strict=True):
        torch.testing.assert_close(found, (raw - raw.min()) / (raw.max() - raw.min()))


def test_activation_map_by_hand():
    maps = torch.tensor([[[[1.0, 0.0], [2.0, 0.0]], [[0.0, 4.0], [1.0, 0.0]]]])
    # 2 F_1 - F_2 is 2, -4; 3, 0.
    found = class_activation(maps, torch.tensor([2.0, -1.0]))
    torch.testing.assert_close(found, torch.tensor([[[6.0, 0.0], [7.0, 4.0]]]) / 7)
    flat = torch.ones(1, 2, 2, 2, requires_grad=True)
    assert class_activation(flat, torch.tensor([2.0, -1.0])).abs().max() == 0


def test_features_of_the_generator_reach_the_score():
    network = Network(SMALL).eval()
    generated, features = network.generator(images(2))
    width = features.shape[1]
    with_features = network.assessor(images(2), generated, features).score
    without = network.assessor(images(2), generated, torch.zeros_like(features)).score
    row = network.assessor.classify.weight[0, :width]
    torch.testing.assert_close(with_features - without, features.mean(dim=(2, 3)) @ row)


@pytest.mark.parametrize("perceptual", [True, False])
def test_only_the_perceptual_loss_lets_the_generator_hear_the_assessor(perceptual):
    network = Network(replace(SMALL, perceptual=perceptual))
    network(images(2)).score.sum().backward()
    heard = any(p.grad is not None and p.grad.abs().max() > 0 for p in network.generator.parameters())
    assert heard is perceptual


def test_the_first_convolution_of_pretrained_weights_stays_where_it_fits(tmp_path):
    from safetensors.torch import save_file

    from learned.backbones.vgg import vgg

    torch.manual_seed(1)
    network = vgg("vgg11", classes=None)
    save_file(network.state_dict(), tmp_path / "vgg11.safetensors")
    alone = Assessor(replace(PAPER, guided=False, weights=str(tmp_path / "vgg11.safetensors")))
    torch.testing.assert_close(alone.stems[0].weight, network.features[0].weight)
    assert torch.equal(alone.body[1 + 1].weight, network.features[3].weight)


def test_the_compact_network_has_all_parts_and_a_step_reaches_every_weight():
    config = configure("compact")
    network, discriminator = Network(config), Discriminator(config)
    score, attention, generated = network(images(3, config))
    assert (score.shape, attention.shape) == ((3,), (3, 8, 8))
    assert generated.shape == (3, 48, 32, 32)
    assert network.generator(images(3, config))[1].shape == (3, 24, 16, 16)
    (score.square().sum() + attention.sum() + discriminator(generated).sum()).backward()
    for module in (network, discriminator):
        assert all(p.grad is not None for p in module.parameters())
