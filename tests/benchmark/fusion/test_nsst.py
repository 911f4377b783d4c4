"""The shearlet transform: reconstruction, directions, shifts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.fusion.nsst import insst, nsst, shear_windows


@settings(max_examples=20, deadline=None)
@given(
    shape=st.tuples(st.integers(16, 50), st.integers(16, 50)),
    directions=st.lists(st.sampled_from([2, 4, 8, 16]), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
def test_reconstruction_is_perfect(shape, directions, seed) -> None:
    image = 255 * np.random.default_rng(seed).random(shape)
    np.testing.assert_allclose(insst(nsst(image, directions)), image, rtol=0, atol=1e-10)


@pytest.mark.parametrize("shape", [(32, 32), (31, 48), (64, 27)])
@pytest.mark.parametrize("count", [2, 8, 16])
def test_windows_sum_to_one_and_do_not_vanish(shape, count) -> None:
    windows = shear_windows(shape, count)
    np.testing.assert_allclose(windows.sum(axis=0), 1, rtol=0, atol=1e-12)
    assert windows.min() >= 0
    assert (windows.max(axis=(1, 2)) > 0.9).all()


def test_bands_are_coarse_to_fine_of_the_images_size_and_blind_to_a_constant() -> None:
    image = np.full((40, 31), 0.6)
    low, bands = nsst(image)
    assert [band.shape for band in bands] == [(8, 40, 31), (8, 40, 31), (16, 40, 31), (16, 40, 31)]
    np.testing.assert_allclose(low, image, rtol=0, atol=1e-12)
    for band in bands:
        np.testing.assert_allclose(band, 0, rtol=0, atol=1e-12)
    rows, _ = np.mgrid[:64, :64]
    energy = [float((band**2).sum()) for band in nsst(np.cos(np.pi * rows)).bands]
    assert energy[-1] == max(energy)


@pytest.mark.parametrize("direction", range(8))
def test_a_wave_lands_in_the_wedge_of_its_direction(direction) -> None:
    # Slopes of the centres of eight wedges: 0.25, 0.75, ..., 3.75; below 2 the column frequency is the larger one.
    slope = (direction + 0.5) / 2
    row, column = (slope - 1, 1.0) if slope < 2 else (1.0, 3 - slope)
    y, x = np.mgrid[:128, :128]
    wave = np.cos(2 * np.pi * (32 * row * y + 32 * column * x) / 128)
    energy = (nsst(wave, (8,)).bands[0] ** 2).sum(axis=(1, 2))
    assert energy.argmax() == direction
    assert energy[direction] > 0.99 * energy.sum()


def test_bands_shift_with_the_image() -> None:
    image = np.random.default_rng(1).random((33, 40))
    shifted = nsst(np.roll(image, (5, -7), axis=(0, 1)))
    for band, moved in zip(nsst(image).bands, shifted.bands, strict=True):
        np.testing.assert_allclose(moved, np.roll(band, (5, -7), axis=(1, 2)), rtol=0, atol=1e-12)
