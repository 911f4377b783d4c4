from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from benchmark.statistics.logistic import fit_logistic, logistic4, logistic5


@pytest.mark.parametrize(
    ("numbers", "direction"),
    [
        ((0.9, 0.1, 40.0, 10.0), "increasing"),
        ((0.1, 0.9, 60.0, 5.0), "decreasing"),
        ((1.0, 0.3, 95.0, 30.0), "increasing"),
    ],
)
def test_four_parameters_are_found_again(numbers: tuple[float, ...], direction: str) -> None:
    x = np.linspace(0, 100, 150)
    found = fit_logistic(x, logistic4(x, *numbers))
    assert (found.status, found.direction) == ("ok", direction)
    np.testing.assert_allclose(found.parameters, numbers, rtol=1e-4, atol=1e-5)
    assert found.rmse == pytest.approx(0, abs=1e-6)
    assert found.plcc == pytest.approx(1)


@pytest.mark.parametrize(
    ("numbers", "direction"),
    [
        ((0.5, 0.1, 50.0, 0.004, 0.3), "increasing"),
        ((-0.6, 0.2, 30.0, 0.004, 0.3), "not monotone"),
        ((0.1, 0.1, 50.0, -0.008, 0.9), "decreasing"),
    ],
)
def test_five_parameters_are_found_again(numbers: tuple[float, ...], direction: str) -> None:
    x = np.linspace(0, 100, 150)
    q = logistic5(x, *numbers)
    found = fit_logistic(x, q, 5)
    assert (found.status, found.direction) == ("ok", direction)
    np.testing.assert_allclose(found.parameters, numbers, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_as_good_as_all_parameters_searched_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(3, 20, 200)
    q = np.clip(logistic4(x, 1, 0, 5, 8) + rng.normal(0, 0.15, 200), 0, 1)
    for parameters, curve, start in (
        (4, logistic4, [q.max(), q.min(), x.mean(), x.std() / 4]),
        (5, logistic5, [1, 0.1, x.mean(), 0, q.mean()]),
    ):
        there = optimize.curve_fit(curve, x, q, p0=start, maxfev=20_000)[0]
        reference = np.sqrt(np.mean((curve(x, *there) - q) ** 2))
        found = fit_logistic(x, q, parameters)
        assert found.rmse == pytest.approx(reference, rel=1e-6)
        # The parameters describe the curve whose error is reported, and it cannot do worse than a constant.
        assert np.sqrt(np.mean((curve(x, *found.parameters) - q) ** 2)) == pytest.approx(found.rmse, rel=1e-9)
        assert found.rmse <= q.std()
        # Least squares with a constant: R^2 = 1 - RMSE^2 / variance.
        assert found.plcc == pytest.approx(np.sqrt(1 - found.rmse**2 / q.var()), rel=1e-6)


def test_a_metric_that_disagrees_is_turned_and_said_to_be() -> None:
    x = np.linspace(0, 1, 60)
    found = fit_logistic(-x, logistic4(x, 1, 0, 0.5, 0.1))
    assert found.direction == "decreasing"
    assert found.plcc == pytest.approx(1)


def test_the_unit_of_the_scores_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=80)
    q = np.clip(0.5 + 0.2 * x + rng.normal(0, 0.1, 80), 0, 1)
    plain, scaled = fit_logistic(x, q), fit_logistic(1e6 * x - 3e6, q)
    assert scaled.rmse == pytest.approx(plain.rmse, rel=1e-8)
    assert scaled.parameters[2] == pytest.approx(1e6 * plain.parameters[2] - 3e6, rel=1e-3)
    assert fit_logistic(x, q) == plain


@pytest.mark.parametrize("parameters", [4, 5])
def test_a_straight_line_is_fitted(parameters: int) -> None:
    x = np.linspace(0, 1, 30)
    found = fit_logistic(x, 0.2 + 0.5 * x, parameters)
    assert found.status == "ok"
    assert found.rmse == pytest.approx(0, abs=2e-4)


def test_a_failed_fit_says_so() -> None:
    found = fit_logistic([1, 2, 3, 4], [0, 0.2, 0.1, 1])
    assert (found.status, found.plcc, found.rmse, found.direction) == ("failed", None, None, None)
    assert found.reason == "4 images are too few for 4 parameters"
    # Opinions that have nothing to do with the scores, exactly.
    even = fit_logistic([-2.0, -1.0, 1.0, 2.0] * 2, [0.0] * 4 + [1.0] * 4)
    assert (even.status, even.reason) == ("failed", "the best curve is flat")
