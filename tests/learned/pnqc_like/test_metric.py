"""PNQC-like as a metric: prepared, fitted, kept, resumed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.databases.folder import load_folder
from benchmark.scoring.folds import fit_folds
from benchmark.scoring.material import gather
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Examples, FusionMetricsError, Image, create, load
from learned.backbones.frozen import stage_map
from learned.pnqc_like.config import configure
from learned.pnqc_like.inputs import vector
from learned.pnqc_like.metric import PNQC
from learned.pnqc_like.trainee import Contrasting
from tests.databases import write_database
from tests.pictures import picture

RANDOM = {"backbone": "resnet18", "weights": "random"}


def test_a_vector_holds_the_averages_of_two_stages_at_three_scales() -> None:
    image = Image(picture((128, 128)))
    config = configure("quick", **RANDOM)
    found = vector(image, config=config)
    assert (found.shape, found.dtype, found.nbytes) == ((3 * (64 + 128),), np.float16, 1152)
    second_scale = stage_map(image, **RANDOM, size=64, stage=2).mean(dim=(2, 3))[0]
    np.testing.assert_allclose(found[192 + 64 : 2 * 192], second_scale, rtol=2e-3, atol=1e-4)


def test_a_small_database_is_learnt_and_kept(tmp_path: Path) -> None:
    database = load_folder(write_database(tmp_path / "small", pairs=5))
    metric = create("pnqc_like", **RANDOM)
    with ScoreStore(tmp_path / "scores.sqlite") as store:
        material = gather(database, metric, store=store)
    fitted = metric.fit_prepared(material, seed=0)
    fitted.save(tmp_path / "pnqc.safetensors")
    again = load(tmp_path / "pnqc.safetensors")
    predicted = fitted.predict_prepared(material.inputs)
    np.testing.assert_allclose(again.predict_prepared(material.inputs), predicted, rtol=1e-6)
    assert np.corrcoef(predicted, material.q)[0, 1] > 0.6
    assert again(database.fused[0].path) == pytest.approx(predicted[0], rel=1e-5)
    held = [fold.predicted for fold in fit_folds(metric, material, "pair", folds=2, seed=0)]
    assert sum(len(part) for part in held) == len(material.q)
    assert all(((part > 0) & (part < 1)).all() for part in held)


def test_whole_networks_are_trained_and_resumed(tmp_path: Path, monkeypatch) -> None:
    """A training that was cut off ends as one that was not; the epoch is chosen on other images where there are any."""

    class Small(PNQC):
        def __init__(self):
            super().__init__(preset="paper", **RANDOM)
            self.config = replace(self.config, size=32, levels=(1,), width=8, epochs=3, batch_size=8)

    random = np.random.default_rng(0)
    inputs = [random.integers(0, 256, (3, 32, 32), dtype=np.uint8) for _ in range(12)]
    examples = Examples(tuple(inputs), np.linspace(0, 1, 12), tuple(f"p{i // 3}" for i in range(12)))
    learner = Small()
    assert learner.fits_alone
    assert learner.prepare(Image(picture((40, 50)))).shape == (3, 32, 32)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "whole"))
    learner.fit(examples, seed=0)
    whole = learner.state()
    judged = Small()
    judged.fit(examples, seed=0, judge=examples.part(np.arange(12) < 4))
    assert any(not np.array_equal(whole[name], judged.state()[name]) for name in whole)

    begun: list[int] = []

    def cut(self, epoch):
        begun.append(epoch)
        if begun == [0, 1, 2]:
            raise KeyboardInterrupt

    monkeypatch.setattr(Contrasting, "on_epoch_start", cut)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cut"))
    with pytest.raises(KeyboardInterrupt):
        learner.fit(examples, seed=0)
    learner.fit(examples, seed=0)
    assert begun == [0, 1, 2, 2]
    assert all(np.array_equal(whole[name], learner.state()[name]) for name in whole)
    assert learner.predict(inputs).shape == (12,)

    monkeypatch.setattr("learned.training.regression.train", None)  # nothing is learnt twice
    again = Small()
    again.fit(examples, seed=0)
    assert np.array_equal(again.predict(inputs), learner.predict(inputs))


def test_the_caller_keeps_its_random_numbers() -> None:
    learner = create("pnqc_like", **RANDOM)._new_learner()
    inputs = list(np.random.default_rng(0).random((8, 576)).astype(np.float16))
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    learner.fit(Examples(tuple(inputs), np.linspace(0, 1, 8), ("p",) * 8), seed=0)
    assert torch.equal(torch.rand(2), expected)


def test_what_tables_say_of_it() -> None:
    quick = create("pnqc_like", **RANDOM)._new_learner()
    assert "stand-in" in quick.notes
    assert "resnet18 from random weights, frozen" in quick.notes
    assert not quick.fits_alone
    assert create("pnqc_like").spec.title == "PNQC-like"


def test_what_cannot_be_made(monkeypatch) -> None:
    with pytest.raises(FusionMetricsError, match="no preset 'quik'; did you mean 'quick'"):
        create("pnqc_like", preset="quik").prepare(picture())
    with pytest.raises(FusionMetricsError, match="no backbone 'vgg11'"):
        create("pnqc_like", backbone="vgg11").prepare(picture())
    monkeypatch.setattr("learned.backbones.weights.folders", list)
    assert create("pnqc_like", backbone="resnet34", weights="imagenet").obstacle.startswith("no ImageNet weights")
    assert create("pnqc_like", **RANDOM).obstacle == ""


def test_presets_say_how_long_they_train() -> None:
    quick, standard, paper = (configure(preset, **RANDOM) for preset in ("quick", "standard", "paper"))
    assert quick.frozen
    assert not standard.frozen
    assert (standard.epochs, paper.epochs) == (20, 100)
    assert replace(standard, epochs=100, period=None) == paper


def test_declaring_needs_no_torch() -> None:
    code = "import sys, fusion_metrics; fusion_metrics.create('pnqc_like'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
