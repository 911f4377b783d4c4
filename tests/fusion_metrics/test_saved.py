"""Fitted metrics from files: what `save` wrote is what `load` gives, and a file that is wrong is one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from fusion_metrics import (
    Examples,
    FusionMetricsError,
    Image,
    Learner,
    Variant,
    create,
    list_metrics,
    load,
    metric,
    registry,
)
from tests.pictures import picture

#: Networks small enough to be fitted in a test.
SMALL = {"aga": "resnet18", "g2npan": "vgg11", "ms_aan": "resnet18", "pnqc_like": "resnet18"}
LEARNERS = [spec.name for spec in list_metrics() if spec.learns]


def scored() -> tuple[list[Image], list[float], list[str]]:
    images = [Image(picture((32, 32), seed=seed)) for seed in range(6)]
    return images, [seed / 5 for seed in range(6)], [f"p{seed // 2}" for seed in range(6)]


def written_anew(path: Path, **changes: np.ndarray | None) -> Path:
    """Save a fitted `bmpri` with other arrays in place of some of its own; None leaves one out."""
    fitted = create("bmpri").fit(*scored())
    fitted.save(path)
    arrays = {name: array for name, array in {**load_file(path), **changes}.items() if array is not None}
    save_file(arrays, path, metadata={"fusion_metrics": json.dumps(fitted.about(), sort_keys=True)})
    return path


@pytest.mark.parametrize("name", LEARNERS)
def test_every_metric_that_learns_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    if name in SMALL:
        pytest.importorskip("torch", reason="needs torch")
    chosen = {"backbone": SMALL[name], "weights": "random"} if name in SMALL else {}
    fitted = create(name, **chosen).fit(*scored())
    fitted.save(tmp_path / "first")
    again = load(tmp_path / "first")
    again.save(tmp_path / "second")
    assert again.params == fitted.params
    first, second = (load_file(tmp_path / file) for file in ("first", "second"))
    assert first.keys() == second.keys()
    assert all(np.array_equal(array, second[key]) for key, array in first.items())
    image = scored()[0][3]
    assert again(image) == pytest.approx(fitted(image), rel=1e-6)


class Mean(Learner):
    """Learns the mean score; its parameters are tuples, one of them of tuples."""

    def __init__(
        self, *, sizes: tuple[int, ...] = (3, 5), pairs: tuple[tuple[int, int], ...] = ((1, 2), (3, 4))
    ) -> None:
        assert all(isinstance(part, tuple) for part in (sizes, pairs, *pairs))
        self._mean = np.zeros(1)

    def prepare(self, fused: Image) -> np.ndarray:
        return np.zeros(1)

    def fit(self, examples: Examples, *, seed: int, judge: Examples | None = None) -> None:
        self._mean = np.array([np.mean(examples.q)])

    def predict(self, inputs: Any) -> np.ndarray:
        return np.repeat(self._mean, len(inputs))

    def state(self) -> dict[str, np.ndarray]:
        return {"mean": self._mean}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        self._mean = state["mean"]


def test_tuples_come_back_as_tuples_at_every_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))
    declare = metric(
        "mean_score",
        title="Mean score",
        family="learned",
        higher_is_better=True,
        bounds=(0.0, 1.0),
        cites="@misc{me2026, title = {My metric}, author = {Me}, year = {2026}}",
        variants={"paper": Variant("As published.")},
    )
    declare(Mean)
    for given in ({}, {"sizes": (7,), "pairs": ((5, 6), (7, 8), (9, 10))}, {"sizes": (), "pairs": ()}):
        fitted = create("mean_score", **given).fit(*scored())
        fitted.save(tmp_path / "mean")
        again = load(tmp_path / "mean")
        assert again.parameters == fitted.parameters
        assert again(scored()[0][0]) == fitted(scored()[0][0])


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"support": None}, "'support' is missing"),
        ({"support": np.zeros((2, 3))}, "does not hold what bmpri learns"),
        ({"weight": np.zeros(1000)}, "does not hold what bmpri learns"),
        ({"intercept": np.array([np.nan])}, "gave nan"),
    ],
)
def test_arrays_that_are_missing_or_wrong_are_noticed_on_loading(
    changes: dict[str, np.ndarray | None], cause: str, tmp_path: Path
) -> None:
    path = written_anew(tmp_path / "bmpri", **changes)
    with pytest.raises(FusionMetricsError, match=cause) as raised:
        load(path)
    assert str(raised.value).startswith(f"{path}: does not hold what bmpri learns (")
    assert "\n" not in str(raised.value)


def test_parameters_without_end_are_not_repeated_in_the_error(tmp_path: Path) -> None:
    about = create("bmpri").about() | {"parameters": "[" * 100_000}
    save_file({}, tmp_path / "deep", metadata={"fusion_metrics": json.dumps(about)})
    with pytest.raises(FusionMetricsError, match=r"cannot be made|is not a fitted metric") as raised:
        load(tmp_path / "deep")
    assert str(raised.value).count("[") < 100
