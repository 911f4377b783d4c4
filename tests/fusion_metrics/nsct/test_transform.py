"""The nonsubsampled contourlet transform: it reconstructs, its bands are what they are called, and what it refuses."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fusion_metrics import strips
from fusion_metrics.errors import InvalidImage
from fusion_metrics.nsct import BORDERS, DIRECTIONS, PYRAMIDS, insct, nsct, one_by_one, torus_shape
from fusion_metrics.nsct.directions import _CACHE
from fusion_metrics.nsct.subbands import Border
from tests.pictures import picture

SIZES = [(128, 128), (96, 130), (127, 131), (16, 16)]


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape)


def largest_error(one, other) -> float:
    return float(
        max(np.abs(p - q).max() for p, q in zip((one.low, *one.bands), (other.low, *other.bands), strict=True))
    )


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("shape", SIZES)
def test_reconstruction_is_exact(shape, border) -> None:
    image = noise(*shape)
    assert np.abs(insct(nsct(image, border=border)) - image).max() < 1e-10


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("directions", DIRECTIONS)
@pytest.mark.parametrize("pyramid", PYRAMIDS)
def test_every_pair_of_filters_reconstructs(pyramid, directions, border) -> None:
    image = noise(41, 36)
    subbands = nsct(image, (0, 1, 5), pyramid=pyramid, directions=directions, border=border)
    assert np.abs(insct(subbands) - image).max() < 1e-10


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 33), st.integers(1, 33)),
    levels=st.lists(st.integers(0, 4), max_size=4),
    border=st.sampled_from(BORDERS),
)
def test_any_size_and_any_levels(shape, levels, border) -> None:
    image = noise(*shape)
    subbands = nsct(image, levels, border=border)
    assert subbands.low.shape == shape
    assert [band.shape for band in subbands.bands] == [(2**level, *shape) for level in levels]
    assert np.abs(insct(subbands) - image).max() < 1e-10


def test_bands_shift_with_the_image() -> None:
    image = noise(48, 61)
    shifted = nsct(np.roll(image, (5, -9), axis=(0, 1)), border="periodic")
    still = nsct(image, border="periodic")
    for one, other in zip((shifted.low, *shifted.bands), (still.low, *still.bands), strict=True):
        np.testing.assert_allclose(one, np.roll(other, (5, -9), axis=(-2, -1)), atol=1e-11)


@pytest.mark.parametrize("border", BORDERS)
def test_constant_image_has_nothing_but_a_low_band(border) -> None:
    subbands = nsct(np.full((40, 37), 200), border=border)
    np.testing.assert_allclose(subbands.low, 200, rtol=1e-13)
    assert max(np.abs(band).max() for band in subbands.bands) < 1e-11


def test_linear() -> None:
    p, q = noise(30, 45), noise(30, 45, seed=1)
    both, one, other = nsct(2 * p - 3 * q), nsct(p), nsct(q)
    for z, x, y in zip((both.low, *both.bands), (one.low, *one.bands), (other.low, *other.bands), strict=True):
        np.testing.assert_allclose(z, 2 * x - 3 * y, atol=1e-10)


@pytest.mark.parametrize("border", BORDERS)
def test_colour_is_transformed_by_channel(border) -> None:
    image = noise(25, 34, 3)
    subbands = nsct(image, border=border)
    for channel in range(3):
        alone = nsct(image[..., channel], border=border)
        np.testing.assert_allclose(subbands.low[..., channel], alone.low, atol=1e-11)
        for band, grey in zip(subbands.bands, alone.bands, strict=True):
            np.testing.assert_allclose(band[..., channel], grey, atol=1e-11)
    assert np.abs(insct(subbands) - image).max() < 1e-10


def test_integer_pixels_are_taken_as_they_are() -> None:
    image = noise(20, 20).astype(np.uint8)
    assert largest_error(nsct(image), nsct(image.astype(float))) == 0


def test_symmetric_is_the_periodic_transform_of_the_mirrored_image() -> None:
    image = noise(40, 50)
    mirror_images = np.pad(image, ((0, 40), (0, 50)), mode="symmetric")
    mirrored, exact = nsct(image, (4, 5)), nsct(mirror_images, (4, 5), border="periodic")
    assert torus_shape((40, 50), 4, "symmetric") == (80, 100)  # small images are mirrored in full
    np.testing.assert_allclose(mirrored.low, exact.low[:40, :50], atol=1e-11)
    for band, whole in zip(mirrored.bands, exact.bands, strict=True):
        np.testing.assert_allclose(band, whole[:, :40, :50], atol=1e-11)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_margin_is_wide_enough(level) -> None:
    rows, columns = np.mgrid[:160, :170]
    image = 255.0 * ((rows // 9 + columns // 13) % 2)  # black and white, cut through at the borders
    assert torus_shape(image.shape, level, "symmetric") < (320, 340)
    exact = nsct(np.pad(image, ((0, 160), (0, 170)), mode="symmetric"), (level, level), border="periodic")
    for band, whole in zip(nsct(image, (level, level)).bands, exact.bands, strict=True):
        assert np.abs(band - whole[:, :160, :170]).max() < 0.01


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros(5), "shape"),
        (np.zeros((0, 4)), "shape"),
        (np.zeros((2, 2, 2, 2)), "shape"),
        (np.zeros((4, 4), complex), "complex128"),
        (np.array([["a"]]), "dtype"),
        (np.array([[1.0, np.nan]]), "finite"),
    ],
)
def test_invalid_images(image, message) -> None:
    with pytest.raises(InvalidImage, match=message):
        nsct(image)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"levels": (2, -1)}, "0 to 6"),
        ({"levels": (7,)}, "0 to 6"),
        ({"pyramid": "haar"}, "unknown pyramid 'haar'; known: maxflat"),
        ({"directions": "maxflat"}, "unknown directions"),
        ({"border": "zero"}, "unknown border"),
    ],
)
def test_unknown_settings(how, message) -> None:
    with pytest.raises(ValueError, match=message):
        nsct(np.zeros((8, 8)), **how)


def test_levels_are_integers() -> None:
    with pytest.raises(TypeError):
        nsct(np.zeros((8, 8)), (1.5,))


def test_importing_it_does_not_import_torch() -> None:
    code = "import sys, fusion_metrics.nsct; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("border", ["symmetric", "periodic", "toolbox"])
@pytest.mark.parametrize("levels", [(1, 0, 3), ()])
def test_one_by_one_bands_are_those_of_the_whole_from_fine_to_coarse(border: Border, levels: tuple[int, ...]) -> None:
    image = picture((31, 44)) / 255
    whole = nsct(image, levels, border=border)
    *bands, low = one_by_one(image, levels, border=border)
    np.testing.assert_array_equal(low, whole.low)
    expected = [band for level in reversed(whole.bands) for band in level]
    assert len(bands) == len(expected)
    for found, band in zip(bands, expected, strict=True):
        np.testing.assert_array_equal(found, band)


def test_the_transform_is_the_same_in_strips_of_any_height(monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture((31, 44)) / 255
    found = []
    for pixels in (1, 5 * 44, 2**14):
        monkeypatch.setattr(strips, "PIXELS", pixels)
        _CACHE.clear()
        found.append(nsct(image, (1, 3)).extended)
    for of_rows, of_five, at_once in zip(*found, strict=True):
        np.testing.assert_array_equal(of_rows, at_once)
        np.testing.assert_array_equal(of_five, at_once)
