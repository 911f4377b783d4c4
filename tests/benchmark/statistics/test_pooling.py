"""Random effects against published numbers, another implementation, and what can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.pooling import between, between_by_moments, pool, welch

#: Trials of the BCG vaccine (Colditz et al., JAMA 271, 1994): with and without tuberculosis, then others.
BCG = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
        (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=np.float64,
)  # fmt: skip


@pytest.fixture
def bcg() -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of relative risks, and their variances."""
    a, b, c, d = BCG.T
    return np.log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def test_the_trials_of_the_bcg_vaccine_have_the_published_numbers(bcg: tuple[np.ndarray, np.ndarray]) -> None:
    # Viechtbauer, Conducting meta-analyses in R with the metafor package, J. Statistical Software 36(3), 2010.
    y, v = bcg
    found = pool(y, np.sqrt(v), np.full(13, 1e6))
    assert found.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert found.value == pytest.approx(-0.7145, abs=5e-5)
    assert found.q == pytest.approx(152.233, abs=5e-4)
    w = 1 / (v + found.tau2)
    assert 1 / math.sqrt(w.sum()) == pytest.approx(0.1798, abs=5e-5)
    assert found.standard_error == pytest.approx(0.1808, abs=5e-5)


def test_moments_and_the_interval_are_those_of_statsmodels(bcg: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = bcg
    other = pytest.importorskip("statsmodels.stats.meta_analysis", reason="needs statsmodels").combine_effects(
        y, v, method_re="chi2", use_t=True
    )
    assert between_by_moments(y, v) == pytest.approx(other.tau2, rel=1e-10)
    found = pool(y, np.sqrt(v), np.full(13, 1e6))
    assert found.q == pytest.approx(other.q, rel=1e-10)
    assert found.i2 == pytest.approx(other.i2, rel=1e-10)


def test_restricted_likelihood_is_greatest_at_what_is_found(bcg: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = bcg

    def likelihood(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        return float(0.5 * np.log(w).sum() - 0.5 * np.log(w.sum()) - 0.5 * (w @ (y - mean) ** 2))

    best = between(y, v)
    assert likelihood(best) > max(likelihood(best * 0.99), likelihood(best * 1.01))


def test_two_studies_leave_half_of_what_their_difference_exceeds_chance_by() -> None:
    y, v = np.array([0.2, 0.9]), np.array([0.01, 0.04])
    expected = ((0.9 - 0.2) ** 2 - 0.05) / 2
    assert between(y, v) == pytest.approx(expected, rel=1e-9)
    assert between_by_moments(y, v) == pytest.approx(expected, rel=1e-9)
    found = pool(y, np.sqrt(v), [9, 4])
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, 1) * found.standard_error)
    assert math.isnan(found.predicted_low)


def test_studies_that_happen_to_be_alike_keep_the_width_of_their_own_errors() -> None:
    found = pool([0.5, 0.5, 0.5], [0.1, 0.1, 0.1], [9, 9, 9])
    assert (found.tau2, found.q, found.i2, found.p) == (0, 0, 0, 1)
    assert found.standard_error == pytest.approx(0.1 / math.sqrt(3))
    assert found.predicted_high - found.value == pytest.approx(stats.t.ppf(0.975, 1) * found.standard_error)


def test_welch_of_two_is_the_t_test_of_two_samples_with_unlike_variances() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 1, 9), rng.normal(0.7, 3, 4)
    y = np.array([one.mean() for one in samples])
    v = np.array([one.var(ddof=1) / len(one) for one in samples])
    _, p = welch(y, v, np.array([9.0, 4.0]))
    assert p == pytest.approx(stats.ttest_ind(*samples, equal_var=False).pvalue, rel=1e-10)


def test_welch_of_several_is_the_one_of_another_implementation() -> None:
    oneway = pytest.importorskip("statsmodels.stats.oneway", reason="needs statsmodels")
    rng = np.random.default_rng(1)
    samples = [rng.normal(0.3 * i, 1 + i, n) for i, n in enumerate((5, 8, 12, 6))]
    y = np.array([one.mean() for one in samples])
    v = np.array([one.var(ddof=1) / len(one) for one in samples])
    _, p = welch(y, v, np.array([len(one) for one in samples], dtype=np.float64))
    assert p == pytest.approx(oneway.anova_oneway(samples, use_var="unequal", welch_correction=True).pvalue, rel=1e-9)


def test_the_test_of_few_units_errs_less_than_that_of_q() -> None:
    rng = np.random.default_rng(2)
    repeats, sizes = 1000, (4, 9, 5, 4, 6)
    of_q = of_welch = 0
    for _ in range(repeats):
        samples = [rng.normal(0, 1, size) for size in sizes]
        y, v = (np.array([find(one) for one in samples]) for find in (np.mean, lambda one: one.var(ddof=1) / len(one)))
        q, p = welch(y, v, np.array(sizes, dtype=np.float64))
        of_q += int(stats.chi2.sf(q, len(sizes) - 1) < 0.05)
        of_welch += int(p < 0.05)
    assert of_welch / repeats < 0.09
    assert of_q / repeats > 0.12


@pytest.mark.parametrize(
    ("effects", "errors", "units", "why"),
    [
        ([0.5], [0.1], [9], "nothing to pool: 1 study"),
        ([0.5, 0.6], [0.1, 0.0], [9, 9], "not positive"),
        ([0.5, 0.6], [0.1, 0.1], [9, 1], "fewer than two units"),
        ([0.5, math.nan], [0.1, 0.1], [9, 9], "missing or not finite"),
        ([0.5, 0.6], [0.1], [9, 9], "2 effects, 1 standard errors"),
    ],
)
def test_what_cannot_be_pooled_is_refused(
    effects: list[float], errors: list[float], units: list[float], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        pool(effects, errors, units)
