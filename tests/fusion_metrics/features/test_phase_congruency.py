"""Phase congruency on edges, lines and corners, against a literal transcription of the equations, and flat images."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import fusion_metrics.features.log_gabor as module
from fusion_metrics import Image, UndefinedScore, strips
from fusion_metrics.features.log_gabor import KovesiSettings, log_gabor_bank
from fusion_metrics.features.phase_congruency import SAMPLE, _median, phase_congruency
from tests.pictures import picture


def step(low=0, high=200, size=64):
    pixels = np.full((size, size), low, np.uint8)
    pixels[:, size // 2 :] = high
    return pixels


def line(value=200, size=64):
    pixels = np.zeros((size, size), np.uint8)
    pixels[:, size // 2] = value
    return pixels


def square():
    pixels = np.full((64, 64), 20, np.uint8)
    pixels[16:48, 16:48] = 220
    return pixels


def literal(grey, scales=4, orientations=6):
    """Kovesi's equations one by one: whole filters, noise from the filters' impulse responses, phase deviations."""
    rows, columns = grey.shape
    v, u = np.meshgrid(np.fft.fftfreq(rows), np.fft.fftfreq(columns), indexing="ij")
    r, theta = np.hypot(u, v), np.arctan2(-v, u)
    with np.errstate(divide="ignore"):
        gabors = [np.exp(-(np.log(r * 3 * 2.1**s) ** 2) / (2 * np.log(0.55) ** 2)) for s in range(scales)]
    total_energy, total_amplitude, covariance = 0, 0, np.zeros((rows, columns, 2, 2))
    for angle in np.arange(orientations) * np.pi / orientations:
        away = np.abs(np.angle(np.exp(1j * (theta - angle))))
        window = np.exp(-(away**2) / (2 * (np.pi / orientations / 1.2) ** 2)) / (1 + (r / 0.45) ** 30)
        filters = [gabor * window for gabor in gabors]
        responses = np.array([np.fft.ifft2(np.fft.fft2(grey) * f) for f in filters])
        amplitudes = np.abs(responses)
        impulses = np.array([np.fft.ifft2(f).real for f in filters]) * np.sqrt(grey.size)
        power = np.median(amplitudes[0] ** 2) / np.log(2) / (filters[0] ** 2).sum()
        pairs = sum((impulses[i] * impulses[j]).sum() for i in range(scales) for j in range(i))
        tau = np.sqrt((2 * power * (impulses**2).sum() + 4 * power * pairs) / 2)
        noise = (tau * np.sqrt(np.pi / 2) + 2 * np.sqrt((2 - np.pi / 2) * tau**2)) / 1.7
        mean = responses.sum(axis=0)
        deviation = np.angle(responses) - np.angle(mean)
        # EPSILON shortens the mean direction a little.
        shortened = np.abs(mean) / (np.abs(mean) + 1e-4)
        energy = (amplitudes * (np.cos(deviation) - np.abs(np.sin(deviation)))).sum(axis=0) * shortened
        width = amplitudes.sum(axis=0) / (amplitudes.max(axis=0) + 1e-4) / scales
        energy = np.maximum(energy - noise, 0) / (1 + np.exp(10 * (0.5 - width)))
        total_energy += energy
        total_amplitude += amplitudes.sum(axis=0)
        vector = (energy / amplitudes.sum(axis=0))[..., None] * [np.cos(angle), np.sin(angle)]
        covariance += vector[..., :, None] * vector[..., None, :] / (orientations / 2)
    minimum, maximum = np.moveaxis(np.linalg.eigvalsh(covariance), -1, 0)
    return total_energy / (total_amplitude + 1e-4), maximum, minimum


@pytest.mark.parametrize("size", [(40, 48), (31, 37), (29, 32)])
def test_equations_one_by_one(size) -> None:
    pixels = picture(size, seed=5)
    for got, expected in zip(phase_congruency(Image(pixels)), literal(pixels.astype(float)), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-11)


def test_edges_and_lines_stand_out() -> None:
    edge = phase_congruency(Image(step())).congruency[20]
    assert edge[31:33].min() > 0.65  # of both sides of the step
    assert np.delete(edge, [0, 31, 32, 63]).max() < 0.2  # the picture is periodic: its borders are a step too
    ridge = phase_congruency(Image(line())).congruency[20]
    assert ridge.argmax() == 32
    assert ridge[32] > 0.8


def test_moments_tell_corners_from_edges() -> None:
    _, maximum, minimum = phase_congruency(Image(square()))
    corner, middle_of_edge = np.s_[14:18, 14:18], np.s_[32, 14:18]
    assert minimum[corner].max() > 4 * minimum[middle_of_edge].max()
    assert maximum[middle_of_edge].max() > 4 * minimum[middle_of_edge].max()


def test_orientations_turn_with_the_picture() -> None:
    pixels = picture((41, 41), seed=2)
    for upright, turned in zip(phase_congruency(Image(pixels)), phase_congruency(Image(np.rot90(pixels))), strict=True):
        np.testing.assert_allclose(np.rot90(upright), turned, atol=1e-10)


def test_contrast_brightness_and_polarity_do_not_matter() -> None:
    pixels = picture().astype(float) / 2
    reference, brighter, negative, fainter = (
        phase_congruency(Image(values, data_range=255.0)) for values in (pixels, pixels + 60, 255 - pixels, pixels / 8)
    )
    for k in range(3):
        np.testing.assert_allclose(brighter[k], reference[k], atol=1e-10)
        np.testing.assert_allclose(negative[k], reference[k], atol=1e-10)
        # Not exactly, because EPSILON weighs more where there is less amplitude.
        np.testing.assert_allclose(fainter[k], reference[k], atol=5e-3)


def test_noise_alone_has_little() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    congruency = phase_congruency(Image(noise)).congruency
    assert congruency.max() < 0.3
    assert congruency.mean() < 0.03


def test_editions_differ_where_they_should() -> None:
    toolbox = KovesiSettings(edition="liu2012")
    even, odd = Image(picture((32, 32))), Image(picture((33, 31)))
    np.testing.assert_allclose(phase_congruency(even, settings=toolbox)[0], phase_congruency(even)[0], atol=1e-14)
    assert np.abs(phase_congruency(odd, settings=toolbox)[0] - phase_congruency(odd)[0]).max() > 1e-3
    of_toolbox, published = (phase_congruency(even, settings=edition) for edition in (toolbox, KovesiSettings()))
    trace = published[1] + published[2]
    np.testing.assert_allclose(of_toolbox[1] + of_toolbox[2], trace, atol=1e-14)
    # A smaller cross term brings the two moments closer, but for the constant that is added to their difference.
    assert (of_toolbox[1] - of_toolbox[2] <= published[1] - published[2] + 1.01e-4).all()
    assert np.abs(of_toolbox[1] - published[1]).max() > 0.01


@pytest.mark.parametrize("level", [0, 77, 255])
@pytest.mark.parametrize("size", [(1, 1), (37, 64)])
def test_flat_images(level, size) -> None:
    flat = Image(np.full(size, level, np.uint8))
    assert all((part == 0).all() and part.shape == size for part in phase_congruency(flat))
    with pytest.raises(UndefinedScore, match="flat"):
        phase_congruency(flat, settings=KovesiSettings(edition="liu2012"))


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20))), st.sampled_from(["published", "liu2012"]))
def test_range_for_any_pixels(pixels, edition) -> None:
    if edition == "liu2012" and pixels.min() == pixels.max():
        return
    maps = phase_congruency(Image(pixels), settings=KovesiSettings(edition=edition))
    slack = 1e-12 if edition == "published" else 1e-4
    for part in maps:
        assert part.shape == pixels.shape
        assert part.dtype == np.float64
        assert part.min() >= -slack
        assert part.max() <= 1 + slack
    assert (maps.minimum_moment <= maps.maximum_moment).all()


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 9)))
def test_the_median_of_few_numbers_is_numpys(values: np.ndarray) -> None:
    assert _median(values) == np.median(values)


@pytest.mark.parametrize("size", [4999, 5000])
def test_the_median_is_numpys_where_a_sample_misleads(size: int) -> None:
    values = np.random.default_rng(0).random(size)
    assert _median(values) == np.median(values)
    values[:: size // SAMPLE | 1] = 0.0  # what the sample looks at
    assert _median(values) == np.median(values)
    assert _median(np.full(size, 3.0)) == 3.0


def test_phase_congruency_is_the_same_where_rows_have_a_gap_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = picture((40, 48))
    without = phase_congruency(Image(pixels))
    monkeypatch.setattr(module, "PAGE", 16)  # every row is a whole number of such pages
    for with_gap, of_one in zip(phase_congruency(Image(pixels)), without, strict=True):
        np.testing.assert_array_equal(with_gap, of_one)


@pytest.mark.parametrize("edition", ["published", "liu2012"])
@pytest.mark.parametrize("size", [(40, 48), (31, 37), (1, 9)])
def test_phase_congruency_is_the_same_in_strips_of_any_height(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], edition: Literal["published", "liu2012"]
) -> None:
    pixels = picture(size)
    found = []
    for pixels_a_strip in (1, 5 * size[1], 2**14):
        monkeypatch.setattr(strips, "PIXELS", pixels_a_strip)
        log_gabor_bank.cache_clear()
        found.append(phase_congruency(Image(pixels), settings=KovesiSettings(edition=edition)))
    for maps in zip(*found, strict=True):
        np.testing.assert_array_equal(maps[0], maps[1])
        np.testing.assert_array_equal(maps[1], maps[2])


@pytest.mark.parametrize("size", [(12, 10), (11, 9)])
def test_responses_are_those_of_an_inverse_transform_of_both_axes_to_the_last_bit(size: tuple[int, int]) -> None:
    pixels = picture(size)
    responses = module.Responses(pixels, KovesiSettings())
    bank = responses.bank
    rows = np.minimum(np.arange(size[0]), size[0] - np.arange(size[0]))
    expected = scipy.fft.ifft2(scipy.fft.fft2(pixels.astype(float)) * bank.radial[:, rows] * bank.spread[4])
    power = responses.turn(4)
    np.testing.assert_array_equal(responses.of(slice(0, size[0])), expected)
    np.testing.assert_array_equal(power, expected[0].real ** 2 + expected[0].imag ** 2)
