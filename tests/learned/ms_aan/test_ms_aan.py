from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from fusion_metrics import FusionMetricsError, Image, NotFitted, create, load
from fusion_metrics.nsct import nsct
from learned.backbones.pixels import pixels
from learned.backbones.weights import MEAN, STD
from learned.ms_aan.attention import attention
from learned.ms_aan.config import Config, configure
from learned.ms_aan.fitting import fit, predict, read, restored
from learned.ms_aan.inputs import frozen_maps, scales_of, vector
from learned.ms_aan.losses import (
    class_shares,
    cross_entropy,
    dice_loss,
    expected_score,
    likeliest_score,
    soft_mask,
)
from learned.ms_aan.network import FrozenNetwork, Head, Network, stretched
from learned.ms_aan.trainee import Classifier
from learned.training.engine import train
from learned.training.settings import Settings
from tests.pictures import picture

PAPER = configure("paper", backbone="resnet34", weights="random", multiscale=True, attention=True)
#: End to end, but small enough for a test.
SMALL = replace(PAPER, backbone="resnet18", size=32, stages=1, sizes=(32,) * 4, width=16, epochs=3, batch_size=8)
QUICK = configure("quick", backbone="resnet18", weights="random", multiscale=True, attention=True)
TINY_QUICK = replace(QUICK, size=32, sizes=(16, 16, 16, 32), stages=1)


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def colour(seed: int, size: int = 32) -> np.ndarray:
    return np.dstack([picture((size, size), seed + channel) for channel in range(3)])


# Formulas -------------------------------------------------------------------------------------------------------------


def test_soft_mask_is_equation_6():
    """T(A) = 1 / (1 + exp(-alpha (A - beta))): a half at beta, steep around it."""
    soft = soft_mask(torch.tensor([0.4, 0.5, 0.3]), alpha=10.0, beta=0.4)
    np.testing.assert_allclose(soft, [0.5, 1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))], rtol=1e-6)


def test_dice_loss_is_equation_7():
    soft = torch.tensor([[[0.5, 1.0], [0.0, 0.25]], [[1.0, 0.0], [0.0, 0.0]]])
    mask = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]]])
    # First: overlap 0.5 + 0.25, sums 1.75 and 2.
    np.testing.assert_allclose(dice_loss(soft, mask), [1 - 2 * 0.75 / 3.75, 0], atol=1e-6)
    assert dice_loss(torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)).item() == 1


def test_classes_of_scores_and_back():
    q = torch.tensor([0.0, 0.25, 0.4, 0.9, 1.0], dtype=torch.float64)
    shares = class_shares(q)
    np.testing.assert_allclose(shares[2], [0, 0.4, 0.6, 0, 0], atol=1e-12)
    np.testing.assert_allclose(shares.sum(dim=1), 1)
    np.testing.assert_allclose(shares @ torch.linspace(0, 1, 5, dtype=torch.float64), q, atol=1e-12)


def test_cross_entropy_is_equation_8():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0, 0.0], [math.log(6), 0.0, 0.0, 0.0, 0.0]])
    shares = torch.tensor([[0, 0, 1.0, 0, 0], [0.5, 0.5, 0, 0, 0]])
    # p = 1/5 in the first row; 6/10 and 1/10 in the second.
    expected = (math.log(5) - 0.5 * math.log(0.6) - 0.5 * math.log(0.1)) / 2
    assert cross_entropy(logits, shares).item() == pytest.approx(expected, rel=1e-6)


def test_scores_are_read_from_probabilities():
    logits = torch.log(torch.tensor([[0.1, 0.1, 0.1, 0.3, 0.4]]))
    assert expected_score(logits).item() == pytest.approx(0.025 + 0.05 + 0.225 + 0.4, rel=1e-6)
    assert likeliest_score(logits).item() == 1.0
    assert read(logits, "argmax").tolist() == [1.0]


def test_the_whole_loss_is_equation_9():
    """One step of gradient descent by hand: classes, plus the attention of the images with a mask."""
    config = replace(SMALL, flip=False, attention_weight=0.5)
    torch.manual_seed(0)
    network = Network(config)
    x, q = torch.rand(3, 4, 3, 32, 32), torch.tensor([0.0, 0.5, 1.0])
    masks, known = torch.zeros(3, 8, 8), torch.tensor([True, False, True])
    masks[0, :2, :2] = masks[2, 5:, 5:] = 1
    seen: dict[str, float] = {}
    trainee = Classifier(network, config)
    batch = {"x": x, "q": q, "mask": masks, "masked": known}
    told = trainee.step(trainee.networks, batch, lambda name, loss: seen.update({name: loss.item()}))
    network.train()
    logits, attended = network(x, torch.tensor([0, 2, 4]))
    classes = -torch.log_softmax(logits, 1)[torch.arange(3), [0, 2, 4]].mean()
    parts = []
    for i in (0, 2):
        soft = 1 / (1 + torch.exp(-10 * (attended[i] - 0.4)))
        parts.append(1 - 2 * (soft * masks[i]).sum() / (soft.sum() + masks[i].sum() + 1e-6))
    assert told["classes"].item() == pytest.approx(classes.item(), rel=1e-4)
    assert told["attention"].item() == pytest.approx(sum(parts).item() / 2, rel=1e-4)
    assert seen["adam"] == pytest.approx(classes.item() + 0.5 * sum(parts).item() / 2, rel=1e-4)


# Network --------------------------------------------------------------------------------------------------------------


def test_the_paper_network_by_hand():
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


@pytest.mark.parametrize(
    ("variant", "streams", "weights", "attention"),
    [
        ("paper", 4, "x", True),
        ("multiscale", 4, "x", False),
        ("pretrained", 1, "x", False),
        ("baseline", 1, "random", False),
    ],
)
def test_rows_of_the_ablation(variant, streams, weights, attention):
    params = {**create(f"ms_aan:{variant}").params, "preset": "paper"}
    params["weights"] = "x" if params["weights"] != "random" or variant != "baseline" else "random"
    learner = create(f"ms_aan:{variant}", **params)._new_learner()
    config = learner.config
    assert (config.streams, config.weights, config.attention) == (streams, weights, attention)


def test_pooling_is_equation_5():
    head = Head(3, 4, 1, 0.0).eval()
    x = torch.rand(2, 3, 5, 5)
    activation = torch.relu(head.bn(head.conv(x)))
    z = activation.mean(dim=(2, 3)) + activation.amax(dim=(2, 3))
    torch.testing.assert_close(head(x)[0], z @ head.fc.weight.T + head.fc.bias)


def test_attention_is_the_activation_map_of_the_class():
    head = Head(3, 4, 1, 0.0).eval()
    x = torch.rand(2, 3, 5, 5)
    classes = torch.tensor([1, 3])
    activation = torch.relu(head.bn(head.conv(x)))
    expected = torch.stack(
        [torch.relu((head.fc.weight[c, :, None, None] * activation[i]).sum(0)) for i, c in enumerate(classes)]
    )
    torch.testing.assert_close(head(x, classes)[1], stretched(expected))


def test_stretching():
    maps = torch.tensor([[[1.0, 3.0], [2.0, 1.0]], [[7.0, 7.0], [7.0, 7.0]]])
    assert stretched(maps).tolist() == [[[0, 1], [0.5, 0]], [[0, 0], [0, 0]]]


def test_averaging_before_a_convolution_is_averaging_after_it():
    config = replace(TINY_QUICK, dropout=0.0)
    network = FrozenNetwork(6, config).eval()
    maps = torch.rand(2, 6, 4, 4)
    network.standardise(torch.rand(10, 6))
    standard = (maps - network.mean[:, None, None]) / network.std[:, None, None]
    after = network.head.bn(network.head.conv(standard).mean(dim=(2, 3), keepdim=True))
    z = 2 * torch.relu(after)[..., 0, 0]  # one place: average and maximum are the same
    torch.testing.assert_close(network(maps.mean(dim=(2, 3)))[0], network.head.fc(z), rtol=1e-4, atol=1e-5)


def test_a_channel_that_never_changes_stays_finite():
    network = FrozenNetwork(2, TINY_QUICK)
    network.standardise(torch.tensor([[1.0, 2.0], [1.0, 4.0]]))
    assert network.std.tolist() == [1.0, 1.0]
    assert network.mean.tolist() == [1.0, 3.0]
    for value in (0.1, 1.7, 123.4):
        network.standardise(torch.full((129, 2), value))
        assert network.std.tolist() == [1.0, 1.0]


# Inputs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("collapse", ["strongest", "together"])
def test_scales_are_those_of_the_contourlet_transform(collapse):
    config = replace(PAPER, size=24, collapse=collapse)
    images = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    scales = scales_of(config)(images)
    assert [tuple(scale.shape) for scale in scales] == [(1, 3, 24, 24)] * 4
    for c in range(3):
        expected = nsct(images[0, c].double().numpy(), (2, 3, 3) if collapse == "strongest" else (0, 0, 0))
        np.testing.assert_allclose(scales[0][0, c], (expected.low - MEAN[c]) / STD[c], atol=1e-5)
        for scale, bands, gain in zip(scales[1:], expected.bands, config.gains, strict=True):
            strongest = np.take_along_axis(bands, np.abs(bands).argmax(axis=0)[None], axis=0)[0]
            np.testing.assert_allclose(scale[0, c], strongest * gain / STD[c], atol=1e-4)


def test_one_scale_is_the_image():
    images = torch.rand(1, 3, 8, 8)
    [scale] = scales_of(replace(PAPER, multiscale=False))(images)
    torch.testing.assert_close(scale[0, 1], (images[0, 1] - MEAN[1]) / STD[1])


def test_pixels_keep_an_image_of_the_right_size_and_resample_others():
    image = colour(1)
    np.testing.assert_array_equal(pixels(Image(image), size=32), image.transpose(2, 0, 1))
    grey = pixels(Image(image[..., 0]), size=32)
    np.testing.assert_array_equal(grey, np.broadcast_to(image[..., 0], (3, 32, 32)))
    flat = pixels(Image(np.full((100, 50, 3), (9, 90, 200), np.uint8)), size=32)
    np.testing.assert_array_equal(flat, np.broadcast_to(np.array([9, 90, 200])[:, None, None], (3, 32, 32)))


def test_frozen_streams_give_one_vector():
    image = Image(colour(2))
    found = vector(image, config=TINY_QUICK)
    assert (found.shape, found.dtype) == ((4 * 64,), np.float16)
    maps = frozen_maps(torch.tensor(pixels(image, size=32))[None], TINY_QUICK)
    assert [tuple(stream.shape[1:]) for stream in maps] == [(64, 4, 4)] * 3 + [(64, 8, 8)]
    np.testing.assert_allclose(found[-64:], maps[-1].mean(dim=(2, 3))[0].detach(), rtol=2e-3)


def test_presets():
    for name in ("quick", "standard", "paper"):
        assert isinstance(
            configure(name, backbone="resnet34", weights="random", multiscale=True, attention=True), Config
        )
    with pytest.raises(FusionMetricsError, match="no preset 'quik'; did you mean 'quick'"):
        create("ms_aan", preset="quik").prepare(picture())
    with pytest.raises(FusionMetricsError, match="no backbone 'vgg11'"):
        create("ms_aan", backbone="vgg11").prepare(picture())


# Learning -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("masked", [False, True])
def test_the_network_learns_sixteen_images_by_heart(masked):
    config = replace(SMALL, epochs=15, learning_rate=3e-3, decay=True, flip=False)
    images = torch.rand(16, 4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    data = {"x": images, "q": torch.arange(16).remainder(5) / 4}
    if masked:
        masks = torch.zeros(16, 8, 8)
        masks[:, 2:6, 2:6] = 1
        data |= {"mask": masks, "masked": torch.arange(16) % 2 == 0}
    torch.manual_seed(0)
    history = train(Classifier(Network(config), config), data, Settings(config.epochs, 16))
    first, last = history.epochs[0].losses, history.epochs[-1].losses
    assert last["classes"] < 0.4 * first["classes"]
    if masked:
        assert last["attention"] < first["attention"]


def scored(count: int) -> tuple[list[Image], np.ndarray, list[str]]:
    """The noisier, the worse."""
    images, scores, groups = [], [], []
    for i in range(count):
        noise = np.random.default_rng(i).standard_normal((32, 32, 3))
        images.append(Image(np.clip(np.rint(colour(i // 4) + 15 * (i % 4) * noise), 0, 255).astype(np.uint8)))
        scores.append(1 - (i % 4) / 4)
        groups.append(f"p{i // 4}")
    return images, np.array(scores), groups


def test_quick_learns_to_order_noise():
    images, q, groups = scored(48)
    vectors = [vector(image, config=TINY_QUICK) for image in images]
    state = fit(TINY_QUICK, vectors[:40], q[:40], groups[:40], seed=0)
    network = restored(TINY_QUICK, state)
    predicted = read(predict(network, TINY_QUICK, vectors[40:]), "expectation")
    assert np.corrcoef(predicted, q[40:])[0, 1] > 0.75
    seen = attention(network, TINY_QUICK, images[0])
    assert seen.shape == (32, 32)
    assert 0 <= seen.min() < seen.max() <= 1


def test_nothing_is_learnt_twice(monkeypatch):
    images, q, groups = scored(8)
    vectors = [vector(image, config=TINY_QUICK) for image in images]
    first = fit(TINY_QUICK, vectors, q, groups, seed=11)
    monkeypatch.setattr("learned.ms_aan.fitting.train", None)
    again = fit(TINY_QUICK, vectors, q, groups, seed=11)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    for other in (replace(TINY_QUICK, width=8), TINY_QUICK):
        with pytest.raises(TypeError):
            fit(other, vectors, q, groups, seed=11 if other is not TINY_QUICK else 12)


def test_whole_networks_learn_with_masks_and_resume(tmp_path, monkeypatch):
    images, q, groups = scored(12)
    inputs = [pixels(image, size=32) for image in images]
    masks = [None if i % 3 else np.eye(32, dtype=bool) for i in range(12)]
    told: list[int] = []
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "a"))
    state = fit(SMALL, inputs, q, groups, seed=0, masks=masks)

    def killed(self, epoch):
        told.append(epoch)
        if epoch == 2 and len(told) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Classifier, "on_epoch_start", killed)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "b"))
    with pytest.raises(KeyboardInterrupt):
        fit(SMALL, inputs, q, groups, seed=0, masks=masks)
    assert len(list((tmp_path / "b" / "fitted").glob("*.training"))) == 1
    resumed = fit(SMALL, inputs, q, groups, seed=0, masks=masks)
    assert told == [0, 1, 2, 2]
    assert not list((tmp_path / "b" / "fitted").glob("*.training"))
    assert all(np.array_equal(state[name], resumed[name]) for name in state)
    unmasked = fit(replace(SMALL, attention=False), inputs, q, groups, seed=0, masks=masks)
    assert not all(np.array_equal(state[name], unmasked[name]) for name in state)
    seen = attention(restored(SMALL, state), SMALL, images[0])
    assert seen.shape == (32, 32)


# The metric -----------------------------------------------------------------------------------------------------------


def test_the_epoch_that_does_best_on_what_is_tested_is_no_worse_there_than_the_last():
    images, q, groups = scored(32)
    vectors = [vector(image, config=TINY_QUICK) for image in images]
    # Judged by the reverse of what it learns, it does worse and worse: the last epoch is far from the best.
    judge = (vectors[20:], 1 - q[20:])
    rates = replace(TINY_QUICK, learning_rate=0.05, decay=False)
    errors = []
    for how in (None, judge):
        state = fit(rates, vectors[:20], q[:20], groups[:20], seed=0, judge=how)
        predicted = read(predict(restored(rates, state), rates, vectors[20:]), "expectation")
        errors.append(float(np.sqrt(np.mean((predicted - judge[1]) ** 2))))
    assert errors[1] < errors[0]


def test_what_it_starts_from_must_be_there(monkeypatch, tmp_path):
    monkeypatch.setattr("learned.backbones.weights.folders", lambda: [tmp_path])
    assert create("ms_aan", weights="random").obstacle == ""
    assert "no ImageNet weights of resnet34" in create("ms_aan", backbone="resnet34", weights="imagenet").obstacle


def test_only_what_takes_the_whole_machine_is_fitted_alone():
    assert not create("ms_aan").fits_alone
    assert create("ms_aan", preset="standard").fits_alone


def test_a_fitted_metric_is_saved_loaded_and_attends(tmp_path):
    images, q, groups = scored(8)
    metric = create("ms_aan", backbone="resnet18", weights="random")
    fitted = metric.fit(images, q, groups)
    path = tmp_path / "ms_aan.safetensors"
    fitted.save(path)
    loaded = load(path)
    assert loaded.params == fitted.params
    assert loaded(images[3]) == pytest.approx(fitted(images[3]), rel=1e-6)
    assert 0 <= fitted(images[3]) <= 1
    np.testing.assert_allclose(loaded.attend(images[3]), fitted.attend(images[3]), atol=1e-5)
    assert fitted.attend(images[3]).shape == (32, 32)
    argmax = create("ms_aan:argmax", backbone="resnet18", weights="random").fit(images, q, groups)
    assert argmax(images[3]) in (0, 0.25, 0.5, 0.75, 1)


def test_random_weights_are_said_once():
    from learned.requirements import _warn, warn_of_random_weights

    _warn.cache_clear()
    notes = create("ms_aan:baseline")._new_learner().notes
    assert "random weights" in notes
    with pytest.warns(UserWarning, match="MS-AAN, preset quick: 1 x resnet.* from random weights"):
        warn_of_random_weights("random", notes)
    warn_of_random_weights("random", notes)  # an error, if it warned again
    warn_of_random_weights("imagenet", "not said")


def test_before_it_is_fitted_it_looks_nowhere():
    with pytest.raises(NotFitted):
        create("ms_aan").attend(picture())


def test_without_torch_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("learned.requirements.find_spec", lambda name: None)
    with pytest.raises(
        FusionMetricsError, match=r"ms_aan needs torch and lightning_fabric: pip install 'fmbench\[learned\]'"
    ):
        create("ms_aan").prepare(picture())
