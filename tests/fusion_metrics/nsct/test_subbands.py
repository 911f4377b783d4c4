"""Sub-bands are edited, fused and shown."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics.nsct import BORDERS, insct, mosaic, nsct


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape)


@pytest.mark.parametrize("border", BORDERS)
def test_replacing_nothing_changes_nothing(border) -> None:
    image = noise(150, 20, 3)
    subbands = nsct(image, border=border)
    again = subbands.replace(low=subbands.low.copy(), bands=[band.copy() for band in subbands.bands])
    assert np.abs(insct(again) - image).max() < 1e-10


@pytest.mark.parametrize("border", BORDERS)
def test_replace_takes_the_new_values(border) -> None:
    subbands = nsct(noise(60, 45), (1, 2), border=border)
    new = subbands.replace(low=subbands.low + 1, bands=[-3 * band for band in subbands.bands])
    np.testing.assert_allclose(new.low, subbands.low + 1)
    for band, old in zip(new.bands, subbands.bands, strict=True):
        np.testing.assert_allclose(band, -3 * old, atol=1e-12)
    np.testing.assert_allclose(insct(subbands.replace(low=subbands.low + 1)), insct(subbands) + 1, atol=1e-11)


def test_combine_fuses_in_the_margin_too() -> None:
    p, q = noise(200, 40), noise(200, 40, seed=1)
    fused = nsct(p).combine(nsct(q), low=lambda x, y: (x + y) / 2, bands=lambda x, y: (x + y) / 2)
    np.testing.assert_allclose(insct(fused), (p + q) / 2, atol=1e-10)


def test_editing_refuses_what_does_not_fit() -> None:
    subbands = nsct(noise(20, 20), (1, 2))
    with pytest.raises(ValueError, match="2 levels, got 1"):
        subbands.replace(bands=subbands.bands[:1])
    with pytest.raises(ValueError, match=r"shape \(20, 20\), got \(20, 19\)"):
        subbands.replace(low=subbands.low[:, 1:])
    with pytest.raises(ValueError, match="same shape, levels, filters and border"):
        subbands.combine(nsct(noise(20, 20), (2, 1)), low=np.maximum, bands=np.maximum)
    with pytest.raises(ValueError, match="read-only"):
        subbands.bands[0][0, 0, 0] = 1
    assert repr(subbands) == "Subbands(low=(20, 20), bands=[(2, 20, 20), (4, 20, 20)], border='symmetric')"


@pytest.mark.parametrize("channels", [(), (3,)])
def test_mosaic(channels) -> None:
    picture = mosaic(nsct(noise(20, 30, *channels), (2, 3, 4)))
    assert picture.shape == (5 * 22 - 2, 8 * 32 - 2, *channels)  # low, 4, 8 and twice 8 tiles
    assert picture.min() == 0
    assert picture.max() == 1
    assert (picture[20:22] == 1).all()
    flat = mosaic(nsct(np.zeros((6, 6)), (1,)), columns=1)
    assert set(np.unique(flat)) == {0.5, 1.0}
    with pytest.raises(ValueError, match="at least 1 column"):
        mosaic(nsct(np.zeros((6, 6)), (1,)), columns=0)
