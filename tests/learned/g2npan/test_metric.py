from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.papers.published import load_published
from fusion_metrics import FusionMetricsError, create, load
from learned.g2npan.config import Config, configure
from tests.pictures import multifocus

pytest.importorskip("torch")


def scored(size: tuple[int, int] = (64, 48)) -> tuple[list[np.ndarray], list[float], list[str]]:
    images, scores, groups = [], [], []
    for pair in range(3):
        a, b, sharp = multifocus(size, pair)
        images += [sharp, np.dstack([a, b, sharp]), ((a.astype(int) + b) // 2).astype(np.uint8)]
        scores += [1.0, 0.7, 0.2]
        groups += [str(pair)] * 3
    return images, scores, groups


def test_what_keeps_it_from_being_fitted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("learned.backbones.weights.folders", lambda: [tmp_path])
    assert create("g2npan").obstacle == ""
    assert "do not fit the narrow network" in create("g2npan:aqa-vgg11-pre").obstacle
    assert "no ImageNet weights of vgg11" in create("g2npan:aqa-vgg11-pre", preset="standard").obstacle
    assert create("g2npan:aqa-vgg11", preset="standard").obstacle == ""
    assert create("g2npan:aqa-vgg11", preset="standard").fits_alone
    assert not create("g2npan").fits_alone


def test_every_row_of_the_published_tables_is_a_variant():
    named = {
        row.variant.partition("@")[0]
        for table in ("1", "2", "3", "fig6")
        for row in load_published("g2npan", table).rows
        if row.metric == "g2npan"
    }
    for variant in named:
        assert create(f"g2npan:{variant}").learns
    assert len(named) == 10


@pytest.mark.parametrize(
    ("variant", "without"),
    [
        ("paper", {}),
        ("g2npn", {"attention": False}),
        ("g2nn", {"attention": False, "perceptual": False}),
        ("g2n", {"attention": False, "perceptual": False, "warehouses": 0}),
        ("aqa-vgg11-cam", {"guided": False}),
        ("aqa-vgg11", {"guided": False, "attention": False}),
        ("aqa-vgg19", {"guided": False, "attention": False, "backbone": "vgg19"}),
    ],
)
def test_variants_leave_parts_out(variant, without):
    found = create(f"g2npan:{variant}", preset="paper")._new_learner().config
    assert found == Config(**without)


def test_what_the_paper_states():
    config = create("g2npan", preset="paper")._new_learner().config
    stated = (config.size, config.epochs, config.learning_rate, config.decay, config.theta, config.phi, config.gamma)
    assert stated == (128, 1500, 2e-4, 0.95, 0.5, 1.0, 0.01)
    assert (config.warehouses, config.backbone, config.strides) == (5, "vgg11", (1, 2, 2))


def test_presets_that_cannot_be():
    with pytest.raises(FusionMetricsError, match="no preset 'quik'; did you mean 'quick'"):
        create("g2npan", preset="quik").prepare(np.zeros((32, 32), np.uint8))
    with pytest.raises(FusionMetricsError, match="no backbone 'vgg13'"):
        configure("paper", backbone="vgg13")
    with pytest.raises(FusionMetricsError, match="narrow"):
        create("g2npan:aqa-vgg11-pre").prepare(np.zeros((32, 32), np.uint8))


def test_small_sets_are_shown_more_often():
    quick = configure("quick")
    assert [quick.repeats(count) for count in (2000, 1000, 300, 100, 1)] == [1, 1, 3, 5, 5]
    assert Config().repeats(1) == 1


def test_listing_metrics_does_not_import_torch():
    code = "import sys, fusion_metrics; fusion_metrics.create('g2npan'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_prepared_are_bytes_of_one_size():
    metric = create("g2npan")
    shapes = ((50, 70), (128, 128, 3))
    grey, colour = (metric.prepare(np.zeros(shape, np.uint8)) for shape in shapes)
    assert grey.shape == colour.shape == (3, 128, 128)
    image = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    np.testing.assert_array_equal(metric.prepare(image), image.transpose(2, 0, 1))


def test_what_was_learnt_is_kept(tmp_path: Path):
    images, scores, groups = scored()
    fitted = create("g2npan").fit(images, scores, groups, seed=2)
    fitted.save(tmp_path / "g2npan.safetensors")
    again = load(tmp_path / "g2npan.safetensors")
    assert [again(image) for image in images] == [fitted(image) for image in images]
    assert all(0 < fitted(image) < 1 for image in images)
    assert fitted(images[0]) > fitted(images[2])


def test_compact_trains_all_parts_together_to_the_end_and_resumes():
    compact, paper = configure("compact"), Config()
    assert compact.light
    assert compact.resumes
    assert not configure("quick").resumes
    parts = ("guided", "warehouses", "perceptual", "attention", "theta", "phi", "gamma", "alone")
    assert [getattr(compact, part) for part in parts] == [getattr(paper, part) for part in parts]
    assert not create("g2npan", preset="compact").fits_alone
    with pytest.raises(FusionMetricsError, match="do not fit the narrow network of preset 'compact'"):
        configure("compact", weights="imagenet")
