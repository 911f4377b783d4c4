"""FMI: the mean over windows, what the authors' program does otherwise, and the features it can take."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from fusion_metrics import create
from tests.pictures import multifocus, picture

paper, pixel = create("fmi"), create("fmi:haghighat-pixel")
FEATURES = ("pixel", "gradient", "edge", "dct", "wavelet")


def test_mean_of_both_sources() -> None:
    """Everything is kept of a source that equals the fused image, nothing of one without detail."""
    scene, flat = np.add.outer(np.arange(12) ** 2, np.arange(9)).astype(np.uint8), np.full((12, 9), 30, np.uint8)
    of_pixels = create("fmi", feature="pixel")
    assert of_pixels(scene, scene, flat) == pytest.approx(0.5, rel=1e-12)
    assert of_pixels(scene, 255 - scene, flat) < of_pixels(scene, scene // 2, flat) <= 0.5


@pytest.mark.parametrize("feature", FEATURES)
def test_features(feature: str) -> None:
    a, b, fused = multifocus((32, 40))
    metric = create("fmi", feature=feature)
    assert metric(fused, fused, fused) == 1.0
    assert 0.0 < metric(picture((32, 40), 9), a, b) < metric(fused, a, b) < 1.0


def test_program_goes_beyond_the_bound() -> None:
    """And scores higher for it."""
    a, b, _ = multifocus()
    fused = a // 2 + b // 2
    limited, unlimited = create("fmi", feature="pixel")(fused, a, b), pixel(fused, a, b)
    assert 1.001 < unlimited / limited < 1.03
    assert create("fmi", feature="pixel", largest_phi=math.inf)(fused, a, b) == pytest.approx(unlimited, rel=1e-12)


def test_single_peaks_in_the_program() -> None:
    """All images have the same peak; what is shared of it depends on grey levels and on the order."""
    peak = np.zeros((3, 3), np.uint8)
    peak[1, 1] = 1
    faint, strong = peak, 200 * peak
    assert create("fmi", feature="pixel")(faint, strong, faint) == 1.0
    assert pixel(strong, strong, strong) == 1.0
    assert pixel(strong, strong, faint) == 0.5
    # Not equal to the first source, the fused image is stretched to 0..1 before it meets the second one.
    assert pixel(strong, faint, strong) == 0.0
    assert pixel(strong, 2 * peak, faint) == 0.5
    # Flat windows count as equal, whatever their level.
    assert pixel(0 * peak, 0 * peak + 9, 0 * peak + 50) == 1.0


def test_window_size() -> None:
    a, b, fused = multifocus((20, 20))
    assert create("fmi", size=5)(fused, a, b) != paper(fused, a, b)
    assert create("fmi", size=1)(fused, a, b) == 1.0


def test_channels_of_a_colour_picture() -> None:
    mefb, edge = create("fmi:mefb"), create("fmi:haghighat")
    pictures = [[picture((20, 20), seed) for seed in (i, i + 1, i + 2)] for i in (1, 4, 7)]
    by_hand = np.mean([edge(fused, a, b) for fused, a, b in zip(*pictures, strict=True)])
    assert mefb(*map(np.dstack, pictures)) == pytest.approx(by_hand, rel=1e-14)


@given(images=hnp.arrays(np.uint8, (3, 5, 6)))
def test_exchanging_the_sources(images: np.ndarray) -> None:
    fused, a, b = images
    assert paper(fused, a, b) == pytest.approx(paper(fused, b, a), rel=1e-12, abs=1e-15)
