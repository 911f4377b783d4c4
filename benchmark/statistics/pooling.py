"""Random-effects meta-analysis: what several studies say together, and how far they are from saying the same.

Study i has an effect y_i with the standard error s_i, the square root of v_i, found on n_i independent units. Its true
effect is drawn from a population with mean mu and variance tau^2.

- **tau^2**: restricted maximum likelihood; DerSimonian and Laird's moments, in closed form, are returned beside it.
  With two studies both are half of what their squared difference exceeds v_1 + v_2 by: a guess from one difference.
- **mu**: the mean weighted by 1 / (v_i + tau^2), with the interval of Hartung and Knapp: the spread of the effects
  themselves gives the variance, and Student's t with k - 1 degrees of freedom its width. Where effects lie closer than
  their standard errors let expect, the variance is not made smaller than without the correction (a proviso of Knapp and
  Hartung), as two effects that happen to be alike would otherwise leave an interval without width.
- **Do the studies differ?** Cochran's Q takes each s_i for known and calls studies of a few units different far too
  often. Its p value here is that of Welch's test, which is the same sum of squares with the degrees of freedom of each
  study. I^2 is the share of Q above what k equal studies would have, and inherits that: it is a description, no test.
- **Prediction interval**: where the true effect of a further study lies, with k - 2 degrees of freedom. Two studies
  have none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import complete
from fusion_metrics.image import Array

#: Fewer studies than this have no prediction interval.
LEAST_TO_PREDICT = 3
_STEPS, _CLOSE = 1000, 1e-12


@dataclass(frozen=True)
class Pooled:
    """What several studies say together.

    Attributes
    ----------
    value : float
        The mean effect, mu.
    standard_error : float
        Of `value`, after Hartung and Knapp.
    low, high : float
        Ends of its interval.
    studies : int
    tau2 : float
        Variance between the true effects of studies, by restricted maximum likelihood.
    tau2_moments : float
        The same after DerSimonian and Laird.
    q : float
        Cochran's Q.
    p : float
        That all studies have one effect, by Welch's test.
    i2 : float
        Share of Q that is heterogeneity, in 0..1.
    predicted_low, predicted_high : float
        Ends of the prediction interval; NaN with fewer than three studies.
    """

    value: float
    standard_error: float
    low: float
    high: float
    studies: int
    tau2: float
    tau2_moments: float
    q: float
    p: float
    i2: float
    predicted_low: float
    predicted_high: float


def pool(effects: npt.ArrayLike, errors: npt.ArrayLike, units: npt.ArrayLike, *, confidence: float = 0.95) -> Pooled:
    """Pool the effects of studies.

    Parameters
    ----------
    effects, errors : array_like, shape (k,)
        With their standard errors.
    units : array_like, shape (k,)
        Independent units behind each standard error: its degrees of freedom are one fewer.
    confidence : float

    Raises
    ------
    ValueError
        Fewer than two studies; a standard error that is not positive; a study of fewer than two units.

    References
    ----------
    DerSimonian, Laird, Meta-analysis in clinical trials, Controlled Clinical Trials 7, 1986; Viechtbauer, Bias and
    efficiency of meta-analytic variance estimators in the random-effects model, J. Educational and Behavioral
    Statistics 30, 2005; Knapp, Hartung, Improved tests for a random effects meta-regression with a single
    covariate, Statistics in Medicine 22, 2003; Higgins, Thompson, Spiegelhalter, A re-evaluation of random-effects
    meta-analysis, J. Royal Statistical Society A 172, 2009; Welch, On the comparison of several mean values,
    Biometrika 38, 1951.

    Examples
    --------
    >>> found = pool([0.6, 0.7, 0.2], [0.05, 0.08, 0.06], [10, 8, 12])
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2), round(found.i2, 2)
    (0.5, -0.16, 1.15, 0.94)
    """
    y, s, n = complete(effects, "the effects"), complete(errors, "the standard errors"), complete(units, "the units")
    k = len(y)
    if not k == len(s) == len(n):
        raise ValueError(f"{k} effects, {len(s)} standard errors and {len(n)} numbers of units")
    if k < 2:
        raise ValueError(f"nothing to pool: {k} {'study' if k == 1 else 'studies'}")
    if np.any(s <= 0):
        raise ValueError("a standard error is not positive")
    if np.any(n < 2):
        raise ValueError("a study of fewer than two units has no standard error")
    v = s**2
    tau2 = between(y, v)
    w = 1 / (v + tau2)
    value = float(w @ y / w.sum())
    spread = float(w @ (y - value) ** 2 / (k - 1))
    error = math.sqrt(max(spread, 1.0) / w.sum())
    upper = (1 + confidence) / 2
    width = float(scipy.stats.t.ppf(upper, k - 1)) * error
    ahead = float(scipy.stats.t.ppf(upper, k - 2)) * math.sqrt(tau2 + error**2) if k >= LEAST_TO_PREDICT else math.nan
    q, p = welch(y, v, n)
    return Pooled(
        value=value,
        standard_error=error,
        low=value - width,
        high=value + width,
        studies=k,
        tau2=tau2,
        tau2_moments=between_by_moments(y, v),
        q=q,
        p=p,
        i2=max(0.0, 1 - (k - 1) / q) if q > 0 else 0.0,
        predicted_low=value - ahead,
        predicted_high=value + ahead,
    )


def between_by_moments(y: Array, v: Array) -> float:
    """Estimate tau^2 after DerSimonian and Laird: ``(Q - (k - 1)) / (sum w - sum w^2 / sum w)``, or 0."""
    w = 1 / v
    q = w @ (y - w @ y / w.sum()) ** 2
    return max(0.0, float((q - (len(y) - 1)) / (w.sum() - w @ w / w.sum())))


def between(y: Array, v: Array) -> float:
    """Estimate tau^2 by restricted maximum likelihood, which is a fixed point of a weighted variance.

    ``tau^2 = sum w^2 ((y - mu)^2 - v) / sum w^2 + 1 / sum w`` with ``w = 1 / (v + tau^2)``, or 0.

    Examples
    --------
    >>> round(between(np.array([0.0, 1.0]), np.array([0.1, 0.2])), 6)  # (1 - 0.3) / 2
    0.35
    """
    tau2 = between_by_moments(y, v)
    for _ in range(_STEPS):
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        found = max(0.0, float(w**2 @ ((y - mean) ** 2 - v) / (w @ w) + 1 / w.sum()))
        if abs(found - tau2) <= _CLOSE * (1 + tau2):
            return found
        tau2 = found
    return tau2


def welch(y: Array, v: Array, n: Array) -> tuple[float, float]:
    """Compute Cochran's Q, and Welch's p value that all studies have one effect.

    With two studies it is the p value of Welch's t test of their difference.
    """
    k, w = len(y), 1 / v
    q = float(w @ (y - w @ y / w.sum()) ** 2)
    lost = float(((1 - w / w.sum()) ** 2 / (n - 1)).sum())
    f = q / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * lost)
    return q, float(scipy.stats.f.sf(f, k - 1, (k**2 - 1) / (3 * lost)))
