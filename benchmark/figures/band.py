"""How sure the fitted logistic of a scatter plot is."""

from __future__ import annotations

import math

import numpy as np
import scipy

from benchmark.statistics.arrays import Labels, numbered
from benchmark.statistics.bootstrap import draw
from benchmark.statistics.logistic import logistic4, logistic5
from fusion_metrics.image import Array


def curve(x: Array, parameters: tuple[float, ...]) -> Array:
    """Evaluate a fitted logistic with four or five parameters."""
    return (logistic4 if len(parameters) == 4 else logistic5)(x, *parameters)


def band(
    x: Array,
    q: Array,
    pairs: Labels,
    parameters: tuple[float, ...],
    at: Array,
    *,
    replicates: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Array:
    """Half the width of a pointwise confidence band of the fitted logistic.

    Source pairs are drawn with replacement, and the parameters in which the curve is linear (four: both asymptotes;
    five: height, slope and offset) are fitted again to each draw by least squares. Centre and width stay as they are,
    so the band is that of a known shape, narrower than if all parameters were free. From the draws comes the standard
    error at each place; the width is that of the intervals in `benchmark.statistics.bootstrap`,

        t_{P-1} sqrt(P / (P - 1)) s(x),    P source pairs.

    Parameters
    ----------
    x, q : ndarray, shape (n,)
        Oriented scores and opinion scores in 0..1.
    pairs : sequence of str, length n
    parameters : tuple of float
        Of `logistic4` or `logistic5`.
    at : ndarray, shape (m,)
        Scores at which the band is wanted.
    replicates, confidence, seed
        Of the bootstrap.

    Returns
    -------
    ndarray, shape (m,)
        On the scale of q; NaN where there is a single source pair.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-3, 3, 200)
    >>> q = logistic4(x, 1, 0, 0, 1) + rng.normal(0, 0.1, 200)
    >>> band(x, q, np.repeat(np.arange(50), 4), (1.0, 0.0, 0.0, 1.0), np.array([0.0, 3.0])).round(2)
    array([0.01, 0.02])
    """
    unit, names = numbered(pairs, len(x), "pairs")
    n_pairs = len(names)
    if n_pairs < 2:
        return np.full(len(at), math.nan)
    # Least squares in an orthonormal basis of the terms: draws from it are far from singular.
    Q, R = np.linalg.qr(_terms(x, parameters))
    basis = _terms(at, parameters) @ np.linalg.pinv(R)
    k = Q.shape[1]
    member = (np.arange(n_pairs)[:, None] == unit).astype(np.float64)
    products = member @ np.column_stack([(Q[:, :, None] * Q[:, None, :]).reshape(len(x), k * k), Q * q[:, None]])
    sums = draw(n_pairs, replicates, seed) @ products
    gram, moments = sums[:, : k * k].reshape(-1, k, k), sums[:, k * k :, None]
    fitted = (np.linalg.pinv(gram, hermitian=True) @ moments)[:, :, 0]
    error = spread(basis, fitted)
    t = float(scipy.stats.t.ppf((1 + confidence) / 2, n_pairs - 1))
    half: Array = error * t * math.sqrt(n_pairs / (n_pairs - 1))
    return half


def spread(basis: Array, parameters: Array) -> Array:
    """Compute the standard deviation, over draws of the parameters, of a curve that is linear in them.

    It is that of the drawn curves themselves, a sum of squares. The quadratic form ``b' cov b`` is the same number, but
    rounds to less than 0 where the draws differ in a direction that makes no difference at the place asked for.

    Parameters
    ----------
    basis : ndarray, shape (m, k)
        What the parameters are multiplied with at each of m places.
    parameters : ndarray, shape (R, k)
        Those of each draw.

    Returns
    -------
    ndarray, shape (m,)
        Not negative.

    Examples
    --------
    >>> spread(np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([[5.0, 1.0], [5.0, 2.0], [5.0, 3.0]]))
    array([0., 2.])
    """
    deviation: Array = np.std(basis @ parameters.T, axis=1, ddof=1)
    return deviation


def _terms(x: Array, parameters: tuple[float, ...]) -> Array:
    """Return what the curve is a linear combination of, shape (n, 2 or 3)."""
    if len(parameters) == 4:
        _, _, centre, width = parameters
        return np.stack([np.ones_like(x), scipy.special.expit((x - centre) / width)], axis=1)
    _, steepness, centre, _, _ = parameters
    return np.stack([np.ones_like(x), scipy.special.expit(steepness * (x - centre)), x], axis=1)
