"""What trainees do around a step: mirror images, and let the learning rate fall."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def mirrored(share: float, *tensors: Tensor, axis: int = -1) -> list[Tensor]:
    """Mirror about this share of the images, drawn at random, the same in all tensors (B, ..., H, W).

    Left to right, or with an `axis` of -2 top to bottom.
    """
    chosen = torch.rand(len(tensors[0]), device=tensors[0].device) < share
    return [torch.where(chosen.reshape(-1, *[1] * (x.ndim - 1)), x.flip(axis), x) for x in tensors]


def moved(pixels: int, *tensors: Tensor) -> list[Tensor]:
    """Move each image by up to so many pixels along rows and columns, the same in all tensors (B, ..., H, W).

    What leaves on one side enters on the other, so that nothing is lost or made up.
    """
    offsets = torch.randint(-pixels, pixels + 1, (len(tensors[0]), 2)).tolist()
    return [torch.stack([one.roll(by, (-2, -1)) for one, by in zip(x, offsets, strict=True)]) for x in tensors]


def half_cosine(step: float, steps: float) -> float:
    """Fall from 1 at step 0 to 0 at step `steps`, and rise again beyond.

    Examples
    --------
    >>> [round(half_cosine(step, 10), 2) for step in (0, 5, 10, 20)]
    [1.0, 0.5, 0.0, 1.0]
    """
    return 0.5 * (1 + math.cos(math.pi * step / steps))


def warmed_up(step: int, steps: int, share: float) -> float:
    """Rise to 1 in a share of the steps, then fall to 0 along half a cosine.

    Examples
    --------
    >>> [round(warmed_up(step, 10, 0.2), 2) for step in (0, 1, 2, 6, 9)]
    [0.5, 1.0, 1.0, 0.5, 0.04]
    """
    rise = share * steps
    return min(1.0, (step + 1) / rise) if step < rise else half_cosine(step - rise, steps - rise)
