"""MEF-SSIMc: every patch by its equations, brightness that is called for, and colours that are lost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fusion_metrics import Image, create
from fusion_metrics.features.windows import SSIM_C1, SSIM_C2
from tests.pictures import picture

colour = create("mef_ssim:colour")


def coloured(size: tuple[int, int], seed: int) -> np.ndarray:
    return np.dstack([picture(size, 10 * seed + channel) for channel in range(3)])


def by_patches(sources: list[np.ndarray], fused: np.ndarray) -> float:
    quality = []
    whole = [source.mean() for source in sources]
    for row, column in np.ndindex(fused.shape[0] - 7, fused.shape[1] - 7):
        patches = [image[row : row + 8, column : column + 8].astype(float).ravel() for image in (*sources, fused)]
        *x, f = patches
        level = [x_i.mean() for x_i in x]
        w = [
            math.exp(-((m / 255 - 0.5) ** 2) / 0.08 - (l_i / 255 - 0.5) ** 2 / 0.08)
            for m, l_i in zip(whole, level, strict=True)
        ]
        brightness = sum(w_i * l_i for w_i, l_i in zip(w, level, strict=True)) / sum(w)
        j = int(np.argmax([x_i.var() for x_i in x]))
        covariance = ((x[j] - level[j]) * (f - f.mean())).mean()
        luminance = (2 * brightness * f.mean() + SSIM_C1) / (brightness**2 + f.mean() ** 2 + SSIM_C1)
        quality.append(luminance * (2 * covariance + SSIM_C2) / (x[j].var() + f.var() + SSIM_C2))
    return float(np.mean(quality))


@pytest.mark.parametrize("count", [2, 4])
def test_patch_by_patch(count: int) -> None:
    *sources, fused = (coloured((13, 12), seed) for seed in range(count + 1))
    sources[0] = sources[0] // 4
    assert colour(fused, *sources) == pytest.approx(by_patches(sources, fused), rel=1e-10)


def test_a_grey_source_is_a_colour_picture_of_equal_channels() -> None:
    grey, other, fused = picture((24, 24), 1), coloured((24, 24), 2), coloured((24, 24), 3)
    assert colour(fused, grey, other) == pytest.approx(colour(fused, np.dstack([grey] * 3), other), rel=1e-12)


def test_lost_colours_are_seen_though_the_luminance_is_the_same() -> None:
    scene = coloured((48, 48), 4)
    grey = Image(scene).luminance.astype(np.uint8)
    assert colour(scene, scene, scene) == pytest.approx(1.0, rel=1e-12)
    assert colour(np.dstack([grey] * 3), scene, scene) < 0.9
    assert create("mef_ssim")(np.dstack([grey] * 3), scene, scene) == pytest.approx(1.0, rel=1e-12)


def test_the_brightness_of_a_dark_exposure_is_not_called_for() -> None:
    scene = picture((48, 48), 5) // 2 + 64
    dark = scene // 8
    assert colour(scene, scene, dark, dark) > 0.9
    darkened = (scene.astype(int) - 56).clip(0, 255).astype(np.uint8)
    assert colour(darkened, scene, dark, dark) < colour(scene, scene, dark, dark) - 0.1


def test_equally_strong_patches_that_contradict_each_other() -> None:
    sharp = picture((32, 32), 6)
    inverse = 255 - sharp
    assert colour(sharp, sharp, inverse) == colour(sharp, inverse, sharp)
    assert colour(sharp, sharp, inverse) < 0.3
