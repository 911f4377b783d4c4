from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from benchmark.figures.band import band, curve, spread
from benchmark.statistics.bootstrap import draw
from benchmark.statistics.logistic import Parameters, fit_logistic


def made_up(pairs: int, images: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(pairs)
    x = rng.normal(5, 2, pairs * images)
    effects = np.repeat(rng.normal(0, 0.05, pairs), images)
    q = special.expit((x - 5) / 1.5) + effects + rng.normal(0, 0.05, x.shape)
    return x, np.clip(q, 0, 1), np.repeat(np.arange(pairs), images)


@pytest.mark.parametrize("parameters", [4, 5])
def test_the_band_is_that_of_curves_fitted_to_every_draw_one_by_one(parameters: Parameters) -> None:
    x, q, pairs = made_up(12, 6)
    fitted = fit_logistic(x, q, parameters).parameters
    at = np.linspace(x.min(), x.max(), 9)
    found = band(x, q, pairs, fitted, at, replicates=40, seed=3)

    def terms(scores: np.ndarray) -> np.ndarray:
        if parameters == 4:
            return np.stack([np.ones_like(scores), special.expit((scores - fitted[2]) / fitted[3])], axis=1)
        return np.stack([np.ones_like(scores), special.expit(fitted[1] * (scores - fitted[2])), scores], axis=1)

    curves = []
    for counts in draw(12, 40, 3).astype(int):
        rows = np.concatenate(
            [np.flatnonzero(pairs == pair) for pair, times in enumerate(counts) for _ in range(times)]
        )
        curves.append(terms(at) @ np.linalg.lstsq(terms(x[rows]), q[rows], rcond=None)[0])
    expected = stats.t.ppf(0.975, 11) * math.sqrt(12 / 11) * np.std(curves, axis=0, ddof=1)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_pairs_that_are_all_alike_leave_no_doubt() -> None:
    x, q, _ = made_up(1, 8)
    fitted = fit_logistic(x, q).parameters
    found = band(np.tile(x, 5), np.tile(q, 5), np.repeat(np.arange(5), 8), fitted, x)
    np.testing.assert_allclose(found, 0, atol=1e-9)


def test_a_spread_that_is_nothing_but_rounding_is_not_negative() -> None:
    """Draws along a line, and places where moving along it changes nothing; the quadratic form is below 0 at some."""
    rng = np.random.default_rng(0)
    negative = 0
    for _ in range(200):
        along = rng.normal(size=2)
        draws = rng.normal(size=2) + rng.normal(size=(30, 1)) * along
        places = rng.uniform(1, 3, (5, 1)) * np.array([[-along[1], along[0]]])
        found = spread(places, draws)
        np.testing.assert_allclose(found, 0, atol=1e-13)
        negative += np.count_nonzero(np.einsum("mi,ij,mj->m", places, np.cov(draws.T), places) < 0)
    assert negative > 0


def test_a_single_pair_has_no_band() -> None:
    x, q, pairs = made_up(1, 8)
    assert np.isnan(band(x, q, pairs, fit_logistic(x, q).parameters, x)).all()


@pytest.mark.parametrize("parameters", [4, 5])
def test_the_curve_is_the_fitted_one(parameters: Parameters) -> None:
    x, q, _ = made_up(10, 5)
    fit = fit_logistic(x, q, parameters)
    assert np.corrcoef(curve(x, fit.parameters), q)[0, 1] == pytest.approx(fit.plcc)
