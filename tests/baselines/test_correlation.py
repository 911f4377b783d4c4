"""CC and SCD: worked values, signs, and constants."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import UndefinedScore, create
from tests.pictures import multifocus, picture

cc, scd = create("cc"), create("scd")


def test_cc_against_numpy() -> None:
    a, b, sharp = multifocus()
    expected = np.mean([np.corrcoef(source.ravel(), sharp.ravel())[0, 1] for source in (a, b)])
    assert cc(sharp, a, b) == pytest.approx(expected, rel=1e-13)


def test_scd_against_numpy() -> None:
    a, b, _ = multifocus()
    fused = ((a.astype(int) + b) // 2).astype(np.uint8)
    F, A, B = (image.ravel().astype(float) for image in (fused, a, b))
    expected = np.corrcoef(F - B, A)[0, 1] + np.corrcoef(F - A, B)[0, 1]
    assert scd(fused, a, b) == pytest.approx(expected, rel=1e-13)


def test_signs_are_kept() -> None:
    image = picture()
    assert cc(255 - image, image, image) == pytest.approx(-1.0, rel=1e-14)
    a, b = picture(seed=2) // 2, picture(seed=3) // 2
    assert scd(a + b, a, b) == pytest.approx(2.0, rel=1e-14)
    black = np.zeros_like(a)
    assert scd(black, a, b) == pytest.approx(-2 * np.corrcoef(a.ravel(), b.ravel())[0, 1], rel=1e-12)


def test_scale_and_offset_do_not_matter() -> None:
    a, b, sharp = (image // 3 for image in multifocus())
    assert cc(2 * sharp + 20, a, b) == pytest.approx(cc(sharp, a, b), rel=1e-13)
    assert scd(2 * sharp + 20, 2 * a, 2 * b + 20) == pytest.approx(scd(sharp, a, b), rel=1e-13)


def test_constant_images() -> None:
    a, b, _ = multifocus()
    grey = np.full_like(a, 128)
    assert cc(grey, a, b) == 0.0
    assert cc(a, a, grey) == pytest.approx(0.5, rel=1e-14)
    for name in ("cc:tang", "cc:thfylsty"):
        with pytest.raises(UndefinedScore, match="a and fused: a constant"):
            create(name)(grey, a, b)


def test_a_fused_image_that_adds_nothing_to_a_source() -> None:
    a, b, _ = multifocus()
    assert scd(a, a, b) == pytest.approx(np.corrcoef(a.ravel() - b.ravel().astype(float), a.ravel())[0, 1], rel=1e-12)
    assert scd(a, a, a) == 0.0
    with pytest.raises(UndefinedScore, match="fused - a and b: a constant"):
        create("scd:tang")(a, a, b)


def test_rounding_is_no_difference() -> None:
    """0.1 + 0.2 is not 0.3 in floating point, but a difference that varies by so little is constant."""
    a = np.array([[0.1, 0.3], [0.7, 0.2]])
    assert np.ptp((a + 0.2) - a) > 0
    assert scd(a + 0.2, a, a, data_range=1.0) == 0.0
