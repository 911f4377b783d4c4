"""EN: worked values and what it does not see."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import create
from tests.pictures import picture

en = create("en")


def test_by_hand() -> None:
    assert en(np.array([[7, 7, 7, 7]], dtype=np.uint8)) == 0.0
    assert en(np.array([[0, 0, 1, 2]], dtype=np.uint8)) == 1.5
    assert en(np.arange(256, dtype=np.uint8).reshape(16, 16)) == 8.0


def test_names_and_places_of_levels_do_not_matter() -> None:
    image = picture()
    shuffled = np.random.default_rng(1).permutation(image.ravel()).reshape(image.shape)
    assert en(image) == en(255 - image) == en(shuffled) > 6.0


def test_channels_of_a_colour_picture() -> None:
    grey, coin = np.zeros((2, 2), np.uint8), np.array([[0, 9], [9, 0]], np.uint8)
    assert create("en:vifb")(np.dstack([coin, grey, grey])) == pytest.approx(1 / 3, rel=1e-15)
    assert en(np.dstack([coin, coin, coin])) == 1.0
