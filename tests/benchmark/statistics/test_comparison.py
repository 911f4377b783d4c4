from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.adjusted import adjust, every_two, parts
from benchmark.statistics.clusters import holm, rank_clusters
from benchmark.statistics.comparison import compare
from benchmark.statistics.dependent import zou
from benchmark.statistics.exchange import exchange_linear, exchange_values, exchanges
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import at_level, within_pairs
from benchmark.statistics.stepdown import step_down

PAIRS, ALGORITHMS = np.repeat(np.arange(40), 8), np.tile(np.arange(8), 40)
RNG = np.random.default_rng(6)
Q = RNG.integers(0, 5, 320) / 4
X = np.stack([Q + RNG.normal(0, error, 320) for error in (0.9, 0.3, 0.31)])


@pytest.mark.parametrize("level", ["global", "pair"])
@pytest.mark.parametrize("statistic", ["plcc", "srcc", "krcc"])
def test_two_good_metrics_and_a_bad_one(statistic: str, level: str) -> None:
    found = compare(X, Judged.of(Q, PAIRS, ALGORITHMS), statistic=statistic, level=level, permutations=999)
    np.testing.assert_array_equal(found.cluster, [2, 1, 1])
    assert found.p[0, 1] == found.p[1, 0] == 1 / 1000
    assert found.p[1, 2] > 0.05
    assert (found.blocks, found.permutations, found.exact, found.least_p) == (40, 1000, False, 1 / 1000)
    assert found.warning == ""
    for x, value in zip(X, found.values, strict=True):
        assert value == at_level(x, Judged.of(Q, PAIRS, ALGORITHMS), statistic=statistic, level=level).value


def test_ranks_do_not_see_a_monotone_change_nor_plcc_a_unit() -> None:
    changed = np.stack([np.exp(X[0]), X[1] ** 3, 2 * X[2] - 7])
    for statistic in ("srcc", "krcc"):
        plain, other = (
            compare(x, Judged.of(Q, PAIRS, ALGORITHMS), statistic=statistic, permutations=200).p for x in (X, changed)
        )
        np.testing.assert_array_equal(plain, other)
    scaled = np.array([[1e-8], [1.0], [1e8]]) * X + 5
    plain, other = (
        compare(x, Judged.of(Q, PAIRS, ALGORITHMS), statistic="plcc", permutations=200).p for x in (X, scaled)
    )
    np.testing.assert_array_equal(plain, other)


def test_algorithms_are_exchanged_between_their_means() -> None:
    found = compare(X, Judged.of(Q, PAIRS, ALGORITHMS), level="algorithm")
    assert (found.blocks, found.permutations, found.exact) == (8, 256, True)
    assert found.least_p == 2 / 256


def test_four_pairs_cannot_tell_anything_apart() -> None:
    few = PAIRS < 4
    found = compare(X[:, few], Judged.of(Q[few], PAIRS[few], ALGORITHMS[few]))
    assert found.least_p == 2 / 16
    assert found.p.min() >= found.least_p
    assert found.warning == "no difference can be found: with 4 source pairs to exchange the least p value is 0.12"
    assert found.near_best.all()
    np.testing.assert_array_equal(found.cluster, 1)


def test_pairs_without_an_order_are_no_blocks() -> None:
    q = np.where(PAIRS == 3, 0.5, Q)
    assert compare(X, Judged.of(q, PAIRS, ALGORITHMS), level="pair").blocks == 39


@pytest.mark.parametrize("level", ["global", "pair", "algorithm"])
def test_every_exchange_is_applied_to_all_differences_alike(level: str) -> None:
    """The adjusted p values of eight source pairs from all 256 exchanges, written out."""
    few = PAIRS < 8
    judged = Judged.of(Q[few], PAIRS[few], ALGORITHMS[few])
    found = compare(X[:, few], judged, level=level)
    flags = exchanges(8, 9999, 0)[0]
    if level == "pair":
        signed = exchange_values(np.stack([within_pairs(x, judged) for x in X[:, few]]))(flags).T
    else:
        scores, opinions, blocks = X[:, few], Q[few], PAIRS[few]
        if level == "algorithm":
            scores, opinions = (np.round(v.reshape(-1, 8, 8).mean(axis=1), 12) for v in (scores, opinions))
            opinions, blocks = opinions[0], np.arange(8)
        ranks = stats.zscore(stats.rankdata(scores, axis=1), axis=1)
        signed = every_two(exchange_linear(ranks, stats.rankdata(opinions), blocks, flags), 3).T
    by_hand = step_down(np.abs(signed[0]), [np.abs(signed)])
    np.testing.assert_array_equal(found.adjusted[np.triu_indices(3, 1)], by_hand.adjusted)
    np.testing.assert_array_equal(found.p[np.triu_indices(3, 1)], by_hand.p)
    behind = np.stack(
        [
            np.maximum(-signed[:, 0], -signed[:, 1]),
            np.maximum(signed[:, 0], -signed[:, 2]),
            np.maximum(signed[:, 1], signed[:, 2]),
        ],
        axis=1,
    )
    np.testing.assert_array_equal(found.p_best, step_down(behind[0], [behind]).adjusted)


def test_blocks_of_exchanges_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = Judged.of(Q, PAIRS, ALGORITHMS)
    at_once = compare(X, judged, permutations=500)
    monkeypatch.setattr("benchmark.statistics.adjusted.IN_MEMORY", 1000)
    assert len(list(parts(np.zeros((501, 40)), 3))) > 30
    in_blocks = compare(X, judged, permutations=500, jobs=2)
    for name in ("p", "holm", "adjusted", "p_best"):
        np.testing.assert_array_equal(getattr(at_once, name), getattr(in_blocks, name))


def test_many_exchanges_are_compiled_and_change_no_p_value(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = Judged.of(Q, PAIRS, ALGORITHMS)
    in_numpy = compare(X, judged, permutations=400)
    monkeypatch.setattr("benchmark.statistics.comparison.FEW", 300)
    monkeypatch.setattr("benchmark.statistics.adjusted.IN_CACHE", 10_000)
    compiled = compare(X, judged, permutations=400, jobs=2)
    for name in ("p", "holm", "adjusted", "p_best"):
        np.testing.assert_array_equal(getattr(in_numpy, name), getattr(compiled, name))


def test_metrics_that_are_alike_cost_less_than_holm_takes() -> None:
    """Ten metrics that are nearly the same, and one that is worse: their 45 differences are no 45 chances."""
    rng = np.random.default_rng(9)
    good = Q + rng.normal(0, 0.3, Q.size)
    x = np.stack([*(good + rng.normal(0, 0.01, Q.size) for _ in range(10)), Q + rng.normal(0, 0.42, Q.size)])
    found = compare(x, Judged.of(Q, PAIRS, ALGORITHMS), permutations=4999)
    assert (found.adjusted <= found.holm + 1e-12).all()
    assert (found.adjusted >= found.p - 1e-12).all()
    assert found.holm[0, 10] > 2 * found.adjusted[0, 10]


def test_the_best_metric_and_its_equals_are_near_the_best() -> None:
    found = compare(X, Judged.of(Q, PAIRS, ALGORITHMS), permutations=999)
    np.testing.assert_array_equal(found.near_best, [False, True, True])
    assert found.p_best[np.argmax(found.values)] > 0.5


def test_intervals_of_differences_are_zous_of_ranks() -> None:
    found = compare(X, Judged.of(Q, PAIRS, ALGORITHMS), permutations=99)
    between = stats.spearmanr(X[0], X[1]).statistic
    low, high = zou(found.values[0], found.values[1], between, 320, ranks=True)
    assert found.intervals is not None
    assert (found.intervals.low[0, 1], found.intervals.high[0, 1]) == pytest.approx((float(low), float(high)))
    np.testing.assert_array_equal(found.intervals.low, -found.intervals.high.T)
    assert compare(X, Judged.of(Q, PAIRS, ALGORITHMS), level="pair", permutations=99).intervals is None


def test_a_metric_and_its_monotone_change_have_no_interval_and_no_difference() -> None:
    found = compare(np.stack([X[1], X[1] ** 3, X[2]]), Judged.of(Q, PAIRS, ALGORITHMS), permutations=99)
    assert found.intervals is not None
    assert np.isnan(found.intervals.low[0, 1])
    assert np.isfinite(found.intervals.low[0, 2])
    assert found.adjusted[0, 1] == 1


def test_refused() -> None:
    with pytest.raises(ValueError, match="the metrics: 1 of 960 values are missing"):
        compare(np.where(np.arange(960).reshape(3, 320) == 400, np.nan, X), Judged.of(Q, PAIRS, ALGORITHMS))
    with pytest.raises(ValueError, match="metric 1: the metric gives all images the same value"):
        compare(np.stack([X[0], np.ones(320)]), Judged.of(Q, PAIRS, ALGORITHMS))
    with pytest.raises(ValueError, match="two metrics"):
        compare(X[:1], Judged.of(Q, PAIRS, ALGORITHMS))
    with pytest.raises(ValueError, match="not RMSE"):
        compare(X, Judged.of(Q, PAIRS, ALGORITHMS), statistic="rmse")
    with pytest.raises(ValueError, match="no exchanges"):
        adjust(exchange_values(X), 3, [])


def test_holm_by_hand() -> None:
    """Of 0.01, 0.04, 0.03, 0.005 and twice 0.5: 6 * 0.005, 5 * 0.01, 4 * 0.03, 3 * 0.04, 2 * 0.5, and never falling."""
    p = np.ones((4, 4))
    p[np.triu_indices(4, 1)] = [0.01, 0.04, 0.03, 0.005, 0.5, 0.5]
    p = np.minimum(p, p.T)
    adjusted = holm(p)
    np.testing.assert_allclose(adjusted[np.triu_indices(4, 1)], [0.05, 0.12, 0.12, 0.03, 1, 1])
    np.testing.assert_array_equal(adjusted, adjusted.T)
    np.testing.assert_array_equal(np.diag(adjusted), 1)


def test_clusters_by_hand() -> None:
    """From the best: 3 and 1 do not differ; 0 is worse than 3, though not than 1, and opens the second cluster; 2 is
    worse than 3 and 1, but not than 0, and joins it."""
    worse = np.zeros((4, 4), dtype=bool)
    worse[0, 3] = worse[2, 3] = worse[2, 1] = True
    np.testing.assert_array_equal(rank_clusters(np.array([0.5, 0.8, 0.4, 0.9]), worse), [2, 1, 2, 1])


def test_a_metric_is_held_against_all_members_above() -> None:
    """2 does not differ from 1, the last of the cluster, but is worse than 0, the first."""
    worse = np.zeros((3, 3), dtype=bool)
    worse[2, 0] = True
    np.testing.assert_array_equal(rank_clusters(np.array([0.9, 0.8, 0.7]), worse), [1, 1, 2])
