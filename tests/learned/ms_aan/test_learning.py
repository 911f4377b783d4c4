"""MS-AAN: how its networks learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from learned.backbones.pixels import pixels
from learned.ms_aan.attention import attention
from learned.ms_aan.fitting import Classification
from learned.ms_aan.inputs import vector
from learned.ms_aan.network import Network
from learned.ms_aan.trainee import Classifier
from learned.training.engine import train
from learned.training.regression import predict, restored
from learned.training.settings import Settings
from tests.learned.ms_aan.pictures import SMALL, TINY_QUICK, examples_of, learnt, scored


@pytest.mark.parametrize("masked", [False, True])
def test_the_network_learns_sixteen_images_by_heart(masked) -> None:
    config = replace(SMALL, epochs=15, learning_rate=3e-3, period=0, flip=0.0)
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


def test_quick_learns_to_order_noise() -> None:
    images, q, groups = scored(48)
    vectors = [vector(image, config=TINY_QUICK) for image in images]
    how = Classification(TINY_QUICK, "expectation")
    network = restored(how, learnt(TINY_QUICK, examples_of(vectors[:40], q[:40], groups[:40])))
    predicted = predict(network, how, vectors[40:])
    assert np.corrcoef(predicted, q[40:])[0, 1] > 0.75
    seen = attention(network, TINY_QUICK, images[0])
    assert seen.shape == (32, 32)
    assert 0 <= seen.min() < seen.max() <= 1


def test_nothing_is_learnt_twice(monkeypatch) -> None:
    images, q, groups = scored(8)
    vectors = [vector(image, config=TINY_QUICK) for image in images]
    examples = examples_of(vectors, q, groups)
    first = learnt(TINY_QUICK, examples, seed=11)
    monkeypatch.setattr("learned.training.regression.train", None)
    again = learnt(TINY_QUICK, examples, seed=11)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    for other in (replace(TINY_QUICK, width=8), TINY_QUICK):
        with pytest.raises(TypeError):
            learnt(other, examples, seed=11 if other is not TINY_QUICK else 12)


def test_whole_networks_learn_with_masks_and_resume(tmp_path, monkeypatch) -> None:
    images, q, groups = scored(12)
    inputs = [pixels(image, size=32) for image in images]
    masks = tuple(None if i % 3 else np.eye(32, dtype=bool) for i in range(12))
    examples = examples_of(inputs, q, groups, masks)
    told: list[int] = []
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "a"))
    state = learnt(SMALL, examples)

    def killed(self, epoch):
        told.append(epoch)
        if epoch == 2 and len(told) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Classifier, "on_epoch_start", killed)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "b"))
    with pytest.raises(KeyboardInterrupt):
        learnt(SMALL, examples)
    assert len(list((tmp_path / "b" / "fitted").glob("*.training"))) == 1
    resumed = learnt(SMALL, examples)
    assert told == [0, 1, 2, 2]
    assert not list((tmp_path / "b" / "fitted").glob("*.training"))
    assert all(np.array_equal(state[name], resumed[name]) for name in state)
    unmasked = learnt(replace(SMALL, attention=False), examples)
    assert not all(np.array_equal(state[name], unmasked[name]) for name in state)
    seen = attention(restored(Classification(SMALL, "expectation"), state), SMALL, images[0])
    assert seen.shape == (32, 32)


def test_the_epoch_that_does_best_on_what_is_tested_is_no_worse_there_than_the_last() -> None:
    images, q, groups = scored(32)
    vectors = [vector(image, config=TINY_QUICK) for image in images]
    # Judged by the reverse of what it learns, it does worse and worse: the last epoch is far from the best.
    judge = examples_of(vectors[20:], 1 - q[20:], groups[20:])
    rates = replace(TINY_QUICK, learning_rate=0.05, period=None)
    errors = []
    for how in (None, judge):
        state = learnt(rates, examples_of(vectors[:20], q[:20], groups[:20]), judge=how)
        regression = Classification(rates, "expectation")
        predicted = predict(restored(regression, state), regression, vectors[20:])
        errors.append(float(np.sqrt(np.mean((predicted - judge.q) ** 2))))
    assert errors[1] < errors[0]
