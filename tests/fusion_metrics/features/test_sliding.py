"""Sums under sliding windows, against NumPy and SciPy to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from fusion_metrics.features.sliding import sums_across, symmetric_sums


@pytest.mark.parametrize("reach", [0, 1, 4, 5])
def test_symmetric_sums_are_those_of_scipy_to_the_last_bit(reach: int) -> None:
    rng = np.random.default_rng(0)
    picture, half = rng.random((24, 31)), rng.random(reach + 1)
    weights = np.concatenate([half[:0:-1], half])
    rows = ndimage.correlate1d(picture, weights, axis=0, mode="constant")
    both = ndimage.correlate1d(rows, weights, axis=1, mode="constant")
    np.testing.assert_array_equal(symmetric_sums(np.pad(picture, reach), weights), both)


@pytest.mark.parametrize("size", [1, 2, 5, 8, 11, 17])
def test_sums_across_are_added_from_left_to_right(size: int) -> None:
    rng = np.random.default_rng(0)
    picture, weights = rng.random((5, 29)), rng.random(size)
    expected = np.zeros((5, 30 - size))
    for k, weight in enumerate(weights):
        expected += picture[:, k : k + expected.shape[1]] * weight
    np.testing.assert_array_equal(sums_across(picture, weights), expected)


def test_a_picture_that_does_not_lie_row_by_row_has_the_same_sums() -> None:
    picture = np.random.default_rng(0).random((12, 17))
    weights = np.array([0.25, 0.5, 0.25])
    turned = np.asfortranarray(picture)
    np.testing.assert_array_equal(symmetric_sums(turned, weights), symmetric_sums(picture, weights))
    np.testing.assert_array_equal(sums_across(turned, weights), sums_across(picture, weights))
