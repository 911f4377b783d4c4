"""The formulas of PNQC's losses."""

from __future__ import annotations

import torch
from torch import Tensor


def contrast_loss(z: Tensor, q: Tensor) -> Tensor:
    """Ask that images be as alike as their scores, ``((z_i . z_j) - (1 - |q_i - q_j|))^2``, the mean over pairs i != j.

    Parameters
    ----------
    z : Tensor, shape (B, K)
        Embeddings of length 1.
    q : Tensor, shape (B,)
        In 0..1.

    Returns
    -------
    Tensor, scalar
        0 for a single image, which has no pair.

    Examples
    --------
    >>> z = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    >>> round(contrast_loss(z, torch.tensor([0.9, 0.4])).item(), 4)  # (0.6 - 0.5)^2
    0.01
    """
    squares = (z @ z.T - (1 - (q[:, None] - q).abs())) ** 2
    count = len(q)
    return (squares.sum() - squares.diagonal().sum()) / max(1, count * (count - 1))


def pnqc_loss(score: Tensor, z: Tensor, q: Tensor, contrast: float) -> Tensor:
    """Compute ``mean((s - q)^2) + contrast * L_contrast``."""
    return torch.mean((score - q) ** 2) + contrast * contrast_loss(z, q)
