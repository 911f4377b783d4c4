"""CE: worked values, missing levels, and its lower bound."""

from __future__ import annotations

import math

import numpy as np
import pytest

from baselines.ce import LEAST
from fusion_metrics import UndefinedScore, create
from tests.pictures import multifocus, picture

ce, vifb, thfylsty = create("ce"), create("ce:vifb"), create("ce:thfylsty")


def test_by_hand() -> None:
    """D(A, F) = 1/2 log2(2/3) + 1/2 log2(2), D(B, F) = log2(4/3)."""
    a = np.array([[0, 0, 9, 9]], dtype=np.uint8)
    b = np.zeros((1, 4), dtype=np.uint8)
    fused = np.array([[0, 0, 0, 9]], dtype=np.uint8)
    expected = (0.5 * math.log2(2 / 3) + 0.5 + math.log2(4 / 3)) / 2
    assert ce(fused, a, b) == pytest.approx(expected, rel=1e-14)


def test_levels_that_the_fused_image_lacks_do_not_count() -> None:
    a = np.array([[0, 0, 0, 9, 9, 9, 9, 9]], dtype=np.uint8)
    assert ce(np.zeros_like(a), a, a) == pytest.approx(3 / 8 * math.log2(3 / 8), rel=1e-15)
    assert LEAST < ce(np.zeros_like(a), a, a) < 0.999 * LEAST < 0


def test_without_common_levels() -> None:
    a = np.array([[0, 9]], dtype=np.uint8)
    other = np.array([[1, 1]], dtype=np.uint8)
    with pytest.raises(UndefinedScore, match="a and fused have no grey level in common"):
        ce(other, a, other)
    assert vifb(other, a, other) == thfylsty(other, a, other) == 0.0


def test_places_do_not_matter_and_the_order_of_the_images_does() -> None:
    a, b, _ = multifocus()
    other = picture(seed=9)
    shuffled = np.random.default_rng(1).permutation(other.ravel()).reshape(other.shape)
    assert ce(other, a, b) == ce(shuffled, a, b)
    assert ce(a, other, other) != ce(other, a, a)


def test_a_wrong_distribution_is_worse() -> None:
    a = picture()
    for other in (a // 2 + 60, a // 2 + 120, np.maximum(a, 100)):
        assert ce.spec.orient(ce(other, a, a)) < ce.spec.orient(ce(a, a, a)) == 0.0
