"""Q_CV: values by hand, weights of regions, where the toolbox leaves the paper, flat and black images, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from baselines.qcv import CHEN2007
from fusion_metrics import UndefinedScore, create
from tests.pictures import multifocus, picture

#: What the contrast sensitivity of Mannos and Sakrison passes of a constant difference.
S_0 = 2.6 * 0.0192


def steps(left, right):
    """Two regions side by side, 16x32, each with one vertical step of the given height in its middle."""
    row = np.concatenate([np.zeros(8), np.full(16, left), np.full(8, left + right)])
    return np.tile(row, (16, 1)).astype(np.uint8)


def test_equal_images() -> None:
    a, _, _ = multifocus()
    for variant in ("qcv", "qcv:liu2012"):
        assert create(variant)(a, a, a) == 0.0


@pytest.mark.parametrize("whole", [False, True])
def test_constant_difference_by_hand(whole) -> None:
    a = picture((32, 48)) // 2
    value = create("qcv", model=CHEN2007._replace(region_by_region=not whole))(a + 10, a, a)
    assert value == pytest.approx((10 * S_0) ** 2, rel=1e-10)


def test_weights_of_regions_by_hand() -> None:
    source = steps(20, 40)
    fused = source + np.repeat(np.array([5, 3], np.uint8), 16)
    # The right step is twice as high: with alpha = 5 its region weighs 32 times as much, with alpha = 1 twice.
    left, right = (5 * S_0) ** 2, (3 * S_0) ** 2
    assert create("qcv")(fused, source, source) == pytest.approx((left + 32 * right) / 33, rel=1e-10)
    assert create("qcv", model=CHEN2007._replace(alpha=1.0))(fused, source, source) == pytest.approx(
        (left + 2 * right) / 3, rel=1e-10
    )


def test_weights_of_sources_by_hand() -> None:
    a, b, fused = steps(20, 20), steps(40, 40), steps(20, 20) + np.uint8(4)
    b_alone = create("qcv")(fused, b, b)
    assert create("qcv")(fused, a, b) == pytest.approx(((4 * S_0) ** 2 + 32 * b_alone) / 33, rel=1e-10)


def test_only_the_toolbox_lets_a_difference_leave_its_region() -> None:
    """The source has edges in the left region alone, the fused image differs in the right one alone."""
    source, fused = steps(100, 0), steps(100, 0)
    fused[:, 20:28] += 50
    assert create("qcv")(fused, source, source) == 0.0
    assert create("qcv", model=CHEN2007._replace(region_by_region=False))(fused, source, source) > 0


def test_only_the_toolbox_takes_the_border_for_an_edge() -> None:
    """Where all sources are flat there is no edge, so that weights matter only if the border is one."""
    flat, fused = np.full((32, 32), 100, np.uint8), picture((32, 32))
    with pytest.raises(UndefinedScore, match="neither source"):
        create("qcv")(fused, flat, flat)
    assert create("qcv", model=CHEN2007._replace(border="constant"))(fused, flat, flat) > 0


def test_incomplete_regions_are_filled_up_with_zeros() -> None:
    a = picture((16, 16)) // 2
    wide = np.pad(a, ((0, 0), (0, 8)), mode="edge")
    value = create("qcv", model=CHEN2007._replace(alpha=0.0, degrees=4.0))(wide + 10, wide, wide)
    # With alpha = 0 every pixel weighs the same: 256 of the whole region, 128 of the half one.
    half = np.zeros((16, 16))
    half[:, :8] = 10
    down, across = np.fft.fftfreq(16, 4 / 16), np.fft.fftfreq(16, 4 / 24)
    x = 0.114 * np.hypot(down[:, None], across)
    filtered = np.fft.ifft2(np.fft.fft2(half) * 2.6 * (0.0192 + x) * np.exp(-(x**1.1)))
    expected = (256 * (10 * S_0) ** 2 + 128 * (filtered.real**2).mean()) / 384
    assert value == pytest.approx(expected, rel=1e-10)


def test_flat_images() -> None:
    a, b, _ = multifocus()
    grey, black = np.full_like(a, 128), np.zeros_like(a)
    assert create("qcv")(grey, grey, grey) == 0.0
    assert create("qcv")(grey + 7, grey, grey) == pytest.approx((7 * S_0) ** 2, rel=1e-10)
    assert create("qcv")(grey, a, b) > create("qcv")(a // 2 + b // 2, a, b)
    with pytest.raises(UndefinedScore, match="constant"):
        create("qcv:liu2012")(grey, a, b)
    assert create("qcv:liu2012")(black, a, b) > 0


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.just(3), st.integers(1, 40), st.integers(1, 40))))
def test_bounds_and_exchange_of_sources(images) -> None:
    fused, a, b = images
    for variant in ("qcv", "qcv:liu2012"):
        try:
            score = create(variant)(fused, a, b)
        except UndefinedScore:
            continue
        assert score >= 0
        assert create(variant)(fused, b, a) == pytest.approx(score, rel=1e-12)
        if variant == "qcv":  # one region gets no more than the whole range times the largest sensitivity
            assert score <= (0.981 * 255) ** 2
