"""Step-down maxT against the definition, written as loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmark.statistics.stepdown import Counts, step_down, step_down_each
from fusion_metrics.image import Array

RNG = np.random.default_rng(3)


def literally(permuted: Array) -> list[float]:
    """Westfall and Young's algorithm 2.8 as it is printed; the first row of statistics is the observed one."""
    observed = permuted[0]
    order = sorted(range(len(observed)), key=lambda h: -observed[h])
    adjusted = [0.0] * len(observed)
    floor = 0.0
    for place, h in enumerate(order):
        reached = 0
        for row in permuted:
            reached += max(row[other] for other in order[place:]) >= observed[h]
        floor = max(floor, reached / len(permuted))
        adjusted[h] = floor
    return adjusted


@given(seed=st.integers(0, 10_000), hypotheses=st.integers(1, 7), permutations=st.integers(1, 60))
def test_both_layouts_do_what_the_algorithm_says(seed: int, hypotheses: int, permutations: int) -> None:
    rng = np.random.default_rng(seed)
    # Few different values, so that there are ties.
    permuted = np.abs(rng.integers(-4, 5, (permutations, hypotheses))) + rng.integers(0, 4, hypotheses) * 1.0
    expected = literally(permuted)
    for found in (
        step_down(permuted[0], np.array_split(permuted, 3)),
        step_down_each(permuted[0], lambda h: permuted[:, h]),
    ):
        np.testing.assert_array_equal(found.adjusted, expected)
        np.testing.assert_array_equal(found.p, (permuted >= permuted[0]).mean(axis=0))
        assert found.permutations == permutations


def test_equal_statistics_in_another_order_of_summation_count_as_equal() -> None:
    assert step_down([0.1 + 0.2], [np.array([[0.3], [0.1 + 0.2], [0.2]])]).p == pytest.approx(2 / 3)


def test_independent_hypotheses_are_adjusted_by_sidak_and_copies_of_one_are_not_adjusted() -> None:
    """Of 20,000 permutations, so that the chance in an adjusted p value of 0.05 is 0.0015."""
    permuted = np.abs(RNG.normal(size=(20_000, 8)))
    permuted[0] = [3.5, 3.2, 2.9, 2.5, 2.0, 1.0, 0.5, 0.1]
    found = step_down(permuted[0], [permuted])
    multitest = pytest.importorskip("statsmodels.stats.multitest", reason="needs statsmodels")
    expected = multitest.multipletests(2 * stats.norm.sf(permuted[0]), method="holm-sidak")[1]
    np.testing.assert_allclose(found.adjusted, expected, atol=0.016)
    np.testing.assert_allclose(found.adjusted[:4], expected[:4], atol=0.006)
    copied = np.repeat(permuted[:, :1], 8, axis=1)
    alone = step_down(copied[0], [copied])
    np.testing.assert_array_equal(alone.adjusted, alone.p)


def test_refused() -> None:
    with pytest.raises(ValueError, match="no permutations"):
        step_down([1.0], [])
    with pytest.raises(ValueError, match="no permutations"):
        Counts([1.0]).result()
    with pytest.raises(ValueError, match="no hypothesis"):
        step_down_each([], lambda _: np.ones(3))
    with pytest.raises(ValueError, match="1 of 2 values are missing"):
        step_down([1.0, np.nan], [np.ones((3, 2))])
    with pytest.raises(ValueError, match="3 permutations of a hypothesis, 4 of another"):
        step_down_each([1.0, 2.0], lambda h: np.ones(4 - h))
