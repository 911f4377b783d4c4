"""The formulas of AGA's ordinal branch and of its loss."""

from __future__ import annotations

import torch
from torch import Tensor

#: Keeps a quotient of two zeros defined, and logarithms finite.
EPS, FLOOR = 5e-7, 1e-6


def exceedance(y: Tensor) -> Tensor:
    """Read probabilities that the score exceeds thresholds from pairs of values, ``p_k = y_k1 / (y_k0 + y_k1)``.

    Parameters
    ----------
    y : Tensor, shape (B, 2 K)
        Not negative; the two of each pair side by side.

    Returns
    -------
    Tensor, shape (B, K)
        In 0..1; 0 for a pair of zeros.
    """
    pairs = y.float().reshape(len(y), -1, 2)
    return pairs[..., 1] / (pairs.sum(dim=2) + EPS)


def soft_score(p: Tensor) -> Tensor:
    """Read q from exceedance probabilities (B, K): ``(sum_k p_k + 1/2) / (K - 1)``, shape (B,).

    The released code interpolates between the middles of neighbouring bins, which comes to the same.
    """
    return (p.sum(dim=1) + 0.5) / (p.shape[1] - 1)


def ordinal_loss(p: Tensor, q: Tensor) -> Tensor:
    """Compare exceedance probabilities with scores: binary cross-entropy, summed over thresholds, mean over images.

        label = round((K - 1) q),   L = - sum_(k < label) log p_k - sum_(k >= label) log(1 - p_k).

    The released code leaves images of label 0 out, a value that it means to ignore; here all count.

    Parameters
    ----------
    p : Tensor, shape (B, K)
    q : Tensor, shape (B,)
        In 0..1.
    """
    thresholds = p.shape[1]
    label = torch.round((thresholds - 1) * q)
    exceeded = torch.arange(thresholds, device=p.device) < label[:, None]
    right = torch.where(exceeded, p, 1 - p)
    return -torch.log(right.clamp(min=FLOOR)).sum(dim=1).mean()
