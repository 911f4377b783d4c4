from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from fusion_metrics import Image, feature

calls: list[str] = []


@feature
def mean(image: Image, *, power: float = 1.0) -> np.ndarray:
    calls.append("mean")
    return np.array([np.mean(image.pixels**power)])


@feature
def difference(a: Image, b: Image) -> tuple[np.ndarray, float]:
    calls.append("difference")
    return a.pixels - b.pixels, 1.0


@pytest.fixture
def images() -> tuple[Image, Image]:
    calls.clear()
    return Image(np.zeros((2, 2), np.uint8)), Image(np.full((2, 2), 3, np.uint8))


def test_computed_once_per_image_and_parameters(images: tuple[Image, Image]) -> None:
    a, b = images
    assert mean(a) is mean(a) is mean(a, power=1.0)
    assert mean(b)[0] == 3.0
    assert mean(b, power=2.0)[0] == 9.0
    assert calls == ["mean"] * 3


def test_pairs_are_told_apart_by_order(images: tuple[Image, Image]) -> None:
    a, b = images
    assert difference(a, b)[0][0, 0] == -3.0
    assert difference(b, a)[0][0, 0] == 3.0
    assert difference(a, a)[0][0, 0] == 0.0
    assert difference(a, b) is difference(a, b)
    assert calls == ["difference"] * 3


def test_results_are_read_only(images: tuple[Image, Image]) -> None:
    for array in (mean(images[0]), difference(*images)[0]):
        with pytest.raises(ValueError, match="read-only"):
            array += 1


def test_what_involves_the_fused_image_goes_with_it_at_once() -> None:
    source, fused = Image(np.zeros((2, 2), np.uint8)), Image(np.ones((2, 2), np.uint8))
    difference(source, fused)
    assert source.memo == {}
    gone = weakref.ref(fused)
    gc.disable()
    try:
        del fused
        assert gone() is None
    finally:
        gc.enable()


def test_needs_an_image() -> None:
    with pytest.raises(TypeError, match="images first"):
        mean(np.zeros((2, 2)))  # type: ignore[arg-type]
