from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from benchmark.correlation import agree, correlate
from benchmark.databases import open_database
from benchmark.scores import ScoreRow
from fusion_metrics import create
from tests.databases import write_database


def test_worked_example() -> None:
    """Five images; ranks of x are 1 2 3 5 4, so one of ten pairs is discordant: rho = 0.9, tau = 0.8."""
    q = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    x = np.array([1.0, 2.0, 3.0, 5.0, 4.0])
    found = agree(x, q)
    assert found.srcc == pytest.approx(0.9)
    assert found.krcc == pytest.approx(0.8)
    assert found.plcc == pytest.approx(0.9)
    assert found.rmse == pytest.approx(math.sqrt((0.25**2 + 0.25**2) / 5))
    assert found.reason == ""


def test_kendall_is_tau_b_with_ties() -> None:
    """Tau-b by hand: 4 concordant, 0 discordant, one tie in x, one in q, of 6 pairs: 4 / sqrt(5 * 5)."""
    assert agree(np.array([1.0, 1.0, 2.0, 3.0]), np.array([0.0, 0.2, 0.4, 0.4])).krcc == pytest.approx(0.8)


@given(hnp.arrays(float, 8, elements=st.integers(-50, 50).map(float), unique=True), st.floats(0.1, 9), st.floats(-9, 9))
def test_units_do_not_matter_but_the_sign_does(x: np.ndarray, scale: float, shift: float) -> None:
    q = np.linspace(0, 1, 8) ** 2
    plain, moved, turned = agree(x, q), agree(scale * x + shift, q), agree(-x, q)
    for key in ("plcc", "srcc", "krcc"):
        assert getattr(moved, key) == pytest.approx(getattr(plain, key), abs=1e-9)
        assert getattr(turned, key) == pytest.approx(-getattr(plain, key), abs=1e-9)
    assert moved.rmse == pytest.approx(plain.rmse)


@pytest.mark.parametrize(
    ("x", "q", "reason"),
    [
        ([1.0, 2.0], [0.0, 1.0], "2 scored images are too few"),
        ([1.0, 1.0, 1.0], [0.0, 0.5, 1.0], "the metric gives all images the same value"),
        ([1.0, 2.0, 3.0], [0.5, 0.5, 0.5], "all opinion scores are equal"),
    ],
)
def test_no_numbers_without_variation(x: list[float], q: list[float], reason: str) -> None:
    found = agree(np.array(x), np.array(q))
    assert found.reason == reason
    assert found.plcc is found.srcc is found.krcc is found.rmse is None


def rows_of(folder: Path, values: list[float | None], metric: str) -> tuple[object, list[ScoreRow]]:
    database = open_database(str(folder))
    rows = [
        ScoreRow(
            "small", image.pair, image.algorithm, image.image, metric, "paper", value,
            "ok" if value is not None else "undefined", "" if value is not None else "flat", 0.0,
        )
        for image, value in zip(database.fused, values, strict=True)
    ]  # fmt: skip
    return database, rows


@pytest.mark.parametrize(("metric", "sign"), [("qabf", 1.0), ("qcv", -1.0)])
def test_lower_is_better_is_turned_round(tmp_path: Path, metric: str, sign: float) -> None:
    folder = write_database(tmp_path / "db", pairs=1)
    database, rows = rows_of(folder, [4.0, 3.0, 2.0, 1.0], metric)
    [found] = correlate(database, rows, [create(metric).spec])  # type: ignore[arg-type]
    assert found.srcc == pytest.approx(sign)
    assert (found.n, found.scores) == (4, "human")


def test_distance_from_an_ideal_inside_the_bounds_counts(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=1)
    database, rows = rows_of(folder, [0.01, -0.1, 0.2, -0.3], "rsfe")
    [found] = correlate(database, rows, [create("rsfe").spec])  # type: ignore[arg-type]
    assert found.srcc == pytest.approx(1.0)


def test_a_metric_with_gaps_is_not_compared_on_what_it_happens_to_have(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=1)
    database, rows = rows_of(folder, [4.0, 3.0, 2.0, None], "qabf")
    [found] = correlate(database, rows, [create("qabf").spec])  # type: ignore[arg-type]
    assert found.srcc is None
    assert found.reason == "no score for 1 of 4 images: flat"
