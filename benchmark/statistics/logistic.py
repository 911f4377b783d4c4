"""Logistic curves from scores to opinion scores, as the Video Quality Experts Group fits them before PLCC and RMSE.

Both curves are linear in all but two parameters, a centre and a width. Those two are searched, from a grid of starts,
and the others follow from linear least squares at every step (variable projection): two dimensions instead of four or
five, and the same result every time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy

from benchmark.statistics.arrays import varying
from fusion_metrics.image import Array

Parameters = Literal[4, 5]
Direction = Literal["increasing", "decreasing", "not monotone"]

# Starts and limits, in standard deviations of the scores. A narrower curve is a step between two images, a wider one
# or one centred further out is straight or exponential within the data: neither is what is meant, nor determined.
CENTRES = np.linspace(-4.0, 4.0, 33)
WIDTHS = np.geomspace(0.02, 10.0, 10)
CENTRE_LIMIT, WIDTH_LIMITS = 20.0, (0.01, 20.0)
#: So many of the best peaks of the grid are refined.
REFINED = 4


@dataclass(frozen=True)
class LogisticFit:
    """A fitted curve, or why there is none.

    Attributes
    ----------
    parameters : tuple of float
        b1..b4 or b1..b5 as in `logistic4` and `logistic5`, in units of the scores; empty if the fit failed.
    plcc, rmse : float or None
        Of f(x) with q. Least squares turns a metric that disagrees around: `plcc` is never negative, so `direction`
        says what was turned.
    direction : {"increasing", "decreasing", "not monotone"} or None
        Of the curve over the range of the scores.
    status : {"ok", "failed"}
    reason : str
        Why there are no numbers.
    """

    parameters: tuple[float, ...]
    plcc: float | None
    rmse: float | None
    direction: Direction | None
    status: Literal["ok", "failed"]
    reason: str = ""


def logistic4(x: npt.ArrayLike, b1: float, b2: float, b3: float, b4: float) -> Array:
    """Curve with four parameters: f(x) = (b1 - b2) / (1 + exp(-(x - b3) / b4)) + b2.

    >>> logistic4([0.0], 1.0, 0.0, 0.0, 2.0)
    array([0.5])
    """
    x = np.asarray(x, dtype=np.float64)
    curve: Array = (b1 - b2) * scipy.special.expit((x - b3) / b4) + b2
    return curve


def logistic5(x: npt.ArrayLike, b1: float, b2: float, b3: float, b4: float, b5: float) -> Array:
    """Curve with five parameters: f(x) = b1 (1/2 - 1 / (1 + exp(b2 (x - b3)))) + b4 x + b5.

    References
    ----------
    Sheikh, Sabir, Bovik, A statistical evaluation of recent full reference image quality assessment algorithms, IEEE
    Transactions on Image Processing 15(11), 2006.
    """
    x = np.asarray(x, dtype=np.float64)
    curve: Array = b1 * (scipy.special.expit(b2 * (x - b3)) - 0.5) + b4 * x + b5
    return curve


def fit_logistic(x: npt.ArrayLike, q: npt.ArrayLike, parameters: Parameters = 4) -> LogisticFit:
    """Fit a logistic curve from scores to opinion scores by least squares.

    The direction is not forced. Fitted to the images it is judged on, a curve flatters: `rmse` is at most the standard
    deviation of q.

    Parameters
    ----------
    x, q : array_like, shape (n,)
        Oriented scores and opinion scores in 0..1.
    parameters : {4, 5}

    Returns
    -------
    LogisticFit
        With `status` ``failed`` and the reason where there are no more images than parameters, or no start converges.

    Raises
    ------
    ValueError
        Missing values, fewer than three images, scores or opinion scores that do not vary.

    References
    ----------
    VQEG, Final report on the validation of objective models of video quality assessment, phase II, 2003.
    """
    scores, opinions = varying(x, q)
    if len(scores) <= parameters:
        return _failed(f"{len(scores)} images are too few for {parameters} parameters")
    mean, scale = float(scores.mean()), float(scores.std())
    if not (np.isfinite(scale) and scale > 0):
        return _failed("the spread of the scores is out of the range of floating point numbers")
    t = (scores - mean) / scale

    best = _search(t, opinions, parameters)
    if best is None:
        return _failed("no start converged")
    centre, width = float(best[0]), math.exp(best[1])
    rise = scipy.special.expit((t - centre) / width)
    terms = np.stack([np.ones_like(t), rise] if parameters == 4 else [np.ones_like(t), rise - 0.5, t], axis=1)
    linear = np.linalg.lstsq(terms, opinions, rcond=None)[0]
    fitted = terms @ linear
    rmse = math.sqrt(float(np.mean((opinions - fitted) ** 2)))
    if np.ptp(fitted) <= 1e-12:
        return _failed("the best curve is flat")
    found = (mean + scale * centre, scale * width)
    numbers: tuple[float, ...]
    if parameters == 4:
        low, step = linear
        numbers = (low + step, low, *found)
        direction: Direction = "increasing" if step > 0 else "decreasing"
    else:
        constant, step, slope = linear
        numbers = (step, 1 / found[1], found[0], slope / scale, constant - slope * mean / scale)
        direction = _direction(step / width, slope, (t - centre) / width)
    return LogisticFit(tuple(map(float, numbers)), float(np.corrcoef(fitted, opinions)[0, 1]), rmse, direction, "ok")


def _search(t: Array, q: Array, parameters: Parameters) -> Array | None:
    """Return centre and log width of the best curve, None where no start converges."""
    # What the other linear terms explain is taken out of q and of the S; what is left is one simple regression.
    others = np.stack([np.ones_like(t), t][: parameters - 3], axis=1)
    Q = np.linalg.qr(others)[0]
    rest = q - Q @ (Q.T @ q)

    def explained(at: Array) -> Array:
        """Sum of squares that an S explains, for centres at[..., 0] and widths exp(at[..., 1])."""
        s = scipy.special.expit((t - at[..., :1]) / np.exp(at[..., 1:]))
        s = s - (s @ Q) @ Q.T
        power = np.einsum("...i,...i->...", s, s)
        # An S that the other terms reproduce explains nothing; their rounding must not pretend otherwise.
        real = power > 1e-16 * len(t)
        found: Array = np.divide((s @ rest) ** 2, power, out=np.zeros_like(power), where=real)
        return found

    total = float(rest @ rest)
    if total <= 1e-24 * len(t):
        return np.zeros(2)  # a straight line fits exactly, and an S adds nothing

    def cost(at: Array) -> float:
        return 1 - float(explained(at)) / total

    grid = np.stack(np.meshgrid(CENTRES, np.log(WIDTHS), indexing="ij"), axis=-1)
    height = explained(grid)
    peaks = height == scipy.ndimage.maximum_filter(height, size=3)
    starts = grid[peaks][np.argsort(-height[peaks], kind="stable")[:REFINED]]
    limits = [(-CENTRE_LIMIT, CENTRE_LIMIT), (math.log(WIDTH_LIMITS[0]), math.log(WIDTH_LIMITS[1]))]
    refined = (
        scipy.optimize.minimize(
            cost,
            start,
            method="Nelder-Mead",
            bounds=limits,
            options={"xatol": 1e-7, "fatol": 1e-13, "maxfev": 2000},
        )
        for start in starts
    )
    converged = [result for result in refined if result.success]
    if not converged:
        return None
    best: Array = min(converged, key=lambda result: float(result.fun)).x
    return best


def _direction(steepness: float, slope: float, z: Array) -> Direction:
    """Sign of f' = steepness s (1 - s) + slope over the range of the scores, s the logistic function of z."""
    ends = scipy.special.expit(np.array([z.min(), z.max()]))
    bends = ends * (1 - ends)
    greatest = 0.25 if z.min() <= 0 <= z.max() else bends.max()
    slopes = steepness * np.array([bends.min(), greatest]) + slope
    if (slopes >= 0).all():
        return "increasing"
    return "decreasing" if (slopes <= 0).all() else "not monotone"


def _failed(reason: str) -> LogisticFit:
    return LogisticFit((), None, None, None, "failed", reason)
