from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from benchmark.statistics.agreement import agreement, krcc, plcc, predictions, rmse, srcc

X = np.array([1.0, 2.0, 3.0, 5.0, 4.0])
Q = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


def test_worked_example() -> None:
    """Ranks of x are 1 2 3 5 4, so one of ten pairs is discordant: rho = 1 - 6 * 2 / (5 * 24) = 0.9, tau = 0.8."""
    found = agreement(X, Q)
    assert found.srcc == pytest.approx(0.9)
    assert found.krcc == pytest.approx(0.8)
    assert found.plcc == pytest.approx(0.9)
    assert found.rmse == pytest.approx(math.sqrt((0.25**2 + 0.25**2) / 5))
    assert found.n == 5


@given(hnp.arrays(float, 9, elements=st.integers(0, 5).map(float)), hnp.arrays(float, 9, elements=st.integers(0, 4)))
def test_with_ties_as_scipy(x: np.ndarray, q: np.ndarray) -> None:
    if np.ptp(x) == 0 or np.ptp(q) == 0:
        return
    assert plcc(x, q) == pytest.approx(np.corrcoef(x, q)[0, 1], abs=1e-12)
    assert srcc(x, q) == pytest.approx(np.corrcoef(stats.rankdata(x), stats.rankdata(q))[0, 1], abs=1e-12)
    assert krcc(x, q) == pytest.approx(stats.kendalltau(x, q).statistic, abs=1e-12)
    assert srcc(-x, q) == pytest.approx(-srcc(x, q), abs=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e150])
def test_plcc_of_any_scale(scale: float) -> None:
    assert plcc(X * scale, Q) == pytest.approx(0.9)


@pytest.mark.parametrize("function", [agreement, plcc, srcc, krcc, rmse])
@pytest.mark.parametrize(
    ("x", "q", "reason"),
    [
        ([1.0, np.nan, 3.0], [0.0, 0.5, 1.0], "the metric: 1 of 3 values are missing"),
        ([1.0, np.inf, 3.0], [0.0, 0.5, 1.0], "the metric: 1 of 3 values are missing or not finite"),
        ([1.0, 2.0, 3.0], [0.0, np.nan, np.nan], "the opinion scores: 2 of 3 values are missing"),
        ([1.0, 2.0], [0.0, 1.0], "2 scored images are too few"),
        ([1.0, 2.0, 3.0], [0.0, 1.0], "3 scores of the metric for 2 opinion scores"),
        ([[1.0, 2.0, 3.0]], [0.0, 1.0, 1.0], "2 dimensions instead of 1"),
    ],
)
def test_incomplete_input_is_refused(function: object, x: list[float], q: list[float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        function(x, q)  # type: ignore[operator]


@pytest.mark.parametrize("function", [agreement, plcc, srcc, krcc])
def test_no_correlation_without_variation(function: object) -> None:
    with pytest.raises(ValueError, match="the metric gives all images the same value"):
        function([2.0, 2.0, 2.0], Q[:3])  # type: ignore[operator]
    with pytest.raises(ValueError, match="all opinion scores are equal"):
        function(X[:3], [0.5, 0.5, 0.5])  # type: ignore[operator]


def test_predictions() -> None:
    np.testing.assert_allclose(predictions(X), [0, 0.25, 0.5, 1, 0.75])
    np.testing.assert_allclose(predictions(X, train=[2, 4]), [0, 0, 0.5, 1, 1])
    np.testing.assert_array_equal(predictions(X, on_scale=True), X)
    with pytest.raises(ValueError, match="training part the same value"):
        predictions(X, train=[2, 2])
    with pytest.raises(ValueError, match="on the training part: 1 of 2"):
        predictions(X, train=[2, np.nan])


def test_rmse_of_a_metric_that_learned_is_of_its_predictions() -> None:
    assert agreement(Q + 0.1, Q, on_scale=True).rmse == pytest.approx(0.1)
    assert agreement(Q + 0.1, Q).rmse == pytest.approx(0.0, abs=1e-12)
    assert agreement(X, Q, train=[2, 4]).rmse == pytest.approx(rmse([0, 0, 0.5, 1, 1], Q))
