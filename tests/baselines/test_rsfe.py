"""rSFe: worked values, its sign, and what happens without detail."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from baselines.rsfe import reference_spatial_frequency, spatial_frequency
from fusion_metrics import Image, UndefinedScore, create
from tests.pictures import crossed_waves, multifocus, picture

rsfe = create("rsfe")


def test_crossed_waves() -> None:
    """Values of an independent implementation of the published formulas (2025, eight digits)."""
    a, b, fused = map(Image, crossed_waves())
    assert spatial_frequency(fused) == pytest.approx(37.051334, abs=5e-7)
    assert reference_spatial_frequency(a, b) == pytest.approx(68.814434, abs=5e-7)
    assert rsfe(fused, a, b) == pytest.approx(37.051334 / 68.814434 - 1, abs=2e-8)


def test_spatial_frequency_by_hand() -> None:
    """Horizontal 3 and 4, vertical 4 and 3, main diagonal 0, secondary diagonal 1."""
    image = Image(np.array([[0, 3], [4, 0]], dtype=np.uint8))
    assert spatial_frequency(image) == pytest.approx(math.sqrt((25 + 25 + 1 / math.sqrt(2)) / 4), rel=1e-15)


def test_reference_takes_the_larger_difference_of_both() -> None:
    down = Image(np.array([[0, 0], [9, 9]], dtype=np.uint8))
    across = Image(np.array([[0, 5], [0, 5]], dtype=np.uint8))
    squares = 2 * 25 + 2 * 81 + (81 + 81) / math.sqrt(2)
    assert reference_spatial_frequency(down, across) == pytest.approx(math.sqrt(squares / 4), rel=1e-15)


def test_sign_and_orientation() -> None:
    a, b, sharp = multifocus()
    soft = picture() // 4
    over = np.where(np.indices(sharp.shape).sum(axis=0) % 2, 255, 0).astype(np.uint8)
    assert rsfe(soft, a, b) < 0 < rsfe(over, a, b)
    assert rsfe.spec.orient(-0.25) == rsfe.spec.orient(0.25) == -0.25
    assert rsfe.spec.arrow == "→0"


@given(a=hnp.arrays(np.uint8, (5, 6)), b=hnp.arrays(np.uint8, (5, 6)))
def test_fusing_by_mean_never_gains_detail(a: np.ndarray, b: np.ndarray) -> None:
    mean = (a.astype(float) + b) / 2
    if np.ptp(a) or np.ptp(b):
        assert -1.0 <= rsfe(mean, a.astype(float), b.astype(float), data_range=255.0) <= 1e-12


def test_without_detail() -> None:
    a, b, _ = multifocus()
    grey = np.full_like(a, 128)
    assert rsfe(grey, a, b) == -1.0
    with pytest.raises(UndefinedScore, match="constant"):
        rsfe(a, grey, grey // 2)
    with pytest.raises(UndefinedScore, match="constant"):
        rsfe(a[:1, :1], a[:1, :1], b[:1, :1])
