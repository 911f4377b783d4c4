"""How long a training would take: a few steps stand for all, and nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fusion_metrics.estimating import FitTime, Stage
from learned.backbones.pixels import pixels
from learned.g2npan.fitting import Guided
from learned.ms_aan.fitting import Classification
from learned.training import estimate as module
from learned.training.estimate import estimate
from learned.training.kept import Task
from tests.learned.g2npan.test_fitting import TINY
from tests.learned.g2npan.test_fitting import scored as guided
from tests.learned.ms_aan.pictures import SMALL, examples_of, scored

#: The source pairs of forty images, ten of each.
GROUPS = [f"p{i % 4}" for i in range(40)]


def test_a_network_is_measured_as_the_engine_trains_it() -> None:
    images, q, groups = scored(8)
    examples = examples_of([pixels(image, size=32) for image in images], q, groups)
    found = estimate(Classification(SMALL, "expectation"), Task("", examples, 0), GROUPS)
    assert (found.learnt, found.aside) == (30, 10)  # one of four pairs is set aside, as near to a fifth as can be
    [stage] = found.stages
    assert (stage.epochs, stage.steps, stage.batch) == (SMALL.epochs, 4, 8)
    assert 1 <= stage.images <= 8
    assert 1 <= stage.measured <= module.MOST
    assert min(stage.step, stage.around, found.inputs) > 0
    assert (found.precision, found.compiled) == ("32-true", False)
    assert found.device.startswith("the processor, ")


def test_both_trainings_of_a_network_are_measured_and_small_sets_are_shown_more_often() -> None:
    config = replace(TINY, epochs=1, alone=7, batch_size=10, plenty=100)
    found = estimate(Guided(config), Task("", guided(), 0), GROUPS)
    # Forty images are shown two or three times as often as a hundred would be; the sixteen that stand for them, more.
    assert config.repeats(40) == 2
    assert [stage.epochs for stage in found.stages] == [2, 14]
    assert [stage.steps for stage in found.stages] == [4, 4]
    assert found.stages[1].begin > 0


def test_a_training_that_sees_a_share_of_the_images_has_fewer_steps() -> None:
    config = replace(TINY, epochs=1, alone=7, batch_size=10, adversarial_share=0.5)
    found = estimate(Guided(config), Task("", guided(), 0), GROUPS)
    assert [(stage.epochs, stage.steps, stage.batch) for stage in found.stages] == [(1, 2, 10), (7, 4, 10)]


def test_where_the_epoch_is_chosen_on_what_is_tested_none_is_set_aside() -> None:
    examples = guided()
    found = estimate(Guided(replace(TINY, alone=0)), Task("", examples, 0, examples), GROUPS, tested=10)
    assert (found.learnt, found.aside) == (40, 10)


def test_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    estimate(Guided(replace(TINY, alone=0)), Task("", guided(), 0), GROUPS)
    assert list(tmp_path.rglob("*")) == []


def test_steps_that_take_long_are_made_of_few_images() -> None:
    asked: list[int] = []

    def slow(images: int) -> float:
        asked.append(images)
        return 3 * module.BUDGET * images

    seconds, images = module._measure(slow, 16, 2)
    assert (images, asked) == (2, [2, 2])
    assert seconds == [6 * module.BUDGET]


def test_steps_that_take_little_are_whole_ones() -> None:
    asked: list[int] = []

    def fast(images: int) -> float:
        asked.append(images)
        return 1e-3

    seconds, images = module._measure(fast, 16, 2)
    assert images == 16
    assert asked == [2, 16] + [16] * module.MOST
    assert len(seconds) == module.MOST


def test_seconds_add_up() -> None:
    stages = (Stage(10, 5, 16, 0.2, 0.5, 3.0, 3, 16), Stage(2, 5, 16, 0.1, 0.0, 0.0, 3, 16))
    fit = FitTime(80, 20, "the processor", "32-true", False, 4.0, stages)
    assert fit.epochs == 12
    assert fit.seconds == pytest.approx(4 + (3 + 10 * (5 * 0.2 + 0.5)) + 2 * 5 * 0.1)
