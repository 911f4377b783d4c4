from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from benchmark.statistics.krasula import krasula, opinion_differences

VOTES = np.array(
    [
        [1, 1, 2, 2, 1, 1, 1, 1, 2],
        [2, 1, 1, 1, 2, 1, 2, 1, 1],
        [1, 1, 2, 1, 1, 2, 1, 1, 3],
        [2, 2, 4, 3, 3, 3, 3, 3, 1],
        [3, 2, 4, 3, 4, 2, 3, 4, 2],
        [2, 2, 3, 2, 2, 3, 3, 3, 3],
        [2, 3, 2, 4, 3, 4, 4, 3, 2],
        [3, 3, 4, 4, 3, 5, 3, 3, 3],
        [2, 2, 1, 4, 2, 2, 2, 3, 2],
        [3, 4, 4, 4, 5, 5, 4, 3, 5],
        [4, 5, 4, 5, 4, 5, 4, 5, 5],
        [3, 3, 3, 3, 4, 3, 5, 4, 3],
    ]
)
X = np.array([1.3, 3.0, 1.6, 2.7, 2.8, 1.4, 3.6, 3.9, 1.6, 4.4, 3.3, 4.0])
OPINIONS = VOTES.mean(axis=1), VOTES.std(axis=1, ddof=1), np.full(12, 9)


def test_as_the_authors_toolbox() -> None:
    """AUC_DS, AUC_BW and CC_0 of Metrics_performance (L. Krasula, 2016) in its Python port in VMAF, run 2025-06 on the
    differences and signs of these pairs."""
    found = krasula(X, *OPINIONS)
    assert found.auc_different == pytest.approx(0.6719576719576721, rel=1e-12)
    assert found.auc_better == pytest.approx(0.9138271604938271, rel=1e-12)
    assert found.correct == pytest.approx(0.8, rel=1e-12)
    assert (found.n_different, found.n_similar) == (45, 21)


def test_as_roc_curves() -> None:
    i, j, sign = opinion_differences(*OPINIONS)
    difference = X[i] - X[j]
    found = krasula(X, *OPINIONS)
    assert found.auc_different == pytest.approx(roc_auc_score(sign != 0, np.abs(difference)))
    signed = difference[sign != 0]
    both = np.concatenate([signed, -signed])
    better = np.concatenate([sign[sign != 0], -sign[sign != 0]]) > 0
    assert found.auc_better == pytest.approx(roc_auc_score(better, both))


def test_differences_of_opinion_as_a_z_test() -> None:
    i, j, sign = opinion_differences(*OPINIONS)
    for a, b, found in zip(i, j, sign, strict=True):
        z = (VOTES[a].mean() - VOTES[b].mean()) / np.sqrt(VOTES[a].var(ddof=1) / 9 + VOTES[b].var(ddof=1) / 9)
        assert found == (np.sign(z) if 2 * stats.norm.sf(abs(z)) < 0.05 else 0)


def test_only_within_source_pairs() -> None:
    pairs = np.repeat(["a", "b"], 6)
    i, j, _ = opinion_differences(*OPINIONS, pairs=pairs)
    assert len(i) == 30
    assert ((i < 6) == (j < 6)).all()
    found = krasula(X, *OPINIONS, pairs=pairs)
    assert found.n_different + found.n_similar == 30


def test_the_direction_of_the_metric_counts_for_better_only() -> None:
    found, turned = krasula(X, *OPINIONS), krasula(-X, *OPINIONS)
    assert turned.auc_different == found.auc_different
    assert turned.auc_better == pytest.approx(1 - found.auc_better)


def test_votes_without_spread_differ_by_any_difference() -> None:
    _, _, sign = opinion_differences([1, 1, 2], [0, 0, 0], [3, 3, 3])
    np.testing.assert_array_equal(sign, [0, -1, -1])


def test_nothing_to_tell() -> None:
    alike = krasula([1, 2, 3], [3, 3, 3], [1, 1, 1], [5, 5, 5])
    assert (alike.auc_different, alike.auc_better, alike.correct) == (None, None, None)
    apart = krasula([1, 2, 3], [1, 3, 5], [0.1] * 3, [9] * 3)
    assert (apart.auc_different, apart.auc_better, apart.correct) == (None, 1, 1)


def test_refused() -> None:
    with pytest.raises(ValueError, match="fewer than two votes"):
        krasula([1, 2], [1, 2], [0, 1], [1, 2])
    with pytest.raises(ValueError, match="the spread of votes: 1 of 2 values are missing"):
        krasula([1, 2], [1, 2], [np.nan, 1], [2, 2])
    with pytest.raises(ValueError, match="3 scores of the metric for 2 opinion scores"):
        krasula([1, 2, 3], [1, 2], [1, 1], [2, 2])
