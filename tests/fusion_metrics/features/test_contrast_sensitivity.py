"""Contrast sensitivity: peaks, its sampling on the Fourier grid, gratings that pass by their sensitivity, regions."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import Image, UndefinedScore
from fusion_metrics.features.contrast_sensitivity import (
    DIFFERENCE_OF_GAUSSIANS,
    MANNOS_SAKRISON,
    MannosSakrison,
    frequency_response,
    regions,
    stretched_image,
    visible,
)
from tests.pictures import picture

BOTH = pytest.mark.parametrize("sensitivity", [MANNOS_SAKRISON, DIFFERENCE_OF_GAUSSIANS], ids=["mannos", "dog"])


def test_peaks() -> None:
    frequency = np.linspace(0, 60, 600_001)
    eight = MANNOS_SAKRISON(frequency)
    assert frequency[eight.argmax()] == pytest.approx(7.891, abs=1e-3)
    assert eight.max() == pytest.approx(0.981, abs=1e-3)
    # x = scale * frequency alone decides, so that the peak moves with the inverse of the scale.
    assert frequency[MannosSakrison(0.144)(frequency).argmax()] == pytest.approx(7.891 * 0.114 / 0.144, abs=1e-3)
    # S'(r) = 0 at r^2 = ln(a f0^2 / f1^2) / (1/f1^2 - 1/f0^2).
    f0, f1, a = DIFFERENCE_OF_GAUSSIANS
    peak = np.sqrt(np.log(a * f0**2 / f1**2) / (f1**-2 - f0**-2))
    assert frequency[DIFFERENCE_OF_GAUSSIANS(frequency).argmax()] == pytest.approx(peak, abs=1e-3)


def test_what_passes_of_the_mean() -> None:
    assert MANNOS_SAKRISON(np.array(0.0)) == pytest.approx(2.6 * 0.0192, rel=1e-15)
    assert DIFFERENCE_OF_GAUSSIANS(np.array(0.0)) == pytest.approx(1 - 0.7622, rel=1e-15)


@BOTH
@pytest.mark.parametrize("shape", [(6, 8), (7, 9), (6, 9), (7, 8)])
def test_response_is_half_of_the_radial_plane(sensitivity, shape) -> None:
    pitch = (0.02, 0.03)
    down, across = (np.fft.fftfreq(n, d) for n, d in zip(shape, pitch, strict=True))
    plane = sensitivity(np.sqrt(down[:, None] ** 2 + across[None, :] ** 2))
    np.testing.assert_allclose(frequency_response(shape, sensitivity, pitch), plane[:, : shape[1] // 2 + 1], rtol=1e-14)


@BOTH
@pytest.mark.parametrize("size", [(64, 64), (63, 45)])
def test_a_grating_keeps_the_amplitude_of_its_sensitivity(sensitivity, size) -> None:
    cycles_down, cycles_across, degrees = 5, 12, 4.0
    i, j = np.mgrid[: size[0], : size[1]]
    wave = np.cos(2 * np.pi * (cycles_down * i / size[0] + cycles_across * j / size[1]))
    got = visible(Image(128 + 100 * wave, data_range=255.0), sensitivity=sensitivity, degrees=degrees)
    at_wave, at_zero = sensitivity(np.array([13.0 / degrees, 0.0]))  # 13 = hypot(5, 12)
    np.testing.assert_allclose(got, 128 * at_zero + 100 * at_wave * wave, atol=1e-11)


@BOTH
def test_each_region_is_filtered_by_itself(sensitivity) -> None:
    pixels = picture((40, 48))
    got = visible(Image(pixels), sensitivity=sensitivity, degrees=5.0, region=8)
    assert got.shape == (40, 48)
    # A region of 8 of the 40 rows fills a fifth of the angle down, and a sixth across.
    part = np.ascontiguousarray(pixels[16:24, 40:48]).astype(float)
    response = frequency_response((8, 8), sensitivity, (5.0 / 40, 5.0 / 48))
    expected = np.fft.irfft2(np.fft.rfft2(part) * response, s=(8, 8))
    np.testing.assert_allclose(got[16:24, 40:48], expected, atol=1e-12)


def test_regions_are_filled_up_with_zeros() -> None:
    cut = regions(np.arange(15.0).reshape(3, 5), 4)
    assert cut.shape == (1, 4, 2, 4)
    np.testing.assert_array_equal(cut[0, :, 1, :], [[4, 0, 0, 0], [9, 0, 0, 0], [14, 0, 0, 0], [0, 0, 0, 0]])
    filtered = visible(Image(picture((17, 33))), sensitivity=MANNOS_SAKRISON, degrees=4.0, region=16)
    assert filtered.shape == (32, 48)


def test_stretched_image_has_the_full_range() -> None:
    stretched = stretched_image(Image(np.array([[10, 11], [12, 14]], np.uint8)))
    np.testing.assert_array_equal(stretched.pixels, [[0, 64], [128, 255]])  # 63.75 and 127.5 round up
    black = stretched_image(Image(np.zeros((2, 2), np.uint8)))
    assert not black.pixels.any()
    with pytest.raises(UndefinedScore, match="constant"):
        stretched_image(Image(np.full((2, 2), 7, np.uint8)))
