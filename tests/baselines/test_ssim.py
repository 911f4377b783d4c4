"""SSIM: an independent implementation, flat pictures by hand, and what the scripts do otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage.metrics import structural_similarity

from fusion_metrics import create
from fusion_metrics.features.windows import SSIM_C1, SSIM_C2
from tests.pictures import multifocus, picture

paper, vifb, tang, tang_255 = (create(name) for name in ("ssim", "ssim:vifb", "ssim:tang", "ssim:tang-255"))


def other(x: np.ndarray, y: np.ndarray) -> float:
    """SSIM of another project, over windows inside the picture."""
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    return float(structural_similarity(x, y, **options))


def test_another_implementation() -> None:
    a, b, fused = multifocus((40, 53))
    expected = (other(a, fused) + other(b, fused)) / 2
    assert paper(fused, a, b) == pytest.approx(expected, rel=1e-12)
    assert vifb(fused, a, b) == pytest.approx(2 * expected, rel=1e-12)


def test_flat_pictures_by_hand() -> None:
    black, white = (np.full((12, 12), level, np.uint8) for level in (0, 255))
    of_black = SSIM_C1 / (255**2 + SSIM_C1)
    assert paper(white, black, white) == pytest.approx((of_black + 1) / 2, rel=1e-12)
    assert tang(white, black, white) == pytest.approx((1e-4 / (255**2 + 1e-4) + 1) / 2, rel=1e-12)


def test_windows_that_leave_the_picture() -> None:
    """The picture goes on with its border pixels, so that there is a window around each pixel."""
    a, b, fused = multifocus((24, 31))
    extended = [np.pad(image, 5, mode="edge") for image in (fused, a, b)]
    assert tang_255(fused, a, b) == pytest.approx(paper(*extended), rel=1e-12)
    radius = {"sigma": 1.5, "truncate": 5 / 1.5, "mode": "nearest"}
    mean = ndimage.gaussian_filter(fused.astype(float), **radius)
    variance = ndimage.gaussian_filter(fused.astype(float) ** 2, **radius) - mean**2
    flat = np.full_like(fused, 90)
    similarity = (180 * mean + SSIM_C1) / (90**2 + mean**2 + SSIM_C1) * SSIM_C2 / (variance + SSIM_C2)
    assert tang_255(fused, flat, flat) == pytest.approx(similarity.mean(), rel=1e-12)


def test_inverted_pictures_are_negative() -> None:
    scene = picture()
    assert -1.0 < paper(255 - scene, scene, scene) < 0.0


def test_channels_of_a_colour_picture() -> None:
    pictures = [[picture((20, 20), seed) for seed in (i, i + 1, i + 2)] for i in (1, 4, 7)]
    by_hand = np.mean([vifb(fused, a, b) for fused, a, b in zip(*pictures, strict=True)])
    assert vifb(*map(np.dstack, pictures)) == pytest.approx(by_hand, rel=1e-14)
