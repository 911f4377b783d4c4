"""Edge models, edge weights and the map of preserved edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from fusion_metrics import Image
from fusion_metrics.features.edge_preservation import (
    LIU2012,
    PETROVIC2005,
    PETROVIC2005_WEIGHT,
    PROPORTIONAL,
    XYDEAS2000,
    EdgeModel,
    edge_strength,
    preserved,
)
from fusion_metrics.features.gradients import sobel
from tests.pictures import multifocus, picture

MODELS = [XYDEAS2000, LIU2012, PETROVIC2005, XYDEAS2000._replace(equal=1.0, vertical_angle=-math.pi / 2)]


def test_published_ideals() -> None:
    assert XYDEAS2000.ideal == pytest.approx(0.9994 / (1 + math.exp(-7.5)) * 0.9879 / (1 + math.exp(-4.4)), rel=1e-15)
    assert PETROVIC2005.ideal == pytest.approx(
        math.sqrt(0.9999 / (1 + math.exp(-9.5)) * 0.9995 / (1 + math.exp(-11))), rel=1e-15
    )
    assert XYDEAS2000._replace(equal=1.0).ideal == pytest.approx(0.9994 * 0.9879 / (1 + math.exp(-4.4)), rel=1e-15)


@pytest.mark.parametrize("model", MODELS)
@given(pixels=hnp.arrays(np.uint8, (2, 6, 5)))
def test_share_is_between_nothing_and_the_ideal(model: EdgeModel, pixels: np.ndarray) -> None:
    share = preserved(Image(pixels[0]), Image(pixels[1]), model=model)
    assert (share >= 0.0).all()
    assert (share <= model.ideal * (1 + 1e-15)).all()


def test_a_model_that_knows_no_sense_sees_nothing_in_inversion() -> None:
    image = picture((16, 16))
    inside = np.s_[1:-1, 1:-1]
    edges = sobel(Image(image)).strength > 0
    for model, accuracy in ((LIU2012, 1e-6), (PETROVIC2005, 1e-12)):  # 1e-5 for 0 turns a vertical gradient a little
        kept = preserved(Image(image), Image(255 - image), model=model)
        np.testing.assert_allclose(kept[inside][edges[inside]], model.ideal, rtol=accuracy)


def test_flat_pixels() -> None:
    grey = Image(np.full((3, 3), 70, dtype=np.uint8))
    assert preserved(grey, grey, model=PETROVIC2005)[1, 1] == PETROVIC2005.kept(0.0, 1.0)
    assert preserved(grey, grey, model=XYDEAS2000)[1, 1] == XYDEAS2000.ideal
    assert edge_strength(grey, model=LIU2012)[1, 1] == 1e-5
    assert not edge_strength(grey, model=PETROVIC2005).any()


def test_weights() -> None:
    g = np.array([0.0, 8.0, 16.0, 32.0])
    assert PROPORTIONAL(g).tolist() == g.tolist()
    np.testing.assert_allclose(PETROVIC2005_WEIGHT(g), [0.001, 0.001, 2**1.5, 8], rtol=1e-15)


def test_the_map_is_remembered_with_the_fused_image() -> None:
    a, _, sharp = map(Image, multifocus())
    assert preserved(a, sharp, model=PETROVIC2005) is preserved(a, sharp, model=PETROVIC2005)
    assert preserved(a, sharp, model=LIU2012) is not preserved(a, sharp, model=PETROVIC2005)
