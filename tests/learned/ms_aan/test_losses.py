"""MS-AAN: its losses against their formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from learned.ms_aan.fitting import Classification
from learned.ms_aan.losses import (
    class_shares,
    cross_entropy,
    dice_loss,
    expected_score,
    likeliest_score,
    soft_mask,
)
from learned.ms_aan.network import Network
from learned.ms_aan.trainee import Classifier
from tests.learned.ms_aan.pictures import QUICK, SMALL


def test_soft_mask_is_equation_6() -> None:
    """T(A) = 1 / (1 + exp(-alpha (A - beta))): a half at beta, steep around it."""
    soft = soft_mask(torch.tensor([0.4, 0.5, 0.3]), alpha=10.0, beta=0.4)
    np.testing.assert_allclose(soft, [0.5, 1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))], rtol=1e-6)


def test_dice_loss_is_equation_7() -> None:
    soft = torch.tensor([[[0.5, 1.0], [0.0, 0.25]], [[1.0, 0.0], [0.0, 0.0]]])
    mask = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]]])
    # First: overlap 0.5 + 0.25, sums 1.75 and 2.
    np.testing.assert_allclose(dice_loss(soft, mask), [1 - 2 * 0.75 / 3.75, 0], atol=1e-6)
    assert dice_loss(torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)).item() == 1


def test_classes_of_scores_and_back() -> None:
    q = torch.tensor([0.0, 0.25, 0.4, 0.9, 1.0], dtype=torch.float64)
    shares = class_shares(q)
    np.testing.assert_allclose(shares[2], [0, 0.4, 0.6, 0, 0], atol=1e-12)
    np.testing.assert_allclose(shares.sum(dim=1), 1)
    np.testing.assert_allclose(shares @ torch.linspace(0, 1, 5, dtype=torch.float64), q, atol=1e-12)


def test_cross_entropy_is_equation_8() -> None:
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0, 0.0], [math.log(6), 0.0, 0.0, 0.0, 0.0]])
    shares = torch.tensor([[0, 0, 1.0, 0, 0], [0.5, 0.5, 0, 0, 0]])
    # p = 1/5 in the first row; 6/10 and 1/10 in the second.
    expected = (math.log(5) - 0.5 * math.log(0.6) - 0.5 * math.log(0.1)) / 2
    assert cross_entropy(logits, shares).item() == pytest.approx(expected, rel=1e-6)


def test_scores_are_read_from_probabilities() -> None:
    logits = torch.log(torch.tensor([[0.1, 0.1, 0.1, 0.3, 0.4]]))
    assert expected_score(logits).item() == pytest.approx(0.025 + 0.05 + 0.225 + 0.4, rel=1e-6)
    assert likeliest_score(logits).item() == 1.0
    assert Classification(QUICK, "argmax").read(logits).tolist() == [1.0]


def test_the_whole_loss_is_equation_9() -> None:
    """One step of gradient descent by hand: classes, plus the attention of the images with a mask."""
    config = replace(SMALL, flip=0.0, attention_weight=0.5)
    torch.manual_seed(0)
    network = Network(config)
    x, q = torch.rand(3, 4, 3, 32, 32), torch.tensor([0.0, 0.5, 1.0])
    masks, known = torch.zeros(3, 8, 8), torch.tensor([True, False, True])
    masks[0, :2, :2] = masks[2, 5:, 5:] = 1
    seen: dict[str, float] = {}
    trainee = Classifier(network, config)
    batch = {"x": x, "q": q, "mask": masks, "masked": known}
    told = trainee.step(trainee.networks, batch, lambda name, loss: seen.update({name: loss.item()}))
    network.train()
    logits, attended = network(x, torch.tensor([0, 2, 4]))
    classes = -torch.log_softmax(logits, 1)[torch.arange(3), [0, 2, 4]].mean()
    parts = []
    for i in (0, 2):
        soft = 1 / (1 + torch.exp(-10 * (attended[i] - 0.4)))
        parts.append(1 - 2 * (soft * masks[i]).sum() / (soft.sum() + masks[i].sum() + 1e-6))
    assert told["classes"].item() == pytest.approx(classes.item(), rel=1e-4)
    assert told["attention"].item() == pytest.approx(sum(parts).item() / 2, rel=1e-4)
    assert seen["adam"] == pytest.approx(classes.item() + 0.5 * sum(parts).item() / 2, rel=1e-4)
