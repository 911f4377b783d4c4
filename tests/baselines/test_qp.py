"""Q_P: the definition in a literal loop, contrast and polarity, flat images, sources without features, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fusion_metrics import Image, UndefinedScore, create
from fusion_metrics.features.phase_congruency import phase_congruency
from tests.pictures import multifocus, picture

C = 1e-4


def literal(a, b, fused, threshold=0.1):
    """Q_P pixel by pixel, with the window laid over pictures that zeros surround."""
    of_a, of_b, of_f = (phase_congruency(Image(pixels)) for pixels in (a, b, fused))
    x = np.arange(-5, 6)
    window = np.outer(np.exp(-(x**2) / 4.5), np.exp(-(x**2) / 4.5))
    window /= window.sum()
    strongest = np.maximum(of_a[0], of_b[0])
    score = 1.0
    for k in range(3):
        x_s = np.where(of_a[0] > of_b[0], of_a[k], of_b[k])
        maps = [(of_a[k], of_a[0]), (of_b[k], of_b[0]), (x_s, strongest)]
        padded = [np.pad(np.where(p > threshold, x, 0), 5) for x, p in maps]
        x_f = np.pad(of_f[k], 5)
        total = 0.0
        for i, j in zip(*np.nonzero(strongest > threshold), strict=True):
            at = np.s_[i : i + 11, j : j + 11]
            correlations = []
            for (_, p), x_y in zip(maps, padded, strict=True):
                (v_y, c), (_, v_f) = np.cov(x_y[at].ravel(), x_f[at].ravel(), aweights=window.ravel(), ddof=0)
                correlations.append((c + C) / (np.sqrt(v_y * v_f) + C) if p[i, j] > threshold else 0.0)
            total += max(correlations)
        score *= total / np.count_nonzero(strongest > threshold)
    return score


@pytest.mark.parametrize("size", [(24, 24), (21, 26)])
def test_definition(size) -> None:
    a, b, _ = multifocus(size, seed=3)
    fused = a // 2 + b // 2
    assert create("qp")(fused, a, b) == pytest.approx(literal(a, b, fused), rel=1e-9)
    raised = create("qp", threshold=0.3)(fused, a, b)
    assert raised == pytest.approx(literal(a, b, fused, threshold=0.3), rel=1e-9)
    assert raised != pytest.approx(literal(a, b, fused), rel=1e-3)


def test_features_count_not_contrast_or_polarity() -> None:
    scene = picture((64, 64), seed=2)
    same, negative, fainter = (create("qp")(fused, scene, scene) for fused in (scene, 255 - scene, scene // 4))
    assert 0.9 < same < 1  # the sources are blanked outside their features, the fused image is not
    assert negative == pytest.approx(same, rel=1e-9)
    assert fainter > 0.8
    assert create("qp")(picture((64, 64), seed=8), scene, scene) < 0.2


def test_flat_fused_image_has_no_phase() -> None:
    a, b, _ = multifocus()
    for variant in ("qp", "qp:liu2012"):
        with pytest.raises(UndefinedScore, match="flat"):
            create(variant)(np.full_like(a, 128), a, b)


def test_flat_source_leaves_the_judgement_to_the_other() -> None:
    scene = picture()
    fused = scene // 2 + picture(seed=9) // 3
    flat = np.full_like(scene, 30)
    alone = create("qp")(fused, flat, scene)
    assert alone == create("qp")(fused, scene, flat)
    # With the scene as both sources a negative correlation is not raised to the flat source's 0.
    assert alone == pytest.approx(create("qp")(fused, scene, scene), abs=0.02)
    with pytest.raises(UndefinedScore, match="flat"):
        create("qp:liu2012")(fused, flat, scene)


def test_sources_without_features() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 32, 32), dtype=np.uint8)
    with pytest.raises(UndefinedScore, match=r"above 0\.9"):
        create("qp", threshold=0.9)(*noise)
    with pytest.raises(UndefinedScore, match=r"above 0\.1"):
        create("qp")(noise[0], np.full((32, 32), 3, np.uint8), np.full((32, 32), 9, np.uint8))


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, st.tuples(st.just(3), st.integers(2, 20), st.integers(2, 20))))
def test_bounds_and_exchange_of_sources(images) -> None:
    try:
        score = create("qp")(*images)
    except UndefinedScore:
        return
    assert -1 <= score <= 1
    assert create("qp")(images[0], images[2], images[1]) == pytest.approx(score, rel=1e-12)
