"""The formulas of the paper, equations 1 to 12, with its symbols."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

#: Probabilities are kept this far from 0 and 1 under a logarithm.
EPS = 1e-6


def mse_loss(generated: Tensor, reference: Tensor) -> Tensor:
    """Compare what was generated with the reference, ``L_mse = mean (G(I_org) - I_GT)^2`` (eq. 1).

    Parameters
    ----------
    generated, reference : Tensor, shape (B, C, H, W)
        I_hq and I_GT, in 0..1. The mean is over images and pixels: a sum over pixels would leave L_G nothing else.
    """
    return ((generated - reference) ** 2).mean()


def generator_loss(of_generated: Tensor, mse: Tensor, theta: float) -> Tensor:
    """Fool the discriminator, ``L_G = E[log(1 - D(G(I_org)))] + theta L_mse`` (eq. 2); minimised.

    Equation 2 shows D of the pair of images, equation 3 of the generated one alone; the discriminator that is
    described takes one image.

    Parameters
    ----------
    of_generated : Tensor, shape (B,)
        D(G(I_org)).
    mse : Tensor
        `mse_loss`.
    theta : float
    """
    return _log(1 - of_generated).mean() + theta * mse


def discriminator_loss(of_reference: Tensor, of_generated: Tensor, weight: Tensor) -> Tensor:
    """Tell real from generated, ``L_D = E[log D(I_GT)] + E[log(1 - |D(G(I_org)) - W_I|)]`` (eq. 11); maximised.

    Where W_I is 1 the discriminator is not asked to reject what was generated. With W_I = 0 it is equation 3,
    ``E[log D(I_GT)] + E[log(1 - D(G(I_org)))]``.

    Parameters
    ----------
    of_reference, of_generated : Tensor, shape (B,)
        D(I_GT) and D(G(I_org)).
    weight : Tensor, shape (B,)
        W_I.
    """
    return _log(of_reference).mean() + _log(1 - (of_generated - weight).abs()).mean()


def nuance(image: Tensor, generated: Tensor) -> Tensor:
    """Say where an image differs from its best version, ``I_sub = |I_hq - I_org|`` (eq. 4)."""
    return (generated - image).abs()


def cam_loss(attention: Tensor, truth: Tensor) -> Tensor:
    """Compare attention maps, ``L_CAM = mean |F_CAM - F_GT|`` (eq. 6).

    Parameters
    ----------
    attention, truth : Tensor, shape (B, h, w)
        F_CAM and F_GT, in 0..1. The mean is over images and positions, so that it does not grow with the map.
    """
    return (attention - truth).abs().mean()


def quality_loss(score: Tensor, q: Tensor) -> Tensor:
    """Compare scores, ``L_QA = -[Q_t log s(Q_pre) + (1 - Q_t) log(1 - s(Q_pre))]``, s the sigmoid (eqs 7 and 8).

    Parameters
    ----------
    score, q : Tensor, shape (B,)
        Q_pre, and Q_t in 0..1.
    """
    return binary_cross_entropy_with_logits(score.float(), q)


def assessor_loss(cam: Tensor, quality: Tensor, phi: float) -> Tensor:
    """Add attention to quality, ``L_AQA = phi L_CAM + L_QA`` (eq. 9)."""
    return phi * cam + quality


def perceptual_weight(score_of_generated: Tensor, acceptable: float) -> Tensor:
    """Decide whether a generated image is good enough for a diagnosis, ``W_I = 1 if AQA(I_hq) > 3 else 0`` (eq. 10).

    Parameters
    ----------
    score_of_generated : Tensor, shape (B,)
        Q_pre of I_hq.
    acceptable : float
        3 on the scale of 1 to 5, as q in 0..1.
    """
    return (torch.sigmoid(score_of_generated.float()) > acceptable).float()


def total_loss(generator: Tensor, assessor: Tensor, gamma: float) -> Tensor:
    """Combine what the generator and the assessor minimise, ``L_G + gamma L_AQA`` (eq. 12).

    Equation 12 is ``min_G max_D V(G, D) + gamma L_AQA``; this is its side of the minimum, `discriminator_loss` the
    other.
    """
    return generator + gamma * assessor


def _log(probability: Tensor) -> Tensor:
    return probability.clamp(EPS, 1 - EPS).log()
