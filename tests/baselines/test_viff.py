"""VIFF: ramps by hand, which source counts, and what the program's constant makes of flat sources."""

from __future__ import annotations

import math

import numpy as np
import pytest

from baselines.viff import SIGMA_N_SQ, WEIGHTS
from fusion_metrics import UndefinedScore, create
from fusion_metrics.features.visual_information import SCALES, scale_window
from tests.pictures import multifocus, picture

paper, mefb, thfylsty = create("viff"), create("viff:mefb"), create("viff:thfylsty")
RAMP = np.add.outer(np.arange(50), np.arange(45)).astype(np.uint8)


def test_half_the_contrast_by_hand() -> None:
    """Of 2r and r, the fused image r has half the gain of the first: that one counts in every window."""
    total = 0.0
    for scale, weight in zip(SCALES, WEIGHTS, strict=True):
        window = scale_window(scale)
        x = np.arange(window.size) - window.size // 2
        variance = 2 * 4 ** (scale - 1) * float(window.weights @ x**2)
        total += weight * math.log(1 + variance / SIGMA_N_SQ) / math.log(1 + 4 * variance / SIGMA_N_SQ)
    assert sum(WEIGHTS) == pytest.approx(1.0, rel=1e-15)
    for sources in ((2 * RAMP, RAMP), (RAMP, 2 * RAMP)):
        assert paper(RAMP, *sources) == pytest.approx(total, rel=1e-9)


def test_the_program_s_constant_is_small() -> None:
    a, b, fused = multifocus()
    assert thfylsty(fused, a, b) == pytest.approx(paper(fused, a, b), rel=1e-5)
    assert thfylsty(fused, a, b) != paper(fused, a, b)


def test_order_of_the_sources() -> None:
    """Unlike both sources, the fused image has no gain anywhere: the program then takes the second source."""
    scene = picture()
    faint = scene // 4
    fused = 255 - scene
    assert paper(fused, scene, faint) == paper(fused, faint, scene) == 0.0
    second_strong, second_faint = thfylsty(fused, faint, scene), thfylsty(fused, scene, faint)
    assert 0.0 < second_strong < second_faint < 1e-4


def test_flat_source() -> None:
    """It has no gain, so it counts wherever the other one has some: nothing is kept of nothing."""
    scene, flat = RAMP, np.full_like(RAMP, 9)
    with pytest.raises(UndefinedScore, match="flat"):
        paper(scene, scene, flat)
    assert thfylsty(scene, scene, flat) == pytest.approx(1.0, rel=1e-12)
    assert paper(flat, scene, scene) == 0.0


def test_more_contrast_than_the_sources_have() -> None:
    assert paper(2 * RAMP, RAMP, RAMP) > 1.1


def test_channels_of_a_colour_picture() -> None:
    pictures = [[picture((44, 44), seed) for seed in (i, i + 1, i + 2)] for i in (1, 4, 7)]
    by_hand = np.mean([thfylsty(fused, a, b) for fused, a, b in zip(*pictures, strict=True)])
    assert mefb(*map(np.dstack, pictures)) == pytest.approx(by_hand, rel=1e-14)
