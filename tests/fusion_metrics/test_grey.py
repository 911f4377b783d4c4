"""Grey rules: worked by hand, at their ends, and against the program whose rule it is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from fusion_metrics import FusionMetricsError, Image
from fusion_metrics.grey import GREY_RULES, find_rule, to_grey


def colours(size: int = 64) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (size, size, 3), dtype=np.uint8)


def test_pillow_is_what_pillow_gives() -> None:
    pixels = colours(256)
    expected = np.asarray(Pillow.fromarray(pixels).convert("L"))
    assert np.array_equal(GREY_RULES["pillow"].grey_levels(pixels.astype(float)), expected)


def test_rgb2gray_is_the_luminance_of_an_image() -> None:
    image = Image(colours())
    assert np.array_equal(to_grey(image, GREY_RULES["rgb2gray"]).pixels, image.luminance)


@pytest.mark.parametrize(
    ("rule", "levels"),
    [
        # pure red, green, blue; then 0.299 x 1 + 0.587 x 133 + 0.114 x 208 = 102.082
        ("rgb2gray", (76, 150, 29, 102)),
        ("opencv", (76, 150, 29, 102)),
        ("opencv-float", (76, 150, 29, 102)),
        ("pillow", (76, 150, 29, 102)),
        ("ycbcr", (81, 145, 41, 104)),
        ("red", (255, 0, 0, 1)),
        ("green", (0, 255, 0, 133)),
        ("blue", (0, 0, 255, 208)),
    ],
)
def test_levels_worked_by_hand(rule: str, levels: tuple[int, ...]) -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [1, 133, 208]]], dtype=float)
    assert GREY_RULES[rule].grey_levels(pixels)[0].tolist() == list(levels)


@pytest.mark.parametrize("rule", GREY_RULES)
def test_black_and_white_stay_the_ends_but_for_ycbcr(rule: str) -> None:
    ends = np.array([[[0, 0, 0], [255, 255, 255]]], dtype=float)
    assert GREY_RULES[rule].grey_levels(ends)[0].tolist() == ([16, 235] if rule == "ycbcr" else [0, 255])


@pytest.mark.parametrize("rule", GREY_RULES)
def test_a_grey_picture_stays_itself_and_a_colour_one_becomes_grey(rule: str) -> None:
    grey = Image(colours()[..., 0])
    assert to_grey(grey, GREY_RULES[rule]) is grey
    made = to_grey(Image(colours()), GREY_RULES[rule])
    assert not made.is_colour
    assert made.is_8bit
    assert made.shape == (64, 64)


def test_pictures_that_are_not_8bit_are_not_rounded() -> None:
    made = to_grey(Image(np.full((2, 2, 3), [0.1, 0.2, 0.3]), data_range=1.0), GREY_RULES["opencv-float"])
    assert made.pixels[0, 0] == pytest.approx(255 * (0.299 * 0.1 + 0.587 * 0.2 + 0.114 * 0.3), rel=1e-6)


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(FusionMetricsError, match="did you mean 'rgb2gray'"):
        find_rule("rgb2grey")
