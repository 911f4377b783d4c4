from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.agreement import predictions, rmse
from benchmark.statistics.repeats import repeated_subsets

RNG = np.random.default_rng(3)
Q = RNG.integers(0, 5, 60) / 4
X = Q + RNG.normal(0, 0.4, 60)
PAIRS = np.repeat(np.arange(10), 6)


@pytest.mark.parametrize("pairs", [None, PAIRS])
def test_against_subsets_written_out(pairs: np.ndarray | None) -> None:
    units = np.arange(60) if pairs is None else pairs
    n_units = units.max() + 1
    size = round(0.3 * n_units)
    found = repeated_subsets(X, Q, pairs=pairs, fraction=0.3, repeats=25, seed=5)
    learned = repeated_subsets(X, Q, pairs=pairs, fraction=0.3, repeats=25, seed=5, on_scale=True)
    order = np.random.default_rng(5).permuted(np.tile(np.arange(n_units), (25, 1)), axis=1)
    for r in range(25):
        test = np.isin(units, np.flatnonzero(order[r] < size))
        assert test.sum() == 18
        assert found.plcc[r] == pytest.approx(stats.pearsonr(X[test], Q[test]).statistic)
        assert found.srcc[r] == pytest.approx(stats.spearmanr(X[test], Q[test]).statistic)
        assert found.krcc[r] == pytest.approx(stats.kendalltau(X[test], Q[test]).statistic)
        assert found.rmse[r] == pytest.approx(rmse(predictions(X[test], train=X[~test]), Q[test]))
        assert learned.rmse[r] == pytest.approx(rmse(X[test], Q[test]))
    assert found.undefined == 0


def test_the_mean_is_near_the_whole() -> None:
    found = repeated_subsets(X, Q, repeats=2000)
    assert found.plcc.mean() == pytest.approx(stats.pearsonr(X, Q).statistic, abs=0.03)


def test_subsets_without_variation_are_counted() -> None:
    q = np.where(np.arange(60) < 5, 1.0, 0.0)
    found = repeated_subsets(X, q, fraction=0.05, repeats=200)
    assert found.undefined == np.isnan(found.srcc).sum() > 0


def test_refused() -> None:
    with pytest.raises(ValueError, match="a subset of 0 of 60 is none"):
        repeated_subsets(X, Q, fraction=0.001)
    with pytest.raises(ValueError, match="1 of 60 values are missing"):
        repeated_subsets(np.where(np.arange(60) == 0, np.nan, X), Q)
