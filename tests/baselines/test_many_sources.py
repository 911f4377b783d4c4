"""What the definitions for two sources are for more: by hand, by a second way, and of the same set twice."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fusion_metrics import InvalidImage, create, list_metrics
from fusion_metrics.features.windows import GAUSSIAN_11, SSIM_C2
from tests.pictures import multifocus, picture

A, B, FUSED = multifocus((176, 180))
C = ((A.astype(int) + picture((176, 180), 9)) // 2).astype(np.uint8)
TAKING_ALL = [spec.id for spec in list_metrics(variants=True) if spec.sources == "all"]
#: The published definition has K pictures in it, and a picture twice is a picture more.
OF_ALL_PAIRS = {"qncie"}


def test_which_metrics_take_all_sources() -> None:
    assert {name.partition(":")[0] for name in TAKING_ALL} == {
        *("mef_ssim", "qabf", "qm", "mi", "nmi", "te", "qncie", "fmi", "ce", "vif", "viff"),
        *("ssim", "ms_ssim", "mse", "rmse", "psnr", "cc", "qcv", "rsfe", "mli"),
    }
    scripts = {spec.variant for spec in list_metrics(variants=True) if spec.variant.startswith(("tang", "vifb", "li"))}
    assert not scripts & {name.partition(":")[2] for name in TAKING_ALL}


@pytest.mark.parametrize("name", [name for name in TAKING_ALL if name not in OF_ALL_PAIRS])
def test_a_set_of_sources_twice_has_the_value_of_the_set(name: str) -> None:
    metric = create(name)
    assert metric(FUSED, A, B, C, A, B, C) == pytest.approx(metric(FUSED, A, B, C), rel=1e-9)


def test_three_pixels_by_hand() -> None:
    one, two, three, fused = (np.array([[level, 0]], np.uint8) for level in (10, 20, 60, 30))
    errors = [20**2 / 2, 10**2 / 2, 30**2 / 2]
    assert create("mse")(fused, one, two, three) == pytest.approx(sum(errors) / 3, rel=1e-15)
    assert create("rmse")(fused, one, two, three) == pytest.approx(sum(map(math.sqrt, errors)) / 3, rel=1e-15)
    psnr = 10 * math.log10(255**2 / (sum(errors) / 3))
    assert create("psnr")(fused, one, two, three) == pytest.approx(psnr, rel=1e-15)
    assert create("mli")(fused, one, two, three) == pytest.approx(abs(15 - 15), abs=1e-15)
    assert create("rsfe")(fused, one, two, three) == pytest.approx(30 / 60 - 1, rel=1e-15)


def test_information_is_that_of_two_of_average_information() -> None:
    step, stripe = np.array([[0, 0, 9, 9]], np.uint8), np.array([[0, 9, 0, 9]], np.uint8)
    assert create("mi")(step, step, stripe, stripe) == pytest.approx(2 / 3, rel=1e-15)
    assert create("mi")(step, step, step, step) == 2.0
    assert create("nmi")(step, step, stripe, stripe) == pytest.approx(2 / 3, rel=1e-15)
    assert create("te", q=2.0)(step, step, stripe, stripe) == pytest.approx(2 / 3, rel=1e-15)


def test_edges_are_weighted_over_all_sources() -> None:
    a, b, c, fused = (picture((40, 40), seed) for seed in (1, 2, 3, 4))
    flat = np.full_like(a, 90)
    # A flat source has no edge inside the picture, and its border is the same in every metric's eyes.
    qm = create("qm")
    assert qm(fused, a, b, flat) == pytest.approx(qm(fused, a, b), rel=1e-12)
    qcv = create("qcv")
    assert qcv(fused, a, b, flat) == pytest.approx(qcv(fused, a, b), rel=1e-12)
    parts = [(create("qabf", weight=lambda g: np.ones_like(g))(fused, x, x)) for x in (a, b, c)]
    assert create("qabf", weight=lambda g: np.ones_like(g))(fused, a, b, c) == pytest.approx(np.mean(parts), rel=1e-12)


def test_nonlinear_correlation_of_four_unrelated_pictures() -> None:
    constant = [np.full((4, 4), level, np.uint8) for level in (1, 2, 3, 4)]
    assert create("qncie")(*constant) == pytest.approx(1 - math.log(4) / math.log(256), rel=1e-14)


def test_the_source_of_the_smallest_gain_counts() -> None:
    ramp = np.add.outer(np.arange(48), 2 * np.arange(48)).astype(np.uint8)
    viff = create("viff")
    # Against the darker copy the gain is 2: the copy never counts.
    assert viff(ramp, ramp, ramp // 2, ramp) == pytest.approx(viff(ramp, ramp, ramp), rel=1e-6)


def test_mef_ssim_of_four_sources_patch_by_patch() -> None:
    *sources, fused = (picture((14, 15), seed) for seed in (1, 2, 3, 4, 5))
    weights = np.outer(GAUSSIAN_11.weights, GAUSSIAN_11.weights)
    quality = []
    for row, column in np.ndindex(4, 5):
        here = np.s_[row : row + 11, column : column + 11]
        x = [source[here] - source[here].mean() for source in sources]
        c = [np.linalg.norm(x_i) for x_i in x]
        p = min(math.tan(math.pi / 2 * min(np.linalg.norm(sum(x)) / sum(c), 1.0)), 10.0)
        s = sum(c_i**p * x_i / c_i for c_i, x_i in zip(c, x, strict=True))
        best, f = max(c) * s / np.linalg.norm(s), fused[here].astype(float)
        best, f = best - (weights * best).sum(), f - (weights * f).sum()
        products = [(weights * u * v).sum() for u, v in ((best, best), (f, f), (best, f))]
        quality.append((2 * products[2] + SSIM_C2) / (products[0] + products[1] + SSIM_C2))
    assert create("mef_ssim:single")(fused, *sources) == pytest.approx(np.mean(quality), rel=1e-10)


def test_a_fused_image_of_three_patches_is_ideal_for_the_three() -> None:
    sharp = picture((96, 96), 3)
    third = np.arange(96) // 32
    sources = [np.where(third[None, :] == place, sharp, 128).astype(np.uint8) for place in range(3)]
    mef_ssim = create("mef_ssim")
    assert mef_ssim(sharp, *sources) > 0.98 > mef_ssim(sharp, *sources[:2]) + 0.05


def test_parts_of_definitions_that_have_two_sources_say_so() -> None:
    with pytest.raises(InvalidImage, match="te relative to shannon entropies takes exactly two sources, not 3"):
        create("te", relative_to="shannon")(FUSED, A, B, C)
    with pytest.raises(InvalidImage, match="the comparison of peaks takes exactly two sources, not 3"):
        create("fmi", peaks="program")(FUSED, A, B, C)
