from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.exchange import exchanges
from benchmark.statistics.methods.best import furthest_behind, near_best
from benchmark.statistics.methods.pairwise import pairwise, sign_flips, signed_ranks
from fusion_metrics.image import Array

RNG = np.random.default_rng(8)
VALUES = RNG.normal(size=(8, 4)) + np.array([0.0, 0.1, 1.0, 2.5]) + RNG.normal(size=(8, 1))


def literally(values: Array) -> tuple[list[float], list[float]]:
    """P values of all pairs from all signs there are, by Student's t computed again each time, and step-down maxT."""
    pairs = list(combinations(range(values.shape[1]), 2))
    everything = []
    for signs in product([1.0, -1.0], repeat=len(values)):
        row = []
        for i, j in pairs:
            apart = np.array(signs) * (values[:, i] - values[:, j])
            row.append(abs(stats.ttest_1samp(apart, 0.0).statistic))
        everything.append(row)
    observed = everything[0]
    order = sorted(range(len(pairs)), key=lambda h: -observed[h])
    p = [sum(row[h] >= observed[h] - 1e-9 for row in everything) / len(everything) for h in range(len(pairs))]
    adjusted = [0.0] * len(pairs)
    floor = 0.0
    for place, h in enumerate(order):
        reached = sum(max(row[other] for other in order[place:]) >= observed[h] - 1e-9 for row in everything)
        floor = max(floor, reached / len(everything))
        adjusted[h] = floor
    return p, adjusted


def test_all_signs_of_eight_images_against_loops_over_students_t() -> None:
    found = pairwise(VALUES)
    p, adjusted = literally(VALUES)
    np.testing.assert_allclose(found.p, p, rtol=1e-12)
    np.testing.assert_allclose(found.adjusted, adjusted, rtol=1e-12)
    assert (found.exact, found.permutations, found.blocks) == (True, 256, 8)


def test_p_values_of_one_pair_are_those_of_scipys_permutation_test() -> None:
    expected = stats.permutation_test(
        (VALUES[:, 0], VALUES[:, 2]), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=np.inf
    )
    found = pairwise(VALUES[:, [0, 2]])
    assert found.p[0] == pytest.approx(expected.pvalue)
    assert found.adjusted[0] == found.p[0]


def test_signed_ranks_are_wilcoxons() -> None:
    pytest.importorskip("scipy", minversion="1.13")
    apart = VALUES[:, 0] - VALUES[:, 1]
    assert pairwise(VALUES[:, :2], difference="signed-rank").p[0] == pytest.approx(
        stats.wilcoxon(apart, method="exact").pvalue
    )
    rounded = np.round(RNG.normal(size=(30, 1)), 1) + 0.0
    assert signed_ranks(rounded)[rounded > 0].sum() == pytest.approx(
        stats.wilcoxon(rounded.ravel(), alternative="greater", method="asymptotic").statistic
    )


def test_effect_is_the_simple_difference_of_shares_of_ranks() -> None:
    # Differences 3, -1, 2, 0: ranks 3, 1, 2 of which 5 speak for the first and 1 against.
    found = pairwise(np.array([[3.0, 0], [0, 1], [2, 0], [5, 5]]))
    assert found.effect.tolist() == pytest.approx([4 / 6])
    assert (found.wins[0], found.ties[0], found.losses[0]) == (2, 1, 1)
    assert found.difference[0] == 1.0
    assert pairwise(np.array([[3.0, 0], [0, 1], [2, 0], [5, 5]]), margin=1.0).ties[0] == 2


def test_random_signs_come_near_all_of_them() -> None:
    values = RNG.normal(size=(14, 4)) + np.array([0, 0.2, 0.6, 0.9])
    exact, drawn = pairwise(values, permutations=2**14), pairwise(values, permutations=2**14 - 1, seed=3)
    assert (exact.exact, drawn.exact) == (True, False)
    np.testing.assert_allclose(drawn.adjusted, exact.adjusted, atol=0.015)
    again = pairwise(values, permutations=2**14 - 1, seed=3)
    np.testing.assert_array_equal(drawn.adjusted, again.adjusted)


@pytest.mark.parametrize("images", [6, 700])
def test_signs_drawn_in_parts_are_those_drawn_at_once(images: int) -> None:
    apart = RNG.normal(size=(images, 3))
    observed, permuted, exact = sign_flips(apart, 999, 4)
    flags, all_of_them = exchanges(images, 999, 4)
    parts = list(permuted)
    assert exact is all_of_them
    assert images == 6 or len(parts) > 1
    expected = (1 - 2 * flags) @ apart / np.sqrt((apart**2).sum(axis=0))
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-12)
    np.testing.assert_allclose(observed, expected[0], atol=1e-12)


def test_neither_unit_nor_what_is_common_to_an_image_matters() -> None:
    common = RNG.normal(size=(8, 1))
    for changed in (1e-200 * VALUES, 1e150 * VALUES, VALUES + common, VALUES + 1000):
        np.testing.assert_allclose(pairwise(changed).adjusted, pairwise(VALUES).adjusted)
        np.testing.assert_allclose(near_best(changed).p, near_best(VALUES).p)


def test_images_of_one_group_are_exchanged_together() -> None:
    twice, groups = np.repeat(VALUES, 2, axis=0), np.repeat(list("hgfedcba"), 2)
    np.testing.assert_allclose(pairwise(twice, groups).adjusted, pairwise(VALUES).adjusted)
    np.testing.assert_allclose(near_best(twice, groups).p, near_best(VALUES).p)
    assert pairwise(twice).adjusted.min() < pairwise(VALUES).adjusted.min()


def test_equal_methods_have_no_difference_and_no_missing_number() -> None:
    values = np.repeat(VALUES[:, :1], 3, axis=1)
    found = pairwise(values)
    np.testing.assert_array_equal(found.adjusted, 1.0)
    np.testing.assert_array_equal(found.effect, 0.0)
    np.testing.assert_array_equal(found.ties, 8)
    assert near_best(values).near_best.all()


def test_four_images_cannot_tell_anything_apart() -> None:
    found = pairwise(VALUES[:4])
    assert found.adjusted.min() >= found.least_p == 2 / 16
    assert found.warning == (
        "no difference can be found: with 4 images or groups to exchange the least p value is 0.12"
    )
    assert near_best(VALUES[:4]).near_best.all()
    assert near_best(VALUES[:4]).warning == found.warning


@pytest.mark.parametrize(("images", "least", "said"), [(4, 2 / 16, True), (5, 2 / 32, True), (6, 2 / 64, False)])
def test_a_gap_that_nobody_overlooks_has_the_least_p_and_says_if_that_is_too_much(
    images: int, least: float, said: bool
) -> None:
    found = near_best(np.arange(4.0) + 0.001 * VALUES[:images])
    assert found.p[:3] == pytest.approx(least)
    assert bool(found.warning) is said


def test_frame_has_a_row_a_pair_and_the_matrix_is_symmetric() -> None:
    found = pairwise(VALUES)
    frame = found.to_frame(["a", "b", "c", "d"])
    assert frame[["first", "second"]].to_numpy().tolist() == [list(pair) for pair in combinations("abcd", 2)]
    assert frame["p_adjusted"].tolist() == found.adjusted.tolist()
    np.testing.assert_array_equal(found.matrix(), found.matrix().T)
    assert found.matrix()[1, 3] == frame.set_index(["first", "second"]).loc[("b", "d"), "p_adjusted"]


def test_best_against_loops_over_all_signs() -> None:
    def behind(values: Array) -> list[float]:
        t = [
            [-np.inf if i == j else stats.ttest_rel(values[:, j], values[:, i]).statistic for j in range(4)]
            for i in range(4)
        ]
        return [max(row) for row in t]

    # Signs are turned about the mean of each image, which leaves every difference but its sign.
    centre = VALUES.mean(axis=1, keepdims=True)
    everything = [
        behind(centre + np.array(signs)[:, None] * (VALUES - centre)) for signs in product([1.0, -1.0], repeat=8)
    ]
    observed = everything[0]
    order = sorted(range(4), key=lambda i: -observed[i])
    floor = 0.0
    found = near_best(VALUES)
    for place, i in enumerate(order):
        reached = sum(max(row[k] for k in order[place:]) >= observed[i] - 1e-9 for row in everything)
        floor = max(floor, reached / len(everything))
        assert found.p[i] == pytest.approx(floor)


def test_the_best_mean_is_always_near_the_best() -> None:
    for seed in range(30):
        values = np.random.default_rng(seed).exponential(size=(12, 5)) * [1, 2, 3, 4, 5]
        found = near_best(values, permutations=499)
        assert found.near_best[found.means.argmax()]


def test_how_far_behind_is_the_largest_lead_of_any_other() -> None:
    values = RNG.normal(size=5)
    first, second = np.triu_indices(5, 1)
    found = furthest_behind((values[first] - values[second])[None], 5)[0]
    expected = [max(values[j] - values[i] for j in range(5) if j != i) for i in range(5)]
    np.testing.assert_allclose(found, expected)


def test_the_set_near_the_best_is_smaller_than_what_the_tests_of_all_pairs_leave() -> None:
    """It asks fewer questions; in 20 tables taken together, as the two steps down need not agree in a single one."""
    near = beaten = 0
    for seed in range(20):
        values = np.random.default_rng(seed).normal(size=(9, 5)) + np.linspace(0, 2, 5)
        near += int(near_best(values).near_best.sum())
        beaten += int((pairwise(values).matrix()[values.mean(axis=0).argmax()] <= 0.05).sum())
    assert near < 100 - beaten


def test_refused() -> None:
    for test in (pairwise, near_best):
        with pytest.raises(ValueError, match="1 of 32 values are missing"):
            test(np.where(np.isclose(VALUES, VALUES[0, 0]), np.inf, VALUES))
        with pytest.raises(ValueError, match="needs two methods, not 1"):
            test(VALUES[:, :1])
        with pytest.raises(ValueError, match="needs two images, not 1"):
            test(VALUES[:1])
        with pytest.raises(ValueError, match="1 dimensions instead of 2"):
            test(VALUES[0])
