"""What a user meets: names, errors, sizes, colour."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmark.errors import BenchmarkError
from benchmark.fusion import (
    EXTERNAL_ALGORITHMS,
    PHANTOM_ALGORITHMS,
    fuse,
    fusion_algorithm,
    get_algorithm,
    list_algorithms,
)

YUV = np.array([[0.299, 0.587, 0.114], [-0.147108, -0.288804, 0.435912], [0.614777, -0.514799, -0.099978]])


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_the_two_groups_are_ten_and_four_algorithms_without_a_common_one() -> None:
    assert len(set(PHANTOM_ALGORITHMS)) == 10
    assert len(set(EXTERNAL_ALGORITHMS)) >= 4
    assert not set(PHANTOM_ALGORITHMS) & set(EXTERNAL_ALGORITHMS)
    assert {algorithm.name for algorithm in list_algorithms()} >= {*PHANTOM_ALGORITHMS, *EXTERNAL_ALGORITHMS}


@pytest.mark.parametrize("algorithm", list_algorithms(), ids=lambda algorithm: algorithm.name)
def test_every_algorithm_is_declared_in_a_module_of_its_name_with_a_dated_reference(algorithm) -> None:
    assert algorithm.function.__module__ == f"benchmark.fusion.algorithms.{algorithm.name}"
    assert any(str(year) in algorithm.reference for year in range(1980, 2027))
    assert algorithm.title


def test_a_name_can_be_taken_once_and_needs_a_reference() -> None:
    with pytest.raises(BenchmarkError, match=r"already declared by benchmark\.fusion\.algorithms\.average"):
        fusion_algorithm("average", title="Mean")(lambda a, b: a)
    with pytest.raises(BenchmarkError, match="References"):
        fusion_algorithm("nothing", title="Nothing")(lambda a, b: a)


@pytest.mark.parametrize(
    ("a", "b", "algorithm", "message"),
    [
        (noise(0, 32, 32), noise(1, 32, 40), "average", r"source a is 32 x 32, source b is 32 x 40"),
        (noise(0, 32, 32) / 255, noise(1, 32, 32), "average", r"source a is float64, not an array of uint8"),
        (noise(0, 32, 32), noise(1, 32, 32).tolist(), "average", r"source b is list"),
        (noise(0, 32, 32, 4), noise(1, 32, 32), "average", r"shape \(32, 32, 4\)"),
        (noise(0, 32, 12), noise(1, 32, 12), "average", r"32 x 12: fusion needs 16 x 16 or more"),
        (noise(0, 32, 32), noise(1, 32, 32), "laplacain", r"unknown fusion algorithm 'laplacain'; did you mean 'lapl"),
    ],
)
def test_errors_are_one_clear_line(a, b, algorithm, message) -> None:
    with pytest.raises(ValueError, match=message) as error:
        fuse(a, b, algorithm)
    assert "\n" not in str(error.value)


def test_parameters_reach_the_algorithm_and_unknown_ones_are_named() -> None:
    a, b = noise(0, 32, 32), noise(1, 32, 32)
    assert (fuse(a, b, "laplacian", levels=1) != fuse(a, b, "laplacian")).any()
    assert get_algorithm("laplacian").parameters == {"levels": 4}
    with pytest.raises(ValueError, match="laplacian has no parameter 'level'; did you mean 'levels'"):
        fuse(a, b, "laplacian", level=1)


def test_colour_keeps_its_chrominance_whichever_source_it_is() -> None:
    rng = np.random.default_rng(2)
    colour = rng.integers(90, 150, (40, 33, 3), dtype=np.uint8)  # grey enough that nothing is clipped
    grey = rng.integers(90, 150, (40, 33), dtype=np.uint8)
    for fused in (fuse(grey, colour, "average"), fuse(colour, grey, "average")):
        assert fused.shape == colour.shape
        y, u, v = np.moveaxis(fused @ YUV.T, -1, 0)
        expected_y, expected_u, expected_v = np.moveaxis(colour @ YUV.T, -1, 0)
        # Rounding to 8 bits moves every channel by up to 0.5, and a row of YUV has an absolute sum of up to 1.23.
        np.testing.assert_allclose(y, (expected_y + grey) / 2, atol=0.51)
        np.testing.assert_allclose(u, expected_u, atol=0.65)
        np.testing.assert_allclose(v, expected_v, atol=0.65)


def test_of_two_colours_the_stronger_one_stays() -> None:
    pale, strong = np.full((16, 16, 3), 100, np.uint8), np.full((16, 16, 3), 100, np.uint8)
    pale[..., 0], strong[..., 2] = 110, 160
    fused = fuse(pale, strong, "average")[0, 0].astype(int)
    assert fused[2] - fused[0] == 60  # U and V of `strong`
    assert abs(fused @ YUV[0] - (pale[0, 0] @ YUV[0] + strong[0, 0] @ YUV[0]) / 2) < 0.51


def test_two_grey_images_give_a_grey_one_even_as_read_only_views() -> None:
    a, b = noise(0, 64, 48)[::2], noise(1, 32, 96)[:, ::2]
    a.setflags(write=False)
    fused = fuse(a, b, "average")
    assert fused.shape == (32, 48)
    np.testing.assert_array_equal(fused, np.rint((a.astype(float) + b) / 2))


@settings(max_examples=25, deadline=None)
@given(
    a=arrays.arrays(np.uint8, (16, 19)),
    b=arrays.arrays(np.uint8, (16, 19)),
    name=st.sampled_from(["average", "pca", "laplacian", "dwt", "gff", "contrast", "dtm_pcnn", "nsct"]),
)
def test_whatever_the_pixels_nothing_is_divided_by_zero_and_flat_stays_flat(a, b, name) -> None:
    with np.errstate(all="raise", under="ignore"):
        fused = fuse(a, b, name)
    assert fused.shape == a.shape
    if np.ptp(a) == np.ptp(b) == 0:
        assert np.ptp(fused) == 0
