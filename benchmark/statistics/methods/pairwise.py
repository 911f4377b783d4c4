"""Which methods differ: paired permutation tests of all pairs, adjusted by step-down maxT, and sizes of effects.

If two methods are alike, it does not matter which of the two made which fused image: their values on an image may be
exchanged, which turns the sign of their difference d on that image. With signs s drawn at random,

    T = |sum s d| / sqrt(sum d^2)

is compared with the same number without any signs. (T grows with Student's t of the same differences and has its scale,
so that all pairs count alike in a maximum.) What is not independent is exchanged together: images of one group have one
sign, and d is then their sum.

All pairs of methods are exchanged on the same images at once, so T of two pairs depend on each other as they do in
truth; each pair's T is made of its own two methods alone, so the step down keeps its level whichever other methods
differ. The other way, to deal all methods' names out anew on every image, is exact if all methods are alike, but not if
some are: a method that differs spreads its values over all others, and hides or feigns differences among them.

The effect size is the matched-pairs rank-biserial correlation: the ranks of |d| on images that speak for the first
method, less those that speak for the second, as a share of all. 1: always better; 0: neither.

References
----------
Fisher, The design of experiments, 1935, section 21; Westfall, Young, Resampling-based multiple testing, 1993; Kerby,
The simple difference formula, Comprehensive Psychology 3, 2014; Wilcoxon, Individual comparisons by ranking methods,
Biometrics Bulletin 1, 1945.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import Index, Labels
from benchmark.statistics.exchange import exchanges
from benchmark.statistics.methods.inputs import block_sums, blocks_of, checked_values, names_of
from benchmark.statistics.resampled import chunks
from benchmark.statistics.stepdown import step_down
from fusion_metrics.image import Array

if TYPE_CHECKING:
    import pandas as pd

Difference = Literal["mean", "signed-rank"]


@dataclass(frozen=True)
class Pairwise:
    """Every method against every other; H = M (M - 1) / 2 pairs, the first method of a pair before the second.

    Attributes
    ----------
    means : ndarray, shape (M,)
        Mean value of each method.
    first, second : ndarray of int, shape (H,)
        The methods of each pair.
    difference : ndarray, shape (H,)
        Mean of the first less mean of the second.
    effect : ndarray, shape (H,)
        Matched-pairs rank-biserial correlation, -1..1; positive where the first is better.
    wins, ties, losses : ndarray of int, shape (H,)
        Images on which the first is better, as good, worse.
    p, adjusted : ndarray, shape (H,)
        Two-sided p values, alone and adjusted for all pairs.
    blocks : int
        What was exchanged as one: images, or groups of them.
    permutations : int
        Exchanges looked at; all there are, if `exact`.
    exact : bool
    least_p : float
        The smallest p value that these data could have given.
    warning : str
        Says so where that is too large to find any difference.
    """

    means: Array
    first: Index
    second: Index
    difference: Array
    effect: Array
    wins: Index
    ties: Index
    losses: Index
    p: Array
    adjusted: Array
    blocks: int
    permutations: int
    exact: bool
    least_p: float
    warning: str

    def matrix(self) -> Array:
        """Return the adjusted p values as a symmetric matrix, shape (M, M), 1 on the diagonal."""
        found = np.ones((len(self.means), len(self.means)))
        found[self.first, self.second] = found[self.second, self.first] = self.adjusted
        return found

    def to_frame(self, methods: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row a pair."""
        import pandas as pd

        names = np.array(names_of(methods, len(self.means), "method"), dtype=object)
        return pd.DataFrame(
            {
                "first": names[self.first],
                "second": names[self.second],
                "difference": self.difference,
                "effect": self.effect,
                "wins": self.wins,
                "ties": self.ties,
                "losses": self.losses,
                "p": self.p,
                "p_adjusted": self.adjusted,
            }
        )


def pairwise(
    values: npt.ArrayLike,
    groups: Labels | None = None,
    *,
    difference: Difference = "mean",
    margin: float = 0.0,
    permutations: int = 9999,
    alpha: float = 0.05,
    seed: int = 0,
) -> Pairwise:
    """Test the difference between every two methods.

    Parameters
    ----------
    values : array_like, shape (images, methods)
        Oriented values of one metric.
    groups : sequence, optional
        Images with the same label (fused from one source pair, say) are not independent and are exchanged together.
        Give data sets here only to ask whether a difference would hold on other data sets.
    difference : {"mean", "signed-rank"}
        Whether means differ, as a table of means claims; or Wilcoxon's signed ranks, which few images with extreme
        values cannot decide, but which also differ where means do not and differences are skewed.
    margin : float
        Differences up to here are ties in the counts; the tests do not see it.
    permutations : int
        Random exchanges; where there are no more different ones, all are looked at.
    alpha : float
        Level that the warning refers to.
    seed : int

    Raises
    ------
    ValueError
        Missing values; fewer than two images, methods or groups.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = pairwise(rng.normal(size=(30, 3)) + [0, 0, 1])
    >>> found.adjusted.round(3), found.wins
    (array([0.671, 0.   , 0.   ]), array([14,  6,  4]))
    """
    table = checked_values(values)
    blocks, count = blocks_of(groups, len(table))
    first, second = np.triu_indices(table.shape[1], 1)
    apart = table[:, first] - table[:, second]
    ranked = signed_ranks(apart)
    observed, permuted, exact = sign_flips(
        block_sums(ranked if difference == "signed-rank" else apart, blocks, count), permutations, seed
    )
    found = step_down(np.abs(observed), (np.abs(part) for part in permuted))
    weight = np.abs(ranked).sum(axis=0)
    effect = np.divide(ranked.sum(axis=0), weight, out=np.zeros_like(weight), where=weight > 0)
    wins, losses = ((sign * apart > margin).sum(axis=0) for sign in (1, -1))
    means = table.mean(axis=0)
    least = max(2.0 ** (1 - count), 1 / found.permutations)
    return Pairwise(
        means=means,
        first=first,
        second=second,
        difference=apart.mean(axis=0),
        effect=effect,
        wins=wins,
        ties=len(table) - wins - losses,
        losses=losses,
        p=found.p,
        adjusted=found.adjusted,
        blocks=count,
        permutations=found.permutations,
        exact=exact,
        least_p=least,
        warning=too_few(least, alpha, count),
    )


def signed_ranks(apart: Array) -> Array:
    """Rank the absolute differences of every pair, shape (images, H), and give the ranks their signs.

    Differences of zero are left out, as Wilcoxon did, so the ranks begin at 1 with the smallest other one.

    >>> signed_ranks(np.array([[0.0], [-3.0], [1.0], [5.0]])).ravel()
    array([ 0., -2.,  1.,  3.])
    """
    zeros = (apart == 0).sum(axis=0)
    found: Array = np.sign(apart) * (scipy.stats.rankdata(np.abs(apart), axis=0) - zeros)
    return found


def sign_flips(apart: Array, permutations: int, seed: int) -> tuple[Array, Iterator[Array], bool]:
    """Turn the signs of whole blocks at random.

    Parameters
    ----------
    apart : ndarray, shape (B, H)
        What each block has to say about each hypothesis.
    permutations : int
    seed : int

    Returns
    -------
    observed : ndarray, shape (H,)
        sum d / sqrt(sum d^2), between -sqrt(B) and sqrt(B); 0 where all d are 0.
    permuted : iterator of ndarray, shape (R, H) each
        The same after turning signs, in blocks that stay small; the first turns none.
    exact : bool
        Whether all signs there are are gone through.
    """
    # One scale before the squares: differences near 1e-300 or 1e200 would lose them.
    size = np.abs(apart).max(axis=0)
    scaled = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0)
    length = np.sqrt((scaled**2).sum(axis=0))
    scaled = np.divide(scaled, length, out=scaled, where=length > 0)
    exact = 2 ** len(apart) <= permutations
    signs = _signs(len(apart), permutations, seed, max(scaled.shape))
    return scaled.sum(axis=0), (part @ scaled for part in signs), exact


def _signs(blocks: int, permutations: int, seed: int, columns: int) -> Iterator[Array]:
    """Yield signs as `exchanges` draws them, few rows at a time: all of them for 10,000 images would be 800 MB."""
    if 2**blocks <= permutations:
        flags = exchanges(blocks, permutations, seed)[0]
        yield from (1 - 2 * flags[part] for part in chunks(len(flags), columns))
        return
    rng = np.random.default_rng(seed)
    for part in chunks(permutations + 1, columns):
        rows = min(part.stop, permutations + 1) - part.start
        signs = np.where(rng.integers(0, 2, size=(rows, blocks)) == 0, 1.0, -1.0)
        if part.start == 0:
            signs[0] = 1.0
        yield signs


def too_few(least: float, alpha: float, blocks: int) -> str:
    """Say that no difference can be found, where the least p value is above the level."""
    if least <= alpha:
        return ""
    return f"no difference can be found: with {blocks} images or groups to exchange the least p value is {least:.2g}"
