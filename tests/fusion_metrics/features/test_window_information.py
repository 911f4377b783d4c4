"""Shared information of two windows: the whole joint distribution by its equations, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fusion_metrics import Image
from fusion_metrics.features.window_information import feature_map, meyer_wavelet, shared_information
from tests.pictures import picture


def shared(x: np.ndarray, y: np.ndarray, largest_phi: float = 1.0) -> np.ndarray:
    x, y = (Image(np.asarray(pixels).astype(np.uint8)) for pixels in (x, y))
    return shared_information(x, y, feature="pixel", size=3, largest_phi=largest_phi)


def joint_distribution(x: np.ndarray, y: np.ndarray, largest_phi: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Marginals and joint probabilities of two 3x3 windows, cell by cell."""
    x, y = ((z - z.min()) / (z.max() - z.min()) for z in (np.ravel(w, order="F").astype(float) for w in (x, y)))
    x, y = x / x.sum(), y / y.sum()
    F, G = np.cumsum(x)[:, None], np.cumsum(y)[None, :]
    c = np.corrcoef(x, y)[0, 1]
    bound = np.minimum(F, G) if c > 0 else np.maximum(F + G - 1, 0)
    i = np.arange(9)
    deviations = [math.sqrt((i**2 * z).sum() - (i * z).sum() ** 2) for z in (x, y)]
    phi = min(c / ((bound - F * G).sum() / math.prod(deviations)), largest_phi)
    H = phi * bound + (1 - phi) * F * G
    return x, y, np.diff(np.diff(H, axis=0, prepend=0), axis=1, prepend=0)


def by_cells(x: np.ndarray, y: np.ndarray, largest_phi: float) -> float:
    x, y, joint = joint_distribution(x, y, largest_phi)

    def entropy(p: np.ndarray) -> float:
        return float(-(p[p != 0] * np.log2(np.abs(p[p != 0]))).sum())

    return 2 * (entropy(x) + entropy(y) - entropy(joint)) / (entropy(x) + entropy(y))


@pytest.mark.parametrize("largest_phi", [1.0, math.inf])
def test_all_windows_cell_by_cell(largest_phi: float) -> None:
    x, y = picture((30, 9), 1), picture((30, 9), 2)
    opposed = 0
    for values in (y, x // 3 + y // 4):
        got = shared(x, values, largest_phi).reshape(28, 7)
        for row, column in np.ndindex(got.shape):
            here = np.s_[row : row + 3, column : column + 3]
            opposed += np.corrcoef(x[here].ravel(), values[here].ravel())[0, 1] < 0
            assert got[row, column] == pytest.approx(by_cells(x[here], values[here], largest_phi), abs=1e-9)
    assert 30 < opposed < 2 * 28 * 7 - 30


def test_by_hand() -> None:
    """Half of the mass at positions 0 and 1, and at 0 and 2; a position is counted down the columns.

    Under the bound, 0 goes with 0 and 1 with 2: covariance 1/2, deviations 1/2 and 1, so c_up = 1.
    """
    x = [[1, 0, 0], [1, 0, 0], [0, 0, 0]]
    y = [[1, 0, 0], [0, 0, 0], [1, 0, 0]]
    phi = (1 / 4 - 1 / 9) / (1 / 2 - 1 / 9)
    diagonal, other = (1 + phi) / 4, (1 - phi) / 4
    information = 2 + 2 * diagonal * math.log2(diagonal) + 2 * other * math.log2(other)
    assert shared(x, y) == pytest.approx(information, rel=1e-12)


def test_equal_distributions_share_everything() -> None:
    scene = picture((9, 9)) // 4
    peak = np.zeros((3, 3))
    peak[1, 2] = 50
    np.testing.assert_array_equal(shared(scene, 2 * scene + 30), 1.0)
    assert shared(peak, peak // 2 + 9) == 1.0
    assert shared(np.full((3, 3), 9), np.full((3, 3), 200)) == 1.0


def test_flat_windows_and_peaks_share_nothing_with_others() -> None:
    window, flat, peak = picture((3, 3)), np.full((3, 3), 9), np.zeros((3, 3))
    peak[0, 0] = 1
    for other in (flat, peak):
        assert shared(window, other) == pytest.approx(0.0, abs=1e-12)
        assert shared(other, window) == pytest.approx(0.0, abs=1e-12)
    assert shared(peak, peak.T[::-1]) == 0.0


@given(windows=hnp.arrays(np.uint8, (2, 3, 3)))
def test_exchanging_and_bounds(windows: np.ndarray) -> None:
    x, y = windows
    assert -1e-12 <= shared(x, y) <= 1 + 1e-12
    assert shared(x, y) == pytest.approx(shared(y, x), abs=1e-9)


@given(
    windows=hnp.arrays(np.float64, (2, 3, 3), elements=st.floats(0, 1, allow_subnormal=False)),
    largest_phi=st.sampled_from([1.0, math.inf]),
)
def test_any_pixels_give_a_number(windows: np.ndarray, largest_phi: float) -> None:
    x, y = (Image(pixels, data_range=1.0) for pixels in windows)
    assert np.isfinite(shared_information(x, y, feature="pixel", size=3, largest_phi=largest_phi)).all()


def test_beyond_the_bound() -> None:
    """Two windows with c = 0.98 whose positions can correlate with 0.85 at most."""
    x, y = [[0, 0, 0], [0, 0, 0], [0, 90, 200]], [[2, 0, 0], [0, 0, 0], [0, 90, 200]]
    assert shared(x, y) < 1.0 < shared(x, y, math.inf)


def test_feature_maps() -> None:
    image = Image(picture((20, 23)))
    gradient = feature_map(image, feature="gradient")
    assert gradient[4, 0] == image.pixels[4, 1] - image.pixels[4, 0]
    assert gradient[4, 7] == (image.pixels[4, 8] - image.pixels[4, 6]) / 2
    assert set(np.unique(feature_map(image, feature="edge"))) == {0.0, 1.0}
    transform = feature_map(image, feature="dct")
    assert transform[0, 0] == pytest.approx(image.pixels.sum() / math.sqrt(20 * 23), rel=1e-12)
    assert (transform**2).sum() == pytest.approx((image.pixels**2).sum(), rel=1e-12)
    bands = feature_map(image, feature="wavelet")
    assert bands.shape == (2 * ((20 + 101) // 2), 2 * ((23 + 101) // 2))
    assert (bands.min(), bands.max()) == (0.0, 1.0)


def test_meyer_wavelet_is_nearly_orthogonal() -> None:
    taps = np.array(meyer_wavelet().dec_lo)
    assert len(taps) == 102
    assert taps.sum() == pytest.approx(math.sqrt(2), rel=1e-12)
    for shift in range(0, 102, 2):
        assert np.dot(taps[shift:], taps[: 102 - shift]) == pytest.approx(float(shift == 0), abs=1e-5)
