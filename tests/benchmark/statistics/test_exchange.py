"""Differences after exchange against correlations and derivatives computed exchange by exchange."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.adjusted import every_two
from benchmark.statistics.exchange import exchange_linear, exchange_tau, exchange_values, exchanges
from benchmark.statistics.exchanged_sums import exchange_many

RNG = np.random.default_rng(4)
BLOCKS = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4])
Q = RNG.integers(0, 5, BLOCKS.size) / 4
Z = np.stack([stats.zscore(Q + RNG.normal(0, error, Q.size)) for error in (0.3, 0.8)])
STEP = 1e-5


def pearson(x: np.ndarray, q: np.ndarray, weights: np.ndarray) -> float:
    covariance = np.cov(x, q, aweights=weights)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def tau(x: np.ndarray, q: np.ndarray, weights: np.ndarray) -> float:
    sx, sq = (np.sign(v[:, None] - v) for v in (x, q))
    ww = np.outer(weights, weights)
    return float(np.sum(ww * sx * sq) / np.sqrt(np.sum(ww * sx**2) * np.sum(ww * sq**2)))


def studentised(correlate: Callable[..., float], first: np.ndarray, second: np.ndarray) -> float:
    """Fisher's z of both, and the derivative of their difference by the weight of each block, by differences."""

    def difference(weights: np.ndarray) -> float:
        return float(np.arctanh(correlate(first, Q, weights)) - np.arctanh(correlate(second, Q, weights)))

    ones = np.ones(Q.size)
    slopes = [
        (difference(ones + STEP * (g == BLOCKS)) - difference(ones - STEP * (g == BLOCKS))) / (2 * STEP)
        for g in range(5)
    ]
    return difference(ones) / float(np.linalg.norm(slopes))


@pytest.mark.parametrize(("exchange", "correlate"), [(exchange_linear, pearson), (exchange_tau, tau)])
def test_every_exchange(
    exchange: Callable[..., Callable[[int, int], np.ndarray]], correlate: Callable[..., float]
) -> None:
    flags, exact = exchanges(5, 100, 0)
    assert exact
    assert len(flags) == 32
    found = exchange(Z, Q, BLOCKS, flags)(0, 1)
    for flag, value in zip(flags, found, strict=True):
        moved = flag[BLOCKS] > 0
        first, second = np.where(moved, Z[1], Z[0]), np.where(moved, Z[0], Z[1])
        assert value == pytest.approx(studentised(correlate, first, second), rel=1e-5, abs=1e-7)
    np.testing.assert_allclose(exchange(Z, Q, BLOCKS, flags)(1, 0), -found, atol=1e-9)
    # To exchange all is to exchange none the other way round.
    np.testing.assert_allclose(found, -found[::-1], atol=1e-9)


def test_the_compiled_loop_makes_the_same_differences_of_every_two_metrics() -> None:
    rng = np.random.default_rng(7)
    blocks = np.repeat(np.arange(30), 7)
    q = rng.integers(0, 9, blocks.size).astype(np.float64)
    z = stats.zscore(np.stack([q + rng.normal(0, error, q.size) for error in (1, 2, 3, 3)]), axis=1)
    flags = exchanges(30, 1000, 1)[0]
    expected = every_two(exchange_linear(z, q, blocks, flags), 4)
    np.testing.assert_allclose(exchange_many(z, q, blocks, 30)(flags), expected, rtol=1e-9, atol=1e-9)


def test_our_tau_is_tau_b() -> None:
    assert tau(Z[0], Q, np.ones(Q.size)) == pytest.approx(stats.kendalltau(Z[0], Q).statistic)


def test_values() -> None:
    values = np.array([[0.5, 0.7], [0.1, 0.6]])
    flags = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    # Differences 0.4 and 0.1, over the root of the sum of their squares.
    np.testing.assert_allclose(exchange_values(values)(flags)[0], np.array([0.5, 0.3, -0.3, -0.5]) / np.sqrt(0.17))


def test_the_same_metric_twice_does_not_differ() -> None:
    flags = exchanges(5, 100, 0)[0]
    np.testing.assert_array_equal(exchange_values(Z[[0, 0]])(exchanges(14, 100, 0)[0]), 0)
    for exchange in (exchange_linear, exchange_tau):
        np.testing.assert_array_equal(exchange(Z[[0, 0]], Q, BLOCKS, flags)(0, 1), np.zeros(32))
    np.testing.assert_array_equal(exchange_many(Z[[0, 0]], Q, BLOCKS, 5)(flags), np.zeros((1, 32)))


def test_an_exchange_that_leaves_only_ties_found_no_order() -> None:
    """Each metric varies in one block alone, around what the other has there: one exchange makes both constant."""
    blocks, q = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.2, 0.3])
    z = np.array([[1.0, 4.0, 2.5, 2.5], [2.5, 2.5, 1.0, 4.0]])
    z, flags = stats.zscore(z, axis=1), exchanges(2, 100, 0)[0]
    linear, tau_b = (exchange(z, q, blocks, flags)(0, 1) for exchange in (exchange_linear, exchange_tau))
    for found in (linear, tau_b, exchange_many(z, q, blocks, 2)(flags)[0]):
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found, -found[::-1], atol=1e-9)


def test_many_blocks_are_drawn_and_the_first_draw_exchanges_nothing() -> None:
    flags, exact = exchanges(20, 500, 7)
    assert not exact
    assert flags.shape == (501, 20)
    assert not flags[0].any()
    assert 0.45 < flags[1:].mean() < 0.55
    np.testing.assert_array_equal(flags, exchanges(20, 500, 7)[0])
