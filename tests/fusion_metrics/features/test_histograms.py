"""Grey levels, their probabilities, and the entropies made of them."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fusion_metrics import Image, UndefinedScore
from fusion_metrics.features.histograms import (
    LEVELS,
    _count_pairs,
    _pairs,
    entropy,
    histogram,
    joint_entropy,
    joint_histogram,
    levels,
    mutual_information,
    shannon,
)

pictures = hnp.arrays(np.uint8, (6, 7))


def grey(*pixels: int) -> Image:
    return Image(np.array([pixels], dtype=np.uint8))


def test_levels_of_an_8bit_picture_are_its_pixels() -> None:
    pixels = np.arange(LEVELS, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(levels(Image(pixels)), pixels)


def test_levels_between_whole_numbers_are_rounded() -> None:
    image = Image(np.array([[0.2, 9.8, 10.4, 254.9]]), data_range=255.0)
    assert levels(image).tolist() == [[0, 10, 10, 255]]


def test_stretched_levels_round_halves_up() -> None:
    assert levels(grey(10, 11, 12), stretched=True).tolist() == [[0, 128, 255]]  # 127.5 in the middle


def test_stretching_a_constant_picture() -> None:
    assert levels(grey(0, 0, 0), stretched=True).tolist() == [[0, 0, 0]]
    with pytest.raises(UndefinedScore, match="constant"):
        levels(grey(7, 7, 7), stretched=True)


@given(pixels=pictures)
def test_stretching_renames_whole_levels_and_merges_none(pixels: np.ndarray) -> None:
    image = Image(pixels)
    if pixels.min() < pixels.max():
        renamed = levels(image, stretched=True)
        assert len(np.unique(renamed)) == len(np.unique(pixels))
        assert entropy(image, stretched=True) == entropy(image)


@given(x=pictures, y=pictures)
def test_joint_histogram_has_the_histograms_as_marginals(x: np.ndarray, y: np.ndarray) -> None:
    joint = joint_histogram(Image(x), Image(y))
    table = np.zeros((LEVELS, LEVELS))
    table[joint.x, joint.y] = joint.p
    assert (joint.p > 0).all()
    np.testing.assert_allclose(table.sum(axis=1), histogram(Image(x)), atol=1e-15)
    np.testing.assert_allclose(table.sum(axis=0), histogram(Image(y)), atol=1e-15)
    assert joint_histogram(Image(x), Image(y)).p_x == pytest.approx(joint.p_x)


@given(x=pictures, y=pictures)
def test_information_is_between_zero_and_the_smaller_entropy(x: np.ndarray, y: np.ndarray) -> None:
    x_image, y_image = Image(x), Image(y)
    shared = mutual_information(x_image, y_image)
    assert 0.0 <= shared <= min(entropy(x_image), entropy(y_image)) + 1e-12
    assert shared == pytest.approx(mutual_information(y_image, x_image), abs=1e-12)


@given(x=pictures, seed=st.integers(0, 1000))
def test_renaming_levels_loses_nothing(x: np.ndarray, seed: int) -> None:
    names = np.random.default_rng(seed).permutation(LEVELS).astype(np.uint8)
    image, renamed = Image(x), Image(names[x])
    assert mutual_information(image, renamed) == entropy(image) == entropy(renamed)


def test_entropies_by_hand() -> None:
    coins, dice = grey(0, 0, 1, 1), grey(5, 6, 5, 6)
    assert entropy(coins) == 1.0
    assert joint_entropy(coins, dice) == 2.0
    assert mutual_information(coins, dice) == 0.0
    assert shannon(np.array([0.5, 0.25, 0.0, 0.25])) == 1.5


def test_joint_histogram_is_counted_once() -> None:
    x, y = grey(1, 2), grey(3, 4)
    assert joint_histogram(x, y) is joint_histogram(x, y, stretched=False)
    assert joint_histogram(x, y) is not joint_histogram(x, y, stretched=True)


def test_white_decides_where_halves_go_and_nothing_else() -> None:
    """Of the levels 0 to 90 stretched to 0..255, 9 comes to lie at 25.5: in binary k/255 is a little off."""
    ramp = grey(*range(91))
    of_255, of_1 = (levels(ramp, stretched=True, white=white)[0].astype(int) for white in (255.0, 1.0))
    halves = np.flatnonzero(np.arange(91) * 255 / 90 % 1 == 0.5)
    assert 9 in halves
    assert set(np.flatnonzero(of_255 != of_1)) <= set(halves)
    assert (of_255[9], of_1[9]) == (26, 25)


def test_pairs_are_counted_alike_with_numba_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.random.default_rng(0).integers(0, 256, (2, 5000)).astype(np.uint8)
    x[:4], y[:4] = (0, 0, 255, 255), (0, 255, 0, 255)
    compiled = _count_pairs(x, y)
    monkeypatch.delitem(sys.modules, "numba")
    counted = _pairs(x, y)
    np.testing.assert_array_equal(counted, compiled)
    assert counted.dtype == compiled.dtype
