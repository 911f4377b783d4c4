"""MEF-SSIM: every patch by its equations, patches that win or cancel, and contradiction."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.mef_ssim import WEIGHTS
from fusion_metrics import Image, UndefinedScore, create
from fusion_metrics.features.scales import pyramid
from fusion_metrics.features.windows import GAUSSIAN_11, SSIM_C2
from tests.pictures import multifocus, picture

paper, single = create("mef_ssim"), create("mef_ssim:single")
mefb, mefb_single = create("mef_ssim:mefb"), create("mef_ssim:mefb-single")


def by_patches(a: np.ndarray, b: np.ndarray, fused: np.ndarray) -> float:
    """One scale, patch by patch."""
    weights = np.outer(GAUSSIAN_11.weights, GAUSSIAN_11.weights)
    quality = []
    for row, column in np.ndindex(a.shape[0] - 10, a.shape[1] - 10):
        here = np.s_[row : row + 11, column : column + 11]
        x_A, x_B, f = (image[here].astype(float) for image in (a, b, fused))
        x_A, x_B = x_A - x_A.mean(), x_B - x_B.mean()
        c_A, c_B = np.linalg.norm(x_A), np.linalg.norm(x_B)
        p = min(np.tan(np.pi / 2 * min(np.linalg.norm(x_A + x_B) / (c_A + c_B), 1.0)), 10.0)
        s = c_A**p * x_A / c_A + c_B**p * x_B / c_B
        x = max(c_A, c_B) * s / np.linalg.norm(s)
        x, f = x - (weights * x).sum(), f - (weights * f).sum()
        sigma_x, sigma_f, sigma_xf = (weights * x * x).sum(), (weights * f * f).sum(), (weights * x * f).sum()
        quality.append((2 * sigma_xf + SSIM_C2) / (sigma_x + sigma_f + SSIM_C2))
    return float(np.mean(quality))


def test_patch_by_patch() -> None:
    a, b, fused = picture((15, 14), 1), picture((15, 14), 2), picture((15, 14), 3)
    assert single(fused, a, b) == pytest.approx(by_patches(a, b, fused), rel=1e-10)


def test_scales_are_multiplied() -> None:
    a, b, fused = multifocus((49, 52))
    product = 1.0
    for weight, images in zip(WEIGHTS, zip(*(pyramid(Image(x), 3) for x in (fused, a, b)), strict=True), strict=True):
        product *= single(*images) ** (weight / sum(WEIGHTS))
    assert paper(fused, a, b) == pytest.approx(product, rel=1e-12)


def test_the_only_source_with_detail_wins() -> None:
    scene, flat = picture(), np.full((64, 64), 200, np.uint8)
    assert paper(scene, scene, flat) == pytest.approx(1.0, abs=1e-12)
    assert paper(flat, scene, flat) < 0.1


def test_mean_luminance_is_not_looked_at() -> None:
    a, b, fused = (image // 2 for image in multifocus())
    assert paper(fused + 100, a, b) == pytest.approx(paper(fused, a, b), rel=1e-9)


def test_patches_that_cancel_are_best_fused_flat() -> None:
    scene = picture((24, 24))
    flat = np.full_like(scene, 128)
    assert single(flat, scene, 255 - scene) == pytest.approx(1.0, abs=1e-12)
    assert single(scene, scene, 255 - scene) < 0.5


def test_contradiction() -> None:
    """A negative mean has no fractional power; of a single scale it needs none."""
    scene = picture()
    assert single(255 - scene, scene, scene) < 0.0
    assert mefb_single(255 - scene, scene, scene) < 0.0
    assert paper(255 - scene, scene, scene) == 0.0
    with pytest.raises(UndefinedScore, match="fractional power"):
        mefb(255 - scene, scene, scene)


def test_the_program_s_constant_is_small() -> None:
    a, b, fused = multifocus()
    assert mefb(fused, a, b) == pytest.approx(paper(fused, a, b), abs=1e-5)
    assert mefb(fused, a, b) != paper(fused, a, b)
