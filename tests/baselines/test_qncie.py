"""Q_NCIE: worked values, limits, and the symmetry of all three images."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from baselines.qncie import UNRELATED
from fusion_metrics import UndefinedScore, create
from tests.pictures import multifocus

qncie = create("qncie")


def from_eigenvalues(*eigenvalues: float) -> float:
    return 1 + sum(value / 3 * math.log(value / 3, 256) for value in eigenvalues)


def test_three_equal_images_of_two_levels_by_hand() -> None:
    """One bit of eight is shared by all: eigenvalues 1 + 2/8, and 1 - 1/8 twice."""
    image = np.array([[0, 0, 255, 255]], dtype=np.uint8)
    assert qncie(image, image, image) == pytest.approx(from_eigenvalues(1.25, 0.875, 0.875), rel=1e-14)


def test_one_related_pair_by_hand() -> None:
    coin, other = np.array([[0, 0, 9, 9]], dtype=np.uint8), np.array([[1, 2, 1, 2]], dtype=np.uint8)
    assert qncie(coin, coin, other) == pytest.approx(from_eigenvalues(1.125, 1.0, 0.875), rel=1e-14)


def test_limits() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert qncie(levels, levels, levels) == 1.0
    grey = np.full_like(levels, 128)
    assert qncie(grey, grey, grey) == pytest.approx(UNRELATED, rel=1e-15)
    assert pytest.approx(0.80188, abs=5e-6) == UNRELATED


@given(images=hnp.arrays(np.uint8, (3, 5, 6)))
def test_no_image_is_special(images: np.ndarray) -> None:
    values = [qncie(*(images[list(order)])) for order in permutations(range(3))]
    assert values == pytest.approx([values[0]] * 6, rel=1e-12)


def test_stretched() -> None:
    a, b, sharp = multifocus()
    assert create("qncie:liu2012")(sharp, a, b) == qncie(sharp, a, b)
    with pytest.raises(UndefinedScore, match="a is constant"):
        create("qncie:liu2012")(sharp, np.full_like(a, 3), b)
