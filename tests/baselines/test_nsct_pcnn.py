from __future__ import annotations

import numpy as np
import pytest

from baselines.nsct_pcnn import Network
from fusion_metrics import create
from fusion_metrics.nsct import nsct
from fusion_metrics.pcnn import simplified_pcnn, spatial_frequency
from tests.pictures import picture


def test_spatial_frequency_by_hand() -> None:
    band = np.zeros((1, 5, 5))
    band[0, 2, 2] = 3.0
    # Squared differences of 9 lie at the pixel itself (twice: down and across), one below and one to the right.
    expected = np.zeros((5, 5))
    for row, column, squares in [(2, 2, 18), (3, 2, 9), (2, 3, 9)]:
        expected[row - 1 : row + 2, column - 1 : column + 2] += squares / 9
    np.testing.assert_allclose(spatial_frequency(band)[0], np.sqrt(expected), atol=1e-15)


def test_it_is_the_mean_firing_time_of_low_and_high_bands() -> None:
    image = picture((40, 48))
    subbands = nsct(image / 255, (1, 2))
    low = simplified_pcnn(subbands.low).mean() / 200
    high = np.mean(
        [simplified_pcnn(spatial_frequency(band[None])).mean() for level in subbands.bands for band in level]
    )
    found = create("nsct_pcnn", levels=(1, 2), weight=0.3)(image)
    assert found == pytest.approx(0.3 * low + 0.7 * high / 200, rel=1e-12)
    assert create("nsct_pcnn:large", levels=(1, 2))(image) > create("nsct_pcnn", levels=(1, 2))(image)
    assert create("nsct_pcnn", levels=(1,), stimulus="magnitude")(image) != create("nsct_pcnn", levels=(1,))(image)


@pytest.mark.parametrize("level", [0, 77, 255])
def test_in_a_flat_picture_nothing_fires(level: int) -> None:
    assert create("nsct_pcnn")(np.full((33, 40), level, np.uint8)) == 0.0


@pytest.mark.parametrize("level", [0, 1 / 3])
def test_rounding_errors_do_not_make_a_flat_background_fire(level: float) -> None:
    """In a sub-band, far from all edges, coefficients are equal up to rounding: whichever way that falls."""
    image = np.full((96, 96), level)
    image[8:24, 8:24] = picture((16, 16)) / 255
    noisy = image + np.random.default_rng(0).uniform(-1e-14, 1e-14, image.shape).clip(-image, None)
    metric = create("nsct_pcnn", levels=(1,), network=Network(iterations=30))
    assert metric(noisy, data_range=1.0) == metric(image, data_range=1.0)


def test_contrast_does_not_matter() -> None:
    """Each sub-band is stretched to 0..1 before it drives its network."""
    image = picture((48, 48)) / 255
    half = create("nsct_pcnn")(0.25 + image / 2, data_range=1.0)
    assert half == pytest.approx(create("nsct_pcnn")(image, data_range=1.0), abs=2e-4)
