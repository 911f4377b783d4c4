"""The simulated eye sees colours as CIELAB has them, and the observer finds lesions where there are some."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from benchmark.databases.phantom import draw_pair
from benchmark.databases.phantom.readers.explained import LocalModel
from benchmark.databases.phantom.readers.eye import PIXELS_PER_DEGREE, perceive
from benchmark.databases.phantom.readers.observer import LesionObserver
from benchmark.fusion import fuse
from tests.phantoms import CT, HEALTHY, PET, SPECT, T1T2, blocks, fused, needs_anatomy, reading, rendered


def test_lightness_is_that_of_cielab() -> None:
    seen = perceive(np.full((32, 32, 3), 119, np.uint8))  # sRGB 119 is L* = 50.03
    np.testing.assert_allclose(seen[0], 50.03, atol=0.02)
    np.testing.assert_allclose(seen[1:], 0, atol=0.02)
    np.testing.assert_allclose(perceive(np.full((32, 32), 119, np.uint8)), seen, atol=0.02)


def test_fine_colour_is_blurred_more_than_fine_lightness() -> None:
    stripes = (np.arange(64) % 4 < 2)[None, :, None]

    def modulation(one: list[int], other: list[int], channel: int) -> float:
        """Contrast of fine stripes relative to that of large fields."""
        seen = perceive(np.where(stripes, np.uint8(one), np.uint8(other)).repeat(64, 0))[channel, :, 16:48]
        fields = [perceive(np.full((8, 8, 3), colour, np.uint8))[channel].mean() for colour in (one, other)]
        return float(np.ptp(seen) / abs(fields[0] - fields[1]))

    assert modulation([150] * 3, [90] * 3, channel=0) > 0.85
    assert modulation([180, 90, 110], [90, 130, 110], channel=1) < 0.7


def test_slowly_changing_mixtures_are_explained_and_patchworks_are_not() -> None:
    rng = np.random.default_rng(3)
    sources = 50 + 15 * ndimage.gaussian_filter(rng.standard_normal((2, 96, 96)), (0, 2, 2)) * 7
    slow = np.linspace(0, 1, 96)[:, None]
    patches = blocks(rng.random((96, 96)), 8) > 0.5
    model = LocalModel(sources)
    smooth = model.residual((slow * sources[0] + (1 - slow) * sources[1])[None])
    chosen = model.residual(np.where(patches, *sources)[None])
    assert smooth.std() < 0.1 * sources.std()
    assert chosen.std() > 0.3 * sources.std()


def test_unit_of_internal_noise() -> None:
    """A square of one degree and one Delta E is at d' = 1, less what passes for a change of the whole background."""
    absent = np.zeros((3, 128, 128))
    present = absent.copy()
    side = int(PIXELS_PER_DEGREE)
    present[0, 48 : 48 + side, 48 : 48 + side] = 1
    rows = np.indices((128, 128))[:1] / 128
    head = np.ones((128, 128))
    observer = LesionObserver((present, absent), (absent, absent), rows, head, head)
    assert observer.offered == pytest.approx((0.95,), abs=0.05)
    noise_free = observer.detect(present * 5, np.zeros_like(present))
    assert noise_free[0] == pytest.approx(np.sqrt((5 * observer.offered[0]) ** 2 - 1), rel=1e-6)


def test_clutter_hides_the_lesion() -> None:
    absent = np.zeros((3, 64, 64))
    present = absent.copy()
    present[0, 28:36, 28:36] = 10
    head = np.ones((64, 64))
    observer = LesionObserver((present, absent), (absent, absent), np.indices((64, 64))[:1] / 64, head, head)
    noise = np.random.default_rng(0).standard_normal(present.shape)
    noise[1:] = 0
    d = [observer.detect(present, scale * noise)[0] for scale in (0, 10, 40)]
    assert d[0] > d[1] > d[2]


@needs_anatomy
def test_one_image_tells_what_two_would() -> None:
    """d' from one fused image against d' from the exact difference of images fused with and without the lesion."""
    one, two = [], []
    for index in (SPECT, PET, CT, 8, 28):
        pair, well = rendered(index), rendered(index, lesion=False)
        for algorithm in ("laplacian", "average", "gff"):
            seen = perceive(fuse(pair.a, pair.b, algorithm))
            signal = seen - perceive(fuse(well.a, well.b, algorithm))
            residual = reading(index)._model.residual(seen)
            one += reading(index)._observer.detect(seen, residual)
            two += reading(index)._observer.detect(signal, residual)
    assert np.corrcoef(one, two)[0, 1] > 0.97


@needs_anatomy
@pytest.mark.parametrize("index", [SPECT, PET, CT, T1T2, 8])
def test_without_the_lesion_detectability_is_near_chance(index) -> None:
    well = rendered(index, lesion=False)
    absent = reading(index).judge(fuse(well.a, well.b, "laplacian")).lesion
    present = reading(index).judge(fused(index)).lesion
    assert present > 0.35
    assert absent < 0.25
    assert absent < present / 3


@needs_anatomy
def test_no_lesion_no_detectability() -> None:
    assert draw_pair("phantom", HEALTHY).lesion is None
    assert reading(HEALTHY).judge(fused(HEALTHY)).lesion is None
