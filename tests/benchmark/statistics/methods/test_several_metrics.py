"""Methods over several metrics: mean rank, Borda, what leaving out does, redundant metrics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.cluster.hierarchy import fcluster

from benchmark.statistics.methods.overall import borda_points, overall
from benchmark.statistics.methods.redundancy import rank_correlations, redundancy
from benchmark.statistics.methods.stability import stability

RNG = np.random.default_rng(12)
CUBE = RNG.normal(size=(4, 15, 5)) + np.linspace(0, 1, 5)


def test_mean_rank_and_borda_by_hand() -> None:
    """One metric ranks the means 1, 2, 3, the other 2.5, 2.5, 1; image by image, methods beat so many others each."""
    cube = np.array([[[9.0, 2, 0], [1, 2, 0]], [[1, 1, 5], [2, 2, 2]]])
    found = overall(cube)
    np.testing.assert_array_equal(found.ranks, [[1, 2, 3], [2.5, 2.5, 1]])
    np.testing.assert_array_equal(found.mean_rank, [1.75, 2.25, 2])
    # Points of 2: metric one 2, 1, 0 and 1, 2, 0; metric two 0.5, 0.5, 2 and 1, 1, 1.
    np.testing.assert_allclose(found.borda, [4.5 / 8, 4.5 / 8, 3 / 8])


def test_points_add_up_to_half_a_method_each() -> None:
    np.testing.assert_allclose(borda_points(CUBE).mean(axis=1), 0.5)
    assert overall(CUBE).mean_rank.sum() == pytest.approx(15)


def test_interval_of_borda_is_about_students() -> None:
    found = overall(CUBE, replicates=4000)
    points = borda_points(CUBE)
    half = stats.t.ppf(0.975, 14) * points.std(axis=0, ddof=1) / np.sqrt(15)
    np.testing.assert_allclose(found.borda_high - found.borda, half, rtol=0.08)
    np.testing.assert_allclose(found.borda - found.borda_low, half, rtol=0.08)


def test_intervals_are_within_what_is_possible_and_hold_the_value() -> None:
    sure = overall(np.linspace(0, 100, 5) + RNG.normal(size=(3, 12, 5)))
    np.testing.assert_array_equal(sure.mean_rank, [5, 4, 3, 2, 1])
    np.testing.assert_array_equal(sure.mean_rank_low, sure.mean_rank_high)
    found = overall(CUBE)
    assert ((found.mean_rank_low >= 1) & (found.mean_rank_high <= 5)).all()
    assert ((found.mean_rank_low <= found.mean_rank) & (found.mean_rank <= found.mean_rank_high)).all()


def test_groups_of_copies_give_the_intervals_of_the_images() -> None:
    copied = overall(np.repeat(CUBE, 3, axis=1), np.repeat(np.arange(15), 3))
    alone = overall(CUBE)
    np.testing.assert_allclose(copied.borda_low, alone.borda_low)
    np.testing.assert_allclose(copied.mean_rank_high, alone.mean_rank_high)
    assert copied.blocks == alone.blocks == 15
    assert copied.warning == ""
    assert "guess from 9 " in overall(CUBE[:, :9]).warning


def test_rankings_without_a_part_are_those_of_the_rest() -> None:
    found = stability(CUBE)
    assert found.metrics is not None
    for i in range(4):
        rest = overall(np.delete(CUBE, i, axis=0), replicates=2)
        np.testing.assert_allclose(found.metrics.mean_rank[i], rest.mean_rank)
        tau = stats.kendalltau(found.mean_rank, found.metrics.mean_rank[i]).statistic
        assert found.metrics.tau[i] == pytest.approx(tau)
    for i in range(15):
        rest = overall(np.delete(CUBE, i, axis=1), replicates=2)
        np.testing.assert_allclose(found.images.mean_rank[i], rest.mean_rank)
    for part in (found.metrics, found.images):
        for mean_rank, swaps in zip(part.mean_rank, part.swaps, strict=True):
            expected = {
                (a, b)
                for a in range(5)
                for b in range(5)
                if found.mean_rank[a] < found.mean_rank[b] - 1e-9 and mean_rank[a] > mean_rank[b] + 1e-9
            }
            assert set(swaps) == expected


def test_one_image_that_decides_who_is_first_is_found() -> None:
    cube = np.array([[[1.0, 0], [1, 0], [1, 0], [0, 50]]])
    found = stability(cube)
    assert found.metrics is None
    np.testing.assert_array_equal(found.mean_rank, [2, 1])
    np.testing.assert_array_equal(found.images.leader_changes, [False, False, False, True])
    assert found.images.swaps == ((), (), (), ((1, 0),))
    np.testing.assert_array_equal(found.images.tau, [1, 1, 1, -1])
    frame = found.images.to_frame(["w", "x", "y", "z"], ["a", "b"])
    assert frame.set_index("left_out").loc["z", "swaps"] == "b > a"
    grouped = stability(cube, ["s", "s", "s", "t"])
    assert grouped.images.swaps == ((), ((1, 0),))


def test_a_full_ranking_without_order_is_refused_and_a_part_without_order_is_no_agreement() -> None:
    with pytest.raises(ValueError, match="same mean rank"):
        stability(np.array([[[1.0, 0], [1, 0]], [[0, 1], [0, 1]]]))
    found = stability(np.array([[[1.0, 0], [0, 1.5]], [[1, 0], [1, 0]], [[1, 0], [1, 0]]]))
    assert found.metrics is not None
    np.testing.assert_array_equal(found.metrics.tau, [1, 0, 0])


def test_correlation_within_images_is_the_mean_of_spearmans() -> None:
    found = rank_correlations(CUBE)
    expected = np.mean([stats.spearmanr(CUBE[0, i], CUBE[2, i]).statistic for i in range(15)])
    assert found[0, 2] == pytest.approx(expected)
    overall_ranks = rank_correlations(CUBE, "all")
    assert overall_ranks[1, 3] == pytest.approx(stats.spearmanr(CUBE[1].ravel(), CUBE[3].ravel()).statistic)


def test_content_makes_metrics_alike_only_over_all_values() -> None:
    content = 50 * RNG.normal(size=(1, 15, 1))
    assert rank_correlations(CUBE + content, "all")[0, 1] > 0.95
    np.testing.assert_allclose(rank_correlations(CUBE + content), rank_correlations(CUBE))


def test_every_two_metrics_of_a_group_correlate_as_the_threshold_says() -> None:
    base = RNG.normal(size=(3, 20, 6))
    cube = np.concatenate([base, base + 0.3 * RNG.normal(size=base.shape), base + 0.5 * RNG.normal(size=base.shape)])
    for threshold in (0.5, 0.7, 0.9):
        found = redundancy(cube, threshold=threshold)
        for members in found.alike:
            assert found.correlation[np.ix_(members, members)].min() >= threshold
        np.testing.assert_array_equal(found.group[:1], 1)
        by_scipy = fcluster(found.tree, 1 - threshold, criterion="distance")
        same = found.group[:, None] == found.group
        np.testing.assert_array_equal(same, by_scipy[:, None] == by_scipy)


def test_effective_number_counts_families_and_opposites_are_not_alike() -> None:
    one = RNG.normal(size=(20, 6))
    copies = redundancy([one, 2 * one, one**3])
    assert copies.effective == pytest.approx(1)
    assert copies.alike == [[0, 1, 2]]
    opposite = redundancy([one, -one])
    assert opposite.correlation[0, 1] == pytest.approx(-1)
    assert opposite.alike == []
    assert redundancy(RNG.normal(size=(6, 2000, 5))).effective == pytest.approx(6, abs=0.05)


def test_correlation_at_the_threshold_is_alike() -> None:
    found = redundancy([[[1.0, 2, 3], [1, 2, 3]], [[1, 2, 3], [1, 3, 2]]], threshold=0.75)
    assert found.correlation[0, 1] == pytest.approx(0.75)
    assert found.alike == [[0, 1]]


def test_frames_have_names() -> None:
    names = list("abcde")
    assert overall(CUBE).to_frame(names)["method"].tolist() == names
    frame = redundancy(CUBE).to_frame(list("wxyz"))
    assert frame.loc["w", "z"] == frame.loc["z", "w"]
    assert "group" in frame


def test_refused() -> None:
    for function in (overall, stability, redundancy):
        with pytest.raises(ValueError, match="1 of 300 values are missing"):
            function(np.where(np.isclose(CUBE, CUBE[0, 0, 0]), np.nan, CUBE))
        with pytest.raises(ValueError, match="2 dimensions instead of 3"):
            function(CUBE[0])
    with pytest.raises(ValueError, match="no metric"):
        overall(CUBE[:0])
    with pytest.raises(ValueError, match="cannot be redundant"):
        redundancy(CUBE[:1])
    with pytest.raises(ValueError, match="metric 1 gives all methods the same value"):
        redundancy(np.stack([CUBE[0], CUBE[1, :, :1] + np.zeros(5)]))
