"""Scores from comparisons of two: Bradley and Terry's model, with Davidson's parameter where ties are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import Index
from fusion_metrics.image import Array

#: Precision of the normal prior of a strength: of most pairs it expects that the better one wins less often than 95 %.
PRIOR = 0.25


@dataclass(frozen=True)
class Comparisons:
    """What was compared, and how it went.

    Attributes
    ----------
    left, right : ndarray of int, shape (n,)
        Numbers of the two items.
    won : ndarray, shape (n,)
        1 where the left one was preferred, 0 where the right one was, 0.5 for a tie.
    """

    left: Index
    right: Index
    won: Array

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, float]]) -> Comparisons:
        """Make it of rows (left, right, won).

        Raises
        ------
        ValueError
            An item is compared with itself; an outcome is none of 0, 0.5 and 1.
        """
        table = np.array(rows, dtype=np.float64).reshape(-1, 3)
        left, right, won = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp), table[:, 2]
        if (left == right).any():
            raise ValueError("an item is compared with itself")
        if not np.isin(won, (0.0, 0.5, 1.0)).all():
            raise ValueError("outcomes must be 0, 0.5 or 1")
        return cls(left, right, won)


@dataclass(frozen=True)
class Strengths:
    """A fitted model.

    Attributes
    ----------
    theta : ndarray, shape (items,)
        Strengths: what wins against what depends on their differences.
    covariance : ndarray, shape (items, items)
        Of the strengths, by the curvature at the maximum.
    tie : float
        Davidson's nu; 0 where nobody called a tie.
    """

    theta: Array
    covariance: Array
    tie: float

    def chances(self, left: npt.ArrayLike, right: npt.ArrayLike) -> tuple[Array, Array, Array]:
        """Return how likely left wins, right wins, and neither."""
        return _chances(self.theta[np.asarray(left)] - self.theta[np.asarray(right)], self.tie)

    def information(self, left: npt.ArrayLike, right: npt.ArrayLike) -> Array:
        """Return what one more comparison is expected to tell, in nats: 1/2 log(1 + I var), greedy D-optimality.

        I is the Fisher information that the outcome has about the difference of the two strengths, and var what is
        uncertain about that difference now.
        """
        i, j = np.asarray(left), np.asarray(right)
        c = self.covariance
        variance = c[i, i] + c[j, j] - 2.0 * c[i, j]
        return 0.5 * np.log1p(_fisher(*self.chances(i, j)[:2]) * variance)

    def expecting(self, left: int, right: int) -> Strengths:
        """Return the model as certain as it will be when a comparison that is under way has been answered."""
        step = self.covariance[:, left] - self.covariance[:, right]
        fisher = float(_fisher(*self.chances(left, right)[:2]))
        gain = fisher / (1.0 + fisher * float(step[left] - step[right]))
        return Strengths(self.theta, self.covariance - gain * np.outer(step, step), self.tie)

    def share(self, among: npt.ArrayLike, confidence: float = 0.95) -> tuple[Array, Array, Array]:
        """Return which share of comparisons with the others each item would win, ties counting half, with interval.

        Parameters
        ----------
        among : array_like of int
            The items that are compared with each other.
        confidence : float

        Returns
        -------
        share, low, high : ndarray
            In 0..1; the interval is normal on the scale of log odds, by the delta method.
        """
        chosen = np.asarray(among)
        n = len(chosen)
        if n < 2:
            raise ValueError("a single item is compared with nothing")
        theta = self.theta[chosen]
        first, second, _ = _chances(theta[:, None] - theta[None, :], self.tie)
        others = ~np.eye(n, dtype=bool)
        share = 0.5 + np.where(others, (first - second) / 2.0, 0.0).sum(axis=1) / (n - 1)
        slope = np.where(others, _fisher(first, second), 0.0) / (n - 1)
        jacobian = np.diag(slope.sum(axis=1)) - slope
        variance = np.einsum("ij,jk,ik->i", jacobian, self.covariance[np.ix_(chosen, chosen)], jacobian)
        reach = scipy.stats.norm.ppf(0.5 + confidence / 2.0) * np.sqrt(variance) / (share * (1.0 - share))
        odds = scipy.special.logit(share)
        return share, scipy.special.expit(odds - reach), scipy.special.expit(odds + reach)


def fit_strengths(items: int, comparisons: Comparisons, prior: float = PRIOR) -> Strengths:
    """Fit strengths to comparisons.

    With d the difference of two strengths, the left one wins with probability e^(d/2) / D, the right one with
    e^(-d/2) / D, and it is a tie with nu / D, where D = e^(d/2) + e^(-d/2) + nu (Davidson); without ties nu is 0, which
    is Bradley and Terry's model. The maximum of the posterior under normal priors of precision `prior` for all
    strengths, and for log nu where there are ties.

    Parameters
    ----------
    items : int
        How many there are; those that were never compared stay at 0.
    comparisons : Comparisons
    prior : float
        Above 0: an item that won always would have no finite strength otherwise.

    References
    ----------
    Bradley and Terry, Rank analysis of incomplete block designs, Biometrika 39, 1952; Davidson, On extending the
    Bradley-Terry model to accommodate ties in paired comparison experiments, Journal of the American Statistical
    Association 65, 1970.

    Examples
    --------
    >>> found = fit_strengths(2, Comparisons.of([(0, 1, 1.0)] * 30 + [(1, 0, 1.0)] * 10), prior=1e-9)
    >>> round(float(found.theta[0] - found.theta[1]), 4), round(float(np.log(3)), 4)
    (1.0986, 1.0986)
    """
    i, j, won = comparisons.left, comparisons.right, comparisons.won
    ties = int(np.count_nonzero(won == 0.5))
    size = items + (1 if ties else 0)

    def nu(x: Array) -> float:
        return float(np.exp(x[items])) if ties else 0.0

    def loss(x: Array) -> float:
        d = x[i] - x[j]
        terms = [d / 2.0, -d / 2.0] + ([np.full_like(d, x[items])] if ties else [])
        log_d = scipy.special.logsumexp(np.stack(terms), axis=0) if len(d) else np.zeros(0)
        said = np.sum((won - 0.5) * d) + (ties * x[items] if ties else 0.0)
        return float(np.sum(log_d) - said + 0.5 * prior * np.sum(x**2))

    def gradient(x: Array) -> Array:
        first, second, tie = _chances(x[i] - x[j], nu(x))
        pull = (first - second) / 2.0 - (won - 0.5)
        slope = prior * x
        np.add.at(slope, i, pull)
        np.add.at(slope, j, -pull)
        if ties:
            slope[items] += np.sum(tie) - ties
        return slope

    def curvature(x: Array) -> Array:
        first, second, tie = _chances(x[i] - x[j], nu(x))
        fisher = _fisher(first, second)
        h = prior * np.eye(size)
        for a, b, sign in ((i, i, 1.0), (j, j, 1.0), (i, j, -1.0), (j, i, -1.0)):
            np.add.at(h, (a, b), sign * fisher)
        if ties:
            mixed = -tie * (first - second) / 2.0
            for a, sign in ((i, 1.0), (j, -1.0)):
                np.add.at(h[items], a, sign * mixed)
            h[:items, items] = h[items, :items]
            h[items, items] += np.sum(tie * (1.0 - tie))
        return h

    found = scipy.optimize.minimize(loss, np.zeros(size), jac=gradient, hess=curvature, method="trust-exact", tol=1e-10)
    theta: Array = np.asarray(found.x, dtype=np.float64)
    covariance: Array = np.asarray(np.linalg.inv(curvature(theta)), dtype=np.float64)
    return Strengths(theta[:items], covariance[:items, :items], nu(theta))


def _chances(d: Array, nu: float) -> tuple[Array, Array, Array]:
    """Return the probabilities of left, right and tie; both powers are divided by the larger one."""
    half = np.abs(d) / 2.0
    strong, weak, tie = np.ones_like(half), np.exp(-2.0 * half), nu * np.exp(-half)
    whole = strong + weak + tie
    return np.where(d >= 0, strong, weak) / whole, np.where(d >= 0, weak, strong) / whole, tie / whole


def _fisher(first: Array, second: Array) -> Array:
    return (first + second) / 4.0 - ((first - second) / 2.0) ** 2
