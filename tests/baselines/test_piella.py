"""Q_S, Q_W and Q_E: a window worked by hand, a literal loop, degenerate images, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from fusion_metrics import Image, UndefinedScore, create

VARIANTS = ["piella", "piella:qw", "piella:qe", "piella:liu2012", "piella:liu2012-qw"]


def noise(seed, shape=(12, 11)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def halves(first, second, axis):
    """An 8x8 picture of two grey levels, side by side (axis 1) or one above the other (axis 0)."""
    picture = np.full((8, 8), first, np.uint8)
    picture[(slice(None),) * axis + (slice(4, 8),)] = second
    return picture


def literal(a, b, f):
    """Q_S and Q_W by their definition, window by window, for pictures without flat windows."""
    qualities, saliencies = [], []
    for i in range(a.shape[0] - 7):
        for j in range(a.shape[1] - 7):
            x, y, z = (picture[i : i + 8, j : j + 8].ravel().astype(float) for picture in (a, b, f))

            def q0(u, v):
                c = np.cov(u, v)
                return 4 * c[0, 1] * u.mean() * v.mean() / ((c[0, 0] + c[1, 1]) * (u.mean() ** 2 + v.mean() ** 2))

            lam = x.var() / (x.var() + y.var())
            qualities.append(lam * q0(x, z) + (1 - lam) * q0(y, z))
            saliencies.append(max(x.var(), y.var()))
    return np.mean(qualities), np.average(qualities, weights=saliencies)


@pytest.mark.parametrize("variant", ["piella", "piella:qw"])
def test_one_window_by_hand(variant) -> None:
    a, b, fused = halves(0, 100, axis=1), halves(0, 60, axis=0), halves(25, 75, axis=1)
    # a: mean 50, variance 2500; b: variance 900; fused: mean 50, variance 625, covariance 1250 with a and 0 with b.
    assert create(variant)(fused, a, b) == pytest.approx(2500 / (2500 + 900) * 2 * 1250 / (2500 + 625), rel=1e-14)


def test_definition() -> None:
    a, b, fused = noise(1), noise(2), noise(3) // 2 + noise(1) // 2
    q_s, q_w = literal(a, b, fused)
    assert create("piella")(fused, a, b) == pytest.approx(q_s, rel=1e-12)
    assert create("piella:qw")(fused, a, b) == pytest.approx(q_w, rel=1e-12)


def test_edge_dependent_index_is_the_product_with_that_of_the_edge_images() -> None:
    a, b = noise(4), noise(5)
    fused = a // 2 + b // 2
    edges = [
        np.hypot(*(ndimage.sobel(image.astype(float), axis, mode="nearest") for axis in (0, 1)))
        for image in (a, b, fused)
    ]
    q_w, q_w_edges = literal(a, b, fused)[1], literal(*edges)[1]
    assert create("piella:qe")(fused, a, b) == pytest.approx(q_w * q_w_edges, rel=1e-11)
    assert create("piella:qe", alpha=2.0)(fused, a, b) == pytest.approx(q_w * q_w_edges**2, rel=1e-11)


def test_negative_edge_quality_has_no_fractional_power() -> None:
    a, fused = noise(6, (8, 8)), noise(6, (8, 8))
    a[:, 4:], fused[:, :4] = 90, 90  # texture in the left half of the sources, in the right half of the fused image
    edges = create("piella:qe")(fused, a, a) / create("piella:qw")(fused, a, a)
    assert edges < 0
    with pytest.raises(UndefinedScore, match=r"no power 0\.5"):
        create("piella:qe", alpha=0.5)(fused, a, a)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("grey", [None, 0, 60, 255])
def test_equal_images_score_1_even_where_flat(variant, grey) -> None:
    image = noise(7, (16, 16)) if grey is None else np.full((16, 16), grey, np.uint8)
    image[:9] = 40 if grey is None else grey
    assert create(variant)(image, image, image) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("variant", ["piella", "piella:qw", "piella:qe"])
def test_a_copied_source_scores_1_beside_a_flat_one(variant) -> None:
    a, b = noise(8, (16, 16)), np.full((16, 16), 100, np.uint8)
    assert create(variant)(a, a, b) == 1
    assert create(variant)(a, b, a) == 1


def test_a_constant_fused_image_keeps_nothing() -> None:
    assert create("piella")(np.full((12, 11), 128, np.uint8), noise(9), noise(10)) == 0


def test_flat_sources_cannot_weight_different_windows() -> None:
    dark, bright, fused = np.full((16, 16), 10, np.uint8), np.full((16, 16), 20, np.uint8), noise(11, (16, 16))
    fused[:10] = 10
    assert 0 < create("piella")(fused, dark, bright) < 1
    for variant in ("piella:qw", "piella:qe"):
        with pytest.raises(UndefinedScore, match="neither source has any detail"):
            create(variant)(fused, dark, bright)
    # The toolbox gives flat windows a saliency, so it has a value.
    assert create("piella:liu2012-qw")(fused, dark, bright) == create("piella:liu2012")(fused, dark, bright)


def test_the_toolbox_has_no_edge_dependent_index() -> None:
    with pytest.raises(UndefinedScore, match="never sets"):
        create("piella:liu2012-qe")(noise(1), noise(2), noise(3))


def test_smallest_image() -> None:
    assert create("piella")(noise(1, (8, 8)), noise(2, (8, 8)), noise(3, (8, 8))) < 1
    with pytest.raises(UndefinedScore, match="at least 8x8"):
        create("piella")(noise(1, (7, 20)), noise(2, (7, 20)), noise(3, (7, 20)))
    with pytest.raises(UndefinedScore, match="at least 11x11"):
        create("piella:liu2012")(noise(1, (10, 20)), noise(2, (10, 20)), noise(3, (10, 20)))


pictures = arrays(np.uint8, (12, 12), elements=st.sampled_from([0, 1, 128, 254, 255]))


@settings(deadline=None, max_examples=40)
@given(a=pictures, b=pictures, fused=pictures, variant=st.sampled_from(VARIANTS))
def test_bounded_and_symmetric_in_the_sources(a, b, fused, variant) -> None:
    metric, images = create(variant), [Image(picture) for picture in (fused, a, b)]
    try:
        value = metric(*images)
    except UndefinedScore:
        return
    assert -1 <= value <= 1
    assert metric(fused, b, a) == pytest.approx(value, abs=1e-12)


def test_mefb_is_the_weighted_index_of_prewitt_edges_alone() -> None:
    a, b = noise(12, (14, 13)), noise(13, (14, 13))
    fused = a // 2 + b // 2
    x = np.arange(-5, 6)
    w = np.outer(np.exp(-(x**2) / 4.5), np.exp(-(x**2) / 4.5)).ravel()
    w /= w.sum()

    def edges(image):
        return np.hypot(*(ndimage.prewitt(image.astype(float), axis, mode="constant") for axis in (0, 1)))

    def ssim(u, v):
        c, mean_u, mean_v = np.cov(u, v, aweights=w, ddof=0), w @ u, w @ v
        luminance = (2 * mean_u * mean_v + 6.5025) / (mean_u**2 + mean_v**2 + 6.5025)
        return luminance * (2 * c[0, 1] + 58.5225) / (c[0, 0] + c[1, 1] + 58.5225)

    qualities, saliencies = [], []
    for i in range(4):
        for j in range(3):
            u, v, z = (edges(image)[i : i + 11, j : j + 11].ravel() for image in (a, b, fused))
            s_u, s_v = (w @ (window - w @ window) ** 2 for window in (u, v))
            qualities.append((s_u * ssim(u, z) + s_v * ssim(v, z)) / (s_u + s_v))
            saliencies.append(max(s_u, s_v))
    expected = np.average(qualities, weights=saliencies)
    assert create("piella:mefb")(fused, a, b) == pytest.approx(expected, rel=1e-10)
