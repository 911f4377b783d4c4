"""Q_M and the Haar wavelet below it: blocks worked by hand, odd sizes, images without detail, bounds."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fusion_metrics import Image, UndefinedScore, create
from fusion_metrics.features.haar import haar


def noise(seed, shape=(16, 16)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def rows(second):
    return np.tile(np.array([[0], [second]], np.uint8), (2, 4))


def test_haar_block_by_hand() -> None:
    image = Image(np.array([[1, 2], [4, 16]], np.uint8))
    (level,) = haar(image, levels=1)
    assert [band.item() for band in level] == [(1 + 2 - 4 - 16) / 2, (1 - 2 + 4 - 16) / 2, (1 - 2 - 4 + 16) / 2]
    assert level.energy.item() == 8.5**2 + 6.5**2 + 5.5**2


def test_haar_keeps_the_energy_of_the_picture() -> None:
    image = Image(noise(1))
    levels = haar(image, levels=4)
    details = sum(level.energy.sum() for level in levels)
    mean = image.luminance.mean()
    assert details + 16 * 16 * mean**2 == pytest.approx((image.luminance**2).sum(), rel=1e-14)
    assert [level.diagonal.shape for level in levels] == [(8, 8), (4, 4), (2, 2), (1, 1)]


def test_haar_needs_a_block_at_every_level() -> None:
    with pytest.raises(UndefinedScore, match="at least 8 rows and columns"):
        haar(Image(noise(1, (7, 9))), levels=3)


def test_one_level_by_hand() -> None:
    a, b, fused = rows(10), rows(6).T, rows(8)
    # In every block H_A = -10, V_B = -6, H_F = -8, all other details are 0.
    ep_a = (exp(-2) + 1 + 1) / 3
    ep_b = (exp(-8) + exp(-6) + 1) / 3
    one_level = create("qm", exponents=(1.0,))
    assert one_level(fused, a, b) == pytest.approx((ep_a * 100 + ep_b * 36) / 136, rel=1e-14)


def test_levels_are_multiplied_with_their_exponents() -> None:
    a, b, fused = noise(2), noise(3), noise(2) // 2 + noise(3) // 2
    fine = create("qm", exponents=(1.0,))(fused, a, b)
    both = create("qm", exponents=(1.0, 1.0))(fused, a, b)
    assert create("qm")(fused, a, b) == pytest.approx(fine ** (2 / 3) * (both / fine) ** (1 / 3), rel=1e-13)


def test_the_toolbox_sums_the_bands() -> None:
    a, b, fused = noise(4), noise(5), noise(4) // 2 + noise(5) // 2
    assert create("qm:liu2012")(fused, a, b) == pytest.approx(3 * create("qm")(fused, a, b), rel=1e-14)
    assert create("qm:liu2012")(a, a, a) == 3


def test_an_odd_row_and_column_is_not_looked_at() -> None:
    a, b, fused = noise(6, (17, 19)), noise(7, (17, 19)), noise(8, (17, 19))
    even = create("qm")(*(picture[:16, :18] for picture in (fused, a, b)))
    assert create("qm")(fused, a, b) == even


def test_a_copied_source_scores_1_beside_a_flat_one() -> None:
    a, b = noise(9), np.full((16, 16), 70, np.uint8)
    assert create("qm")(a, a, b) == 1
    assert create("qm")(a, b, a) == 1


def test_images_without_detail() -> None:
    flat, dark, textured = np.full((16, 16), 70, np.uint8), np.zeros((16, 16), np.uint8), noise(10)
    assert create("qm")(flat, flat, dark) == 1
    with pytest.raises(UndefinedScore, match="neither source has any detail"):
        create("qm")(textured, flat, dark)
    for fused in (flat, textured):
        with pytest.raises(UndefinedScore, match="divides zero by zero"):
            create("qm:liu2012")(fused, flat, dark)


def test_smallest_image() -> None:
    assert create("qm")(noise(1, (4, 4)), noise(1, (4, 4)), noise(2, (4, 4))) <= 1
    with pytest.raises(UndefinedScore, match="at least 4x4"):
        create("qm")(noise(1, (3, 9)), noise(2, (3, 9)), noise(3, (3, 9)))


pictures = arrays(np.uint8, st.tuples(st.integers(4, 13), st.integers(4, 13)), elements=st.sampled_from([0, 1, 3, 255]))


@settings(deadline=None, max_examples=60)
@given(a=pictures, data=st.data(), variant=st.sampled_from([("qm", 1), ("qm:liu2012", 3)]))
def test_bounded_and_symmetric_in_the_sources(a, data, variant) -> None:
    b, fused = (data.draw(arrays(np.uint8, a.shape, elements=st.sampled_from([0, 1, 3, 255]))) for _ in range(2))
    metric, most = create(variant[0]), variant[1]
    try:
        value = metric(fused, a, b)
    except UndefinedScore:
        return
    assert 0 <= value <= most
    assert metric(fused, b, a) == pytest.approx(value, rel=1e-12)
