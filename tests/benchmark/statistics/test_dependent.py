"""Differences of dependent correlations: the example of the publication, and what the definition demands."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.statistics.dependent import zou


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
            zou(*three, 10)
