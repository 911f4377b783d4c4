"""Sobel gradient, its orientation, and first differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from fusion_metrics import Image
from fusion_metrics.features.gradients import Order, by_pieces, difference, edge, prewitt, sobel, sum_of_squares

pictures = hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(pixels=pictures, border=st.sampled_from(["constant", "nearest", "reflect", "mirror"]))
def test_sobel_is_the_one_of_scipy(pixels: np.ndarray, border: str) -> None:
    gradient = sobel(Image(pixels), border=border)
    np.testing.assert_array_equal(gradient.x, ndimage.sobel(pixels.astype(float), axis=1, mode=border))
    np.testing.assert_array_equal(gradient.y, ndimage.sobel(pixels.astype(float), axis=0, mode=border))
    np.testing.assert_allclose(gradient.strength, np.hypot(gradient.x, gradient.y), rtol=1e-15)


@given(pixels=pictures, border=st.sampled_from(["constant", "nearest", "reflect"]))
def test_prewitt_is_the_one_of_scipy(pixels: np.ndarray, border: str) -> None:
    gradient = prewitt(Image(pixels), border=border)
    np.testing.assert_array_equal(gradient.x, ndimage.prewitt(pixels.astype(float), axis=1, mode=border))
    np.testing.assert_array_equal(gradient.y, ndimage.prewitt(pixels.astype(float), axis=0, mode=border))


def test_gradient_of_a_step_by_hand() -> None:
    step = Image(np.repeat([[0, 0, 10, 10]], 3, axis=0).astype(np.uint8))
    gradient = sobel(step)
    assert gradient.x[1].tolist() == [0, 40, 40, -40]  # outside is zero, so the picture ends in a falling edge
    assert gradient.y[1].tolist() == [0, 0, 0, 0]
    assert sobel(step, border="nearest").x[1].tolist() == [0, 40, 40, 0]


@pytest.mark.parametrize("shape", [(300, 400), (3, 40_000), (40_000, 3)])
@pytest.mark.parametrize("order", ["separable", "columns"])
def test_pictures_that_are_worked_on_in_pieces(shape: tuple[int, int], order: Order) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    gradient, found = (
        sobel(Image(pixels), border="mirror", order=order),
        edge(Image(pixels), border="mirror", order=order),
    )
    np.testing.assert_array_equal(gradient.x, ndimage.sobel(pixels.astype(float), axis=1, mode="mirror"))
    np.testing.assert_array_equal(found.strength, gradient.strength)
    tilted = gradient.x != 0
    expected = np.arctan(gradient.y[tilted] / gradient.x[tilted])
    np.testing.assert_allclose(found.orientation[tilted], expected, rtol=1e-14)


def test_pieces_cover_all() -> None:
    x = np.arange(100_000.0).reshape(250, 400)
    np.testing.assert_array_equal(by_pieces(lambda x, y: x + 2 * y, x, x), 3 * x)


@given(pixels=pictures)
def test_orientation_is_the_arc_tangent_of_the_ratio(pixels: np.ndarray) -> None:
    image = Image(pixels)
    x, y, _ = sobel(image)
    angle = edge(image).orientation
    np.testing.assert_allclose(angle[x != 0], np.arctan(y[x != 0] / x[x != 0]), rtol=1e-14)
    np.testing.assert_array_equal(angle[x == 0], np.sign(y[x == 0]) * math.pi / 2)


def test_orientation_with_a_substitute_for_zero() -> None:
    rows = Image(np.repeat([[0], [50], [100], [150], [200]], 5, axis=1).astype(np.uint8))
    assert edge(rows).orientation[2, 2] == math.pi / 2
    assert edge(rows, vertical_x=1e-5).orientation[2, 2] == pytest.approx(math.atan(400 / 1e-5), rel=1e-15)
    assert edge(Image(np.zeros((3, 3), np.uint8)), vertical_x=1e-5).orientation.tolist() == [[0.0] * 3] * 3


def test_orientation_of_what_is_not_tilted() -> None:
    rows = Image(np.repeat([[0], [50], [50], [50], [0]], 5, axis=1).astype(np.uint8))
    assert edge(rows).orientation[1:-1, 2].tolist() == [math.pi / 2, 0.0, -math.pi / 2]
    assert edge(rows, vertical_angle=-1.5).orientation[1:-1, 2].tolist() == [-1.5] * 3
    assert edge(rows, vertical_angle=-1.5).orientation[2, 0] == 0.0  # rises from the zeros outside
    assert edge(rows, border="nearest", vertical_angle=-1.5).orientation[2, 0] == -1.5


def test_differences_in_four_directions_by_hand() -> None:
    image = Image(np.array([[1, 2], [4, 8]], dtype=np.uint8))
    assert difference(image, "horizontal").tolist() == [[1], [4]]
    assert difference(image, "vertical").tolist() == [[3, 6]]
    assert difference(image, "main_diagonal").tolist() == [[7]]
    assert difference(image, "secondary_diagonal").tolist() == [[2]]


def test_differences_of_one_pixel_are_empty() -> None:
    assert difference(Image(np.array([[9]], dtype=np.uint8)), "main_diagonal").size == 0


def added_by_hand(p: np.ndarray, order: str) -> tuple[float, float]:
    """Add the terms of s_x and s_y at the centre of a 3x3 picture one by one, as the order says."""
    k = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]
    if order == "kernel":  # column after column of the turned kernel, downwards in it is upwards in the picture
        x = sum((k[r][c] * p[r, c] for c in (2, 1, 0) for r in (2, 1, 0)), 0.0)
        y = sum((k[c][r] * p[r, c] for c in (2, 1, 0) for r in (2, 1, 0)), 0.0)
        return x, y
    x = sum((k[0][c] * p[0, c] + k[1][c] * p[1, c] + k[2][c] * p[2, c] for c in range(3)), 0.0)
    y = sum((k[c][0] * p[0, c] + k[c][1] * p[1, c] + k[c][2] * p[2, c] for c in range(3)), 0.0)
    return x, y


@pytest.mark.parametrize("order", ["kernel", "columns"])
@given(pixels=hnp.arrays(np.uint8, (3, 3)))
def test_terms_are_added_in_the_stated_order(order: str, pixels: np.ndarray) -> None:
    x, y, _ = sobel(Image(pixels), order=order, white=1.0)
    assert (x[1, 1], y[1, 1]) == added_by_hand(pixels / 255.0, order)


@pytest.mark.parametrize("order", ["kernel", "columns"])
@given(pixels=pictures, border=st.sampled_from(["constant", "nearest", "reflect", "mirror"]))
def test_whole_grey_levels_have_one_sum_in_every_order(order: str, pixels: np.ndarray, border: str) -> None:
    if border == "mirror" and min(pixels.shape) < 2:
        return
    separable, ordered = sobel(Image(pixels), border=border), sobel(Image(pixels), border=border, order=order)
    np.testing.assert_array_equal(ordered, separable)


def test_fractions_have_other_sums_in_another_order() -> None:
    image = Image(np.random.default_rng(0).integers(0, 256, (32, 32)).astype(np.uint8))
    kernel, columns, rows = (sobel(image, order=order, white=1.0).x for order in ("kernel", "columns", "separable"))
    assert 0 < np.abs(kernel - columns).max() < 1e-14
    assert 0 < np.abs(kernel - rows).max() < 1e-14


@pytest.mark.parametrize("shape", [(3, 5), (300, 700), (2, 40_000)])
def test_a_sum_of_squares_of_whole_levels_is_exact(shape: tuple[int, int]) -> None:
    x, y = np.random.default_rng(0).integers(0, 256, (2, *shape), dtype=np.uint8)
    exact = int(((x.astype(np.int64) - y) ** 2).sum())
    assert sum_of_squares(x, y) == sum_of_squares(x.astype(float), y) == sum_of_squares(x, y.astype(float)) == exact
