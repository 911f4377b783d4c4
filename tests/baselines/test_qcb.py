"""Q_CB: the definition step by step, brightness, flat and black images, the toolbox's border, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal

from baselines.qcb import CHEN2009
from fusion_metrics import Image, UndefinedScore, create
from fusion_metrics.features.contrast_sensitivity import MannosSakrison
from tests.pictures import multifocus, picture


def literal(a, b, fused, sensitivity):
    """Chen and Blum's steps with whole two-dimensional kernels."""
    contrasts = []
    for pixels in (a, b, fused):
        height, width = pixels.shape
        down, across = np.fft.fftfreq(height, 15 / height), np.fft.fftfreq(width, 15 / width)
        response = sensitivity(np.hypot(down[:, None], across))
        image = np.pad(np.fft.ifft2(np.fft.fft2(pixels.astype(float)) * response).real, 15, mode="edge")
        x = np.arange(-15, 16)
        averages = []
        for sigma in (2, 4):
            kernel = np.exp(-(x[:, None] ** 2 + x**2) / (2 * sigma**2))
            averages.append(signal.convolve2d(image, kernel / kernel.sum(), mode="valid"))
        c = np.abs(averages[0] / averages[1] - 1)
        contrasts.append(c**3 / (c**2 + 1e-4))
    c_a, c_b, c_f = contrasts
    q_af, q_bf = (np.where(c < c_f, c / c_f, c_f / c) for c in (c_a, c_b))
    return np.mean((c_a**2 * q_af + c_b**2 * q_bf) / (c_a**2 + c_b**2))


def dog(r):
    return np.exp(-((r / 15.387) ** 2)) - 0.7622 * np.exp(-((r / 1.3456) ** 2))


@pytest.mark.parametrize("size", [(64, 64), (45, 38)])
def test_definition(size) -> None:
    a, b, _ = multifocus(size, seed=4)
    a, b = (20 + image // 2 for image in (a, b))
    fused = a // 2 + b // 2
    assert create("qcb")(fused, a, b) == pytest.approx(literal(a, b, fused, dog), rel=1e-9)
    mannos = MannosSakrison()
    got = create("qcb", model=CHEN2009._replace(sensitivity=mannos))(fused, a, b)
    assert got == pytest.approx(literal(a, b, fused, mannos), rel=1e-6)  # little of the mean passes: quotients shake


def test_brightness_scale_does_not_matter() -> None:
    a, b, sharp = (40 + image / 2 for image in multifocus())
    images = [Image(image, data_range=255.0) for image in (sharp, a, b)]
    darker = [Image(image / 3, data_range=255.0) for image in (sharp, a, b)]
    assert create("qcb")(*darker) == pytest.approx(create("qcb")(*images), rel=1e-6)


def test_equal_images() -> None:
    a, _, _ = multifocus()
    for variant in ("qcb", "qcb:liu2012"):
        assert create(variant)(a, a, a) == 1.0


@pytest.mark.parametrize("size", [(1, 1), (37, 41), (64, 64)])
def test_flat_images(size) -> None:
    """A flat image has no contrast whatever its level, so flat images keep all of one another."""

    def flat(level):
        return np.full(size, level, np.uint8)

    for levels in ((0, 0, 0), (0, 1, 255), (100, 101, 102)):
        assert create("qcb")(*(flat(level) for level in levels)) == 1.0


def test_flat_against_textured() -> None:
    a, b, _ = multifocus()
    flat = np.full_like(a, 128)
    assert create("qcb")(flat, a, b) == 0.0
    assert create("qcb")(a, flat, flat) == 0.0
    assert create("qcb")(a, a, flat) == 1.0  # only the source with contrast counts
    for images in ((flat, a, b), (a, flat, b), (a, b, np.zeros_like(a))):
        with pytest.raises(UndefinedScore):
            create("qcb:liu2012")(*images)


def test_black_surroundings_are_not_judged_by_rounding_errors() -> None:
    """Far from the scene only rounding errors are left; a perturbation of their size must not change the score."""
    a, b = (np.pad(picture((24, 24), seed), ((0, 72), (0, 72))) for seed in (1, 2))
    fused = a // 2 + b // 2
    score = create("qcb")(fused, a, b)
    assert 0.5 < score < 1
    # A range of 255.1 keeps the disturbed pixels from being taken for whole grey levels.
    disturbance = 1e-13 * np.random.default_rng(0).random(a.shape)
    calm, disturbed = (
        [Image(image + much * disturbance, data_range=255.1) for image in (fused, a, b)] for much in (0.0, 1.0)
    )
    assert create("qcb")(*disturbed) == pytest.approx(create("qcb")(*calm), rel=1e-9)
    # Without the floor it does.
    assert create("qcb", model=CHEN2009._replace(floor=0.0))(*disturbed) != pytest.approx(
        create("qcb", model=CHEN2009._replace(floor=0.0))(*calm), rel=1e-3
    )


def test_only_the_toolbox_gives_a_flat_picture_contrast() -> None:
    flat, scene = np.full((64, 64), 100, np.uint8), picture()
    assert create("qcb")(scene, flat, flat) == 0.0
    assert create("qcb", model=CHEN2009._replace(border="constant", normalised=False))(scene, flat, flat) > 0.01


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.just(3), st.integers(1, 30), st.integers(1, 30))))
def test_bounds_and_exchange_of_sources(images) -> None:
    fused, a, b = images
    for variant in ("qcb", "qcb:liu2012"):
        try:
            score = create(variant)(fused, a, b)
        except UndefinedScore:
            continue
        assert 0 <= score <= 1
        assert create(variant)(fused, b, a) == pytest.approx(score, rel=1e-12)


def test_mefb_rounds_otherwise_than_vifb_where_a_stretched_level_lies_half_way() -> None:
    a, b, fused = (np.minimum(np.rint(image / 255 * 90), 90).astype(np.uint8) for image in multifocus())
    vifb, mefb = create("qcb:vifb")(fused, a, b), create("qcb:mefb")(fused, a, b)
    assert vifb == create("qcb:liu2012")(fused, a, b)
    assert mefb != vifb
    assert mefb == pytest.approx(vifb, rel=1e-2)
