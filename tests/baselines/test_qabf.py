"""Q^AB/F: worked values, its two quirks, and what happens without edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from fusion_metrics import Image, UndefinedScore, create
from fusion_metrics.features.edge_preservation import LIU2012, PETROVIC2005, XYDEAS2000
from fusion_metrics.features.gradients import edge, sobel
from tests.pictures import crossed_waves, multifocus, picture

paper, wrapped, liu2012 = create("qabf"), create("qabf:wrapped"), create("qabf:liu2012")
IDEAL, STRENGTH, ORIENTATION = XYDEAS2000.ideal, XYDEAS2000.strength, XYDEAS2000.orientation


def test_crossed_waves() -> None:
    """Values of an independent implementation of the published formulas (2025, six to seven digits)."""
    a, b, fused = map(Image, crossed_waves())
    assert paper(fused, a, b) == pytest.approx(0.1576907, abs=5e-8)
    # That implementation had G = 0 where all three pictures are flat; the toolbox has 1e-5 / 1e-5 = 1 there.
    flat = np.mean(sobel(a).strength + sobel(b).strength + sobel(fused).strength == 0)
    assert flat == 40 / 64**2
    without = liu2012(fused, a, b) - flat * (LIU2012.kept(1.0, 1.0) - LIU2012.kept(0.0, 1.0))
    assert without == pytest.approx(0.2150819, abs=2e-6)


def test_half_the_contrast_by_hand() -> None:
    """G = 1/2 and A = 1 everywhere, border included: both pictures go on as zeros."""
    fused = picture() // 2
    source = 2 * fused
    assert paper(fused, source, source) == pytest.approx(STRENGTH(0.5) * ORIENTATION(1.0), rel=1e-12)


def test_equal_pictures_reach_the_ideal() -> None:
    same = picture()
    assert paper(same, same, same) == pytest.approx(0.97479, abs=5e-6)
    assert pytest.approx(0.98666, abs=5e-6) == LIU2012.ideal
    assert liu2012(same, same, same) == pytest.approx(LIU2012.ideal, rel=1e-12)


def test_an_edge_turned_across_the_vertical() -> None:
    """Slopes of 20 down and 1 to the right or to the left: orientations of 87.1 and -87.1 degrees, 5.7 apart."""
    i, j = np.mgrid[:9, :9]
    right, left = Image((20 * i + j + 40).astype(np.uint8)), Image((20 * i - j + 48).astype(np.uint8))
    turned = np.degrees(edge(right).orientation - edge(left).orientation)[1:-1, 1:-1]
    np.testing.assert_allclose(turned, 2 * np.degrees(np.arctan(20)), rtol=1e-12)
    kept, kept_wrapped = ORIENTATION(1 - turned / 90), ORIENTATION(1 - (180 - turned) / 90)
    assert (kept < 1e-15).all()
    assert (kept_wrapped > 0.9 * ORIENTATION(1.0)).all()
    assert wrapped(left, right, right) > paper(left, right, right) + 0.2


@given(images=hnp.arrays(np.uint8, (3, 9, 8)))
def test_wrapping_can_only_raise_the_score(images: np.ndarray) -> None:
    a, b, fused = images
    if a.any() or b.any():
        assert 0.0 <= paper(fused, a, b) <= wrapped(fused, a, b) + 1e-12 <= IDEAL + 2e-12


def test_black_background_counts_only_in_the_mean_of_local_ratios() -> None:
    images = multifocus()
    a, b, fused = images[0], images[1], ((images[0].astype(int) + images[1]) // 2).astype(np.uint8)
    framed = [np.pad(image, 40) for image in (fused, a, b)]
    inner = [np.pad(image, 1) for image in (fused, a, b)]
    assert paper(*framed) == pytest.approx(paper(*inner), rel=1e-12)
    assert liu2012(*framed) > liu2012(*inner) + 0.1


def test_nothing_is_left_of_the_edges() -> None:
    a, b, _ = multifocus()
    assert 0.0 < paper(np.zeros_like(a), a, b) <= STRENGTH(0.0) * ORIENTATION(1.0)


def test_without_any_edge() -> None:
    black = np.zeros((8, 8), np.uint8)
    with pytest.raises(UndefinedScore, match="edge"):
        paper(picture((8, 8)), black, black)
    with pytest.raises(UndefinedScore, match="edge"):
        wrapped(black, black, black)
    with pytest.raises(UndefinedScore, match="edge"):
        create("qabf", pooling="local")(black, black, black)
    assert liu2012(black, black, black) == pytest.approx(LIU2012.ideal, rel=1e-12)


def test_a_constant_picture_has_an_edge_at_its_border() -> None:
    grey = np.full((8, 8), 128, np.uint8)
    assert paper(grey, grey, grey) == pytest.approx(IDEAL, rel=1e-12)


def test_scripts_take_the_strength_of_equal_edges_for_their_ratio() -> None:
    """A slope of one grey level a pixel, g = 8, and equal pictures: G is 8 or 8 * 255 instead of 1."""
    slope = np.add.outer(np.zeros(5, int), np.arange(6) + 1).astype(np.uint8)
    g = sobel(Image(slope)).strength
    for name, scale in (("tang", 1), ("vifb", 255)):
        expected = (STRENGTH(scale * g) * g).sum() / g.sum() * ORIENTATION(1.0)
        assert create(f"qabf:{name}")(slope, slope, slope) == pytest.approx(expected, rel=1e-12)
        assert expected > IDEAL


def test_scripts_have_one_orientation_for_all_that_is_not_tilted() -> None:
    """A rising and a falling slope of equal strength: directions of 90 and -90 degrees, but the same to the scripts."""
    rising = np.repeat([[0], [50], [100], [150], [200]], 5, axis=1).astype(np.uint8)
    inner = np.s_[1:-1, 1:-1]
    angles = [edge(Image(image), vertical_angle=-np.pi / 2).orientation[inner] for image in (rising, 250 - rising)]
    np.testing.assert_array_equal(angles, -np.pi / 2)
    assert paper(250 - rising, rising, rising) < create("qabf:tang")(250 - rising, rising, rising)


def test_the_threshold_of_kumars_weights() -> None:
    """Slopes of 1 and 3 levels a pixel, kept to a half; mirrored outside, so that only the middle has a slope."""
    gentle = np.tile([0, 2, 4, 4], (4, 1)).astype(np.uint8)
    steep = np.tile([0, 6, 12, 12], (4, 1)).astype(np.uint8)
    for image, levels in ((gentle, 1), (steep, 3)):
        half = image // 2
        g = np.array([0, 2 * levels, levels, 0])
        assert (sobel(Image(image), border="mirror").strength == 8 * g).all()
        weights = np.where(g >= 2, g**1.5, 0.001)
        kept = np.where(g > 0, PETROVIC2005.kept(0.5, 1.0), PETROVIC2005.kept(0.0, 1.0))
        expected = (kept * weights).sum() / weights.sum()
        assert create("qabf:kumar2013")(half, image, image) == pytest.approx(expected, rel=1e-12)
