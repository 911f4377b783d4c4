"""AG: worked values of both kinds of differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fusion_metrics import UndefinedScore, create
from tests.pictures import picture

ag, central, per_pixel = create("ag"), create("ag:tang"), create("ag:thfylsty")


def test_by_hand() -> None:
    image = np.array([[0, 4], [3, 9]], dtype=np.uint8)
    assert ag(image) == pytest.approx(math.sqrt((16 + 9) / 2), rel=1e-15)
    assert per_pixel(image) == pytest.approx(ag(image) / 4, rel=1e-15)
    steps = [(4, 3), (4, 5), (6, 3), (6, 5)]  # one-sided at all four pixels
    assert central(image) == pytest.approx(sum(math.sqrt((x * x + y * y) / 2) for x, y in steps), rel=1e-15)


def test_a_slope_has_the_same_gradient_everywhere() -> None:
    slope = np.add.outer(3 * np.arange(7), 4 * np.arange(9)).astype(np.uint8)
    assert ag(slope) == pytest.approx(5 / math.sqrt(2), rel=1e-14)
    assert central(slope) == pytest.approx(5 / math.sqrt(2) * 7 * 9 / (6 * 8), rel=1e-14)
    assert per_pixel(slope) == pytest.approx(5 / math.sqrt(2) * (6 * 8) / (7 * 9), rel=1e-14)


def test_central_differences_do_not_see_the_finest_stripes() -> None:
    stripes = np.tile([0, 255], (6, 8)).astype(np.uint8)
    assert ag(stripes) == pytest.approx(255 / math.sqrt(2), rel=1e-14)
    assert central(stripes) == pytest.approx(2 * 6 * 255 / math.sqrt(2) / (5 * 15), rel=1e-14)  # both outer columns


def test_bounds_are_reached() -> None:
    corner = np.array([[0, 255], [255, 0]], dtype=np.uint8)
    assert ag(corner) == pytest.approx(ag.spec.bounds[1], rel=1e-15)
    assert central(corner) == pytest.approx(central.spec.bounds[1], rel=1e-15)


def test_definition_is_the_published_average_gradient() -> None:
    assert create("ag:thfylsty-definition")(picture()) == ag(picture())


def test_a_single_row_has_no_gradient() -> None:
    with pytest.raises(UndefinedScore, match="at least 2x2"):
        ag(np.zeros((1, 9), dtype=np.uint8))
