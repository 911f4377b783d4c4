"""What trainees do around a step: mirror images, and let the learning rate fall."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def mirrored(share: float, *tensors: Tensor) -> list[Tensor]:
    """Mirror about this share of the images, drawn at random, left to right: the same in all tensors (B, ..., W)."""
    chosen = torch.rand(len(tensors[0]), device=tensors[0].device) < share
    return [torch.where(chosen.reshape(-1, *[1] * (x.ndim - 1)), x.flip(-1), x) for x in tensors]


def half_cosine(step: int, steps: int) -> float:
    """Fall from 1 at step 0 to 0 at step `steps`, and rise again beyond.

    Examples
    --------
    >>> [round(half_cosine(step, 10), 2) for step in (0, 5, 10, 20)]
    [1.0, 0.5, 0.0, 1.0]
    """
    return 0.5 * (1 + math.cos(math.pi * step / steps))
