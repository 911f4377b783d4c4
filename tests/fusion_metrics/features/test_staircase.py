"""Joint distributions of single windows, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fusion_metrics.features.staircase import Distributions, different, join, probabilities, shared_by_staircase


def _of(p: np.ndarray) -> Distributions:
    position = np.arange(len(p))
    mean = position @ p
    deviation = np.sqrt(position**2 @ p - mean**2)
    entropy = -np.sum(p * np.log2(p, out=np.zeros_like(p), where=p > 0), axis=0)
    return Distributions(p, entropy, mean, deviation)


def test_probabilities_go_down_the_columns_of_a_window() -> None:
    p = probabilities(np.array([[0.0, 2.0, 2.0], [1.0, 1.0, 2.0]]), 2)
    np.testing.assert_array_equal(p[:, 0], [0.0, 0.25, 0.5, 0.25])
    np.testing.assert_array_equal(p[:, 1], [1 / 3, 0.0, 1 / 3, 1 / 3])


def test_the_positions_of_a_flat_window_are_equally_likely() -> None:
    np.testing.assert_array_equal(probabilities(np.full((2, 2), 7.0), 2)[:, 0], 0.25)


def test_windows_differ_where_any_position_does() -> None:
    assert different(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 5.0]])).tolist() == [False, True]


def test_equal_distributions_lie_on_the_diagonal_of_their_bound() -> None:
    X = _of(np.array([[0.5], [0.25], [0.25]]))
    joined = join(X, X, np.array([0]), math.inf)
    assert joined.phi[0] == pytest.approx(1.0)
    assert joined.joint[0].tolist() == pytest.approx([0.5, 0.0, 0.25, 0.0, 0.25])
    # On the diagonal p_i / p_i^2: the information is the entropy.
    information = shared_by_staircase(joined.joint, np.log2(joined.ratio))
    assert information[0] == pytest.approx(X.entropy[0])


def test_opposite_distributions_are_joined_as_a_distribution_and_its_own_reverse() -> None:
    X, Y = _of(np.array([[0.7], [0.2], [0.1]])), _of(np.array([[0.1], [0.2], [0.7]]))
    negative = join(X, Y, np.array([0]), 1.0)
    assert negative.joint[0].sum() + (1 - negative.phi[0]) * (1 - negative.independent[0]) == pytest.approx(1.0)
    np.testing.assert_array_equal(negative.independent, join(X, X, np.array([0]), 1.0).independent)
