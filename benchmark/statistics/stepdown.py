"""Step-down maxT: p values for many hypotheses at once that use how the hypotheses depend on each other.

Holm's adjustment supposes the worst dependence there could be. Permutations know the real one, if every permutation is
applied to the statistics of all hypotheses alike: the greatest of all statistics after a permutation is what chance
can do somewhere. The hypothesis with the greatest observed statistic is held against that maximum; the next one against
the maximum without the first; and so on down, and an adjusted p value is never smaller than the one before it.

The chance of rejecting any true hypothesis, whichever those are, is then at most alpha, provided that the permuted
statistics of the true hypotheses have the distribution that they have in truth, however many of the other hypotheses
are false (subset pivotality; Westfall and Young, p. 42). A statistic of two methods, or of two metrics, that is made of
these two alone has this property; ranks among all have not.

Statistics are such that large values speak against a hypothesis: absolute values for two-sided tests. The permutation
that changes nothing is one of the permutations, so no p value is zero. Two layouts of the same numbers give the same
result, each with as little memory as it allows: blocks of permutations with all hypotheses (`step_down`, and `Counts`
where several families of hypotheses are made of the same blocks), and one hypothesis at a time with all permutations
(`step_down_each`).

References
----------
Westfall, Young, Resampling-based multiple testing, 1993, algorithms 2.8 and 4.1; Ge, Dudoit, Speed, Resampling-based
multiple testing for microarray data analysis, Test 12(1), 2003, box 2 and, one hypothesis at a time, box 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import Index, complete
from fusion_metrics.image import Array

#: Statistics that agree to this share are equal: they were only summed in another order.
SAME = 1e-6


@dataclass(frozen=True)
class StepDown:
    """P values of H hypotheses.

    Attributes
    ----------
    p : ndarray, shape (H,)
        Each on its own.
    adjusted : ndarray, shape (H,)
        Adjusted for all of them.
    permutations : int
        Permutations looked at, with the one that changes nothing.
    """

    p: Array
    adjusted: Array
    permutations: int


def step_down(observed: npt.ArrayLike, blocks: Iterable[Array]) -> StepDown:
    """Adjust from the permuted statistics of all hypotheses, one block of permutations after the other.

    Parameters
    ----------
    observed : array_like, shape (H,)
        Statistics without permutation.
    blocks : iterable of ndarray, shape (R, H) each
        Statistics after R permutations; together with the permutation that changes nothing. A generator is gone
        through once, so that only one block is in memory.

    Raises
    ------
    ValueError
        Missing statistics; no permutations; a block with another number of hypotheses.

    Examples
    --------
    Three hypotheses under four permutations. Chance reaches 2.5 or more once in four times anywhere; 1.9 twice among
    the second and third hypothesis:

    >>> permuted = np.array([[3.0, 2.0, 0.5], [0.1, 1.0, 2.0], [1.0, 0.3, 0.4], [0.2, 0.6, 0.7]])
    >>> step_down(permuted[0], [permuted]).adjusted
    array([0.25, 0.5 , 0.75])
    """
    counts = Counts(observed)
    for block in blocks:
        counts.add(block)
    return counts.result()


class Counted(NamedTuple):
    """How many permutations of a block reach what was observed: of each hypothesis alone, and with those behind it."""

    alone: Index
    together: Index
    permutations: int


class Counts:
    """What `step_down` counts, for blocks of permutations that more than one family of hypotheses is made of.

    Parameters
    ----------
    observed : array_like, shape (H,)
        Statistics without permutation.

    Raises
    ------
    ValueError
        Missing statistics.
    """

    def __init__(self, observed: npt.ArrayLike) -> None:
        values, self._order, self._limits = _ordered(observed)
        self._alone, self._together, self._permutations = np.zeros(len(values)), np.zeros(len(values)), 0

    def add(self, block: Array) -> None:
        """Count the statistics after some permutations, shape (R, H)."""
        self.take(self.count(block))

    def count(self, block: Array) -> Counted:
        """Count them and leave it at that, so that several blocks can be counted at a time; `take` adds them up."""
        ordered, limits = np.asarray(block).T[self._order], self._limits[:, None]
        alone = np.count_nonzero(ordered >= limits, axis=1)
        maxima = np.maximum.accumulate(ordered[::-1], axis=0)[::-1]
        return Counted(alone, np.count_nonzero(maxima >= limits, axis=1), ordered.shape[1])

    def take(self, counted: Counted) -> None:
        """Add what was counted of a block."""
        self._alone += counted.alone
        self._together += counted.together
        self._permutations += counted.permutations

    def result(self) -> StepDown:
        """Return the p values from all that was counted; refuse to from nothing."""
        return _from_counts(self._alone, self._together, self._permutations, self._order)


def step_down_each(observed: npt.ArrayLike, permuted: Callable[[int], Array]) -> StepDown:
    """Adjust from the permuted statistics of one hypothesis after the other, from the smallest observed one up.

    Parameters
    ----------
    observed : array_like, shape (H,)
        Statistics without permutation.
    permuted : callable
        Statistics of hypothesis h after all permutations, shape (R,); the same permutations in the same order for
        every h, the one that changes nothing among them. It is called once for each hypothesis.

    Raises
    ------
    ValueError
        Missing statistics; no permutations; hypotheses with unequal numbers of permutations.

    Examples
    --------
    >>> permuted = np.array([[3.0, 2.0, 0.5], [0.1, 1.0, 2.0], [1.0, 0.3, 0.4], [0.2, 0.6, 0.7]])
    >>> step_down_each(permuted[0], lambda h: permuted[:, h]).adjusted
    array([0.25, 0.5 , 0.75])
    """
    values, order, limits = _ordered(observed)
    alone, together = np.zeros(len(values)), np.zeros(len(values))
    maxima = np.empty(0)
    for place in range(len(values) - 1, -1, -1):
        found = np.asarray(permuted(int(order[place])))
        if maxima.size and found.shape != maxima.shape:
            raise ValueError(f"{len(found)} permutations of a hypothesis, {len(maxima)} of another")
        maxima = np.maximum(maxima, found) if maxima.size else found
        alone[place] = np.count_nonzero(found >= limits[place])
        together[place] = np.count_nonzero(maxima >= limits[place])
    return _from_counts(alone, together, len(maxima), order)


def _ordered(observed: npt.ArrayLike) -> tuple[Array, Index, Array]:
    """Observed statistics, their order from the greatest down, and what a permuted one must reach, in that order."""
    values = complete(observed, "the observed statistics")
    if not len(values):
        raise ValueError("no hypothesis to test")
    order = np.argsort(-values, kind="stable")
    return values, order, values[order] - SAME * np.abs(values[order])


def _from_counts(alone: Array, together: Array, permutations: int, order: Index) -> StepDown:
    if not permutations:
        raise ValueError("no permutations to hold the statistics against")
    p, adjusted = np.empty_like(alone), np.empty_like(together)
    p[order] = alone / permutations
    adjusted[order] = np.maximum.accumulate(together / permutations)
    return StepDown(p, adjusted, permutations)
