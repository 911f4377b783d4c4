"""What IVIF_ZOO computes under borrowed names, on pictures whose values can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fusion_metrics import Image, UndefinedScore, create
from fusion_metrics.testing.pictures import multifocus


def grey(*levels: int, size: int = 16) -> Image:
    rows = np.repeat(np.array([levels], dtype=np.uint8), size, axis=0)
    return Image(np.repeat(rows, size // len(levels), axis=1))


def test_a_pixel_above_17_is_white_to_the_cross_entropy() -> None:
    ce = create("ce:ivif-zoo")
    assert ce(grey(40), grey(200), grey(90)) == ce(grey(255), grey(255), grey(255)) > 0.0
    assert ce(grey(0), grey(0), grey(0)) == pytest.approx(math.log(2.0))


def test_te_is_what_the_fused_image_lacks_of_both_entropies() -> None:
    assert create("te:ivif-zoo")(grey(0, 1, 2, 3), grey(7), grey(0, 9)) == pytest.approx(0.0 + 1.0 - 2.0)


def test_qncie_of_pictures_without_relation_and_of_one_that_follows_from_two() -> None:
    a, b = grey(0, 90, 0, 90), grey(0, 0, 90, 90)
    across = Image(a.pixels.T.astype(np.uint8))
    assert create("qncie:ivif-zoo")(across, a, b) == pytest.approx(1.0 - math.log2(3.0) / 8.0)
    mean = Image((a.pixels + b.pixels) / 2.0, data_range=255.0)
    with pytest.raises(UndefinedScore, match="exactly together"):
        create("qncie:ivif-zoo")(mean, a, b)
    with pytest.raises(UndefinedScore, match="constant"):
        create("qncie:ivif-zoo")(grey(3), a, b)


def test_nmi_is_relative_to_the_sources() -> None:
    a, b = grey(0, 90), grey(0, 0, 90, 90)
    assert create("nmi:ivif-zoo")(grey(0, 0, 90, 90), a, b) == pytest.approx(2.0 * (1.0 + 1.0) / (1.0 + 1.0))


def test_a_bright_picture_has_a_frame_of_edges() -> None:
    # 14 x 4 pixels of the sides have |s| = 4 * 255, the corners 3 * 255 * sqrt(2).
    expected = 255.0 * (56 * 4.0 + 4 * 3.0 * math.sqrt(2.0)) / 256.0
    assert create("ei:ivif-zoo")(grey(255)) == pytest.approx(expected)
    assert create("ei")(grey(255)) == 0.0


def test_similarity_in_repeated_rows_exceeds_one() -> None:
    a, b, sharp = (Image(pixels) for pixels in multifocus())
    assert create("yang:ivif-zoo")(sharp, sharp, sharp) == 1.0
    assert create("yang:ivif-zoo")(a, a, b) != create("yang")(a, a, b)


def test_weights_of_contrast_do_not_reach_one() -> None:
    a, b, sharp = (Image(pixels) for pixels in multifocus())
    assert 0.9 < create("qcb:ivif-zoo")(sharp, sharp, sharp) < 1.0
    with pytest.raises(UndefinedScore, match="cannot be stretched"):
        create("qcb:ivif-zoo")(grey(50, size=64), a, b)


def test_only_a_black_source_has_no_information_where_borders_are_edges() -> None:
    vif, flat = create("vif:ivif-zoo"), grey(90, size=64)
    assert vif(flat, flat, flat) == pytest.approx(2.0)
    with pytest.raises(UndefinedScore, match="black"):
        vif(flat, flat, grey(0, size=64))
    assert create("vif:cddfuse")(flat, flat, flat) == 2.0
