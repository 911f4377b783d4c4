"""MS-AAN as a metric: variants and presets, fitted, kept, asked where it looks."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import FusionMetricsError, NotFitted, create, load
from learned.ms_aan.config import Config, configure
from tests.learned.ms_aan.pictures import scored
from tests.pictures import picture


@pytest.mark.parametrize(
    ("variant", "streams", "weights", "attention"),
    [
        ("paper", 4, "x", True),
        ("multiscale", 4, "x", False),
        ("pretrained", 1, "x", False),
        ("baseline", 1, "random", False),
    ],
)
def test_rows_of_the_ablation(variant, streams, weights, attention) -> None:
    params = {**create(f"ms_aan:{variant}").params, "preset": "paper"}
    params["weights"] = "x" if params["weights"] != "random" or variant != "baseline" else "random"
    learner = create(f"ms_aan:{variant}", **params)._new_learner()
    config = learner.config
    assert (config.streams, config.weights, config.attention) == (streams, weights, attention)


def test_presets() -> None:
    for name in ("quick", "standard", "paper"):
        assert isinstance(
            configure(name, backbone="resnet34", weights="random", multiscale=True, attention=True), Config
        )
    with pytest.raises(FusionMetricsError, match="no preset 'quik'; did you mean 'quick'"):
        create("ms_aan", preset="quik").prepare(picture())
    with pytest.raises(FusionMetricsError, match="no backbone 'vgg11'"):
        create("ms_aan", backbone="vgg11").prepare(picture())


def test_what_it_starts_from_must_be_there(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("learned.backbones.weights.folders", lambda: [tmp_path])
    assert create("ms_aan", weights="random").obstacle == ""
    assert "no ImageNet weights of resnet34" in create("ms_aan", backbone="resnet34", weights="imagenet").obstacle


def test_only_what_takes_the_whole_machine_is_fitted_alone() -> None:
    assert not create("ms_aan").fits_alone
    assert create("ms_aan", preset="standard").fits_alone


def test_a_fitted_metric_is_saved_loaded_and_attends(tmp_path) -> None:
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


def test_random_weights_are_said_once() -> None:
    from learned.requirements import _warn, warn_of_random_weights

    _warn.cache_clear()
    notes = create("ms_aan:baseline")._new_learner().notes
    assert "random weights" in notes
    with pytest.warns(UserWarning, match="MS-AAN, preset quick: 1 x resnet.* from random weights"):
        warn_of_random_weights("random", notes)
    warn_of_random_weights("random", notes)  # an error, if it warned again
    warn_of_random_weights("imagenet", "not said")


def test_before_it_is_fitted_it_looks_nowhere() -> None:
    with pytest.raises(NotFitted):
        create("ms_aan").attend(picture())


def test_without_torch_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr("learned.requirements.find_spec", lambda name: None)
    with pytest.raises(
        FusionMetricsError, match=r"ms_aan needs torch and lightning_fabric: pip install 'fmbench\[learned\]'"
    ):
        create("ms_aan").prepare(picture())
