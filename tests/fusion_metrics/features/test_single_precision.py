"""Structural similarity in 32 bits against the same in 64, and against sums whose rounding is known."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import Image, UndefinedScore
from fusion_metrics.features.single_precision import averages, halved, similarity
from fusion_metrics.features.windows import GAUSSIAN_11, SSIM_C1, SSIM_C2, Window, ssim_map
from fusion_metrics.testing.pictures import multifocus


def test_with_the_usual_range_32_bits_are_enough() -> None:
    a, _, sharp = multifocus()
    single = similarity(a.astype(np.float32), sharp.astype(np.float32), window=GAUSSIAN_11, dynamic_range=255.0)
    double = ssim_map(Image(a), Image(sharp), window=GAUSSIAN_11, c1=SSIM_C1, c2=SSIM_C2)
    assert single.luminance.dtype == single.structure.dtype == np.float32
    assert single.mean == pytest.approx(float(double.mean()), rel=1e-5)


def test_every_term_of_a_chain_is_rounded_once() -> None:
    # Beyond 2^24 a float32 holds even numbers only: each window is 2^25 or a little more, in steps of 4.
    pixels = np.full((11, 11), 2.0**25 + 4.0, dtype=np.float32)
    (average,) = averages(pixels, GAUSSIAN_11).ravel()
    assert average % 4.0 == 0.0
    assert abs(average - pixels[0, 0]) <= 64.0


def test_a_sample_varies_more_than_its_mean_square() -> None:
    a, _, sharp = (pixels.astype(np.float32) for pixels in multifocus())
    whole, sample = (similarity(a, sharp, window=Window(7), dynamic_range=255.0, sample=s) for s in (False, True))
    np.testing.assert_array_equal(whole.luminance, sample.luminance)
    assert (whole.structure != sample.structure).any()


def test_an_odd_picture_is_halved_behind_zeros() -> None:
    np.testing.assert_array_equal(halved(np.full((3, 2), 8.0, dtype=np.float32)), [[4.0], [8.0]])


def test_a_window_must_fit() -> None:
    with pytest.raises(UndefinedScore, match="7x7 window does not fit"):
        averages(np.zeros((6, 9), dtype=np.float32), Window(7))
