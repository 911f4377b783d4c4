"""Differences of dependent correlations: the examples of the publications, and what their definition demands."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.statistics.dependent import meng, zou


def test_the_example_of_meng_rosenthal_and_rubin() -> None:
    """1992, p. 173: z = 1.68, one-sided p = .0465, interval -0.129 to 1.671 (rounded on the way: 1.672)."""
    found = meng(0.63, -0.03, -0.19, 15)
    assert float(found.z) == pytest.approx(1.68, abs=0.005)
    assert float(found.p) / 2 == pytest.approx(0.047, abs=0.0005)
    assert (float(found.ends.low), float(found.ends.high)) == pytest.approx((-0.129, 1.672), abs=0.0006)


@pytest.mark.parametrize(
    ("r1", "r2", "expected"),
    [
        (0.5, 0.2, [1.62, 1.70, 1.80, 1.91, 2.06, 2.245, 2.50, 2.87, 3.50]),
        (0.7, 0.4, [2.03, 2.10, 2.20, 2.32, 2.47, 2.66, 2.94, 3.35, 4.05]),
    ],
)
def test_the_table_of_may_and_hittner(r1: float, r2: float, expected: list[float]) -> None:
    """A note on statistics for comparing dependent correlations, Psychological Reports 80, 1997; n = 50."""
    found = meng(r1, r2, np.arange(9) / 10, 50)
    np.testing.assert_allclose(found.z, expected, atol=0.0051)


def test_the_example_of_depcor() -> None:
    """Silver, Hittner, May, Applied Psychological Measurement 30, 2006: z = -1.0707, p = .2843."""
    found = meng(0.3, 0.4, 0.5, 100)
    assert (float(found.z), float(found.p)) == pytest.approx((-1.0707, 0.2843), abs=5e-5)


def test_the_example_of_zou() -> None:
    """2007, p. 409: overlapping correlations .396 and .179, between them .088, n = 66: -.093 to .517."""
    assert tuple(map(float, zou(0.396, 0.179, 0.088, 66))) == pytest.approx((-0.093, 0.517), abs=0.0005)


def test_the_difference_the_other_way_round_has_the_interval_turned() -> None:
    there, back = zou(0.6, 0.4, 0.7, 40, ranks=True), zou(0.4, 0.6, 0.7, 40, ranks=True)
    assert (float(there.low), float(there.high)) == pytest.approx((-float(back.high), -float(back.low)))


def test_metrics_that_correlate_closely_have_a_narrower_interval() -> None:
    found = zou(0.6, 0.5, [0.3, 0.6, 0.9], 40)
    assert (np.diff(found.high - found.low) < 0).all()


def test_ranks_are_a_little_wider() -> None:
    plain, ranks = zou(0.7, 0.5, 0.5, 40), zou(0.7, 0.5, 0.5, 40, ranks=True)
    assert ranks.low < plain.low < plain.high < ranks.high


def test_intervals_hold_what_they_promise_where_images_are_independent() -> None:
    """400 samples of 60 normal images, both metrics equally good: 380 intervals hold 0, standard deviation 4.4."""
    rng = np.random.default_rng(5)
    held = np.zeros(2)
    for _ in range(400):
        q = rng.normal(size=60)
        x = q + 0.6 * rng.normal(size=60) + 0.6 * rng.normal(size=(2, 60))
        for ranks in (False, True):
            values = np.argsort(np.argsort(np.vstack([x, q]), axis=1), axis=1) if ranks else np.vstack([x, q])
            r = np.corrcoef(values)
            low, high = zou(r[0, 2], r[1, 2], r[0, 1], 60, ranks=ranks)
            held[int(ranks)] += low <= 0 <= high
    assert (held >= 365).all()
    assert held[0] < 396


def test_refused() -> None:
    with pytest.raises(ValueError, match="no interval from 3 images"):
        zou(0.5, 0.4, 0.3, 3)
    for three in ((1.0, 0.5, 0.5), (0.5, float("nan"), 0.5), (0.5, 0.5, -1.0)):
        with pytest.raises(ValueError, match="a correlation of 1, -1 or none"):
            meng(*three, 10)
