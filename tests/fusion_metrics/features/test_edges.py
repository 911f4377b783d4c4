"""Edge pixels: where they are, how thin, and where there are none. MATLAB's numbers are held in test_printed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis.extra import numpy as hnp

from fusion_metrics import Image
from fusion_metrics.features.edges import sobel_edges


def edges(pixels: np.ndarray) -> np.ndarray:
    return sobel_edges(Image(pixels.astype(np.uint8))).astype(int)


def test_a_step_is_one_line() -> None:
    """Both columns of a step are equally strong; the latter is taken."""
    step = np.repeat([[0] * 9 + [100] * 9], 7, axis=0)
    expected = np.zeros((7, 18), dtype=int)
    expected[:, 9] = 1
    np.testing.assert_array_equal(edges(step), expected)
    np.testing.assert_array_equal(edges(step.T), expected.T)


def test_weak_steps_are_left_out() -> None:
    """A step of 10 beside one of 100 is far below twice the root mean square."""
    steps = np.repeat([[0] * 9 + [100] * 9 + [110] * 9], 7, axis=0)
    assert np.flatnonzero(edges(steps)[3]).tolist() == [9]


def test_a_diagonal_is_thin() -> None:
    i, j = np.mgrid[:24, :24]
    line = edges(np.where(i > j, 200, 0))
    assert (line.sum(axis=1) <= 2).all()
    assert np.abs((i - j)[line == 1]).max() <= 1


def test_a_flat_picture_has_none() -> None:
    assert not edges(np.full((6, 6), 100)).any()


@given(pixels=hnp.arrays(np.uint8, (9, 8), elements={"max_value": 127}))
def test_contrast_and_brightness_do_not_matter(pixels: np.ndarray) -> None:
    np.testing.assert_array_equal(edges(pixels), edges(2 * pixels))
    np.testing.assert_array_equal(edges(pixels), edges(pixels + 100))
