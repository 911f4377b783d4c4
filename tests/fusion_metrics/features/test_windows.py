"""Local statistics against a literal double loop, scikit-image and Octave's SSIM; flat windows; the memory."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.metrics import structural_similarity

from fusion_metrics import Image, UndefinedScore
from fusion_metrics.features.windows import (
    GAUSSIAN_7,
    GAUSSIAN_11,
    SSIM_C1,
    SSIM_C2,
    UNIFORM_8,
    Window,
    local_covariance,
    local_mean,
    local_variance,
    share,
    ssim_map,
    variance_share,
    weighted_mean,
)

GOLDEN = Path(__file__).parents[4] / "shared" / "golden"
WINDOWS = [UNIFORM_8, GAUSSIAN_7, Window(4, step=4), Window(5, 1.0, step=3)]


def noise(seed, shape=(13, 11)):
    return Image(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


def literal(a, b, window):
    """Mean of a, variance of a and covariance of a and b, by definition."""
    weights = np.outer(window.weights, window.weights)
    height, width = a.shape
    rows = range(0, height - window.size + 1, window.step)
    columns = range(0, width - window.size + 1, window.step)
    mean, variance, covariance = (np.zeros((len(rows), len(columns))) for _ in range(3))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            x = a[row : row + window.size, column : column + window.size]
            y = b[row : row + window.size, column : column + window.size]
            mean[i, j] = (weights * x).sum()
            variance[i, j] = (weights * (x - mean[i, j]) ** 2).sum()
            covariance[i, j] = (weights * (x - mean[i, j]) * (y - (weights * y).sum())).sum()
    return mean, variance, covariance


@pytest.mark.parametrize("window", WINDOWS)
def test_statistics_are_those_of_the_definition(window) -> None:
    a, b = noise(1), noise(2)
    mean, variance, covariance = literal(a.luminance, b.luminance, window)
    np.testing.assert_allclose(local_mean(a, window=window), mean, rtol=1e-12)
    np.testing.assert_allclose(local_variance(a, window=window), variance, rtol=1e-10)
    np.testing.assert_allclose(local_covariance(a, b, window=window), covariance, rtol=1e-9, atol=1e-9)
    assert window.weights.sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("window", [UNIFORM_8, Window(4, step=4)])
def test_windows_whose_size_is_a_power_of_two_are_exact_for_8_bit_pictures(window) -> None:
    a, b = noise(3, (64, 64)), noise(4, (64, 64))
    n = window.size**2
    block_a, block_b = (x.pixels[: window.size, : window.size].astype(int) for x in (a, b))
    exact = (n * (block_a * block_b).sum() - block_a.sum() * block_b.sum()) / n**2
    assert local_covariance(a, b, window=window)[0, 0] == exact


def test_ssim_agrees_with_scikit_image() -> None:
    a, b = noise(5, (40, 33)), noise(6, (40, 33))
    settings_of_wang = {"data_range": 255, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    _, theirs = structural_similarity(a.luminance, b.luminance, full=True, **settings_of_wang)
    ours = ssim_map(a, b, window=GAUSSIAN_11, c1=SSIM_C1, c2=SSIM_C2)
    np.testing.assert_allclose(ours, theirs[5:-5, 5:-5], rtol=1e-9)

    _, theirs = structural_similarity(
        a.luminance, b.luminance, win_size=7, data_range=255, use_sample_covariance=False, K1=0, K2=0, full=True
    )
    np.testing.assert_allclose(ssim_map(a, b, window=Window(7)), theirs[3:-3, 3:-3], rtol=1e-8, atol=1e-12)


def test_ssim_agrees_with_wangs_script_in_octave() -> None:
    if not GOLDEN.is_dir():
        pytest.skip("the golden values are not part of the repository")
    with (GOLDEN / "triples.csv").open() as file:
        triples = {row["triple"]: row for row in csv.DictReader(file)}
    with (GOLDEN / "values.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["metric"] in ("SSIM_AF", "SSIM_BF")]
    assert len(rows) == 26
    for row in rows:
        source = triples[row["triple"]]["source_a" if row["metric"] == "SSIM_AF" else "source_b"]
        pair = [Image.open(GOLDEN / name) for name in (source, triples[row["triple"]]["fused"])]
        ours = ssim_map(*pair, window=GAUSSIAN_11, c1=SSIM_C1, c2=SSIM_C2).mean()
        assert ours == pytest.approx(float(row["value"]), rel=1e-11), row["triple"]


@pytest.mark.parametrize("window", [*WINDOWS, GAUSSIAN_11])
def test_flat_windows_have_exactly_no_variance(window) -> None:
    textured = noise(7, (12, 12))
    for grey in range(256):
        flat = Image(np.full((12, 12), grey, np.uint8))
        assert not local_variance(flat, window=window).any()
        assert not local_covariance(textured, flat, window=window).any()


def test_the_least_variation_of_an_8_bit_picture_is_no_rounding_error() -> None:
    corner = np.full((11, 11), 255, np.uint8)
    corner[0, 0] = 254
    weight = GAUSSIAN_11.weights[0] ** 2
    assert local_variance(Image(corner), window=GAUSSIAN_11).item() == pytest.approx(weight * (1 - weight), rel=1e-3)


@pytest.mark.parametrize(("grey_a", "grey_b", "quality"), [(0, 0, 1), (90, 90, 1), (0, 50, 0), (50, 100, 0.8)])
def test_flat_windows_are_compared_by_their_means(grey_a, grey_b, quality) -> None:
    a, b = (Image(np.full((8, 8), grey, np.uint8)) for grey in (grey_a, grey_b))
    assert ssim_map(a, b, window=UNIFORM_8).item() == pytest.approx(quality, abs=1e-15)


def test_a_flat_and_a_varying_window_have_nothing_in_common() -> None:
    assert ssim_map(noise(8, (8, 8)), Image(np.full((8, 8), 77, np.uint8)), window=UNIFORM_8).item() == 0


pictures = arrays(np.uint8, (12, 12), elements=st.sampled_from([0, 1, 2, 128, 254, 255]))
float_pictures = arrays(np.float64, (12, 12), elements=st.floats(0, 1))


@settings(deadline=None, max_examples=60)
@given(a=pictures, b=pictures | float_pictures, window=st.sampled_from([*WINDOWS, GAUSSIAN_11]))
def test_ssim_is_symmetric_bounded_and_1_for_equal_pictures(a, b, window) -> None:
    image_a, image_b = Image(a), Image(b, data_range=255 if b.dtype == np.uint8 else 1)
    quality = ssim_map(image_a, image_b, window=window)
    assert np.isfinite(quality).all()
    assert (np.abs(quality) <= 1).all()
    np.testing.assert_array_equal(quality, ssim_map(image_b, image_a, window=window))
    np.testing.assert_allclose(ssim_map(image_b, Image(image_b.pixels, data_range=255), window=window), 1, rtol=1e-12)


def test_statistics_are_remembered_per_window() -> None:
    a, fused = noise(9), noise(10)
    assert local_variance(a, window=UNIFORM_8) is local_variance(a, window=Window(8))
    assert local_variance(a, window=UNIFORM_8) is not local_variance(a, window=Window(8, 1.5))
    assert ssim_map(a, fused, window=UNIFORM_8) is ssim_map(a, fused, window=UNIFORM_8)
    assert not any("covariance" in key[0].__name__ for key in a.memo), "what involves the fused image goes with it"


def test_a_window_that_does_not_fit_is_said_to() -> None:
    with pytest.raises(UndefinedScore, match="11x11 window does not fit"):
        local_mean(noise(11, (20, 10)), window=GAUSSIAN_11)


def test_share_and_variance_share() -> None:
    np.testing.assert_array_equal(share(np.array([3.0, 0, 3, -1]), np.array([1.0, 0, -1, 1])), [0.75, 0.5, 1.5, 0.5])
    textured, flat = noise(12), Image(np.full((13, 11), 9, np.uint8))
    assert (variance_share(textured, flat, window=UNIFORM_8) == 1).all()
    assert (variance_share(flat, flat, window=UNIFORM_8) == 0.5).all()


def test_weighted_mean_without_weights_is_defined_only_for_equal_values() -> None:
    assert weighted_mean(np.array([1.0, 4.0]), np.array([2.0, 1.0])) == 2
    assert weighted_mean(np.array([0.3, 0.3]), np.zeros(2)) == 0.3
    with pytest.raises(UndefinedScore, match="neither source"):
        weighted_mean(np.array([0.3, 0.4]), np.zeros(2))


def test_how_flat_is_flat() -> None:
    """A window of less variance than the limit counts as flat, and has no covariance with anything."""
    faint = np.full((11, 11), 100.0)
    faint[0, 0] += 0.05
    image, other = Image(faint, data_range=255.0), noise(3, (11, 11))
    (variance,), (covariance,) = (
        local_variance(image, window=GAUSSIAN_11),
        local_covariance(image, other, window=GAUSSIAN_11),
    )
    assert 1e-9 < variance < 1e-7
    assert covariance != 0.0
    assert local_variance(image, window=GAUSSIAN_11, flat=1e-7) == 0.0
    assert local_covariance(image, other, window=GAUSSIAN_11, flat=1e-7) == 0.0
