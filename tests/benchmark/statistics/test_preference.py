"""Strengths from comparisons: against a second implementation, and against what they were drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from benchmark.statistics.preference import Comparisons, Strengths, fit_strengths


def drawn(theta: np.ndarray, n: int, tie: float = 0.0, seed: int = 0) -> list[tuple[int, int, float]]:
    rng = np.random.default_rng(seed)
    truth = Strengths(theta, np.eye(len(theta)), tie)
    rows = []
    for _ in range(n):
        i, j = (int(k) for k in rng.choice(len(theta), 2, replace=False))
        first, second, _ = truth.chances(i, j)
        u = rng.random()
        rows.append((i, j, 1.0 if u < first else 0.0 if u < first + second else 0.5))
    return rows


def test_strengths_without_ties_are_those_of_a_second_implementation() -> None:
    choix = pytest.importorskip("choix", reason="needs choix: pip install 'fmbench[test]'")
    rows = drawn(np.array([-1.0, -0.2, 0.0, 0.5, 1.4]), 120)
    wins = [(i, j) if won else (j, i) for i, j, won in rows]
    for prior in (0.01, 0.25, 2.0):
        # Its penalty is alpha times the sum of squares, ours half of the precision.
        expected = choix.opt_pairwise(5, wins, alpha=prior / 2.0, tol=1e-12)
        assert np.allclose(fit_strengths(5, Comparisons.of(rows), prior).theta, expected, atol=1e-7)


def test_strengths_with_ties_are_the_maximum_of_the_likelihood() -> None:
    rows = drawn(np.array([-0.8, 0.0, 0.9]), 150, tie=1.0)
    found = fit_strengths(3, Comparisons.of(rows), prior=0.3)

    def loss(x: np.ndarray) -> float:
        """Write the model down once more, term by term."""
        total = 0.15 * float(np.sum(x**2))
        for i, j, won in rows:
            a, b, nu = np.exp(x[i]), np.exp(x[j]), np.exp(x[3])
            weight = {1.0: a, 0.0: b, 0.5: nu * np.sqrt(a * b)}[won]
            total -= np.log(weight / (a + b + nu * np.sqrt(a * b)))
        return total

    best = optimize.minimize(loss, np.zeros(4), method="BFGS", tol=1e-10)
    assert np.allclose(found.theta, best.x[:3], atol=1e-5)
    assert found.tie == pytest.approx(np.exp(best.x[3]), abs=1e-5)
    step = 1e-4 * np.eye(4)
    curvature = np.array(
        [
            [
                (loss(best.x + a + b) - loss(best.x + a - b) - loss(best.x - a + b) + loss(best.x - a - b)) / 4e-8
                for b in step
            ]
            for a in step
        ]
    )
    assert np.allclose(found.covariance, np.linalg.inv(curvature)[:3, :3], rtol=1e-3, atol=1e-4)


def test_the_interval_of_a_share_covers_what_the_comparisons_were_drawn_from() -> None:
    theta = np.array([-1.2, -0.4, 0.0, 0.3, 1.3])
    truth, _, _ = Strengths(theta, np.eye(5), 0.6).share(range(5))
    covered = []
    for seed in range(100):
        _, low, high = fit_strengths(5, Comparisons.of(drawn(theta, 200, 0.6, seed)), prior=0.05).share(range(5))
        covered += ((low <= truth) & (truth <= high)).tolist()
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_who_always_wins_has_a_finite_strength_and_a_share_below_one() -> None:
    found = fit_strengths(3, Comparisons.of([(0, 1, 1.0)] * 20 + [(1, 2, 1.0)] * 20))
    share, low, high = found.share(range(3))
    assert np.isfinite(found.theta).all()
    assert ((low > 0) & (low < share) & (share < high) & (high < 1)).all()
    assert share[0] > share[1] > share[2]


def test_shares_are_one_half_on_average() -> None:
    share, _, _ = fit_strengths(4, Comparisons.of(drawn(np.array([0.0, 1.0, 2.0, -1.0]), 60, 0.5))).share(range(4))
    assert np.mean(share) == pytest.approx(0.5, abs=1e-12)


def test_nothing_compared_is_nothing_known() -> None:
    found = fit_strengths(3, Comparisons.of([]))
    assert found.theta.tolist() == [0, 0, 0]
    assert np.allclose(found.covariance, 4 * np.eye(3))


def test_all_ties_are_no_difference() -> None:
    found = fit_strengths(2, Comparisons.of([(0, 1, 0.5)] * 10))
    assert np.allclose(found.theta, 0, atol=1e-9)
    assert found.tie > 3


def test_a_comparison_that_is_under_way_makes_the_same_one_less_telling() -> None:
    found = fit_strengths(3, Comparisons.of([(0, 1, 1.0), (1, 2, 1.0)]))
    later = found.expecting(0, 2)
    assert later.information([0], [2])[0] < found.information([0], [2])[0]
    assert later.information([0], [2])[0] < later.information([0], [1])[0]
    # The same as if it had been answered without moving the strengths.
    fisher = np.zeros((3, 3))
    first, second, _ = found.chances(0, 2)
    weight = (first + second) / 4 - ((first - second) / 2) ** 2
    fisher[np.ix_([0, 2], [0, 2])] = weight * np.array([[1, -1], [-1, 1]])
    assert np.allclose(later.covariance, np.linalg.inv(np.linalg.inv(found.covariance) + fisher), atol=1e-12)


def test_what_cannot_be_a_comparison_is_refused() -> None:
    with pytest.raises(ValueError, match="itself"):
        Comparisons.of([(1, 1, 1.0)])
    with pytest.raises(ValueError, match="outcomes"):
        Comparisons.of([(0, 1, 2.0)])
