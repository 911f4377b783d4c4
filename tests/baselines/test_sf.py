"""SF: worked values, what sums are divided by, and colour pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fusion_metrics import UndefinedScore, create
from tests.pictures import picture

sf, tang, vifb, mefb, square = (create(f"sf:{name}") for name in ("paper", "tang", "vifb", "mefb", "thfylsty-square"))


def test_by_hand() -> None:
    image = np.array([[0, 3, 3], [4, 4, 8]], dtype=np.uint8)  # row differences 3 0 0 4, column differences 4 1 5
    assert sf(image) == pytest.approx(math.sqrt((25 + 42) / 6), rel=1e-15)
    assert tang(image) == pytest.approx(math.sqrt(25 / 4 + 42 / 3), rel=1e-15)


def test_a_checkerboard_is_the_most_one_can_see() -> None:
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert tang(board) == pytest.approx(sf.spec.bounds[1], rel=1e-15)
    assert sf(board) == pytest.approx(255 * math.sqrt(2 * 7 / 8), rel=1e-15)


def test_turning_and_inverting() -> None:
    image = picture((20, 30))
    assert (
        sf(image) == pytest.approx(sf(255 - image), rel=1e-15) == pytest.approx(sf(np.rot90(image).copy()), rel=1e-14)
    )


def test_seams_between_channels() -> None:
    """Flat channels of 10, 20 and 50: two seams of 10 and 30 in each row of a picture three times as wide."""
    colour = np.full((4, 5, 3), [10, 20, 50], dtype=np.uint8)
    assert vifb(colour) == pytest.approx(math.sqrt((100 + 900) / 15), rel=1e-15)
    assert mefb(colour) == sf(colour) == 0.0
    grey = picture()
    assert vifb(grey) == sf(grey)


def test_only_square_pictures() -> None:
    assert square(picture((9, 9))) == sf(picture((9, 9)))
    with pytest.raises(UndefinedScore, match="square"):
        square(picture((9, 8)))


def test_a_single_row_has_no_differences_downwards() -> None:
    row = np.array([[0, 6, 0]], dtype=np.uint8)
    assert sf(row) == pytest.approx(math.sqrt(72 / 3), rel=1e-15)
    with pytest.raises(UndefinedScore, match="at least 2x2"):
        tang(row)
