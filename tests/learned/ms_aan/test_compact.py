"""MS-AAN's preset `compact`: a narrow network that is trained whole, on images that are mirrored and moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fusion_metrics import create
from learned.backbones.pixels import pixels
from learned.ms_aan.config import configure
from learned.ms_aan.fitting import Classification
from learned.ms_aan.network import Network
from learned.ms_aan.trainee import Classifier
from learned.training.regression import predict, restored
from learned.training.steps import mirrored, moved
from tests.learned.ms_aan.pictures import examples_of, learnt, scored

COMPACT = configure("compact", backbone="resnet34", weights="imagenet", multiscale=True, attention=True)
#: As it is, on few pixels.
TINY = replace(COMPACT, size=32, stages=1, narrow=8, width=8, shift=3, epochs=2, batch_size=8)


def spotted(count: int = 12):
    """Prepared images, of which every other has a lesion."""
    images, q, groups = scored(count)
    spot = np.zeros((32, 32), dtype=bool)
    spot[4:9, 20:26] = True
    masks = tuple(spot if i % 2 else None for i in range(count))
    return examples_of([pixels(image, size=32) for image in images], q, groups, masks)


def test_it_needs_no_weights_and_is_named_by_its_preset_alone(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("learned.backbones.weights.folders", lambda: [tmp_path])
    metric = create("ms_aan", preset="compact", backbone="resnet34", weights="imagenet")
    assert metric.obstacle == ""
    assert metric.qualifier == "compact"
    assert metric.signature == create("ms_aan", preset="compact").signature
    assert "|backbone=resnet18|weights=random|" in metric.signature
    assert "4 x resnet18, 4 times narrower than published, from random weights, trained" in metric.notes
    # Rows of the ablation that differ in their start alone: it is not the start that the row names.
    assert create("ms_aan:pretrained", preset="compact").qualifier == "compact, random"
    assert create("ms_aan:baseline", preset="compact").qualifier == "compact"


def test_several_are_fitted_side_by_side_and_each_goes_on_after_a_kill() -> None:
    assert not create("ms_aan", preset="compact").fits_alone
    assert COMPACT.light
    assert COMPACT.resumes


@pytest.mark.parametrize("multiscale", [True, False])
def test_one_step_reaches_every_weight(multiscale) -> None:
    config = configure("compact", backbone="resnet34", weights="imagenet", multiscale=multiscale, attention=True)
    network = Network(config)
    x = torch.rand(2, config.streams, 3, 128, 128)
    logits, attention = network(x, torch.tensor([1, 3]))
    assert logits.shape == (2, 5)
    assert attention.shape == (2, 8, 8)
    (logits.square().sum() + attention.sum()).backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in network.parameters())
    assert sum(p.numel() for p in network.parameters()) < 900_000


def test_masks_move_with_their_images() -> None:
    trainee = Classifier(Network(TINY), TINY)
    masks = torch.zeros(40, 32, 32, dtype=torch.bool)
    masks[:, 4:9, 20:26] = True
    x = masks[:, None, None].expand(-1, 4, 3, -1, -1).half()
    images, found = trainee.varied(x, masks)
    assert torch.equal(images[:, 2, 1] > 0, found)
    assert len({tuple(mask.nonzero()[0].tolist()) for mask in found}) > 20
    assert torch.equal(found.sum(dim=(1, 2)), masks.sum(dim=(1, 2)))


def test_an_image_moves_by_no_more_pixels_than_asked() -> None:
    point = torch.zeros(200, 9, 9)
    point[:, 4, 4] = 1
    [found] = moved(2, point)
    assert {tuple(place) for place in found.nonzero()[:, 1:].tolist()} == {
        (i, j) for i in range(2, 7) for j in range(2, 7)
    }


def test_images_are_turned_upside_down_as_asked() -> None:
    x = torch.arange(6.0).reshape(1, 3, 2)
    assert torch.equal(mirrored(1.0, x, axis=-2)[0], x.flip(-2))
    assert torch.equal(mirrored(1.0, x)[0], x.flip(-1))
    assert torch.equal(mirrored(0.0, x, axis=-2)[0], x)


def test_a_step_changes_neither_the_scores_nor_the_pictures_it_learns_from() -> None:
    config, network = TINY, Network(TINY)
    regression = Classification(config, "expectation")
    examples = spotted()
    data = {"x": regression.stacked(examples.inputs), **regression.targets(examples)}
    assert data["mask"].shape == (12, 32, 32)
    assert data["mask"].dtype == torch.bool
    before = {name: tensor.clone() for name, tensor in data.items()}
    losses = Classifier(network, config).step({"network": network}, data, lambda name, loss: loss.backward())
    assert set(losses) == {"classes", "attention"}
    assert all(torch.equal(data[name], before[name]) for name in data)


def test_the_seed_decides_everything(monkeypatch, tmp_path) -> None:
    states = []
    for number, seed in enumerate((7, 7, 8)):
        monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / str(number)))
        states.append(learnt(TINY, spotted(), seed=seed))
    assert all(np.array_equal(states[0][name], states[1][name]) for name in states[0])
    assert any(not np.array_equal(states[0][name], states[2][name]) for name in states[0])


def test_a_training_that_was_killed_goes_on_and_ends_the_same(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "whole"))
    whole = learnt(TINY, spotted())
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "killed"))
    begun: list[int] = []

    def killed(self, epoch: int) -> None:
        begun.append(epoch)
        if begun == [0, 1]:
            raise KeyboardInterrupt

    monkeypatch.setattr(Classifier, "on_epoch_start", killed)
    with pytest.raises(KeyboardInterrupt):
        learnt(TINY, spotted())
    again = learnt(TINY, spotted())
    assert begun == [0, 1, 1]
    assert all(np.array_equal(whole[name], again[name]) for name in whole)


def test_what_was_learnt_predicts_in_range() -> None:
    examples, regression = spotted(), Classification(TINY, "expectation")
    predicted = predict(restored(regression, learnt(TINY, examples)), regression, examples.inputs)
    assert predicted.shape == (12,)
    assert 0 <= predicted.min() <= predicted.max() <= 1
