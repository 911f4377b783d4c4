"""MSE, RMSE and PSNR: worked values, scales, and what VIFB's root does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from fusion_metrics import UndefinedScore, create
from tests.pictures import multifocus, picture

mse, rmse, psnr = create("mse"), create("rmse"), create("psnr")


def test_by_hand() -> None:
    """Differences of 0 3 0 0 from one source and of 4 4 4 4 from the other."""
    fused = np.array([[10, 20], [30, 40]], dtype=np.uint8)
    a, b = fused + np.array([[0, 3], [0, 0]], dtype=np.uint8), fused - np.uint8(4)
    assert mse(fused, a, b) == pytest.approx((9 / 4 + 16) / 2, rel=1e-15)
    assert rmse(fused, a, b) == pytest.approx((1.5 + 4) / 2, rel=1e-15)
    assert psnr(fused, a, b) == pytest.approx(10 * math.log10(255**2 / 9.125), rel=1e-15)
    assert create("mse:tang")(fused, a, b) == pytest.approx(9.125 / 255**2, rel=1e-15)
    assert create("rmse:vifb")(fused, a, b) == pytest.approx((3 / 4 + 8 / 4) / 2, rel=1e-15)
    assert create("psnr:vifb")(fused, a, b) == pytest.approx(10 * math.log10(255**2 / 1.375), rel=1e-15)


def test_the_largest_error() -> None:
    black, white = np.zeros((4, 4), np.uint8), np.full((4, 4), 255, np.uint8)
    assert mse(black, white, white) == 255.0**2
    assert rmse(black, white, white) == 255.0
    assert psnr(black, white, white) == 0.0
    assert create("psnr:tang")(black, white, white) == pytest.approx(20 * math.log10(255), rel=1e-15)
    assert create("psnr:vifb")(black[:1, :1], white[:1, :1], white[:1, :1]) == create("psnr:vifb").spec.bounds[0]


def test_the_scale_of_tang() -> None:
    a, b, sharp = multifocus()
    assert create("psnr:tang")(sharp, a, b) - psnr(sharp, a, b) == pytest.approx(48.1308, abs=5e-5)


def test_vifb_rewards_large_pictures() -> None:
    images = multifocus()
    tiled = [np.tile(image, (2, 2)) for image in images]
    (a, b, sharp), (A, B, SHARP) = images, tiled
    assert psnr(SHARP, A, B) == pytest.approx(psnr(sharp, a, b), rel=1e-14)
    assert create("psnr:vifb")(SHARP, A, B) == pytest.approx(
        create("psnr:vifb")(sharp, a, b) + 10 * math.log10(2), rel=1e-14
    )
    assert create("rmse:vifb")(SHARP, A, B) == pytest.approx(create("rmse:vifb")(sharp, a, b) / 2, rel=1e-14)


@given(images=hnp.arrays(np.uint8, (3, 5, 4)))
def test_nothing_is_nearer_than_the_mean_of_the_sources(images: np.ndarray) -> None:
    a, b, fused = images / 255
    assert mse((a + b) / 2, a, b, data_range=1.0) <= mse(fused, a, b, data_range=1.0) + 1e-9
    assert rmse(fused, a, b, data_range=1.0) ** 2 <= mse(fused, a, b, data_range=1.0) + 1e-9


def test_without_noise_there_is_no_ratio() -> None:
    same = picture()
    assert mse(same, same, same) == rmse(same, same, same) == 0.0
    with pytest.raises(UndefinedScore, match="no noise"):
        psnr(same, same, same)
    a, b, _ = multifocus()
    assert psnr(a, a, b) == pytest.approx(10 * math.log10(255**2 / mse(a, a, b)), rel=1e-15)
