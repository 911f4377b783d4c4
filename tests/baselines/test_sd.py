"""SD: worked values, and how it follows contrast."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import create
from tests.pictures import picture

sd = create("sd")


def test_by_hand() -> None:
    assert sd(np.array([[10, 20, 30, 40]], dtype=np.uint8)) == pytest.approx(np.sqrt(125), rel=1e-15)
    assert sd(np.array([[0, 255], [255, 0]], dtype=np.uint8)) == 127.5
    assert sd(np.full((3, 3), 77, dtype=np.uint8)) == 0.0


def test_contrast_and_brightness() -> None:
    image = picture() // 4
    assert sd(2 * image) == pytest.approx(2 * sd(image), rel=1e-14)
    assert sd(image + 90) == pytest.approx(sd(image), rel=1e-14)


def test_channels_of_a_colour_picture() -> None:
    flat, step = np.full((2, 2), 9, np.uint8), np.array([[0, 60], [60, 0]], np.uint8)
    colour = np.dstack([step, flat, flat])
    assert create("sd:mefb")(colour) == pytest.approx(10.0, rel=1e-15)
    assert sd(colour) == 9.0  # luminance round(0.299 * 0 + 0.701 * 9) = 6 and round(0.299 * 60 + 6.3) = 24
