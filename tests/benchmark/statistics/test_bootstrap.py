from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.agreement import rmse
from benchmark.statistics.bootstrap import draw, interval
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import within_pairs


def database(pairs: int, algorithms: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    q = rng.integers(0, 5, (pairs, algorithms)) / 4
    x = q + rng.normal(0, 0.3, (pairs, 1)) + rng.normal(0, 0.4, q.shape)
    return x.ravel(), q.ravel(), np.repeat(np.arange(pairs), algorithms), np.tile(np.arange(algorithms), pairs)


def judged(pairs: int) -> tuple[np.ndarray, Judged]:
    x, *others = database(pairs)
    return x, Judged.of(*others)


def test_of_a_mean_it_is_students_interval() -> None:
    """Within pairs the statistic is a mean of independent values: on Fisher's scale Student's interval of the mean."""
    x, q, pairs, algorithms = database(25)
    found = interval(x, Judged.of(q, pairs, algorithms), level="pair", replicates=40_000)
    within = within_pairs(x, Judged.of(q, pairs, algorithms))
    low, high = stats.t.interval(0.95, 24, loc=within.mean(), scale=stats.sem(within))
    bend = 1 - within.mean() ** 2
    assert found.value == pytest.approx(within.mean())
    assert np.arctanh(found.high) - np.arctanh(found.value) == pytest.approx((high - within.mean()) / bend, rel=0.02)
    assert np.arctanh(found.value) - np.arctanh(found.low) == pytest.approx((within.mean() - low) / bend, rel=0.02)


def test_percentile_interval_against_resamples_written_out() -> None:
    x, q, pairs, algorithms = database(12)
    found = interval(x, Judged.of(q, pairs, algorithms), method="percentile", replicates=200, seed=3, confidence=0.9)
    values = []
    for counts in draw(12, 200, 3).astype(int):
        index = np.repeat(np.arange(len(x)), counts[pairs])
        values.append(stats.spearmanr(x[index], q[index]).statistic)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, [0.05, 0.95])))
    assert found.confidence == 0.9


def test_rmse() -> None:
    x, q, pairs, algorithms = database(40)
    found = interval(x, Judged.of(q, pairs, algorithms), statistic="rmse")
    assert found.value == pytest.approx(rmse(x, q))
    assert 0 < found.low < found.value < found.high
    # Symmetric in the logarithm.
    assert found.high / found.value == pytest.approx(found.value / found.low)


def test_more_pairs_are_narrower_and_the_seed_is_all_that_chance_hangs_on() -> None:
    few, many = (interval(*judged(pairs)) for pairs in (10, 160))
    assert few.high - few.low > 2 * (many.high - many.low)
    assert interval(*judged(10)) == few
    assert interval(*judged(10), seed=1) != few


@pytest.mark.parametrize("level", ["global", "pair", "algorithm"])
def test_few_pairs_are_wide_and_say_so(level: str) -> None:
    four, many = (interval(*judged(pairs), level=level) for pairs in (4, 30))
    percentile = interval(*judged(4), level=level, method="percentile")
    assert four.warning == "4 source pairs: the interval is a guess from 4 independent observations"
    assert many.warning == ""
    if level != "algorithm":
        assert four.high - four.low > 1.5 * (percentile.high - percentile.low)
    assert -1 <= four.low <= four.value <= four.high <= 1


def test_a_perfect_metric_has_no_room_above() -> None:
    _, q, pairs, algorithms = database(6)
    for level in ("global", "pair", "algorithm"):
        found = interval(q, Judged.of(q, pairs, algorithms), level=level)
        assert (found.value, found.high) == (pytest.approx(1), pytest.approx(1))


def test_replicates_without_variation_are_counted() -> None:
    """Opinions differ in the first pair only; a replicate without it has no correlation."""
    x, _, pairs, algorithms = database(3)
    q = np.where(pairs == 0, algorithms / 7, 0.5)
    found = interval(x, Judged.of(q, pairs, algorithms))
    without = np.count_nonzero(draw(3, 1000, 0)[:, 0] == 0)
    assert found.undefined == without > 0
    assert f"{without} of 1000 replicates without a value" in found.warning


def test_refused() -> None:
    x, q, pairs, algorithms = database(5)
    with pytest.raises(ValueError, match="single source pair"):
        interval(x[:8], Judged.of(q[:8], pairs[:8], algorithms[:8]))
    with pytest.raises(ValueError, match="2 of 40 values are missing"):
        interval(np.where(np.arange(40) < 2, np.nan, x), Judged.of(q, pairs, algorithms))
