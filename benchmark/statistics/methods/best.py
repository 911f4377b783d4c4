"""Which methods are not significantly worse than the best.

The best method of a table is the best of this sample, and was chosen by its values: to compare all others with it as if
it had been named beforehand finds too many worse. So the question is turned round. For every method i the hypothesis is
"no method is better than i", and what speaks against it is the most that any method j is ahead of it,

    T_i = max_j sum (x_j - x_i) / sqrt(sum (x_j - x_i)^2),

one-sided, over all j. Signs are turned as in `pairwise`, and the p values of all M hypotheses are adjusted by a step
down. A method whose hypothesis is rejected is significantly worse than the best, whichever that is; the method with the
best mean never is. The set of the others holds, with a probability of 1 - alpha, *every* method that is truly as good
as the best, if several are.

This is Hsu's multiple comparison with the best, from exchanges instead of a normal distribution, made stricter so that
it also covers ties for the first place, and stepped down.

References
----------
Hsu, Constrained simultaneous confidence intervals for multiple comparisons with the best, Annals of Statistics 12,
1984; Hsu, Multiple comparisons, 1996, chapter 4; Hansen, Lunde, Nason, The model confidence set, Econometrica 79, 2011,
for the same aim by elimination.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import Labels
from benchmark.statistics.methods.inputs import block_sums, blocks_of, checked_values, names_of
from benchmark.statistics.methods.pairwise import sign_flips, too_few
from benchmark.statistics.stepdown import step_down
from fusion_metrics.image import Array

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NearBest:
    """Which of M methods may be the best.

    Attributes
    ----------
    means : ndarray, shape (M,)
    p : ndarray, shape (M,)
        Adjusted p value of "no method is better than this one".
    near_best : ndarray of bool, shape (M,)
        Whether it is above `alpha`: the method is not significantly worse than the best.
    alpha : float
    blocks, permutations : int
    exact : bool
    warning : str
        Says so where so few images cannot tell any method from the best.
    """

    means: Array
    p: Array
    near_best: npt.NDArray[np.bool_]
    alpha: float
    blocks: int
    permutations: int
    exact: bool
    warning: str

    def to_frame(self, methods: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a method."""
        import pandas as pd

        names = names_of(methods, len(self.means), "method")
        return pd.DataFrame({"method": names, "mean": self.means, "p": self.p, "near_best": self.near_best})


def near_best(
    values: npt.ArrayLike,
    groups: Labels | None = None,
    *,
    permutations: int = 9999,
    alpha: float = 0.05,
    seed: int = 0,
) -> NearBest:
    """Find the methods whose mean is not significantly worse than the best.

    Parameters
    ----------
    values, groups, permutations, seed
        See `benchmark.statistics.methods.pairwise.pairwise`. To compare mean ranks instead of means, hand in the ranks
        within every image.
    alpha : float
        Chance of leaving out any method that is truly as good as the best.

    Raises
    ------
    ValueError
        Missing values; fewer than two images, methods or groups.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = near_best(rng.normal(size=(30, 4)) + [0, 1.9, 2, 0])
    >>> found.near_best
    array([False,  True,  True, False])
    """
    table = checked_values(values)
    blocks, count = blocks_of(groups, len(table))
    m = table.shape[1]
    first, second = np.triu_indices(m, 1)
    sums = block_sums(table[:, first] - table[:, second], blocks, count)
    observed, permuted, exact = sign_flips(sums, permutations, seed)
    found = step_down(furthest_behind(observed[None], m)[0], (furthest_behind(part, m) for part in permuted))
    means = table.mean(axis=0)
    # The furthest that any method is behind is the same if all signs are turned at once, so no p value is below two of
    # the turns, though each method alone is tested to one side.
    warning = too_few(max(2.0 ** (1 - count), 1 / found.permutations), alpha, count)
    return NearBest(means, found.adjusted, found.adjusted > alpha, alpha, count, found.permutations, exact, warning)


def furthest_behind(leads: Array, methods: int) -> Array:
    """From the leads of the first over the second of all pairs, shape (R, H), how far each method is behind any other.

    >>> furthest_behind(np.array([[0.5, -1.0, 0.2]]), 3)
    array([[1. , 0.5, 0.2]])
    """
    first, second = np.triu_indices(methods, 1)
    found = np.empty((len(leads), methods))
    for i in range(methods):
        behind = np.concatenate([leads[:, second == i], -leads[:, first == i]], axis=1)
        found[:, i] = behind.max(axis=1)
    return found
