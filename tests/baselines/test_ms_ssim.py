"""MS-SSIM: flat pictures by hand, a plain implementation, contradiction, and what Tang's scripts call by its name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from baselines.ms_ssim import WEIGHTS
from fusion_metrics import UndefinedScore, create
from fusion_metrics.features.windows import GAUSSIAN_11, SSIM_C1, SSIM_C2
from tests.pictures import multifocus, picture

paper, tang = create("ms_ssim"), create("ms_ssim:tang")


def plain(x: np.ndarray, y: np.ndarray) -> float:
    """MS-SSIM of two pictures by the equations, one convolution at a time."""
    kernel = np.outer(GAUSSIAN_11.weights, GAUSSIAN_11.weights)
    x, y = x.astype(float), y.astype(float)
    product = 1.0
    for scale, beta in enumerate(WEIGHTS):
        if scale:
            x, y = (signal.convolve2d(z, np.ones((2, 2)) / 4, "full", "symm")[1::2, 1::2] for z in (x, y))
        mu_x, mu_y, xx, yy, xy = (signal.convolve2d(z, kernel, "valid") for z in (x, y, x * x, y * y, x * y))
        cs = (2 * (xy - mu_x * mu_y) + SSIM_C2) / (xx - mu_x**2 + yy - mu_y**2 + SSIM_C2)
        if scale == len(WEIGHTS) - 1:
            cs = cs * (2 * mu_x * mu_y + SSIM_C1) / (mu_x**2 + mu_y**2 + SSIM_C1)
        product *= cs.mean() ** beta
    return float(product)


def test_plain_implementation() -> None:
    a, b, fused = multifocus((163, 178))
    assert paper(fused, a, b) == pytest.approx((plain(a, fused) + plain(b, fused)) / 2, rel=1e-10)


def test_flat_pictures_by_hand() -> None:
    """Only the luminance of the coarsest scale tells them apart."""
    dark, bright = (np.full((161, 161), level, np.uint8) for level in (40, 80))
    luminance = (2 * 40 * 80 + SSIM_C1) / (40**2 + 80**2 + SSIM_C1)
    assert paper(dark, bright, bright) == pytest.approx(luminance ** WEIGHTS[-1], rel=1e-12)


def test_contradiction_is_zero() -> None:
    scene = picture((161, 161))
    assert paper(255 - scene, scene, scene) == 0.0
    assert 0.0 < paper(255 - scene, scene, 255 - scene) == pytest.approx(0.5, rel=1e-12)


def test_the_coarsest_window_must_fit() -> None:
    small = picture((160, 200))
    with pytest.raises(UndefinedScore, match="161x161"):
        paper(small, small, small)


def test_tang_means_another_metric() -> None:
    a, b, fused = multifocus()
    assert tang(fused, a, b) == create("mef_ssim:mefb")(fused, a, b)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), levels=st.integers(1, 256))
def test_bounds(seed: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    a, b, fused = random.integers(0, levels, (3, 161, 161), dtype=np.uint8)
    assert 0.0 <= paper(fused, a, b) <= 1.0
