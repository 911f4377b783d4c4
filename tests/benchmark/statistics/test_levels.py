from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import at_level, within_pairs

RNG = np.random.default_rng(2)
PAIRS = np.repeat(["lung", "brain", "knee", "skull"], 6)
ALGORITHMS = np.tile(list("abcdef"), 4)
Q = RNG.integers(0, 5, 24) / 4
X = Q + RNG.normal(0, 0.4, 24)
SCIPY = {"plcc": stats.pearsonr, "srcc": stats.spearmanr, "krcc": stats.kendalltau}


@pytest.mark.parametrize("statistic", ["plcc", "srcc", "krcc"])
def test_against_loops(statistic: str) -> None:
    function = SCIPY[statistic]
    found = {
        level: at_level(X, Judged.of(Q, PAIRS, ALGORITHMS), statistic=statistic, level=level)
        for level in ("global", "pair", "algorithm")
    }
    assert found["global"].value == pytest.approx(function(X, Q).statistic)
    within = [function(X[pair == PAIRS], Q[pair == PAIRS]).statistic for pair in np.unique(PAIRS)]
    assert found["pair"].value == pytest.approx(np.mean(within))
    np.testing.assert_allclose(within_pairs(X, Judged.of(Q, PAIRS, ALGORITHMS), statistic), within)
    means = [[v[name == ALGORITHMS].mean() for name in "abcdef"] for v in (X, Q)]
    assert found["algorithm"].value == pytest.approx(function(*means).statistic)
    assert [found[level].n for level in found] == [24, 4, 6]
    assert all(level.note == "" for level in found.values())


@pytest.mark.parametrize("level", ["global", "pair", "algorithm"])
@pytest.mark.parametrize("statistic", ["plcc", "srcc", "krcc"])
def test_weighted_pairs_are_repeated_pairs(level: str, statistic: str) -> None:
    here = at_level(X, Judged.of(Q, PAIRS, ALGORITHMS), statistic=statistic, level=level)
    names = np.unique(PAIRS)
    counts = np.array([[2, 0, 1, 1], [0, 3, 1, 0], [0, 0, 0, 4]])
    for row, found in zip(counts, here.weighted(counts.astype(float)), strict=True):
        chosen = [np.flatnonzero(name == PAIRS) for name, count in zip(names, row, strict=True) for _ in range(count)]
        index = np.concatenate(chosen)
        pairs = np.repeat(np.arange(len(chosen)), 6)
        again = at_level(X[index], Judged.of(Q[index], pairs, ALGORITHMS[index]), statistic=statistic, level=level)
        assert found == pytest.approx(again.value, abs=1e-9)


def test_order_of_the_images_does_not_matter() -> None:
    order = np.random.default_rng(0).permutation(24)
    for level in ("global", "pair", "algorithm"):
        shuffled = at_level(X[order], Judged.of(Q[order], PAIRS[order], ALGORITHMS[order]), level=level)
        assert shuffled.value == pytest.approx(at_level(X, Judged.of(Q, PAIRS, ALGORITHMS), level=level).value)


def test_pairs_without_an_order_of_opinions_are_left_out_and_counted() -> None:
    q = Q.copy()
    q[PAIRS == "brain"] = 0.5
    found = at_level(X, Judged.of(q, PAIRS, ALGORITHMS), level="pair")
    rest = [stats.spearmanr(X[pair == PAIRS], q[pair == PAIRS]).statistic for pair in ("lung", "knee", "skull")]
    assert found.value == pytest.approx(np.mean(rest))
    assert (found.n, found.left_out, found.tied) == (3, 1, 0)
    assert found.note == "1 pair without three images of different opinion left out"
    keep = np.ones(24, dtype=bool)
    keep[np.flatnonzero(PAIRS == "knee")[2:]] = False
    assert at_level(X[keep], Judged.of(Q[keep], PAIRS[keep], ALGORITHMS[keep]), level="pair").left_out == 1


def test_a_pair_that_only_the_metric_ties_counts_as_nothing_found() -> None:
    x = X.copy()
    x[PAIRS == "brain"] = 0.5
    found = at_level(x, Judged.of(Q, PAIRS, ALGORITHMS), level="pair")
    rest = [stats.spearmanr(X[pair == PAIRS], Q[pair == PAIRS]).statistic for pair in ("lung", "knee", "skull")]
    assert found.value == pytest.approx(np.sum(rest) / 4)
    assert (found.n, found.left_out, found.tied) == (4, 0, 1)
    assert "counts as 0" in found.note


def test_algorithms_that_lack_a_pair_are_left_out_and_counted() -> None:
    keep = ~((ALGORITHMS == "b") & (PAIRS == "knee"))
    found = at_level(X[keep], Judged.of(Q[keep], PAIRS[keep], ALGORITHMS[keep]), statistic="plcc", level="algorithm")
    others = [[v[name == ALGORITHMS].mean() for name in "acdef"] for v in (X, Q)]
    assert found.value == pytest.approx(stats.pearsonr(*others).statistic)
    assert (found.n, found.left_out) == (5, 1)
    assert found.note == "1 algorithm without an image for every pair left out"


def test_equal_means_are_ties_whatever_they_were_added_from() -> None:
    """Two algorithms have 0.1, 0.2 and 0.3 in another order: sums differ in the last digit, means must not."""
    q = np.array([[0.1, 0.3, 0.9, 0.5], [0.2, 0.2, 0.9, 0.4], [0.3, 0.1, 0.9, 0.6]])
    x = np.array([[1.0, 2.0, 4.0, 3.0]] * 3)
    pairs, algorithms = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    found = at_level(x.ravel(), Judged.of(q.ravel(), pairs, algorithms), level="algorithm")
    assert found.value == pytest.approx(stats.spearmanr([1, 2, 4, 3], [1.5, 1.5, 4, 3]).statistic)


def test_refused() -> None:
    with pytest.raises(ValueError, match="1 of 24 values are missing"):
        at_level(np.where(np.arange(24) == 3, np.nan, X), Judged.of(Q, PAIRS, ALGORITHMS), level="pair")
    with pytest.raises(ValueError, match="RMSE is global only"):
        at_level(X, Judged.of(Q, PAIRS, ALGORITHMS), statistic="rmse", level="pair")
    with pytest.raises(ValueError, match="23 pairs for 24 images"):
        at_level(X, Judged.of(Q, PAIRS[1:], ALGORITHMS))
    with pytest.raises(ValueError, match="no source pair has three images"):
        at_level(X, Judged.of(Q, np.arange(24), ALGORITHMS), level="pair")
    with pytest.raises(ValueError, match="0 algorithms have an image for every pair"):
        at_level(X, Judged.of(Q, np.arange(24), ALGORITHMS), level="algorithm")
    with pytest.raises(ValueError, match="do not vary at this level"):
        at_level(np.repeat(np.arange(4.0), 6), Judged.of(Q, PAIRS, ALGORITHMS), level="algorithm")
