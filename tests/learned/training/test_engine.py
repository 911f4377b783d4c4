"""The engine, on networks of a few weights: one with one optimiser, and a pair of adversaries with two."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from fusion_metrics import FusionMetricsError
from learned.training.engine import train
from learned.training.sets import predict_in_batches, select, set_aside
from learned.training.settings import Choice, Settings
from tests.learned.training.trainees import Adversaries, Killed, Line, data, same, weights


def test_it_learns_and_reports() -> None:
    told = []
    history = train(Line(), data(), Settings(20, 16), on_epoch=lambda epoch, of: told.append((epoch.number, of)))
    assert told == [(i, 20) for i in range(1, 21)]
    assert (history.chosen, history.chosen_by) == (20, "last epoch")
    assert history.epochs[-1].losses["squares"] < 0.5 * history.epochs[0].losses["squares"]
    assert all(epoch.seconds > 0 and epoch.merit is None for epoch in history.epochs)


def test_the_same_seed_gives_the_same_weights_and_another_others() -> None:
    results = []
    for seed in (0, 0, 1):
        trainee = Line()
        train(trainee, data(), Settings(2, 16, seed=seed))
        results.append(trainee)
    assert same(results[0], results[1])
    assert not same(results[0], results[2])


def test_the_callers_random_numbers_stay_as_they_were() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trainee = Line.__new__(Line)
    with torch.random.fork_rng([]):
        trainee.__init__()
    train(trainee, data(), Settings(1, 16))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("chooses", [False, True])
@pytest.mark.parametrize("every", [1, 2])
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, chooses, every) -> None:
    choice = Choice(data(10), "inner validation") if chooses else None
    whole = Line()
    expected = train(whole, data(), Settings(5, 16), choice=choice)
    settings = Settings(5, 16, checkpoint=tmp_path / "training.safetensors", checkpoint_every=every)
    with pytest.raises(Killed):
        train(Line(killed_before=3), data(), settings, choice=choice)
    resumed, epochs = Line(), []
    history = train(resumed, data(), settings, choice=choice, on_epoch=lambda epoch, of: epochs.append(epoch.number))
    assert epochs == ([4, 5] if every == 1 else [3, 4, 5])
    assert same(whole, resumed)
    assert history.chosen == expected.chosen
    assert [epoch.losses for epoch in history.epochs] == [epoch.losses for epoch in expected.epochs]
    again = Line()
    train(again, data(), settings, choice=choice)  # done already
    assert same(whole, again)


def test_two_optimisers_go_on_as_well(tmp_path) -> None:
    class Interrupted(Adversaries):
        def on_epoch_start(self, epoch):
            if epoch == 2:
                raise Killed

    whole, resumed = Adversaries(), Adversaries()
    history = train(whole, data(), Settings(4, 10))
    assert set(history.epochs[0].losses) == {"generator", "discriminator"}
    settings = Settings(4, 10, checkpoint=tmp_path / "gan.safetensors")
    with pytest.raises(Killed):
        train(Interrupted(), data(), settings)
    train(resumed, data(), settings)
    assert same(whole, resumed)


def test_updating_one_side_leaves_the_other_alone() -> None:
    class OneSided(Adversaries):
        def step(self, networks, batch, update):
            before = networks["generator"].weight.detach().clone()
            made = networks["generator"](torch.ones(len(batch["q"]), 1))
            loss = networks["discriminator"](made).mean()
            update("discriminator", loss)
            assert torch.equal(networks["generator"].weight, before)
            return {"loss": loss}

    trainee = OneSided()
    before = {name: value.clone() for name, value in weights(trainee).items()}
    train(trainee, data(), Settings(1, 10))
    assert {name for name, value in weights(trainee).items() if not torch.equal(value, before[name])} == {
        "discriminator.weight",
        "discriminator.bias",
    }


def test_a_checkpoint_of_another_training_is_refused(tmp_path) -> None:
    settings = Settings(1, 16, checkpoint=tmp_path / "training.safetensors")
    train(Line(), data(), settings, identity="one")
    with pytest.raises(FusionMetricsError, match="is of another training"):
        train(Line(), data(), settings, identity="other")
    (tmp_path / "training.safetensors").write_text("nothing")
    with pytest.raises(FusionMetricsError, match="is not a checkpoint"):
        train(Line(), data(), settings)


def test_the_best_epoch_is_kept_and_named() -> None:
    class Worse(Line):
        """Gets worse with every epoch after the second."""

        def merit(self, predicted, q):
            self.judged = getattr(self, "judged", 0) + 1
            return -abs(self.judged - 2.0)

    kept, two_epochs = Worse(), Line()
    history = train(kept, data(), Settings(4, 16), choice=Choice(data(10), "test"))
    assert (history.chosen, history.chosen_by) == (2, "best epoch on the test part, as in the papers")
    assert [epoch.merit for epoch in history.epochs] == [-1, 0, -1, -2]
    train(two_epochs, data(), Settings(2, 16))
    assert same(kept, two_epochs)


def test_the_learning_rate_follows_the_trainee() -> None:
    rates: list[float] = []
    train(Line(rates=rates), data(50), Settings(2, 16))
    assert rates == [step / 8 for step in range(8)]  # 50 images in batches of at most 16 are 4 batches
    weight = nn.Parameter(torch.zeros(1))

    class Counting(Line):
        def optimisers(self):
            return {"sgd": torch.optim.SGD([weight], lr=1.0)}

        def step(self, networks, batch, update):
            update("sgd", weight.sum())
            return {}

    train(Counting(), data(10), Settings(3, 10))
    assert weight.item() == pytest.approx(-(1 + 0.9 + 0.81))


@pytest.mark.parametrize(("count", "size"), [(50, 16), (17, 16), (3, 16), (16, 4)])
def test_every_image_is_seen_once_an_epoch_in_batches_of_one_size(count, size) -> None:
    seen: list[np.ndarray] = []

    class Seeing(Line):
        def step(self, networks, batch, update):
            seen.append(batch["i"].numpy())
            return {}

    train(Seeing(), data(count) | {"i": torch.arange(count)}, Settings(2, size))
    per_epoch = math.ceil(count / size)
    lengths = [len(batch) for batch in seen]
    assert max(lengths) <= size
    assert max(lengths) - min(lengths) <= 1
    for epoch in (seen[:per_epoch], seen[per_epoch:]):
        assert sorted(np.concatenate(epoch).tolist()) == list(range(count))
    assert count < 10 or not np.array_equal(np.concatenate(seen[:per_epoch]), np.concatenate(seen[per_epoch:]))


def test_predictions_do_not_depend_on_batches_and_leave_the_mode_alone() -> None:
    trainee = Line()
    trainee.networks["line"].train()
    one, other = (predict_in_batches(trainee, data(), batch_size=size) for size in (7, 64))
    np.testing.assert_allclose(one, other, rtol=1e-6)
    assert one.dtype == np.float64
    assert trainee.networks["line"].training


def test_whole_pairs_are_set_aside() -> None:
    groups = [f"p{i % 10}" for i in range(100)]
    aside = set_aside(groups, 0.2, seed=3)
    assert len({group for group, chosen in zip(groups, aside, strict=True) if chosen}) == 2
    assert aside.sum() == 20
    assert np.array_equal(aside, set_aside(groups, 0.2, seed=3))
    assert set_aside(["p", "q"], 0.01, seed=0).sum() == 1
    assert not set_aside(["p", "p"], 0.5, seed=0).any()
    assert not set_aside(groups, 0.0, seed=0).any()
    assert select(data(100), aside)["x"].shape == (20, 4)
