"""How the parts learn together, and what is kept of it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fusion_metrics.learning import Examples

torch = pytest.importorskip("torch")

from learned.g2npan.config import Config, configure  # noqa: E402
from learned.g2npan.fitting import Guided, choose_references  # noqa: E402
from learned.g2npan.network import Network  # noqa: E402
from learned.g2npan.trainee import Adversaries, Assessing, look, unit  # noqa: E402
from learned.training.kept import State, Task  # noqa: E402
from learned.training.regression import fit, predict, restored  # noqa: E402
from learned.training.trainee import Position  # noqa: E402
from tests.pictures import multifocus  # noqa: E402

#: All parts, on few pixels.
TINY = replace(
    configure("quick", warehouses=1),
    size=32,
    down=(8, 8, 8),
    up=(8, 8, 8),
    discriminator=(8, 8, 8, 8),
    pools=2,
    strides=(1, 1, 1),
    adversarial_share=1.0,
    warm_up=0.0,
    plenty=0,
)


def pictures(count: int = 16, size: int = 32) -> tuple[list[np.ndarray], np.ndarray, list[str]]:
    """Four pictures a pair, from clean to noisy."""
    inputs, q, groups = [], [], []
    for number in range(count):
        sharp = multifocus((size, size), number // 4)[2].astype(float)
        noisy = sharp + 20 * (number % 4) * np.random.default_rng(number).standard_normal(sharp.shape)
        inputs.append(np.broadcast_to(np.clip(np.rint(noisy), 0, 255).astype(np.uint8), (3, size, size)))
        q.append(1 - (number % 4) / 4)
        groups.append(f"p{number // 4}")
    return inputs, np.array(q), groups


def scored() -> Examples:
    inputs, q, groups = pictures()
    return Examples(tuple(inputs), q, tuple(groups))


def learnt(config: Config, examples: Examples, *, seed: int = 0, judge: Examples | None = None) -> State:
    return fit(Guided(config), Task(repr(config), examples, seed, judge))


def predicted(config: Config, state: State, examples: Examples) -> np.ndarray:
    return predict(restored(Guided(config), state), Guided(config), examples.inputs)


def test_the_epoch_that_does_best_on_what_is_tested_is_no_worse_there_than_the_last() -> None:
    """Judged by the reverse of what it learns, it does worse and worse: the last epoch is far from the best."""
    examples = scored()
    config = replace(TINY, epochs=10, alone=20, batch_size=16, learning_rate=3e-3)
    reverse = replace(examples, q=1 - examples.q)
    errors = []
    for judge in (None, reverse):
        state = learnt(config, examples, judge=judge)
        errors.append(float(np.sqrt(np.mean((predicted(config, state, examples) - reverse.q) ** 2))))
    assert errors[1] < errors[0]


def batch(config: Config = TINY) -> dict[str, torch.Tensor]:
    inputs, q, groups = pictures()
    x = torch.nn.functional.pixel_unshuffle(torch.from_numpy(np.stack(inputs)), config.fold)
    group = torch.from_numpy(np.unique(groups, return_inverse=True)[1])
    return {"x": x, "q": torch.from_numpy(q).float(), "group": group}


def adversaries(config: Config = TINY) -> Adversaries:
    torch.manual_seed(3)
    trainee = Adversaries(config, Network(config), {"x": batch(config)["x"][::4]})
    trainee.on_epoch_start(0)
    for network in trainee.networks.values():
        network.train()
    return trainee


def test_the_reference_is_the_best_of_its_group_and_ties_are_drawn() -> None:
    q = np.array([0.5, 0.9, 0.2, 0.9, 0.1, 0.3, 0.3])
    groups = ["b", "a", "b", "a", "c", "c", "c"]
    seen = set()
    for seed in range(20):
        references, place = choose_references(q, groups, np.random.default_rng(seed))
        assert [groups[i] for i in references] == ["a", "b", "c"]
        assert [groups[references[p]] for p in place] == groups
        assert references[1] == 0
        seen.add((references[0], references[2]))
    assert seen == {(1, 5), (1, 6), (3, 5), (3, 6)}


def test_references_come_from_the_images_that_are_learnt_from(monkeypatch) -> None:
    """Pairs set aside for validation give none."""
    found = {}

    def remember(trainee, data, settings, *, choice, **_):
        found.update(references=len(trainee.references["x"]), learnt=len(data["q"]), held=len(choice.data["q"]))

    monkeypatch.setattr("learned.training.regression.train", remember)
    learnt(replace(TINY, alone=0, validation_share=0.25), scored())
    assert found == {"references": 3, "learnt": 12, "held": 4}


def test_a_share_of_the_images_teaches_the_generator_and_all_teach_the_assessor(monkeypatch) -> None:
    """References are the best of all images in any case."""
    found = []

    def remember(trainee, data, settings, **_):
        found.append((type(trainee), len(data["q"]), trainee.references["q"].tolist()))

    monkeypatch.setattr("learned.training.regression.train", remember)
    learnt(replace(TINY, adversarial_share=0.25, alone=1), scored())
    assert found == [(Adversaries, 4, [1.0] * 4), (Assessing, 16, [1.0] * 4)]


@pytest.mark.parametrize("perceptual", [True, False])
def test_a_step_minimises_equation_12_and_maximises_equation_11(perceptual) -> None:
    trainee, data = adversaries(replace(TINY, perceptual=perceptual, phi=0.5, theta=0.3, gamma=0.2)), batch()
    reference = unit(trainee.references["x"][data["group"]])
    truth = trainee.truth[data["group"]]
    # Forward passes move running statistics: what is expected is computed on copies.
    network, discriminator = (deepcopy(trainee.networks[name]) for name in ("network", "discriminator"))
    expected = {}
    with torch.no_grad():
        score, attention, generated = network(unit(data["x"]))
        network.eval()
        again = torch.sigmoid(network(generated).score)
        network.train()
        acceptable = again.median().item()
        weight = (again > acceptable).float() if perceptual else torch.zeros(16)
        real, fake = discriminator(reference), discriminator(generated)
        expected["discriminator"] = -(real.log().mean() + (1 - (fake - weight).abs()).log().mean())
        mse = ((generated - reference) ** 2).mean()
        q = data["q"]
        quality = -(q * torch.sigmoid(score).log() + (1 - q) * torch.sigmoid(-score).log()).mean()
        assessor = 0.5 * (attention - truth).abs().mean() + quality
        fooling = (1 - discriminator(generated)).log().mean()
        expected["network"] = fooling + 0.3 * mse + 0.2 * assessor
    assert (weight.sum() > 0) == perceptual
    trainee.config = replace(trainee.config, acceptable=acceptable)
    got, order = {}, []

    def update(name, loss):
        got[name] = loss
        order.append(name)
        loss.backward()

    trainee.step(trainee.networks, data, update)
    assert order == ["discriminator", "network"]
    for name, loss in expected.items():
        torch.testing.assert_close(got[name].detach(), loss, rtol=1e-3, atol=1e-4)
    assert all(p.requires_grad for p in trainee.networks["discriminator"].parameters())


def test_the_generator_loss_moves_no_weight_of_the_discriminator() -> None:
    trainee, data = adversaries(), batch()
    discriminator = trainee.networks["discriminator"]
    gradients = {}

    def update(name, loss):
        discriminator.zero_grad()
        loss.backward()
        gradients[name] = [None if p.grad is None else p.grad.abs().max().item() for p in discriminator.parameters()]

    trainee.step(trainee.networks, data, update)
    assert max(gradients["discriminator"]) > 0
    assert set(gradients["network"]) == {None}


def test_the_truth_for_attention_is_what_is_seen_in_the_reference() -> None:
    trainee = adversaries()
    network = trainee.networks["network"].eval()
    with torch.no_grad():
        expected = network(unit(trainee.references["x"])).attention
    torch.testing.assert_close(trainee.truth, expected)
    assert not trainee.truth.requires_grad
    assert adversaries(replace(TINY, attention=False)).truth is None


def test_the_learning_rate_falls_as_printed() -> None:
    """2e-4 x 0.95 after every 20 of 1500 epochs."""
    trainee = adversaries(replace(TINY, learning_rate=2e-4, decay=0.95, rates=Config().rates))
    rates = [trainee.rate(Position(epoch, 1500, epoch * 65, 1500 * 65)) for epoch in (0, 19, 20, 40, 1499)]
    np.testing.assert_allclose(rates, [1, 1, 0.95, 0.95**2, 0.95**74])
    assert {o.param_groups[0]["lr"] for o in trainee.optimisers().values()} == {2e-4}


def test_with_a_warm_up_the_learning_rate_rises_and_falls_to_nothing() -> None:
    trainee = adversaries(replace(TINY, warm_up=0.2))
    rates = [trainee.rate(Position(0, 1, step, 100)) for step in range(100)]
    assert rates == sorted(rates[:20]) + sorted(rates[20:], reverse=True)
    assert max(rates) == 1.0
    assert 0 < rates[-1] < 0.01


def test_what_was_generated_before_is_what_would_be_generated_now() -> None:
    """Rounded to bytes, as pictures are."""
    network, data = Network(TINY).eval(), batch()
    with torch.no_grad():
        image, features = network.generator(unit(data["x"]))
        made = {"generated": (255 * image).round().to(torch.uint8), "features": features}
        torch.testing.assert_close(look(network, data | made).score, look(network, data).score, atol=1e-2, rtol=0)


@pytest.mark.parametrize("parts", [{"epochs": 20, "alone": 100}, {"guided": False, "alone": 150}], ids=str)
def test_sixteen_images_are_learnt_by_heart(parts) -> None:
    config = replace(TINY, **parts, batch_size=16, learning_rate=3e-3)
    examples = scored()
    found, q = predicted(config, learnt(config, examples), examples), examples.q
    assert np.sqrt(np.mean((found - q) ** 2)) < q.std() / 2  # what the mean alone would leave is q.std()


def test_the_generator_approaches_the_reference() -> None:
    trainee, data = adversaries(replace(TINY, learning_rate=1e-2)), batch()
    optimisers = trainee.optimisers()

    def update(name, loss):
        optimisers[name].zero_grad()
        loss.backward()
        optimisers[name].step()

    mse = [trainee.step(trainee.networks, data, update)["mse"].item() for _ in range(30)]
    # The last steps swing, since two adversaries learn at once; a generator that learns nothing stays at the first.
    assert np.mean(mse[-10:]) < 0.8 * mse[0]


@pytest.mark.parametrize(
    "parts", [{"epochs": 2, "alone": 0, "validation_share": 0.25}, {"epochs": 1, "alone": 1}], ids=str
)
def test_the_seed_decides_everything(parts, tmp_path: Path, monkeypatch) -> None:
    config = replace(TINY, **parts, batch_size=8)
    states = []
    for number, seed in enumerate((7, 7, 8)):
        monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / str(number)))
        states.append(learnt(config, scored(), seed=seed))
    assert states[0].keys() == states[1].keys()
    assert all(np.array_equal(states[0][name], states[1][name]) for name in states[0])
    assert any(not np.array_equal(states[0][name], states[2][name]) for name in states[0])


def test_a_training_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch) -> None:
    config = replace(TINY, epochs=4, alone=0, batch_size=8)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "whole"))
    whole = learnt(config, scored(), seed=1)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cut"))
    begun = []
    start = Assessing.on_epoch_start

    def cut(self, epoch):
        begun.append(epoch)
        if begun == [0, 1, 2]:
            raise KeyboardInterrupt
        start(self, epoch)

    monkeypatch.setattr(Assessing, "on_epoch_start", cut)
    with pytest.raises(KeyboardInterrupt):
        learnt(config, scored(), seed=1)
    again = learnt(config, scored(), seed=1)
    assert begun == [0, 1, 2, 2, 3]
    assert all(np.array_equal(whole[name], again[name]) for name in whole)
