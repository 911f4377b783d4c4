from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from fusion_metrics import strips
from fusion_metrics.errors import InvalidImage
from fusion_metrics.nsct import (
    BORDERS,
    DIRECTIONS,
    PYRAMIDS,
    insct,
    mosaic,
    nsct,
    one_by_one,
    torus_shape,
    wedge_angles,
    wedge_responses,
)
from fusion_metrics.nsct.directions import _CACHE, _Cache
from fusion_metrics.nsct.subbands import Border
from tests.pictures import picture

SHARED_GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
SIZES = [(128, 128), (96, 130), (127, 131), (16, 16)]


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape)


def largest_error(one, other) -> float:
    return float(
        max(np.abs(p - q).max() for p, q in zip((one.low, *one.bands), (other.low, *other.bands), strict=True))
    )


# --- reconstruction ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("shape", SIZES)
def test_reconstruction_is_exact(shape, border):
    image = noise(*shape)
    assert np.abs(insct(nsct(image, border=border)) - image).max() < 1e-10


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("directions", DIRECTIONS)
@pytest.mark.parametrize("pyramid", PYRAMIDS)
def test_every_pair_of_filters_reconstructs(pyramid, directions, border):
    image = noise(41, 36)
    subbands = nsct(image, (0, 1, 5), pyramid=pyramid, directions=directions, border=border)
    assert np.abs(insct(subbands) - image).max() < 1e-10


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 33), st.integers(1, 33)),
    levels=st.lists(st.integers(0, 4), max_size=4),
    border=st.sampled_from(BORDERS),
)
def test_any_size_and_any_levels(shape, levels, border):
    image = noise(*shape)
    subbands = nsct(image, levels, border=border)
    assert subbands.low.shape == shape
    assert [band.shape for band in subbands.bands] == [(2**level, *shape) for level in levels]
    assert np.abs(insct(subbands) - image).max() < 1e-10


# --- what the bands are -----------------------------------------------------------------------------------------------


def test_bands_shift_with_the_image():
    image = noise(48, 61)
    shifted = nsct(np.roll(image, (5, -9), axis=(0, 1)), border="periodic")
    still = nsct(image, border="periodic")
    for one, other in zip((shifted.low, *shifted.bands), (still.low, *still.bands), strict=True):
        np.testing.assert_allclose(one, np.roll(other, (5, -9), axis=(-2, -1)), atol=1e-11)


@pytest.mark.parametrize("border", BORDERS)
def test_constant_image_has_nothing_but_a_low_band(border):
    subbands = nsct(np.full((40, 37), 200), border=border)
    np.testing.assert_allclose(subbands.low, 200, rtol=1e-13)
    assert max(np.abs(band).max() for band in subbands.bands) < 1e-11


def test_linear():
    p, q = noise(30, 45), noise(30, 45, seed=1)
    both, one, other = nsct(2 * p - 3 * q), nsct(p), nsct(q)
    for z, x, y in zip((both.low, *both.bands), (one.low, *one.bands), (other.low, *other.bands), strict=True):
        np.testing.assert_allclose(z, 2 * x - 3 * y, atol=1e-10)


@pytest.mark.parametrize("border", BORDERS)
def test_colour_is_transformed_by_channel(border):
    image = noise(25, 34, 3)
    subbands = nsct(image, border=border)
    for channel in range(3):
        alone = nsct(image[..., channel], border=border)
        np.testing.assert_allclose(subbands.low[..., channel], alone.low, atol=1e-11)
        for band, grey in zip(subbands.bands, alone.bands, strict=True):
            np.testing.assert_allclose(band[..., channel], grey, atol=1e-11)
    assert np.abs(insct(subbands) - image).max() < 1e-10


def test_integer_pixels_are_taken_as_they_are():
    image = noise(20, 20).astype(np.uint8)
    assert largest_error(nsct(image), nsct(image.astype(float))) == 0


def test_symmetric_is_the_periodic_transform_of_the_mirrored_image():
    image = noise(40, 50)
    mirror_images = np.pad(image, ((0, 40), (0, 50)), mode="symmetric")
    mirrored, exact = nsct(image, (4, 5)), nsct(mirror_images, (4, 5), border="periodic")
    assert torus_shape((40, 50), 4, "symmetric") == (80, 100)  # small images are mirrored in full
    np.testing.assert_allclose(mirrored.low, exact.low[:40, :50], atol=1e-11)
    for band, whole in zip(mirrored.bands, exact.bands, strict=True):
        np.testing.assert_allclose(band, whole[:, :40, :50], atol=1e-11)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_margin_is_wide_enough(level):
    rows, columns = np.mgrid[:160, :170]
    image = 255.0 * ((rows // 9 + columns // 13) % 2)  # black and white, cut through at the borders
    assert torus_shape(image.shape, level, "symmetric") < (320, 340)
    exact = nsct(np.pad(image, ((0, 160), (0, 170)), mode="symmetric"), (level, level), border="periodic")
    for band, whole in zip(nsct(image, (level, level)).bands, exact.bands, strict=True):
        assert np.abs(band - whole[:, :160, :170]).max() < 0.01


# --- directions -------------------------------------------------------------------------------------------------------


def sinusoid(angle: float, n: int = 128) -> np.ndarray:
    """Return a wave of 0.7 pi along an angle from the column axis towards the row axis, rounded to a period of n."""
    b, a = np.round(0.35 * n * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]))
    rows, columns = np.mgrid[:n, :n]
    return np.cos(2 * np.pi * (a * rows + b * columns) / n)


def loudest(image: np.ndarray, level: int, **how: str) -> int:
    return int((nsct(image, (level,), **how).bands[0] ** 2).sum(axis=(1, 2)).argmax())


@pytest.mark.parametrize("border", ["symmetric", "periodic"])
@pytest.mark.parametrize(
    ("level", "directions"),
    # Not 32 directions of pkva: its softer transition at the diagonals is wider than the wedges there.
    [*((level, name) for level in (1, 2, 3, 4) for name in DIRECTIONS), (5, "dmaxflat7")],
)
def test_a_wave_lights_up_the_band_of_its_angle(level, directions, border):
    found = [loudest(sinusoid(angle), level, directions=directions, border=border) for angle in wedge_angles(level)]
    assert found == list(range(2**level))


def test_angles_are_equal_steps_of_slope():
    assert wedge_angles(1).tolist() == [0, 90]
    angles = wedge_angles(4)
    np.testing.assert_allclose(np.tan(np.radians(angles[:8])), np.arange(7, -8, -2) / 8)
    np.testing.assert_allclose(1 / np.tan(np.radians(angles[8:])), np.arange(7, -8, -2) / 8)
    with pytest.raises(ValueError, match="level 0"):
        wedge_angles(0)


def in_own_wedge(level: int, *, toolbox: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return for each response the wedge that holds most of its energy, and the share of it."""
    n, half = 255, 2 ** (level - 1)
    a, b = np.meshgrid(np.fft.fftfreq(n), np.fft.rfftfreq(n), indexing="ij")
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(abs(a) <= abs(b), a / b, b / a)
    step = np.floor((1 - np.nan_to_num(slope)) / 2 * half).clip(0, half - 1).astype(int)
    wedge = step + half * (abs(a) > abs(b))
    energies = [
        np.bincount(wedge.ravel(), (response**2).ravel(), 2**level)
        for response in wedge_responses((n, n), level, "dmaxflat7", toolbox=toolbox)
    ]
    return np.argmax(energies, axis=1), np.max(energies, axis=1) / np.sum(energies, axis=1)


def test_sixteen_wedges_hold_their_energy_and_the_toolbox_ones_do_not():
    wedges, share = in_own_wedge(4, toolbox=False)
    assert wedges.tolist() == list(range(16))
    assert share.min() > 0.59
    wedges, share = in_own_wedge(4, toolbox=True)
    assert wedges.tolist() == [k ^ 1 for k in range(16)]  # neighbours swapped in pairs
    assert share.max() < 0.57
    wedges, _ = in_own_wedge(5, toolbox=True)
    assert len(set(wedges.tolist())) < 32  # at 32 directions some wedges have no band of their own


@pytest.mark.parametrize("level", [1, 2, 3])
def test_both_arrangements_are_one_up_to_eight_directions(level):
    ours, toolbox = (wedge_responses((20, 21), level, "dmaxflat7", toolbox=flag) for flag in (False, True))
    np.testing.assert_allclose(ours, toolbox, atol=1e-13)


@pytest.mark.parametrize("synthesis", [False, True])
@pytest.mark.parametrize("toolbox", [False, True])
def test_responses_are_even_on_the_columns_that_a_real_fft_shares(toolbox, synthesis):
    responses = wedge_responses((12, 14), 4, "dmaxflat7", toolbox=toolbox, synthesis=synthesis)
    for column in (0, -1):  # frequency 0 and Nyquist
        shared = responses[:, :, column]
        np.testing.assert_allclose(shared[:, 1:], shared[:, :0:-1], atol=1e-12)


# --- filters ----------------------------------------------------------------------------------------------------------


def kernel(response: np.ndarray, n: int) -> tuple[np.ndarray, int]:
    """Return the zero-phase kernel of a response on an n x n real FFT, and the side of its support."""
    taps = np.fft.fftshift(np.fft.irfft2(response, s=(n, n)))
    return taps, 2 * int(np.abs(np.argwhere(np.abs(taps) > 1e-13) - n // 2).max()) + 1


@pytest.mark.parametrize(
    ("pyramid", "sides", "corner", "centre"),
    [
        # Corner and centre of the low-pass kernel as the toolbox's `atrousfilters` lists them (suxh19/nsct_toolbox
        # 8c8fa2d); it has no number for 9-7 that could be had.
        ("maxflat", (13, 19), -7.900496718847182e-07, 0.3177420190660832),
        ("pyr", (5, 7), -0.003236043456039806, 0.3406092167691145),
        ("9-7", (9, 7), None, None),
    ],
)
def test_pyramid_kernels(pyramid, sides, corner, centre):
    n = 63
    impulse = np.zeros((n, n))
    impulse[n // 2, n // 2] = 1
    subbands = nsct(impulse, (0,), pyramid=pyramid, border="periodic")
    for band, side in zip((subbands.low, subbands.bands[0][0]), sides, strict=True):
        assert kernel(np.fft.rfft2(np.fft.ifftshift(band)), n)[1] == side
    if corner is not None:
        edge = n // 2 - sides[0] // 2
        assert subbands.low[edge, edge] == pytest.approx(corner, rel=1e-8)
        assert subbands.low[n // 2, n // 2] == pytest.approx(centre, rel=1e-14)


@pytest.mark.parametrize(
    ("directions", "sides"),
    [("dmaxflat7", (29, 39)), ("pkva", (23, 45))],  # dmaxflat7 high: 43, of which the outermost taps are below 1e-13
)
def test_fan_kernels_have_the_support_of_the_published_filters(directions, sides):
    responses = wedge_responses((63, 63), 1, directions)
    assert tuple(kernel(response, 63)[1] for response in responses) == sides


def test_toolbox_mode_has_the_toolbox_numbers():
    if not SHARED_GOLDEN.is_dir():
        pytest.skip("the toolbox's output and its images are not part of the repository")
    with (SHARED_GOLDEN / "values.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["script"] == "nsct" and "PR" not in row["metric"]]
    assert len(rows) == 144
    computed = {}
    for row in rows:
        levels = tuple(map(int, re.findall(r"\d+", row["parameters"].split("]")[0])))
        key = row["triple"], levels
        if key not in computed:
            with PillowImage.open(SHARED_GOLDEN / "images" / f"{row['triple']}.png") as file:
                computed[key] = nsct(np.asarray(file, dtype=float), levels, border="toolbox")
        subbands, expected = computed[key], float(row["value"])
        found = re.fullmatch(r"NSCT_(lowpass|band\{(\d+)\}\{(\d+)\})_?(sum|energy|\((\d+);(\d+)\))", row["metric"])
        assert found, row["metric"]
        band = subbands.low if found[1] == "lowpass" else subbands.bands[int(found[2]) - 2][int(found[3]) - 1]
        if found[4] == "sum":
            assert band.sum() == pytest.approx(expected, rel=1e-12)
        elif found[4] == "energy":
            assert (band**2).sum() == pytest.approx(expected, rel=1e-12)
        else:
            assert band[int(found[5]) - 1, int(found[6]) - 1] == pytest.approx(expected, abs=1e-12)


# --- editing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("border", BORDERS)
def test_replacing_nothing_changes_nothing(border):
    image = noise(150, 20, 3)
    subbands = nsct(image, border=border)
    again = subbands.replace(low=subbands.low.copy(), bands=[band.copy() for band in subbands.bands])
    assert np.abs(insct(again) - image).max() < 1e-10


@pytest.mark.parametrize("border", BORDERS)
def test_replace_takes_the_new_values(border):
    subbands = nsct(noise(60, 45), (1, 2), border=border)
    new = subbands.replace(low=subbands.low + 1, bands=[-3 * band for band in subbands.bands])
    np.testing.assert_allclose(new.low, subbands.low + 1)
    for band, old in zip(new.bands, subbands.bands, strict=True):
        np.testing.assert_allclose(band, -3 * old, atol=1e-12)
    np.testing.assert_allclose(insct(subbands.replace(low=subbands.low + 1)), insct(subbands) + 1, atol=1e-11)


def test_combine_fuses_in_the_margin_too():
    p, q = noise(200, 40), noise(200, 40, seed=1)
    fused = nsct(p).combine(nsct(q), low=lambda x, y: (x + y) / 2, bands=lambda x, y: (x + y) / 2)
    np.testing.assert_allclose(insct(fused), (p + q) / 2, atol=1e-10)


def test_editing_refuses_what_does_not_fit():
    subbands = nsct(noise(20, 20), (1, 2))
    with pytest.raises(ValueError, match="2 levels, got 1"):
        subbands.replace(bands=subbands.bands[:1])
    with pytest.raises(ValueError, match=r"shape \(20, 20\), got \(20, 19\)"):
        subbands.replace(low=subbands.low[:, 1:])
    with pytest.raises(ValueError, match="same shape, levels, filters and border"):
        subbands.combine(nsct(noise(20, 20), (2, 1)), low=np.maximum, bands=np.maximum)
    with pytest.raises(ValueError, match="read-only"):
        subbands.bands[0][0, 0, 0] = 1
    assert repr(subbands) == "Subbands(low=(20, 20), bands=[(2, 20, 20), (4, 20, 20)], border='symmetric')"


# --- input, cache, picture --------------------------------------------------------------------------------------------


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
def test_invalid_images(image, message):
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
def test_unknown_settings(how, message):
    with pytest.raises(ValueError, match=message):
        nsct(np.zeros((8, 8)), **how)


def test_levels_are_integers():
    with pytest.raises(TypeError):
        nsct(np.zeros((8, 8)), (1.5,))


def test_cache_is_bounded_and_keeps_what_was_used_last():
    size = 2 * 8 * 5 * 8  # bytes of two responses on an 8 x 8 half plane
    cache = _Cache(limit=3 * size)
    first = cache.get(((8, 8), 1, "dmaxflat7", False, False))
    assert cache.get(((8, 8), 1, "dmaxflat7", False, False)) is first
    assert first.nbytes == size
    assert not first.flags.writeable
    for synthesis, name in ((True, "dmaxflat7"), (False, "pkva")):
        cache.get(((8, 8), 1, name, synthesis, False))
    assert cache.get(((8, 8), 1, "dmaxflat7", False, False)) is first
    cache.get(((8, 8), 1, "pkva", True, False))  # a fourth one: the oldest, not the first, has to go
    assert cache.get(((8, 8), 1, "dmaxflat7", False, False)) is first
    assert len(cache._entries) == 3


@pytest.mark.parametrize("channels", [(), (3,)])
def test_mosaic(channels):
    picture = mosaic(nsct(noise(20, 30, *channels), (2, 3, 4)))
    assert picture.shape == (5 * 22 - 2, 8 * 32 - 2, *channels)  # low, 4, 8 and twice 8 tiles
    assert picture.min() == 0
    assert picture.max() == 1
    assert (picture[20:22] == 1).all()
    flat = mosaic(nsct(np.zeros((6, 6)), (1,)), columns=1)
    assert set(np.unique(flat)) == {0.5, 1.0}
    with pytest.raises(ValueError, match="at least 1 column"):
        mosaic(nsct(np.zeros((6, 6)), (1,)), columns=0)


def test_importing_it_does_not_import_torch():
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
