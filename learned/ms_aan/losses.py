"""The formulas of MS-AAN's losses: soft mask, Dice loss, and cross-entropy over five classes of quality."""

from __future__ import annotations

import torch
from torch import Tensor

CLASSES = 5


def soft_mask(attention: Tensor, alpha: float, beta: float) -> Tensor:
    """Turn an attention map A in 0..1 into a soft mask, ``T(A) = 1 / (1 + exp(-alpha (A - beta)))`` (eq. 6)."""
    return torch.sigmoid(alpha * (attention - beta))


def dice_loss(soft: Tensor, mask: Tensor, eps: float = 1e-6) -> Tensor:
    """Compare soft masks with lesion masks, ``1 - 2 sum(T M) / (sum T + sum M + eps)`` (eq. 7).

    Parameters
    ----------
    soft, mask : Tensor, shape (B, H, W)
        T and M, in 0..1.
    eps : float
        Keeps two empty masks defined.

    Returns
    -------
    Tensor, shape (B,)
        In 0..1; 0 where they agree.
    """
    overlap = (soft * mask).sum(dim=(1, 2))
    total = soft.sum(dim=(1, 2)) + mask.sum(dim=(1, 2)) + eps
    return 1 - 2 * overlap / total


def class_shares(q: Tensor) -> Tensor:
    """Write scores as shares of the five classes whose mean is the score.

    A score on a class, q = 0, 1/4, 1/2, 3/4 or 1, belongs to it alone; one between two belongs to both, the more to
    the nearer.

    Parameters
    ----------
    q : Tensor, shape (B,)
        In 0..1.

    Returns
    -------
    Tensor, shape (B, 5)
        Rows that sum to 1.

    Examples
    --------
    >>> class_shares(torch.tensor([0.75, 0.125])).tolist()
    [[0.0, 0.0, 0.0, 1.0, 0.0], [0.5, 0.5, 0.0, 0.0, 0.0]]
    """
    levels = torch.arange(CLASSES, device=q.device, dtype=q.dtype)
    return (1 - (q[:, None] * (CLASSES - 1) - levels).abs()).clamp(min=0)


def cross_entropy(logits: Tensor, shares: Tensor) -> Tensor:
    """Compare predicted classes with what they should be, ``-sum_c y_c log p_c``, the mean over images (eq. 8)."""
    return -(shares * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()


def expected_score(logits: Tensor) -> Tensor:
    """Read q as the mean over classes, ``sum_c c p_c`` with c = 0, 1/4, ..., 1; shape (B,)."""
    levels = torch.linspace(0, 1, CLASSES, device=logits.device, dtype=logits.dtype)
    return torch.softmax(logits, dim=1) @ levels


def likeliest_score(logits: Tensor) -> Tensor:
    """Read q as the class of the largest probability: 0, 1/4, 1/2, 3/4 or 1; shape (B,)."""
    return logits.argmax(dim=1) / (CLASSES - 1)
