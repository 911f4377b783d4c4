from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from baselines.bmpri import _neighbours_not_darker, features
from fusion_metrics import FusionMetricsError, Image, NotFitted, create, load
from tests.pictures import multifocus, picture


def test_neighbours_by_hand() -> None:
    grey = np.array([[9, 5, 9, 9], [4, 5, 6, 1], [9, 4, 9, 9]], np.uint8)
    # 5: right 6 and above 5 are not darker, left 4 and below 4 are; 6: above 9, below 9.
    np.testing.assert_array_equal(_neighbours_not_darker(grey), [[2, 2]])


def test_features_of_a_flat_picture_share_nothing_with_what_becomes_of_it() -> None:
    found = features(Image(np.full((32, 32), 100, np.uint8)))
    np.testing.assert_array_equal(found[:5], 0.0)  # all four neighbours are equal, so no pixel is marked
    assert found.shape == (20,)


def test_features_are_shares() -> None:
    for image in (picture((40, 33)), np.dstack([picture((16, 16), seed) for seed in range(3)]), picture((3, 3))):
        found = features(Image(image))
        assert ((found >= 0) & (found < 1)).all()
        np.testing.assert_array_equal(found, features(Image(image / 255, data_range=1.0)))


def test_blur_and_jpeg_features_are_those_of_the_published_program(shared: Path) -> None:
    """The program of its authors under GNU Octave 7.3.0 (2026-11-22): all five levels of both, on 12 fused images."""
    golden = shared / "golden"
    with (golden / "triples.csv").open(newline="") as file:
        fused = {row["triple"]: golden / row["fused"] for row in csv.DictReader(file)}
    compared = 0
    with (golden / "values.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["script"] == "bmpri":
                kind, level = row["metric"][6:-1], int(row["metric"][-1])
                found = features(Image.open(fused[row["triple"]]))[{"JPEG": -1, "GB": 9}[kind] + level]
                assert found == pytest.approx(float(row["value"]), rel=1e-12, abs=1e-15)
                compared += 1
    assert compared == 120


def scored_images() -> tuple[list[np.ndarray], np.ndarray, list[str]]:
    images, scores, groups = [], [], []
    for seed in range(6):
        sharp = multifocus((48, 48), seed)[2].astype(float)
        noise = np.random.default_rng(seed).standard_normal(sharp.shape)
        for step in range(4):
            images.append(np.clip(np.rint(sharp + 12 * step * noise), 0, 255).astype(np.uint8))
            scores.append(1 - step / 4)
            groups.append(str(seed))
    return images, np.array(scores), groups


def test_it_learns_to_order_noise() -> None:
    images, scores, groups = scored_images()
    fitted = create("bmpri").fit(images[:16], scores[:16], groups[:16])
    predicted = [fitted(image) for image in images[16:]]
    assert np.corrcoef(predicted, scores[16:])[0, 1] > 0.75


def test_prediction_is_that_of_the_regressor_it_was_fitted_with() -> None:
    from sklearn.svm import SVR

    images, scores, groups = scored_images()
    metric = create("bmpri")
    table = np.stack([metric.prepare(image) for image in images])
    low, high = table.min(axis=0), table.max(axis=0)
    scaled = 2 * (table - low) / np.where(high > low, high - low, 1) - 1
    expected = SVR(kernel="rbf", gamma=0.05, C=1024, epsilon=0.01).fit(scaled, scores).predict(scaled)
    found = metric.fit(images, scores, groups).predict_prepared(list(table))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_what_was_learnt_is_kept_without_pickles(tmp_path: Path) -> None:
    images, scores, groups = scored_images()
    fitted = create("bmpri").fit(images, scores, groups)
    path = tmp_path / "bmpri.safetensors"
    fitted.save(path)
    assert load(path)(images[3]) == fitted(images[3])
    with pytest.raises(FusionMetricsError, match=r"absent: no such file"):
        load(tmp_path / "absent")
    (tmp_path / "text").write_text("not learnt")
    with pytest.raises(FusionMetricsError, match="is not a fitted metric"):
        load(tmp_path / "text")


def test_before_it_has_learnt_it_has_no_score() -> None:
    metric = create("bmpri")
    assert metric.learns
    assert not metric.needs_sources
    with pytest.raises(NotFitted, match="has not been fitted"):
        metric(picture())
    with pytest.raises(NotFitted):
        metric.save("nowhere")


@pytest.mark.parametrize(
    ("scores", "groups"), [([0.5], ["a", "b"]), ([0.5, 1.5], ["a", "b"]), ([0.5, np.nan], ["a", "b"]), ([], [])]
)
def test_scores_that_cannot_be_learnt(scores: list[float], groups: list[str]) -> None:
    with pytest.raises(FusionMetricsError):
        create("bmpri").fit([picture((8, 8))] * len(groups), scores, groups)


def test_a_metric_that_does_not_learn_says_so() -> None:
    with pytest.raises(FusionMetricsError, match="qabf does not learn"):
        create("qabf").fit([], [], [])
