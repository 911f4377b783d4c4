"""MI and NMI: worked values, limits, and constant images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fusion_metrics import UndefinedScore, create
from tests.pictures import crossed_waves, multifocus, picture

mi, nmi = create("mi"), create("nmi")


def test_crossed_waves() -> None:
    """Values of an independent implementation of the published formulas (2025, eight digits)."""
    a, b, fused = crossed_waves()
    assert mi(fused, a, b) == pytest.approx(5.4173993, abs=5e-8)
    assert nmi(fused, a, b) == pytest.approx(1.2776191, abs=5e-8)


def test_by_hand() -> None:
    """F copies A, one bit; B is a second coin of which F tells nothing."""
    a = np.array([[0, 0, 9, 9]], dtype=np.uint8)
    b = np.array([[5, 6, 5, 6]], dtype=np.uint8)
    assert mi(a, a, b) == 1.0
    assert nmi(a, a, b) == 1.0
    both = np.array([[1, 2, 3, 4]], dtype=np.uint8)  # two bits, one of each source
    assert mi(both, a, b) == 2.0
    assert nmi(both, a, b) == pytest.approx(2 * (1 / 3 + 1 / 3), rel=1e-15)


def test_renamed_levels_are_a_perfect_fusion() -> None:
    same = picture()
    assert nmi(255 - same, same, same) == 2.0


@given(images=hnp.arrays(np.uint8, (3, 6, 7)))
def test_stretching_changes_nothing_between_whole_levels(images: np.ndarray) -> None:
    a, b, fused = images
    if all(np.ptp(image) for image in images):
        for metric in (mi, nmi):
            assert create(f"{metric.spec.name}:liu2012")(fused, a, b) == metric(fused, a, b)


def test_stretching_separates_values_between_whole_levels() -> None:
    fine = np.linspace(0.500, 0.502, 256).reshape(16, 16)
    assert mi(fine, fine, fine, data_range=1.0) < 4.0
    assert create("mi:liu2012")(fine, fine, fine, data_range=1.0) == 16.0


def test_a_constant_fused_image_shares_nothing() -> None:
    a, b, _ = multifocus()
    grey = np.full_like(a, 128)
    assert mi(grey, a, b) == nmi(grey, a, b) == 0.0
    for name in ("mi:liu2012", "nmi:liu2012"):
        with pytest.raises(UndefinedScore, match="fused is constant"):
            create(name)(grey, a, b)


def test_black_is_constant_but_can_be_stretched() -> None:
    a, _, sharp = multifocus()
    black = np.zeros_like(a)
    assert create("nmi:liu2012")(sharp, a, black) == nmi(sharp, a, black) > 0.0


@pytest.mark.parametrize("name", ["nmi", "nmi:liu2012"])
def test_two_constant_images_have_no_entropy_to_divide_by(name: str) -> None:
    a = picture()
    black = np.zeros_like(a)
    with pytest.raises(UndefinedScore, match="b and fused are both constant"):
        create(name)(black, a, black)
    assert mi(black, a, black) == 0.0


def test_mefb_needs_every_channel_to_vary() -> None:
    a, b, sharp = (np.dstack([image, image, image[::-1]]) for image in multifocus())
    assert create("nmi:mefb")(sharp, a, b) == pytest.approx(nmi(*(image[..., 0] for image in (sharp, a, b))))
    sharp[..., 1] = 40
    with pytest.raises(UndefinedScore, match=r"fused \(green\) is constant"):
        create("nmi:mefb")(sharp, a, b)
    assert nmi(sharp, a, b) > 0.0


def test_units() -> None:
    a, b, sharp = multifocus()
    assert create("mi:vifb")(sharp, a, b) == pytest.approx(mi(sharp, a, b) * np.log(2), rel=1e-15)
    assert create("mi:vifb")(np.full_like(a, 128), a, b) == 0.0


def test_saturated_white_by_hand() -> None:
    """One bit in levels 254 and 255: lost if both are one level, counted twice if they are in the joint histogram."""
    coin = np.array([[254, 255]], dtype=np.uint8)
    assert mi(coin, coin, coin) == 2.0
    assert create("mi:thfylsty")(coin, coin, coin) == 0.0
    assert create("mi:tang")(coin, coin, coin) == 4.0
    dark = coin - 1
    assert mi(dark, dark, dark) == create("mi:thfylsty")(dark, dark, dark) == create("mi:tang")(dark, dark, dark) == 2.0


def test_the_most_that_saturation_adds() -> None:
    """254 levels once, the two that merge twice each: log2(258) bits of two images."""
    image = np.concatenate([np.arange(254), [254, 254, 255, 255]]).astype(np.uint8).reshape(6, 43)
    tang = create("mi:tang")
    assert tang(image, image, image) == pytest.approx(tang.spec.bounds[1], rel=1e-14)


@given(images=hnp.arrays(np.uint8, (3, 6, 7), elements=st.integers(250, 255)))
def test_saturation_adds_in_the_joint_histogram_and_takes_away_in_all(images: np.ndarray) -> None:
    a, b, fused = images
    values = [create(name)(fused, a, b) for name in ("mi:thfylsty", "mi", "mi:tang")]
    assert values == pytest.approx(sorted(values), abs=1e-12)


def test_rows_for_samples_leave_the_share_of_black() -> None:
    analysis = create("mi:thfylsty-analysis")
    a, b, _ = multifocus()
    fused = np.maximum(picture(seed=3), 1)
    assert analysis(fused, a, b) == 0.0
    fused[: len(fused) // 2] = 0
    assert analysis(fused, a, b) == analysis(fused, b, b) == 2.0
