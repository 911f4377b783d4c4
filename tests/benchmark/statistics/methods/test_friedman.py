from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmark.statistics.methods.friedman import cliques, critical_difference, friedman

RNG = np.random.default_rng(5)
VALUES = RNG.normal(size=(24, 5)) + np.array([0.0, 0.2, 0.4, 1.2, 1.2])
#: Table 6 of Demsar 2006: areas under the curve of four classifiers on 14 data sets.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)


def test_the_published_example_of_four_classifiers() -> None:
    found = friedman(DEMSAR)
    np.testing.assert_allclose(found.ranks, [3.143, 2.000, 2.893, 1.964], atol=5e-4)
    # The paper computes 9.28 and 3.69 without the correction for ties, which makes both larger.
    ranks, n, k = found.ranks, 14, 4
    plain = 12 * n / (k * (k + 1)) * ((ranks - 2.5) ** 2).sum()
    assert round(plain, 2) == 9.28
    assert found.chi2 == pytest.approx(stats.friedmanchisquare(*DEMSAR.T).statistic)
    assert found.chi2 > plain
    assert found.f == pytest.approx(13 * found.chi2 / (14 * 3 - found.chi2))
    assert round(found.critical_difference, 2) == 1.25


def test_p_values_of_nemenyi_are_those_of_scikit_posthocs() -> None:
    posthocs = pytest.importorskip("scikit_posthocs", reason="needs scikit-posthocs")
    for values in (VALUES, DEMSAR):
        np.testing.assert_allclose(
            friedman(values).nemenyi, posthocs.posthoc_nemenyi_friedman(values).to_numpy(), atol=1e-9
        )


def test_the_critical_difference_is_where_the_p_value_is_alpha() -> None:
    apart = critical_difference(6, 30, 0.05) / math.sqrt(6 * 7 / (12 * 30))
    assert stats.studentized_range.sf(apart, 6, math.inf) == pytest.approx(0.05, abs=1e-6)


def test_images_of_one_group_are_one_block() -> None:
    twice, groups = np.repeat(VALUES, 3, axis=0), np.repeat(np.arange(24), 3)
    alone, grouped = friedman(VALUES), friedman(twice, groups)
    np.testing.assert_allclose(grouped.ranks, alone.ranks)
    assert (grouped.blocks, grouped.f_p) == (24, pytest.approx(alone.f_p))
    assert friedman(twice).f_p < alone.f_p


def test_ranks_do_not_see_what_is_common_to_an_image() -> None:
    assert friedman(VALUES + RNG.normal(size=(24, 1)) * 100).f_p == pytest.approx(friedman(VALUES).f_p)


def test_images_that_all_agree_have_the_chance_of_that() -> None:
    found = friedman(np.arange(4.0) + np.zeros((5, 1)))
    assert found.f == math.inf
    assert found.f_p == pytest.approx(1 / 24**4)
    np.testing.assert_array_equal(found.ranks, [4, 3, 2, 1])


def test_a_method_that_differs_from_no_other_is_in_no_clique_of_one() -> None:
    assert cliques(np.array([1.0, 2.0, 3.0]), 0.5) == []
    assert cliques(np.array([1.0, 2.0, 3.0]), 5.0) == [(0, 2)]
    # Equal to the difference is not more than it.
    assert cliques(np.array([1.1, 1.4, 1.7]), 0.3) == [(0, 1), (1, 2)]


def test_frame_has_names_and_ranks() -> None:
    frame = friedman(VALUES).to_frame(list("abcde"))
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["mean_rank", *"abcde"]
    assert frame.loc["a", "b"] == frame.loc["b", "a"]
    with pytest.raises(ValueError, match="2 names for 5 methods"):
        friedman(VALUES).to_frame(["a", "b"])


def test_refused() -> None:
    with pytest.raises(ValueError, match="three methods"):
        friedman(VALUES[:, :2])
    with pytest.raises(ValueError, match="the same value on every image"):
        friedman(np.repeat(VALUES[:, :1], 4, axis=1))
    with pytest.raises(ValueError, match="1 of 120 values are missing"):
        friedman(np.where(np.isclose(VALUES, VALUES[3, 2]), np.nan, VALUES))
    with pytest.raises(ValueError, match="23 groups for 24 images"):
        friedman(VALUES, np.arange(23))
    with pytest.raises(ValueError, match="all images are of one group"):
        friedman(VALUES, ["a"] * 24)
