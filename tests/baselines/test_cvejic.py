"""Q_C: blocks worked by hand, a literal loop, the toolbox's clamped results, flat blocks, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fusion_metrics import UndefinedScore, create


def noise(seed, shape=(10, 13)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def stripes(first, second, axis):
    """A 4x4 block of two grey levels in alternating columns (axis 1) or rows (axis 0)."""
    block = np.full((4, 4), first, np.uint8)
    block[(slice(None),) * axis + (slice(1, 4, 2),)] = second
    return block


def q(c, mean_x, mean_y):
    return 4 * c[0, 1] * mean_x * mean_y / ((c[0, 0] + c[1, 1]) * (mean_x**2 + mean_y**2))


def literal_blocks(a, b, f):
    """Q_C by its definition in 4x4 blocks without a flat one."""
    total = []
    for i in range(0, a.shape[0] - 3, 4):
        for j in range(0, a.shape[1] - 3, 4):
            x, y, z = (picture[i : i + 4, j : j + 4].ravel().astype(float) for picture in (a, b, f))
            c_x, c_y = np.cov(x, z), np.cov(y, z)
            sim = min(max(c_x[0, 1] / (c_x[0, 1] + c_y[0, 1]), 0), 1)
            total.append(sim * q(c_x, x.mean(), z.mean()) + (1 - sim) * q(c_y, y.mean(), z.mean()))
    assert len(total) == 6
    return np.mean(total)


def literal_toolbox(a, b, f):
    """The toolbox's version: every 7x7 Gaussian window, results instead of weights set to 0 or 1."""
    x = np.arange(-3, 4)
    w = np.outer(np.exp(-(x**2) / 4.5), np.exp(-(x**2) / 4.5))
    w /= w.sum()
    total = []
    for i in range(a.shape[0] - 6):
        for j in range(a.shape[1] - 6):
            windows = [picture[i : i + 7, j : j + 7].ravel().astype(float) for picture in (a, b, f)]
            mean = [w.ravel() @ window for window in windows]
            c_x, c_y = (np.cov(windows[k], windows[2], aweights=w.ravel(), ddof=0) for k in (0, 1))
            ratio = c_x[0, 1] / (c_x[0, 1] + c_y[0, 1])
            inside = ratio * q(c_x, mean[0], mean[2]) + (1 - ratio) * q(c_y, mean[1], mean[2])
            total.append(0 if ratio < 0 else 1 if ratio > 1 else inside)
    return np.mean(total)


def test_one_block_by_hand() -> None:
    a, b, fused = stripes(0, 100, axis=1), stripes(20, 60, axis=1), stripes(25, 75, axis=1)
    # Means 50, 40, 50; variances 2500, 400, 625; covariances with the fused image 1250 and 500.
    q_a, q_b = 2 * 1250 / (2500 + 625), 2 * 40 * 50 / (40**2 + 50**2) * 2 * 500 / (400 + 625)
    assert create("cvejic")(fused, a, b) == pytest.approx(1250 / 1750 * q_a + 500 / 1750 * q_b, rel=1e-14)


def test_definition_and_incomplete_blocks() -> None:
    a, b = noise(1), noise(2)
    fused = a // 2 + b // 3 + noise(3) // 8
    assert create("cvejic")(fused, a, b) == pytest.approx(literal_blocks(a, b, fused), rel=1e-12)
    changed = fused.copy()
    changed[8:], changed[:, 12:] = 0, 0
    assert create("cvejic")(changed, a, b) == create("cvejic")(fused, a, b)


def test_the_toolbox_sets_results_where_the_weight_leaves_0_to_1() -> None:
    a, b, fused = noise(4, (12, 13)), noise(5, (12, 13)), noise(6, (12, 13))
    assert create("cvejic:liu2012")(fused, a, b) == pytest.approx(literal_toolbox(a, b, fused), rel=1e-10)


@pytest.mark.parametrize(("sign", "expected"), [(1, 1), (-1, 0)])
def test_weight_outside_0_to_1(sign, expected) -> None:
    """Covariances 3 : -1 give the weight 1.5, -1 : 3 give -0.5: the source that varies with the fused image counts."""
    a, b = stripes(100 - 30, 100 + 30, axis=1), stripes(100 + 10, 100 - 10, axis=1)
    sources = (a, b)[::sign]
    fused = stripes(100 - 50, 100 + 50, axis=1)
    q_a = 2 * 30 * 50 / (30**2 + 50**2)
    assert create("cvejic")(fused, *sources) == pytest.approx(q_a, rel=1e-14)
    large = [np.tile(picture, (3, 3)) for picture in (fused, *sources)]
    assert create("cvejic:liu2012")(*large) == expected


@pytest.mark.parametrize("grey", [None, 0, 60, 255])
def test_equal_images_score_1_even_where_flat(grey) -> None:
    image = noise(7, (16, 16)) if grey is None else np.full((16, 16), grey, np.uint8)
    image[:4] = 40 if grey is None else grey
    assert create("cvejic")(image, image, image) == 1


def test_flat_windows_have_no_value_in_the_toolbox() -> None:
    a, b, fused = noise(8, (16, 16)), noise(9, (16, 16)), noise(10, (16, 16))
    assert -1 < create("cvejic:liu2012")(fused, a, b) < 1
    fused[:8, :8] = 50
    with pytest.raises(UndefinedScore, match="in 4 of 100 windows"):
        create("cvejic:liu2012")(fused, a, b)
    assert -1 < create("cvejic")(fused, a, b) < 1


def test_cancelling_covariances_prefer_neither_source() -> None:
    a, b, fused = stripes(70, 130, axis=1), stripes(130, 70, axis=1), stripes(50, 150, axis=1)
    assert create("cvejic")(fused, a, b) == 0


def test_a_constant_fused_image_keeps_nothing() -> None:
    assert create("cvejic")(np.full((10, 13), 128, np.uint8), noise(1), noise(2)) == 0


def test_smallest_image() -> None:
    with pytest.raises(UndefinedScore, match="at least 4x4"):
        create("cvejic")(noise(1, (3, 9)), noise(2, (3, 9)), noise(3, (3, 9)))
    with pytest.raises(UndefinedScore, match="at least 11x11"):
        create("cvejic:liu2012")(noise(1, (9, 20)), noise(2, (9, 20)), noise(3, (9, 20)))


pictures = arrays(np.uint8, (12, 12), elements=st.sampled_from([0, 1, 128, 254, 255]))


@settings(deadline=None, max_examples=40)
@given(a=pictures, b=pictures, fused=pictures)
def test_bounded_and_symmetric_in_the_sources(a, b, fused) -> None:
    value = create("cvejic")(fused, a, b)
    assert -1 <= value <= 1
    assert create("cvejic")(fused, b, a) == pytest.approx(value, abs=1e-12)


@settings(deadline=None, max_examples=20)
@given(a=pictures, b=pictures, fused=arrays(np.uint8, (12, 12)))
def test_the_toolbox_stays_within_the_bounds(a, b, fused) -> None:
    try:
        assert -1 <= create("cvejic:liu2012")(fused, a, b) <= 1
    except UndefinedScore as error:
        assert "windows" in str(error)


def test_mefb_leaves_out_windows_without_a_value() -> None:
    """Of the fused image's ten rows of windows two are flat; without them the picture begins two rows further down."""
    a, b, fused = noise(8, (16, 16)), noise(9, (16, 16)), noise(10, (16, 16))
    fused[:8] = 50
    expected = literal_toolbox(a[2:], b[2:], fused[2:])
    assert create("cvejic:mefb")(fused, a, b) == pytest.approx(expected, rel=1e-10)
    with pytest.raises(UndefinedScore, match="in 100 of 100 windows"):
        create("cvejic:mefb")(np.full_like(a, 50), a, b)
