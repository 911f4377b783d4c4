from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmark.statistics import resampled as module
from benchmark.statistics.resampled import Statistic, concordance, resampled

SCIPY = {"plcc": stats.pearsonr, "srcc": stats.spearmanr, "krcc": stats.kendalltau}


def materialised(statistic: Statistic, x: np.ndarray, q: np.ndarray, repeats: np.ndarray) -> float:
    """The statistic of a resample that is written out image by image."""
    x, q = np.repeat(x, repeats), np.repeat(q, repeats)
    if statistic == "rmse":
        return float(np.sqrt(np.mean((x - q) ** 2)))
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(q) == 0:
        return float("nan")
    return float(SCIPY[statistic](x, q).statistic)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_same_as_resamples_written_out(data: st.DataObject) -> None:
    """With ties in both, units of unequal size that are not sorted, and repeated draws."""
    n, n_units = data.draw(st.integers(3, 14)), data.draw(st.integers(1, 5))
    x = np.array(data.draw(st.lists(st.integers(-3, 6), min_size=n, max_size=n)), dtype=float)
    q = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), dtype=float) / 4
    units = np.array(data.draw(st.lists(st.integers(0, n_units - 1), min_size=n, max_size=n)))
    counts = np.array(
        data.draw(st.lists(st.lists(st.integers(0, 3), min_size=n_units, max_size=n_units), min_size=1, max_size=4))
    )
    counts = counts[counts[:, units].sum(axis=1) > 0]
    for statistic in ("plcc", "srcc", "krcc", "rmse"):
        expected = [materialised(statistic, x, q, row[units]) for row in counts]
        np.testing.assert_allclose(resampled(statistic, x, q, counts, units), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("statistic", ["plcc", "srcc", "krcc"])
def test_bootstrap_of_pairs_and_subsets_of_images(statistic: Statistic, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    pairs, algorithms = 40, 10
    units = rng.permutation(np.repeat(np.arange(pairs), algorithms))
    q = rng.integers(0, 5, units.size) / 4
    x = 1e3 + 1e-3 * (q + rng.normal(size=units.size))
    drawn = rng.multinomial(pairs, np.full(pairs, 1 / pairs), size=30)
    expected = [materialised(statistic, x, q, row[units]) for row in drawn]
    np.testing.assert_allclose(resampled(statistic, x, q, drawn, units), expected, rtol=0, atol=1e-10)
    subsets = (rng.permuted(np.tile(np.arange(units.size), (20, 1)), axis=1) < 80).astype(float)
    expected = [materialised(statistic, x, q, row.astype(int)) for row in subsets]
    monkeypatch.setattr(module, "CHUNK", 1000)
    monkeypatch.setattr(module, "FEW_UNITS", 100)  # so that no matrix is kept
    np.testing.assert_allclose(resampled(statistic, x, q, subsets, np.arange(units.size)), expected, rtol=0, atol=1e-10)


def test_concordance_by_hand() -> None:
    """Unit 0 has images 0 and 1 (concordant), unit 1 image 2, discordant with image 0 and tied in q with image 1."""
    x, q = np.array([1.0, 2.0, 0.0]), np.array([0.0, 1.0, 1.0])
    np.testing.assert_array_equal(concordance(x, q, np.array([0, 0, 1]), 2), [[2, -1], [-1, 0]])


def test_no_variation_is_nan_whatever_the_offset() -> None:
    x = np.full(6, 0.1) + 1e9
    x[5] += 1
    q = np.arange(6) / 5
    counts = np.array([[1.0, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1]])
    for statistic in ("plcc", "srcc", "krcc"):
        found = resampled(statistic, x, q, counts, np.arange(6))
        assert np.isnan(found[0])
        assert found[1] > 0
