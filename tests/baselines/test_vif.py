"""VIF: ramps by hand, a plain implementation, and pictures without information."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp
from scipy import signal

from fusion_metrics import UndefinedScore, create
from fusion_metrics.features.visual_information import MIN_SIZE, SCALES, scale_window
from tests.pictures import multifocus, picture

paper, tang = create("vif"), create("vif:tang")
RAMP = np.add.outer(np.arange(50), np.arange(45)).astype(np.uint8)


def ramp_variance(scale: int, slope: float) -> float:
    """Variance of a ramp, whose slope doubles from scale to scale, in any window: that of x plus that of y."""
    window = scale_window(scale)
    x = np.arange(window.size) - window.size // 2
    return 2 * (slope * 2 ** (scale - 1)) ** 2 * float(window.weights @ x**2)


def windows_of(scale: int, size: int) -> int:
    """How many windows of a scale fit, along one side."""
    for coarser in range(2, scale + 1):
        size = (size - scale_window(coarser).size + 2) // 2
    return size - scale_window(scale).size + 1


def plain(C: np.ndarray, D: np.ndarray) -> float:
    """VIF of one source by the equations, with two-dimensional convolutions."""
    C, D = C.astype(float), D.astype(float)
    kept = offered = 0.0
    for scale in SCALES:
        w = scale_window(scale).weights
        kernel = np.outer(w, w)
        if scale > 1:
            C, D = (signal.convolve2d(x, kernel, "valid")[::2, ::2] for x in (C, D))
        mu_C, mu_D, CC, DD, CD = (signal.convolve2d(x, kernel, "valid") for x in (C, D, C * C, D * D, C * D))
        CC, DD, CD = CC - mu_C**2, DD - mu_D**2, np.maximum(CD - mu_C * mu_D, 0.0)
        kept += np.log2(1 + (CD / CC) ** 2 * CC / (DD - CD**2 / CC + 2)).sum()
        offered += np.log2(1 + CC / 2).sum()
    return float(kept / offered)


def test_half_the_contrast_by_hand() -> None:
    """Gain 1/2 and no noise in every window."""
    kept = offered = 0.0
    for scale in SCALES:
        count = windows_of(scale, 50) * windows_of(scale, 45)
        kept += count * math.log(1 + ramp_variance(scale, 1.0) / 2)
        offered += count * math.log(1 + ramp_variance(scale, 2.0) / 2)
    assert paper(RAMP, 2 * RAMP, 2 * RAMP) == pytest.approx(kept / offered, rel=1e-9)
    assert tang(RAMP, 2 * RAMP, RAMP) == pytest.approx(kept / offered + 1, rel=1e-9)


def test_more_contrast_than_the_sources_have() -> None:
    assert paper(2 * RAMP, RAMP, RAMP) > 1.1


def test_plain_implementation() -> None:
    a, b, fused = multifocus((44, 51))
    assert tang(fused, a, b) == pytest.approx(plain(a, fused) + plain(b, fused), rel=1e-6)


def test_nothing_kept() -> None:
    scene = picture()
    assert paper(np.full_like(scene, 77), scene, scene) == 0.0
    assert paper(255 - scene, scene, scene) == 0.0


def test_flat_source() -> None:
    scene, flat = picture(), np.full((64, 64), 9, np.uint8)
    for sources in ((scene, flat), (flat, scene)):
        with pytest.raises(UndefinedScore, match="flat"):
            paper(scene, *sources)


def test_smallest_picture() -> None:
    scene = picture((MIN_SIZE, MIN_SIZE))
    assert paper(scene, scene, scene) == pytest.approx(1.0, rel=1e-9)
    with pytest.raises(UndefinedScore, match="41x41"):
        paper(*[picture((MIN_SIZE - 1, 60))] * 3)


@given(images=hnp.arrays(np.uint8, (2, 41, 41)))
def test_never_negative(images: np.ndarray) -> None:
    fused, source = images
    if source.min() < source.max():
        assert 0.0 <= paper(fused, source, source) < math.inf
