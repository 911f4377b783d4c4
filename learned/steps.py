"""What trainees do around a step: mirror images, and let the learning rate fall."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def mirrored(x: Tensor, share: float) -> Tensor:
    """Mirror about this share of the images (B, ..., W), drawn at random, left to right."""
    chosen = torch.rand(len(x), device=x.device) < share
    return torch.where(chosen.reshape(-1, *[1] * (x.ndim - 1)), x.flip(-1), x)


def half_cosine(step: int, steps: int) -> float:
    """Fall from 1 at step 0 to 0 at step `steps`, and rise again beyond.

    Examples
    --------
    >>> [round(half_cosine(step, 10), 2) for step in (0, 5, 10, 20)]
    [1.0, 0.5, 0.0, 1.0]
    """
    return 0.5 * (1 + math.cos(math.pi * step / steps))
