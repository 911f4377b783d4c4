"""Every equation of the paper on numbers that can be followed by hand."""

from __future__ import annotations

from math import exp, log

import pytest

torch = pytest.importorskip("torch")

from learned.g2npan import losses  # noqa: E402


def t(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_equation_1_mean_squared_error():
    generated, reference = torch.zeros(2, 3, 4, 4), torch.zeros(2, 3, 4, 4)
    generated[0] = 0.5
    reference[1, :, :2] = 1.0
    assert losses.mse_loss(generated, reference).item() == pytest.approx((0.25 + 0.5) / 2)


def test_equation_2_generator():
    found = losses.generator_loss(t(0.25, 0.5), t(0.04)[0], theta=0.5)
    assert found.item() == pytest.approx((log(0.75) + log(0.5)) / 2 + 0.02)


def test_equation_3_discriminator_without_perceptual_weight():
    found = losses.discriminator_loss(t(0.9, 0.8), t(0.1, 0.3), t(0.0, 0.0))
    assert found.item() == pytest.approx((log(0.9) + log(0.8)) / 2 + (log(0.9) + log(0.7)) / 2)


def test_equation_4_nuance():
    image, generated = t(0.2, 0.9), t(0.5, 0.4)
    torch.testing.assert_close(losses.nuance(image, generated), t(0.3, 0.5))


def test_equation_6_attention():
    attention, truth = t(0.0, 1.0, 0.5, 0.5).reshape(1, 2, 2), t(1.0, 1.0, 0.0, 0.25).reshape(1, 2, 2)
    assert losses.cam_loss(attention, truth).item() == pytest.approx((1 + 0 + 0.5 + 0.25) / 4)


def test_equations_7_and_8_quality():
    s = 1 / (1 + exp(-0.4))
    expected = -(0.75 * log(s) + 0.25 * log(1 - s))
    assert losses.quality_loss(t(0.4), t(0.75)).item() == pytest.approx(expected, rel=1e-6)


def test_equation_9_assessor():
    assert losses.assessor_loss(t(0.2)[0], t(0.6)[0], phi=1.5).item() == pytest.approx(0.9)


def test_equation_10_perceptual_weight():
    """3 of 1..5 is q = 0.5, a score of 0; the weight is 1 only above it."""
    assert losses.perceptual_weight(t(-0.1, 0.0, 0.1), acceptable=0.5).tolist() == [0.0, 0.0, 1.0]
    assert losses.perceptual_weight(t(0.1, 2.0), acceptable=0.75).tolist() == [0.0, 1.0]


def test_equation_11_discriminator():
    """Where W_I is 1, the second term rewards taking the generated image for real."""
    found = losses.discriminator_loss(t(0.9, 0.8), t(0.1, 0.3), t(1.0, 0.0))
    assert found.item() == pytest.approx((log(0.9) + log(0.8)) / 2 + (log(0.1) + log(0.7)) / 2)
    generated = t(0.4).requires_grad_()
    for weight, sign in ((1.0, 1), (0.0, -1)):
        (gradient,) = torch.autograd.grad(losses.discriminator_loss(t(0.5), generated, t(weight)), generated)
        assert gradient.sign().item() == sign


def test_equation_12_total():
    assert losses.total_loss(t(-0.3)[0], t(0.8)[0], gamma=0.01).item() == pytest.approx(-0.292)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_certain_discriminators_have_finite_losses(certain):
    given = t(certain).requires_grad_()
    total = losses.discriminator_loss(given, given, t(0.0)) + losses.generator_loss(given, t(0.0)[0], 0.5)
    assert torch.isfinite(total)
    assert torch.isfinite(torch.autograd.grad(total, given)[0]).all()
