"""AGA as a metric: prepared, fitted, kept."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.databases.folder import load_folder
from benchmark.scoring.folds import fit_folds
from benchmark.scoring.material import gather
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Examples, FusionMetricsError, Image, create, load
from learned.aga.config import configure
from learned.aga.inputs import places
from learned.aga.metric import AGA
from learned.aga.trainee import Assessing
from learned.backbones.frozen import stage_map
from tests.databases import write_database
from tests.learned.aga.test_network import SMALL
from tests.pictures import picture

RANDOM = {"backbone": "resnet18", "weights": "random"}
QUICK = configure("quick", **RANDOM, transformer="random", order="transposed")


def test_a_map_is_averaged_to_the_grid() -> None:
    image = Image(picture((128, 128)))
    found = places(image, config=QUICK)
    assert (found.shape, found.dtype) == ((64, 128), np.float16)
    whole = stage_map(image, **RANDOM, size=128, stage=2)[0].numpy()
    assert whole.shape == (128, 16, 16)
    expected = whole.reshape(128, 8, 2, 8, 2).mean(axis=(2, 4)).reshape(128, 64).T
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("backbone", ["resnet18", "resnet34", "resnet50"])
def test_what_is_stored_of_an_image_is_small(backbone) -> None:
    config = replace(QUICK, backbone=backbone)
    assert places(Image(picture((40, 70))), config=config).nbytes <= 64 * 2**10


@pytest.mark.parametrize("variant", ["paper", "released"])
def test_a_small_database_is_learnt_and_kept(variant, tmp_path: Path) -> None:
    database = load_folder(write_database(tmp_path / "small", pairs=5))
    metric = create(f"aga:{variant}", **RANDOM)
    with ScoreStore(tmp_path / "scores.sqlite") as store:
        material = gather(database, metric, store=store)
    fitted = metric.fit_prepared(material, seed=0)
    fitted.save(tmp_path / "aga.safetensors")
    again = load(tmp_path / "aga.safetensors")
    predicted = fitted.predict_prepared(material.inputs)
    np.testing.assert_allclose(again.predict_prepared(material.inputs), predicted, rtol=1e-5)
    assert np.isfinite(predicted).all()
    assert np.corrcoef(predicted, material.q)[0, 1] > 0.5
    assert again(database.fused[0].path) == pytest.approx(predicted[0], rel=1e-4)
    held = [fold.predicted for fold in fit_folds(metric, material, "pair", folds=2, seed=0)]
    assert sum(len(part) for part in held) == len(material.q)


def test_variants_are_two_orders() -> None:
    found = {name: create(f"aga:{name}")._new_learner().config.order for name in ("paper", "released")}
    assert found == {"paper": "transposed", "released": "reshaped"}


def test_whole_networks_are_trained_and_resumed(tmp_path: Path, monkeypatch) -> None:
    class Small(AGA):
        def __init__(self):
            super().__init__(preset="paper", transformer="random")
            self.config = replace(SMALL, epochs=3, learning_rate=1e-3, period=0)

    random = np.random.default_rng(0)
    inputs = [random.integers(0, 256, (3, 32, 32), dtype=np.uint8) for _ in range(12)]
    examples = Examples(tuple(inputs), np.linspace(0, 1, 12), tuple(f"p{i // 3}" for i in range(12)))
    learner = Small()
    assert learner.fits_alone
    assert learner.prepare(Image(picture((40, 50)))).shape == (3, 32, 32)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "whole"))
    learner.fit(examples, seed=0)
    whole = learner.state()

    begun: list[int] = []

    def cut(self, epoch):
        begun.append(epoch)
        if begun == [0, 1]:
            raise KeyboardInterrupt

    monkeypatch.setattr(Assessing, "on_epoch_start", cut)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cut"))
    with pytest.raises(KeyboardInterrupt):
        learner.fit(examples, seed=0)
    learner.fit(examples, seed=0)
    assert begun == [0, 1, 1, 2]
    assert all(np.array_equal(whole[name], learner.state()[name]) for name in whole)
    assert np.isfinite(learner.predict(inputs)).all()


def test_what_tables_say_of_it(monkeypatch) -> None:
    quick = create("aga", **RANDOM)._new_learner()
    assert quick.notes.endswith("reduced to one graph module on a frozen resnet18 from random weights")
    assert not quick.fits_alone
    paper = create("aga", preset="paper", transformer="random")._new_learner()
    assert paper.notes == "AGA, preset paper: ViT-B/8 from random weights, trained"
    monkeypatch.setattr("learned.backbones.weights.folders", list)
    needing = create("aga", preset="paper", transformer="imagenet")
    assert needing.obstacle.startswith("no ImageNet weights of vit_base_patch8_224")
    assert create("aga", transformer="imagenet", **RANDOM).obstacle == ""  # which quick does not need


def test_what_the_released_code_states() -> None:
    config = create("aga", preset="paper")._new_learner().config
    assert (config.size, config.grid, config.taps, config.widths) == (224, 28, (6, 7, 8, 9), (768, 384, 192))
    assert (config.epochs, config.batch_size, config.learning_rate, config.weight_decay) == (300, 8, 1e-5, 1e-5)
    assert (config.flip, config.bins, config.ordinal, config.period) == (0.7, 32, 0.005, 50)
    standard = create("aga", preset="standard")._new_learner().config
    assert replace(standard, epochs=300, learning_rate=1e-5, period=50) == config


def test_what_cannot_be_made() -> None:
    with pytest.raises(FusionMetricsError, match="no preset 'quik'; did you mean 'quick'"):
        create("aga", preset="quik").prepare(picture())
    with pytest.raises(FusionMetricsError, match="no backbone 'vgg11'"):
        create("aga", backbone="vgg11").prepare(picture())
    with pytest.raises(FusionMetricsError, match="no order 'turned'"):
        create("aga", order="turned").prepare(picture())


def test_declaring_needs_no_torch() -> None:
    code = "import sys, fusion_metrics; fusion_metrics.create('aga'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
