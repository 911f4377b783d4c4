"""Agreement of raters against published examples, second implementations and what must hold."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.statistics.panel import correlate_raters, panel_model
from benchmark.statistics.reliability import consistency, intraclass, krippendorff_alpha
from benchmark.statistics.spread import mean_opinions, raters_for_interval, raters_for_reliability, sos_parameter

#: Shrout and Fleiss 1979, table 2: six targets, four judges. The values are those of their table 4.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def votes(images: int = 60, raters: int = 9, noise: float = 1.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(images, 1)) + rng.normal(0, 0.4, size=raters) + noise * rng.normal(size=(images, raters))


def test_intraclass_correlations_are_those_of_the_published_example() -> None:
    found = intraclass(JUDGES)
    assert (round(found.single, 2), round(found.mean, 2), round(found.consistent, 2)) == (0.29, 0.62, 0.91)
    # Interval of ICC(2,1) of the same data as R's psych 2.3 prints it: 0.02 .. 0.76.
    assert (round(found.low, 2), round(found.high, 2)) == (0.02, 0.76)


def test_the_interval_covers_the_true_intraclass_correlation() -> None:
    truth = 1 / (1 + 0.16 + 1)
    found = [intraclass(votes(40, 12, seed=seed)) for seed in range(200)]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.9 <= covered <= 0.99


def test_raters_who_agree_in_all_have_an_intraclass_correlation_of_one() -> None:
    found = intraclass(np.repeat([[1.0], [2.0], [4.0]], 3, axis=1))
    assert (found.single, found.low, found.high, found.consistent) == (1, 1, 1, 1)


def test_a_strict_rater_lowers_agreement_but_not_consistency() -> None:
    table = votes(noise=0.3)
    shifted = table - 3.0 * (np.arange(9) == 0)
    assert intraclass(shifted).single < intraclass(table).single - 0.05
    assert intraclass(shifted).consistent == pytest.approx(intraclass(table).consistent, abs=1e-12)


def test_votes_that_do_not_vary_have_no_intraclass_correlation() -> None:
    with pytest.raises(ValueError, match="equal"):
        intraclass([[3, 3], [3, 3]])
    with pytest.raises(ValueError, match="too few"):
        intraclass([[1], [2]])


def test_alpha_is_that_of_a_second_implementation_also_where_votes_are_missing() -> None:
    krippendorff = pytest.importorskip("krippendorff", reason="needs krippendorff: pip install 'fmbench[test]'")
    rng = np.random.default_rng(0)
    for seed in range(20):
        table = np.round(votes(30, 5, seed=seed) + 3)
        table[rng.random(table.shape) < 0.3] = np.nan
        expected = krippendorff.alpha(reliability_data=table.T, level_of_measurement="interval")
        assert krippendorff_alpha(table) == pytest.approx(expected, abs=1e-10)


def test_alpha_of_noise_is_near_nothing_and_may_be_below() -> None:
    table = np.random.default_rng(0).normal(size=(500, 4))
    assert abs(krippendorff_alpha(table)) < 0.08
    assert krippendorff_alpha([[1, 5], [5, 1]]) < 0


def test_a_rater_who_repeats_every_vote_is_consistent() -> None:
    found = consistency([1, 2, 3], [1, 2, 3])
    assert found is not None
    assert (found.same, found.difference, found.deviation) == (1, 0, 0)
    assert consistency([], []) is None


def test_the_panel_model_finds_bias_and_inconsistency_again() -> None:
    rng = np.random.default_rng(0)
    truth, bias, noise = rng.uniform(1, 5, 400), np.linspace(-0.8, 0.8, 15), np.linspace(0.6, 1.4, 15)
    votes_ = truth[:, None] + bias + noise * rng.normal(size=(400, 15))
    found = panel_model(votes_)
    assert found.weighted
    assert np.allclose(found.bias, bias, atol=0.15)
    assert np.allclose(found.inconsistency, noise, atol=0.15)
    # Biases cancel here, so that plain means err by noise alone; weights make that less.
    assert np.mean((found.scores - truth) ** 2) < np.mean((votes_.mean(axis=1) - truth) ** 2)


def test_the_panel_model_does_without_votes_that_are_missing() -> None:
    rng = np.random.default_rng(1)
    table = rng.uniform(1, 5, (200, 1)) + np.array([-0.5, 0.0, 0.5, 0.0]) + 0.5 * rng.normal(size=(200, 4))
    table[rng.random(table.shape) < 0.2] = np.nan
    table = table[np.isfinite(table).any(axis=1)]
    assert np.allclose(panel_model(table).bias, [-0.5, 0.0, 0.5, 0.0], atol=0.15)


def test_no_rater_of_few_is_called_perfect() -> None:
    rng = np.random.default_rng(0)
    found = [panel_model(np.round(rng.uniform(1, 5, (60, 1)) + rng.normal(0, 0.7, (60, 3)))) for _ in range(10)]
    assert min(panel.inconsistency.min() for panel in found) > 0.05
    assert not all(panel.weighted for panel in found)


def test_a_rater_of_noise_is_rejected_by_correlation_and_a_lenient_one_is_not() -> None:
    table = votes(80, 10, noise=0.4)
    table[:, 3] += 2.0
    table[:, 7] = np.random.default_rng(5).normal(size=80)
    found = correlate_raters(table, np.arange(80) % 8)
    assert found.rejected.tolist() == [k == 7 for k in range(10)]


def test_who_votes_the_same_for_all_is_rejected() -> None:
    table = votes(40, 5, noise=0.2)
    table[:, 0] = 3.0
    found = correlate_raters(table, np.arange(40) % 4)
    assert found.rejected.tolist() == [True, False, False, False, False]
    assert np.isnan(found.images[0])


def test_the_interval_of_a_mean_score_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    found = mean_opinions(rng.normal(3.0, 0.8, size=(4000, 5)))
    assert np.mean((found.low <= 3.0) & (found.high >= 3.0)) == pytest.approx(0.95, abs=0.015)


def test_an_image_without_votes_has_no_mean_and_one_with_a_single_vote_no_interval() -> None:
    found = mean_opinions([[np.nan, np.nan], [4, np.nan], [4, 2]])
    assert np.isnan(found.mean[0])
    assert found.mean[1:].tolist() == [4, 3]
    assert np.isfinite(found.low).tolist() == [False, False, True]


def test_the_sos_parameter_is_that_of_votes_made_with_it() -> None:
    # Votes at the two ends alone have the largest spread that a mean score allows.
    ends = [[1, 1, 1, 5], [1, 5, 5, 5], [1, 1, 5, 5]]
    found = mean_opinions(ends)
    population = np.std(ends, axis=1)
    assert sos_parameter(found.mean, population, 1, 5) == pytest.approx(1.0, abs=1e-12)
    assert sos_parameter(found.mean, 0.5 * population, 1, 5) == pytest.approx(0.25, abs=1e-12)
    assert np.isnan(sos_parameter([1, 5], [0, 0], 1, 5))


def test_as_many_raters_as_recommended_reach_what_they_were_recommended_for() -> None:
    n = raters_for_interval(0.7, 0.25)
    reach = {k: mean_opinions(np.tile([3 - 0.7, 3 + 0.7], (1, k // 2))).high[0] - 3 for k in (n - 7, n + 7)}
    assert reach[n + 7] < 0.25 < reach[n - 7]
    assert raters_for_reliability(0.4, 0.9) == 14  # 14 * 0.4 / (1 + 13 * 0.4) = 0.903
    assert raters_for_reliability(-0.1, 0.9) == 999
