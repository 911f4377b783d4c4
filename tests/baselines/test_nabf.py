"""N^AB/F: worked values, what it adds up to, and whose artefacts Tang's scripts count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from fusion_metrics import Image, create
from fusion_metrics.features.edge_preservation import PETROVIC2005
from fusion_metrics.features.gradients import sobel
from tests.pictures import multifocus, picture

paper, kumar2013, tang = create("nabf"), create("nabf:kumar2013"), create("nabf:tang")


def test_an_edge_between_flat_sources_by_hand() -> None:
    """Weights are 0.001 everywhere; at half of the pixels all is artefact, of which Q is that of G = 0 and A = 0."""
    grey = np.full((4, 4), 90, dtype=np.uint8)
    step = np.tile([10, 10, 200, 200], (4, 1)).astype(np.uint8)
    Q = float(PETROVIC2005.kept(0.0, 0.0))
    assert Q < 1e-4
    assert paper(step, grey, grey) == pytest.approx(0.5 * (2 - 2 * Q), rel=1e-12)
    assert kumar2013(step, grey, grey) == pytest.approx(0.5 * (1 - Q), rel=1e-12)


def test_an_exaggerated_slope_by_hand() -> None:
    """Sources of 3 levels a pixel, the fused image of 6: G = 1/2, and all edges are artefacts."""
    source = np.tile([0, 6, 12, 12], (4, 1)).astype(np.uint8)
    weights = np.array([0.001, 6**1.5, 3**1.5, 0.001])
    assert (sobel(Image(source), border="mirror").strength == 8 * np.array([0, 6, 3, 0])).all()
    lost = (1 - float(PETROVIC2005.kept(0.5, 1.0))) * weights[1:3].sum() / weights.sum()
    assert kumar2013(2 * source, source, source) == pytest.approx(lost, rel=1e-12)
    assert paper(2 * source, source, source) == pytest.approx(2 * lost, rel=1e-12)


def test_an_edge_of_either_source_is_no_artefact() -> None:
    a, b, sharp = multifocus()
    grey = np.full_like(a, 128)
    for fused in (a, b, grey, a // 2):
        assert paper(fused, a, b) == kumar2013(fused, a, b) == 0.0
    noisy = sharp ^ np.random.default_rng(1).integers(0, 32, sharp.shape, dtype=np.uint8)
    assert kumar2013(noisy, a, b) > 0.05


@given(images=hnp.arrays(np.uint8, (3, 7, 6)))
def test_artefacts_and_what_is_kept_are_no_more_than_all(images: np.ndarray) -> None:
    a, b, fused = images
    assert kumar2013(fused, a, b) + create("qabf:kumar2013")(fused, a, b) <= 1.0 + 1e-12
    assert kumar2013(fused, a, b) <= paper(fused, a, b) + 1e-12


def test_tang_judges_the_first_source() -> None:
    a, b, _ = multifocus()
    fused = picture(seed=5)
    assert tang(fused, a, b) == kumar2013(a, b, fused)
    assert tang(fused, a, b) != tang(fused, b, a)
    assert tang(a, a, b) == 0.0


def test_the_border_is_mirrored() -> None:
    grey = np.full((5, 5), 200, dtype=np.uint8)
    assert paper(grey, np.zeros_like(grey), np.zeros_like(grey)) == 0.0
