"""Pictures made of whole numbers alone, the same on every machine: what timings and documentation are shown on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


class Triple(NamedTuple):
    """Two sources and their fused image, shape (size, size) or (size, size, 3)."""

    a: Pixels
    b: Pixels
    fused: Pixels


def example(size: int = 256, *, colour: bool = False) -> Triple:
    """Make two sources, each sharp in one half, and their average.

    The scene has a slope, stripes, discs, texture, and small saturated patches, flat as overexposed parts or overlaid
    labels are.

    Parameters
    ----------
    size : int
        Rows and columns.
    colour : bool
        Three channels with shifted copies of the scene instead of one.

    Examples
    --------
    >>> pictures = example(64)
    >>> [int(picture.sum()) for picture in pictures]
    [422858, 426047, 425449]
    """
    shifts = (0, size // 8, size // 4) if colour else (0,)
    sharp = np.stack([_scene(size, shift) for shift in shifts], axis=-1)
    blurred = _blur(_blur(sharp))
    left = (np.arange(size) < size // 2)[None, :, None]
    a, b = np.where(left, sharp, blurred), np.where(left, blurred, sharp)
    pictures = (a, b, (a + b + 1) // 2)
    return Triple(*(picture.astype(np.uint8) if colour else picture[..., 0].astype(np.uint8) for picture in pictures))


def _scene(size: int, shift: int) -> npt.NDArray[np.int64]:
    i, j = np.mgrid[:size, :size]
    j = j + shift
    scene = 40 + (60 * i + 40 * j) // size
    scene += 25 * ((i // max(size // 32, 1) + j // max(size // 21, 1)) % 2)
    for k in range(9):
        row, column, radius = (size * (2 * k + 1) // 19, size * (7 * k % 9 + 1) // 11, size // (11 + k))
        inside = (i - row) ** 2 + (j - shift - column) ** 2 < radius**2
        scene[inside] += (-1) ** k * (20 + 8 * k)
    texture = (i * 7919 + j * 104729 + i * j * 31) % 65537 % 23
    scene += texture - 11
    patch = (i % (size // 2) < size // 16) & ((j - shift) % (size // 2) < size // 16)
    scene[patch] = 255
    clipped: npt.NDArray[np.int64] = np.clip(scene, 1, 255)
    return clipped


def _blur(pixels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Mean of 5x5 pixels, rounded down; outside the border pixels are repeated."""
    height, width, _ = pixels.shape
    padded = np.pad(pixels, ((2, 2), (2, 2), (0, 0)), mode="edge")
    rows = np.sum([padded[k : k + height] for k in range(5)], axis=0)
    mean: npt.NDArray[np.int64] = np.sum([rows[:, k : k + width] for k in range(5)], axis=0) // 25
    return mean
