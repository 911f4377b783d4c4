"""TE: worked values, the limit at q = 1, both normalisations, and the toolbox's transposed marginals."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from baselines.te import NAVA_Q, tsallis_entropy, tsallis_information
from fusion_metrics import FusionMetricsError, Image, UndefinedScore, create
from fusion_metrics.features.histograms import entropy, mutual_information
from tests.pictures import crossed_waves, multifocus, picture

ORDERS = (NAVA_Q, 0.5, 0.9, 1.1, 1.5, 1.85, 2.0)
few_levels = hnp.arrays(np.uint8, (6, 7), elements=st.integers(0, 5))


def by_definition(x: np.ndarray, y: np.ndarray, q: float, *, transposed: bool = False) -> float:
    """The formula cell by cell; transposed, the marginals change places and cells without product are left out."""
    total = 0.0
    for i in np.unique(x):
        for j in np.unique(y):
            p = np.mean((x == i) & (y == j))
            product = np.mean(y == i) * np.mean(x == j) if transposed else np.mean(x == i) * np.mean(y == j)
            if p and product:
                total += p**q / product ** (q - 1)
    return (1 - total) / (1 - q)


def test_crossed_waves() -> None:
    """Values of an independent implementation of the published formulas (2025, eight digits)."""
    a, b, fused = crossed_waves()
    assert create("te")(fused, a, b) == pytest.approx(9.8901887, abs=5e-8)
    assert create("te", q=NAVA_Q)(fused, a, b) == pytest.approx(2.2775906, abs=5e-8)


@pytest.mark.parametrize("q", ORDERS)
def test_information_is_the_published_sum(q: float) -> None:
    random = np.random.default_rng(11)
    x, y = random.integers(0, 4, (2, 5, 6)).astype(np.uint8)
    assert tsallis_information(Image(x), Image(y), q=q) == pytest.approx(by_definition(x, y, q), rel=1e-12)


@pytest.mark.parametrize("q", [NAVA_Q, 1.85])
def test_transposed_marginals_leave_out_cells_without_product(q: float) -> None:
    random = np.random.default_rng(12)
    x, y = random.integers(0, 4, (5, 6)).astype(np.uint8), random.integers(2, 6, (5, 6)).astype(np.uint8)
    got = tsallis_information(Image(x), Image(y), q=q, transposed=True)
    assert got == pytest.approx(by_definition(x, y, q, transposed=True), rel=1e-12)


def test_transposed_marginals_can_take_information_away() -> None:
    """Of the two pairs (0, 0) and (0, 255) only the first is kept: (1 - 1/2) / (1 - q) for either source."""
    black = np.zeros((1, 4), np.uint8)
    half = np.array([[0, 0, 255, 255]], dtype=np.uint8)
    assert create("te:liu2012")(half, black, black) == pytest.approx(-2 * 0.5 / 0.85, rel=1e-14)
    assert create("te")(half, black, black) == 0.0


def test_order_one_is_mutual_information_in_nats() -> None:
    a, b, sharp = multifocus()
    nats = create("mi")(sharp, a, b) * math.log(2)
    assert create("te", q=1.0)(sharp, a, b) == pytest.approx(nats, rel=1e-13)


@pytest.mark.parametrize("step", [1e-15, 1e-12, 1e-9, 1e-6])
def test_orders_near_one_approach_it_without_cancellation(step: float) -> None:
    a, b, sharp = multifocus()
    at_one = create("te", q=1.0)(sharp, a, b)
    for q in (1 - step, 1 + step):
        assert create("te", q=q)(sharp, a, b) == pytest.approx(at_one, rel=10 * step + 1e-13)


@given(x=few_levels, y=few_levels, q=st.floats(0.05, 2.0))
def test_information_is_between_zero_and_the_entropy_of_order_two_minus_q(
    x: np.ndarray, y: np.ndarray, q: float
) -> None:
    x_image, y_image = Image(x), Image(y)
    limit = min(tsallis_entropy(image, q=2 - q) for image in (x_image, y_image))
    assert -1e-12 <= tsallis_information(x_image, y_image, q=q) <= limit + 1e-12
    assert tsallis_information(x_image, x_image, q=q) == pytest.approx(tsallis_entropy(x_image, q=2 - q), abs=1e-12)


def test_tsallis_entropy_by_hand() -> None:
    quarter = Image(np.array([[0, 10, 20, 30]], dtype=np.uint8))
    assert tsallis_entropy(quarter, q=2.0) == pytest.approx(1 - 4 / 16, rel=1e-15)
    assert tsallis_entropy(quarter, q=1.0) == pytest.approx(math.log(4), rel=1e-15)


def test_nava_at_order_one_is_information_relative_to_the_joint_entropy() -> None:
    a, b, sharp = (Image(image) for image in multifocus())
    joint = entropy(a) + entropy(b) - mutual_information(a, b)
    expected = create("mi")(sharp, a, b) / joint
    assert create("te:nava-tsallis", q=1.0)(sharp, a, b) == pytest.approx(expected, rel=1e-12)


def test_readings_of_nava_on_a_camera_picture(shared: Path) -> None:
    """Right marginals give 41.79 and 0.425 where the toolbox prints 230.50 and 0.472."""
    images = [Image.open(shared / "golden" / "images" / f"camera256_{part}.png") for part in ("F-avg", "A", "B")]
    assert create("te")(*images) == pytest.approx(41.79, abs=0.005)
    assert create("te:nava")(*images) == pytest.approx(0.425, abs=5e-4)
    assert create("te:nava-tsallis")(*images) == pytest.approx(0.0384, abs=5e-5)
    assert create("te:liu2012")(*images) == pytest.approx(230.50, abs=0.005)
    assert create("te:liu2012-nava")(*images) == pytest.approx(0.472, abs=5e-4)


def test_constant_images() -> None:
    a, b, sharp = multifocus()
    grey, black = np.full_like(a, 128), np.zeros_like(a)
    assert create("te")(grey, a, b) == create("te:nava")(grey, a, b) == 0.0
    with pytest.raises(UndefinedScore, match="fused is constant"):
        create("te:liu2012")(grey, a, b)
    for name in ("te:nava", "te:liu2012-nava"):
        with pytest.raises(UndefinedScore, match="both sources are constant"):
            create(name)(sharp, black, black)


@pytest.mark.parametrize("q", [0.0, -1.0, math.inf, math.nan])
def test_an_order_that_is_none(q: float) -> None:
    same = picture((8, 8))
    with pytest.raises(FusionMetricsError, match="order q"):
        create("te", q=q)(same, same, same)


def test_parameters_that_contradict_each_other() -> None:
    same = picture((8, 8))
    with pytest.raises(UndefinedScore, match="q = 1"):
        create("te:liu2012", q=1.0)(same, same, same)
    with pytest.raises(FusionMetricsError, match="relative to 'everything'"):
        create("te", relative_to="everything")(same, same, same)


def test_mefb_is_the_toolbox_channel_by_channel() -> None:
    pictures = [np.dstack([picture(seed=seed + channel) for channel in range(3)]) for seed in (1, 4, 7)]
    channels = [create("te:liu2012")(*(image[..., c] for image in pictures)) for c in range(3)]
    assert create("te:mefb")(*pictures) == pytest.approx(np.mean(channels), rel=1e-14)
    assert create("te:mefb")(*pictures) != pytest.approx(create("te:liu2012")(*pictures), rel=1e-3)
