"""Noise ceiling and screening of raters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.ceiling import noise_ceiling, spearman_brown
from benchmark.statistics.judged import Judged
from benchmark.statistics.screening import screen_raters


def panel(raters: int, noise: float, images: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=images)
    return truth, truth[:, None] + rng.normal(0, noise, (images, raters))


@pytest.mark.parametrize("raters", [2, 5, 8, 33])
def test_known_reliability(raters: int) -> None:
    """Of a mean of K votes with variances 1 (truth) and s^2 (noise): 1 / (1 + s^2 / K); a perfect metric, its root."""
    truth, votes = panel(raters, 1.5, 6000)
    found = noise_ceiling(
        votes,
        Judged.of(votes.mean(axis=1), np.repeat(np.arange(600), 10), np.tile(np.arange(10), 600)),
        statistic="plcc",
        splits=40,
    )
    assert found.reliability == pytest.approx(1 / (1 + 1.5**2 / raters), abs=0.02)
    assert found.ceiling == pytest.approx(np.corrcoef(truth, votes.mean(axis=1))[0, 1], abs=0.02)
    assert found.low <= found.half <= found.high <= found.reliability
    assert (found.raters, found.splits) == (raters, 40)


def test_srcc_is_nearly_corrected_too() -> None:
    truth, votes = panel(8, 1.5)
    found = noise_ceiling(
        votes, Judged.of(votes.mean(axis=1), np.repeat(np.arange(150), 10), np.tile(np.arange(10), 150)), splits=40
    )
    assert found.ceiling == pytest.approx(stats.spearmanr(truth, votes.mean(axis=1)).statistic, abs=0.02)


def test_two_raters_have_one_split() -> None:
    _, votes = panel(2, 0.5, 60)
    pairs, algorithms = np.repeat(np.arange(10), 6), np.tile(np.arange(6), 10)
    found = noise_ceiling(votes, Judged.of(votes.mean(axis=1), pairs, algorithms), statistic="plcc", splits=5)
    r = np.corrcoef(votes.T)[0, 1]
    assert found.half == pytest.approx(r)
    assert found.reliability == pytest.approx(2 * r / (1 + r))
    within = noise_ceiling(votes, Judged.of(votes.mean(axis=1), pairs, algorithms), level="pair", splits=5)
    assert within.half == pytest.approx(
        np.mean([stats.spearmanr(*votes[pairs == pair].T).statistic for pair in range(10)])
    )


def test_no_agreement_is_no_ceiling() -> None:
    votes = np.stack([np.arange(8.0), -np.arange(8.0)], axis=1)
    found = noise_ceiling(votes, Judged.of(votes.mean(axis=1), np.zeros(8, dtype=int), np.arange(8)), splits=3)
    assert (found.half, found.reliability, found.ceiling) == (pytest.approx(-1), pytest.approx(-1), 0)


def test_spearman_brown() -> None:
    """Doubling a test of reliability 0.6 gives 0.75; the formula undoes itself."""
    assert spearman_brown(0.6) == pytest.approx(0.75)
    assert spearman_brown(spearman_brown(0.4, 3), 1 / 3) == pytest.approx(0.4)


def test_incomplete_votes_are_refused() -> None:
    _, votes = panel(4, 1, 12)
    votes[3, 2] = np.nan
    labels = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    with pytest.raises(ValueError, match="the votes: 1 of 48 values are missing"):
        noise_ceiling(votes, Judged.of(np.zeros(len(votes)), *labels))
    with pytest.raises(ValueError, match="the votes: 1 of 48 values are missing"):
        screen_raters(votes)
    with pytest.raises(ValueError, match="a single rater has no halves"):
        noise_ceiling(votes[:, :1], Judged.of(np.zeros(len(votes)), *labels))
    with pytest.raises(ValueError, match="2 raters are too few"):
        screen_raters(votes[:, :2])


def test_screening_step_by_step() -> None:
    rng = np.random.default_rng(1)
    middle = rng.uniform(30, 70, (60, 1))
    votes = np.round(rng.normal(middle, 8, (60, 25)))
    votes[:, 3] = middle[:, 0] + np.tile([22, -22], 30)
    votes[:, 7] = middle[:, 0] + 22
    votes[0] = 50
    above, below = np.zeros(25), np.zeros(25)
    for row in votes:
        if len(set(row)) == 1:
            continue
        mean = sum(row) / 25
        m2, m4 = (sum((v - mean) ** power for v in row) / 25 for power in (2, 4))
        deviation = math.sqrt(sum((v - mean) ** 2 for v in row) / 24)
        far = deviation * (2 if 2 <= m4 / m2**2 <= 4 else math.sqrt(20))
        for rater, vote in enumerate(row):
            above[rater] += vote >= mean + far
            below[rater] += vote <= mean - far
    found = screen_raters(votes)
    np.testing.assert_array_equal(found.above, above)
    np.testing.assert_array_equal(found.below, below)
    assert np.isnan(found.kurtosis[0])
    assert not np.isnan(found.kurtosis[1:]).any()
    # Erratic is out; lenient throughout is far off as often, and stays.
    assert found.rejected[3]
    assert found.share[7] > 0.05
    assert not found.rejected[7]
    assert found.rejected.sum() == 1
    np.testing.assert_allclose(found.share, (above + below) / 60)
