"""EI: worked values, its border, and the strongest edge there is."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import Image, create
from fusion_metrics.features.gradients import sobel
from tests.pictures import picture

ei = create("ei")


def test_a_slope_by_hand() -> None:
    """Eight times 2 levels a pixel inside, half of that at the left and right border, where the pixels repeat."""
    slope = np.tile(2 * np.arange(5), (3, 1)).astype(np.uint8)
    assert ei(slope) == pytest.approx((8 + 16 + 16 + 16 + 8) / 5, rel=1e-15)


def test_the_border_is_no_edge() -> None:
    assert ei(np.full((4, 4), 200, dtype=np.uint8)) == 0.0
    framed = np.pad(picture(), 1, mode="edge")
    assert sobel(Image(framed)).strength[1:-1, 1:-1].mean() == pytest.approx(ei(picture()), rel=1e-14)


def test_no_edge_is_stronger_than_the_bound() -> None:
    """All 256 neighbourhoods of black and white: the strength is convex in the pixels, so its largest value is here."""
    strongest = 0.0
    for pattern in range(256):
        bits = [pattern >> k & 1 for k in range(8)]
        around = 255 * np.array([[*bits[:3]], [bits[3], 0, bits[4]], [*bits[5:]]], dtype=np.uint8)
        strongest = max(strongest, sobel(Image(around)).strength[1, 1])
    assert strongest == pytest.approx(ei.spec.bounds[1], rel=1e-15)


def test_contrast() -> None:
    half = picture() // 2
    assert ei(2 * half) == pytest.approx(2 * ei(half), rel=1e-14)
