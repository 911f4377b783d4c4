"""Q_Y: redundant and complementary windows, a literal loop, flat windows, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fusion_metrics import UndefinedScore, create


def noise(seed, shape=(12, 13)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def literal(a, b, f, threshold=0.75):
    """Q_Y by its definition and the number of redundant windows, for pictures without flat windows."""
    x = np.arange(-3, 4)
    w = np.outer(np.exp(-(x**2) / 4.5), np.exp(-(x**2) / 4.5)).ravel()
    w /= w.sum()

    def ssim(u, v):
        c, mean_u, mean_v = np.cov(u, v, aweights=w, ddof=0), w @ u, w @ v
        return 4 * c[0, 1] * mean_u * mean_v / ((c[0, 0] + c[1, 1]) * (mean_u**2 + mean_v**2))

    total, redundant = [], 0
    for i in range(a.shape[0] - 6):
        for j in range(a.shape[1] - 6):
            x, y, z = (picture[i : i + 7, j : j + 7].ravel().astype(float) for picture in (a, b, f))
            if ssim(x, y) >= threshold:
                s_x, s_y = (w @ (window - w @ window) ** 2 for window in (x, y))
                lam = s_x / (s_x + s_y)
                total.append(lam * ssim(x, z) + (1 - lam) * ssim(y, z))
                redundant += 1
            else:
                total.append(max(ssim(x, z), ssim(y, z)))
    return np.mean(total), redundant


@pytest.mark.parametrize("variant", ["yang", "yang:liu2012"])
def test_definition(variant) -> None:
    a = noise(1)
    b = np.where(np.arange(13) < 7, a // 2 + 60, noise(2)).astype(np.uint8)  # alike on the left, not on the right
    fused = a // 2 + b // 2
    value, redundant = literal(a, b, fused)
    assert 0 < redundant < 42, "the example must have both kinds of windows"
    assert create(variant)(fused, a, b) == pytest.approx(value, rel=1e-10)


def test_either_of_two_complementary_sources_is_enough() -> None:
    a, b = noise(3), 255 - noise(3)
    assert create("yang")(a, a, b) == 1
    assert create("yang")(b, a, b) == 1


def test_redundant_sources_must_both_be_kept() -> None:
    a = noise(4)
    b = a // 2 + 60
    assert literal(a, b, a)[1] == 42, "all windows are meant to be redundant"
    assert create("yang")(a, a, b) < 1
    assert create("yang", threshold=1.0)(a, a, b) == 1


@pytest.mark.parametrize("grey", [None, 0, 60, 255])
def test_equal_images_score_1_even_where_flat(grey) -> None:
    image = noise(5, (16, 16)) if grey is None else np.full((16, 16), grey, np.uint8)
    image[:9] = 40 if grey is None else grey
    assert create("yang")(image, image, image) == 1


def test_flat_sources_are_weighted_alike() -> None:
    """Grey levels 100 and 110 are redundant: lambda is one half, and only the means are compared."""
    a, b, fused = (np.full((7, 7), grey, np.uint8) for grey in (100, 110, 100))
    assert create("yang")(fused, a, b) == pytest.approx(0.5 + 0.5 * 2 * 100 * 110 / (100**2 + 110**2), rel=1e-14)


def test_flat_windows_have_no_value_in_the_toolbox() -> None:
    a, b, fused = noise(6, (16, 16)), noise(7, (16, 16)), noise(8, (16, 16))
    a[:8, :8] = 50
    assert create("yang:liu2012")(fused, a, b) == create("yang")(fused, a, b)
    b[:8, :8] = 90
    with pytest.raises(UndefinedScore, match="in 4 of 100 windows both sources are flat"):
        create("yang:liu2012")(fused, a, b)
    assert -1 < create("yang")(fused, a, b) < 1


def test_a_constant_fused_image_keeps_nothing() -> None:
    assert create("yang")(np.full((12, 13), 128, np.uint8), noise(1), noise(2)) == 0


def test_smallest_image() -> None:
    with pytest.raises(UndefinedScore, match="at least 7x7"):
        create("yang")(noise(1, (6, 9)), noise(2, (6, 9)), noise(3, (6, 9)))
    with pytest.raises(UndefinedScore, match="at least 11x11"):
        create("yang:liu2012")(noise(1, (9, 20)), noise(2, (9, 20)), noise(3, (9, 20)))


pictures = arrays(np.uint8, (12, 12), elements=st.sampled_from([0, 1, 128, 254, 255]))


@settings(deadline=None, max_examples=40)
@given(a=pictures, b=pictures, fused=pictures)
def test_bounded_and_symmetric_in_the_sources(a, b, fused) -> None:
    value = create("yang")(fused, a, b)
    assert -1 <= value <= 1
    assert create("yang")(fused, b, a) == pytest.approx(value, abs=1e-12)


def test_mefb_leaves_out_what_is_flat_in_both_sources() -> None:
    """Of ten rows of windows two are flat in both; without them the picture begins two rows further down."""
    a, b, fused = noise(6, (16, 16)), noise(7, (16, 16)), noise(8, (16, 16))
    a[:8], b[:8] = 50, 90
    below = create("yang:mefb")(fused[2:], a[2:], b[2:])
    assert create("yang:mefb")(fused, a, b) == pytest.approx(below, rel=1e-14)
    assert create("yang")(fused, a, b) != pytest.approx(below, rel=1e-3)
    with pytest.raises(UndefinedScore, match="in 100 of 100 windows"):
        create("yang:mefb")(fused, np.full_like(a, 50), np.full_like(a, 90))
