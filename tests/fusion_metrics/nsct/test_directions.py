"""Directions: every wedge has its band, and every band its angle."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics.nsct import DIRECTIONS, nsct, wedge_angles, wedge_responses
from fusion_metrics.nsct.directions import _Cache


def sinusoid(angle: float, n: int = 128) -> np.ndarray:
    """Return a wave of 0.7 pi along an angle from the column axis towards the row axis, rounded to a period of n."""
    b, a = np.round(0.35 * n * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]))
    rows, columns = np.mgrid[:n, :n]
    return np.cos(2 * np.pi * (a * rows + b * columns) / n)


def loudest(image: np.ndarray, level: int, **how: str) -> int:
    return int((nsct(image, (level,), **how).bands[0] ** 2).sum(axis=(1, 2)).argmax())


@pytest.mark.parametrize("border", ["symmetric", "periodic"])
@pytest.mark.parametrize(
    ("level", "directions"),
    # Not 32 directions of pkva: its softer transition at the diagonals is wider than the wedges there.
    [*((level, name) for level in (1, 2, 3, 4) for name in DIRECTIONS), (5, "dmaxflat7")],
)
def test_a_wave_lights_up_the_band_of_its_angle(level, directions, border) -> None:
    found = [loudest(sinusoid(angle), level, directions=directions, border=border) for angle in wedge_angles(level)]
    assert found == list(range(2**level))


def test_angles_are_equal_steps_of_slope() -> None:
    assert wedge_angles(1).tolist() == [0, 90]
    angles = wedge_angles(4)
    np.testing.assert_allclose(np.tan(np.radians(angles[:8])), np.arange(7, -8, -2) / 8)
    np.testing.assert_allclose(1 / np.tan(np.radians(angles[8:])), np.arange(7, -8, -2) / 8)
    with pytest.raises(ValueError, match="level 0"):
        wedge_angles(0)


def in_own_wedge(level: int, *, toolbox: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return for each response the wedge that holds most of its energy, and the share of it."""
    n, half = 255, 2 ** (level - 1)
    a, b = np.meshgrid(np.fft.fftfreq(n), np.fft.rfftfreq(n), indexing="ij")
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(abs(a) <= abs(b), a / b, b / a)
    step = np.floor((1 - np.nan_to_num(slope)) / 2 * half).clip(0, half - 1).astype(int)
    wedge = step + half * (abs(a) > abs(b))
    energies = [
        np.bincount(wedge.ravel(), (response**2).ravel(), 2**level)
        for response in wedge_responses((n, n), level, "dmaxflat7", toolbox=toolbox)
    ]
    return np.argmax(energies, axis=1), np.max(energies, axis=1) / np.sum(energies, axis=1)


def test_sixteen_wedges_hold_their_energy_and_the_toolbox_ones_do_not() -> None:
    wedges, share = in_own_wedge(4, toolbox=False)
    assert wedges.tolist() == list(range(16))
    assert share.min() > 0.59
    wedges, share = in_own_wedge(4, toolbox=True)
    assert wedges.tolist() == [k ^ 1 for k in range(16)]  # neighbours swapped in pairs
    assert share.max() < 0.57
    wedges, _ = in_own_wedge(5, toolbox=True)
    assert len(set(wedges.tolist())) < 32  # at 32 directions some wedges have no band of their own


@pytest.mark.parametrize("level", [1, 2, 3])
def test_both_arrangements_are_one_up_to_eight_directions(level) -> None:
    ours, toolbox = (wedge_responses((20, 21), level, "dmaxflat7", toolbox=flag) for flag in (False, True))
    np.testing.assert_allclose(ours, toolbox, atol=1e-13)


@pytest.mark.parametrize("synthesis", [False, True])
@pytest.mark.parametrize("toolbox", [False, True])
def test_responses_are_even_on_the_columns_that_a_real_fft_shares(toolbox, synthesis) -> None:
    responses = wedge_responses((12, 14), 4, "dmaxflat7", toolbox=toolbox, synthesis=synthesis)
    for column in (0, -1):  # frequency 0 and Nyquist
        shared = responses[:, :, column]
        np.testing.assert_allclose(shared[:, 1:], shared[:, :0:-1], atol=1e-12)


def test_cache_is_bounded_and_keeps_what_was_used_last() -> None:
    size = 2 * 8 * 5 * 8  # bytes of two responses on an 8 x 8 half plane
    cache = _Cache(limit=3 * size)
    first = cache.get(((8, 8), 1, "dmaxflat7", False, False))
    assert cache.get(((8, 8), 1, "dmaxflat7", False, False)) is first
    assert first.nbytes == size
    assert not first.flags.writeable
    for synthesis, name in ((True, "dmaxflat7"), (False, "pkva")):
        cache.get(((8, 8), 1, name, synthesis, False))
    assert cache.get(((8, 8), 1, "dmaxflat7", False, False)) is first
    cache.get(((8, 8), 1, "pkva", True, False))  # a fourth one: the oldest, not the first, has to go
    assert cache.get(((8, 8), 1, "dmaxflat7", False, False)) is first
    assert len(cache._entries) == 3
