"""Variants that take the channels of a colour picture one by one: the mean of what they give for each."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import MetricSpec, create, list_metrics
from tests.pictures import multifocus

PER_CHANNEL = [spec for spec in list_metrics(variants=True) if spec.channels == "each"]

every_variant = pytest.mark.parametrize("spec", PER_CHANNEL, ids=lambda spec: spec.id)


def colour_triple(side: int = 48) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fused picture, a and b, with other scenes in red, green and blue; noise keeps the fused one from being ideal."""
    noise = np.random.default_rng(5).integers(-9, 10, (side, side))
    channels = [multifocus((side, side), seed) for seed in (2, 3, 4)]
    a, b, sharp = (np.dstack([channel[k] for channel in channels]) for k in range(3))
    return np.clip(sharp + noise[..., None], 0, 255).astype(np.uint8), a, b


@every_variant
def test_colour_scores_the_mean_of_its_channels(spec: MetricSpec) -> None:
    metric = create(spec.id)
    images = colour_triple(max(48, spec.min_size))[: 2 if spec.needs_reference else 3]
    grey = [metric(*(image[..., c] for image in images)) for c in range(3)]
    assert len(set(grey)) == 3
    assert metric(*images) == pytest.approx(np.mean(grey), rel=1e-12)


@every_variant
def test_a_grey_source_stands_in_for_each_channel(spec: MetricSpec) -> None:
    if not spec.needs_sources:
        pytest.skip("takes no sources")
    metric, (fused, a, b) = create(spec.id), colour_triple()
    grey = b[..., 0]
    assert metric(fused, a, grey) == pytest.approx(metric(fused, a, np.dstack([grey] * 3)), rel=1e-12)
