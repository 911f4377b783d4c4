"""Fused images of another size than their sources."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.databases.fitting import FITS, fit_sizes
from fusion_metrics import Image, InvalidImage
from tests.pictures import picture

A, B = Image(picture((40, 52)), name="a"), Image(picture((40, 52))[::-1].copy(), name="b")


def test_equal_sizes_are_left_as_they_are() -> None:
    fused = Image(picture((40, 52)))
    for how in FITS:
        assert all(same is before for same, before in zip(fit_sizes(A, B, fused, how), (A, B, fused), strict=True))


@pytest.mark.parametrize(
    ("size", "says"),
    [
        ((32, 48), r"decide it by --fit crop or --fit pad$"),
        ((48, 64), r"decide it by --fit crop$"),
        ((20, 26), r"decide it by --fit resize$"),
        ((80, 200), r"of another form.*--fit resize$"),
        ((52, 40), r"turned by 90 degrees.*--fit resize$"),
    ],
)
def test_a_size_that_differs_is_refused_with_the_fits_that_suit_it(size: tuple[int, int], says: str) -> None:
    with pytest.raises(InvalidImage, match=says):
        fit_sizes(A, B, Image(picture(size), name="fused"))


def test_cropping_cuts_what_is_larger() -> None:
    fused = Image(picture((32, 60)))
    fitted = fit_sizes(A, B, fused, "crop")
    assert {image.shape for image in fitted} == {(32, 52)}
    np.testing.assert_array_equal(fitted.a.pixels, A.pixels[:32])
    np.testing.assert_array_equal(fitted.fused.pixels, fused.pixels[:, :52])
    assert fitted.a.decisions == ("cropped on the right and below from 40x52 to 32x52",)
    centred = fit_sizes(A, B, fused, "centre-crop")
    np.testing.assert_array_equal(centred.a.pixels, A.pixels[4:36])
    np.testing.assert_array_equal(centred.fused.pixels, fused.pixels[:, 4:56])


def test_padding_repeats_the_edge_and_needs_a_smaller_image() -> None:
    fused = Image(picture((32, 48)))
    padded = fit_sizes(A, B, fused, "pad").fused
    np.testing.assert_array_equal(padded.pixels, np.pad(fused.pixels, ((0, 8), (0, 4)), mode="edge"))
    with pytest.raises(InvalidImage, match="--fit crop"):
        fit_sizes(A, B, Image(picture((48, 64))), "pad")


def test_resizing_keeps_whole_grey_levels_and_colours() -> None:
    colours = np.dstack([picture((20, 26))] * 3)
    resized = fit_sizes(A, B, Image(colours), "resize").fused
    assert resized.is_8bit
    assert resized.pixels.shape == (40, 52, 3)
    flat = fit_sizes(A, B, Image(np.full((20, 26), 77, np.uint8)), "resize").fused
    assert (flat.pixels == 77).all()


def test_sources_of_different_sizes_are_no_matter_of_fit() -> None:
    with pytest.raises(InvalidImage, match="a is 40x52 but c is 40x40"):
        fit_sizes(A, Image(picture((40, 40)), name="c"), Image(picture((40, 52))), "resize")
