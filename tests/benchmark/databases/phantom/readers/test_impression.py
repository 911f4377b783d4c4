"""Components of a simulated reader's impression react to what they stand for."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from benchmark.databases.phantom.colour import colourise
from benchmark.databases.phantom.readers import PANELS, judge, panel, vote
from benchmark.databases.phantom.readers.eye import perceive
from benchmark.databases.phantom.readers.fidelity import ColourBar
from benchmark.errors import BenchmarkError
from benchmark.fusion import fuse
from tests.phantoms import EVERY_KIND, PET, QUICK, blocks, fused, needs_anatomy, per_channel, reading, rendered


def opinion(index: int, image: np.ndarray) -> float:
    """Noise-free quality to the senior reader."""
    return panel.quality(reading(index).judge(image), PANELS["phantom"].senior.weights)


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_blur_costs_anatomy(index) -> None:
    sharp = reading(index).judge(fused(index))
    soft = reading(index).judge(per_channel(fused(index), lambda x: ndimage.gaussian_filter(x, 2)))
    assert soft.anatomy < sharp.anatomy - 0.1


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_half_the_contrast_is_about_half_the_anatomy(index) -> None:
    full = reading(index).judge(fused(index)).anatomy
    half = reading(index).judge(per_channel(fused(index), lambda x: 0.5 * x)).anatomy
    assert 0.35 * full < half < 0.75 * full


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_misplaced_function_is_noticed(index) -> None:
    pair = rendered(index)
    moved = fuse(pair.a, np.roll(np.flip(pair.b, axis=1), 6, axis=0).copy(), "laplacian")
    assert reading(index).judge(moved).function < reading(index).judge(fused(index)).function - 0.15


@pytest.mark.parametrize("scale", ["PET", "SPECT"])
def test_the_colour_bar_reads_its_own_colours(scale) -> None:
    values = np.linspace(0.05, 1, 64)[None, :].repeat(64, 0)
    brain = np.zeros((64, 64), bool)
    brain[16:48, 16:48] = True
    bar = ColourBar(scale, values, brain)
    assert bar.score(perceive(colourise(values, scale))) > 0.98
    assert bar.score(perceive(colourise(values[:, ::-1], scale))) == 0
    dimmed = np.rint(0.7 * colourise(values, scale)).astype(np.uint8)
    assert bar.score(perceive(dimmed)) < bar.score(perceive(colourise(values, scale)))


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_noise_and_blocks_are_artefacts(index) -> None:
    clean = reading(index).judge(fused(index)).artefact
    rng = np.random.default_rng(7)
    noisy = reading(index).judge(per_channel(fused(index), lambda x: x + 15 * rng.standard_normal(x.shape))).artefact
    blocky = reading(index).judge(per_channel(fused(index), blocks)).artefact
    assert noisy > clean + 2
    assert blocky > clean + 1


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_noise_free_sources_make_better_images_and_black_is_worst(index) -> None:
    clean = rendered(index, noise=False)
    others = [opinion(index, fused(index, algorithm)) for algorithm in QUICK]
    assert opinion(index, fuse(clean.a, clean.b, "laplacian")) > max(opinion(index, fused(index)), np.mean(others))
    black = np.zeros_like(fused(index))
    assert opinion(index, black) < min(others)
    assert vote("phantom", "black.png", reading(index).judge(black)).mos <= 1.5


@needs_anatomy
def test_readers_are_shown_no_source() -> None:
    pair = rendered(PET)
    blind = dataclasses.replace(pair, a=np.zeros_like(pair.a), b=np.zeros_like(pair.b))
    assert judge(blind, fused(PET)) == reading(PET).judge(fused(PET))


@needs_anatomy
@pytest.mark.parametrize(
    "image", [np.zeros((128, 128)), np.zeros((64, 64), np.uint8), np.zeros((128, 128, 4), np.uint8)]
)
def test_other_images_are_refused(image) -> None:
    with pytest.raises(BenchmarkError, match="fused image"):
        reading(PET).judge(image)
