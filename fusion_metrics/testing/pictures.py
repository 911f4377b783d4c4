"""Pictures to put metrics to the test, the same on every machine."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

Pixels: TypeAlias = npt.NDArray[np.uint8]


def picture(size: tuple[int, int] = (64, 64), seed: int = 1) -> Pixels:
    """Make a natural-looking grey picture: smoothed noise with edges, over the full range."""
    random = np.random.default_rng(seed)
    rough = random.standard_normal((size[0] + 16, size[1] + 16))
    smooth = scipy.ndimage.gaussian_filter(rough, 3)[8:-8, 8:-8]
    fine = scipy.ndimage.gaussian_filter(rough, 0.7)[8:-8, 8:-8]
    scene = np.tanh(20 * smooth) + 0.35 * fine
    scene = (scene - scene.min()) / np.ptp(scene)
    return np.rint(255 * scene).astype(np.uint8)


def multifocus(size: tuple[int, int] = (64, 64), seed: int = 1) -> tuple[Pixels, Pixels, Pixels]:
    """Make two sources, each sharp in one half, and the picture that is sharp everywhere."""
    sharp = picture(size, seed)
    blurred = soft(sharp)
    left = np.arange(size[1])[None, :] < size[1] // 2
    return np.where(left, sharp, blurred), np.where(left, blurred, sharp), sharp


def soft(pixels: Pixels) -> Pixels:
    """Blur a picture with a Gaussian of two pixels."""
    return np.rint(scipy.ndimage.gaussian_filter(pixels.astype(float), 2)).astype(np.uint8)


def noisy(pixels: Pixels) -> Pixels:
    """Add white noise of 25 grey levels."""
    noise = 25 * np.random.default_rng(3).standard_normal(pixels.shape)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)
