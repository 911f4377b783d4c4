from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.bootstrap import interval
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import at_level, within_pairs
from benchmark.statistics.per_pair import pair_mean

RNG = np.random.default_rng(2)
Q = RNG.integers(0, 5, (25, 8)) / 4
X = Q + RNG.normal(0, 0.3, (25, 1)) + RNG.normal(0, 0.4, Q.shape)
JUDGED = Judged.of(Q.ravel(), np.repeat(np.arange(25), 8), np.tile(np.arange(8), 25))


@pytest.mark.parametrize("statistic", ["srcc", "plcc", "krcc"])
def test_it_is_the_mean_of_the_level_with_the_standard_error_of_a_mean(statistic: str) -> None:
    found = pair_mean(X.ravel(), JUDGED, statistic=statistic)
    within = within_pairs(X.ravel(), JUDGED, statistic)
    assert found.value == pytest.approx(at_level(X.ravel(), JUDGED, statistic=statistic, level="pair").value)
    assert found.standard_error == pytest.approx(stats.sem(within))
    assert found.pairs == 25


def test_its_interval_is_the_drawn_one_without_the_drawing() -> None:
    found = pair_mean(X.ravel(), JUDGED)
    drawn = interval(X.ravel(), JUDGED, level="pair", replicates=40_000)
    assert (found.low, found.high) == pytest.approx((drawn.low, drawn.high), abs=0.002)


def test_pairs_without_an_order_do_not_enter() -> None:
    q = Q.copy()
    q[3] = 0.5
    found = pair_mean(X.ravel(), JUDGED.by(q.ravel()))
    assert found.pairs == 24
    assert found.standard_error == pytest.approx(stats.sem(np.delete(within_pairs(X.ravel(), JUDGED), 3)))


def test_a_perfect_metric_has_no_error() -> None:
    found = pair_mean(Q.ravel(), JUDGED)
    assert (found.value, found.standard_error, found.low, found.high) == pytest.approx((1, 0, 1, 1))


def test_one_pair_has_no_standard_error() -> None:
    judged = Judged.of(Q[0], np.zeros(8, dtype=int), np.arange(8))
    with pytest.raises(ValueError, match="no standard error from 1 source pairs"):
        pair_mean(X[0], judged)
