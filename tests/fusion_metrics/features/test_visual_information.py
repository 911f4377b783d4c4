"""Scales of a picture, and the channel between a source and the fused image."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import Image
from fusion_metrics.features.visual_information import MIN_SIZE, SCALES, at_scale, distortion_channel, scale_window
from tests.pictures import picture


def test_windows_of_the_scales() -> None:
    assert [scale_window(scale).size for scale in SCALES] == [17, 9, 5, 3]
    assert [scale_window(scale).sigma for scale in SCALES] == [3.4, 1.8, 1.0, 0.6]


def test_sizes_of_the_scales() -> None:
    image = Image(picture((MIN_SIZE, 100)))
    assert at_scale(image, scale=1) is image
    assert [at_scale(image, scale=scale).shape for scale in SCALES] == [(41, 100), (17, 46), (7, 21), (3, 10)]


def test_gain_and_noise() -> None:
    """D = C / 4 + V with V independent of C: the gain is near 1/4, the noise near the variance of V."""
    random = np.random.default_rng(5)
    C = random.integers(0, 256, (200, 200))
    V = random.integers(0, 50, (200, 200))
    channel = distortion_channel(Image(C.astype(np.uint8)), Image((C // 4 + V).astype(np.uint8)), scale=1)
    assert channel.gain.mean() == pytest.approx(0.25, abs=0.01)
    assert channel.noise.mean() == pytest.approx(V.var(), rel=0.05)
    assert channel.signal.mean() == pytest.approx(C.var(), rel=0.05)


def test_opposite_pictures_share_nothing() -> None:
    scene = picture()
    channel = distortion_channel(Image(scene), Image(255 - scene), scale=2)
    assert not channel.gain.any()
    assert not channel.kept(2.0).any()
    np.testing.assert_allclose(channel.noise, channel.signal, rtol=1e-6)
