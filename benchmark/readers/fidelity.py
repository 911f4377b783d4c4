"""Whether anatomy is as visible, and function as legible, in a fused image as the sources would let them be."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from benchmark.databases.phantom import TISSUES
from benchmark.databases.phantom.colour import colourise
from benchmark.readers.eye import pool

__all__ = ["Anatomy", "ColourBar", "GreyLevels"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

BRAIN = frozenset(TISSUES.index(tissue) for tissue in ("gm", "wm", "csf"))
BRAIN_SHARE = 2 / 3  # of the anatomy score, for boundaries within the brain; the rest is skull and scalp
ACROSS = 2.0  # pixels, standard deviation of the neighbourhood in which two tissues are compared
TOUCHING = 0.05  # share of that neighbourhood that either must have
SPOT = 1.5  # pixels, standard deviation of the spot in which a value is read
LIGHTNESS = 0.5  # weight of (Delta L)**2 when a colour is looked up, for lightness also carries the MR image


class Anatomy:
    r"""Contrast across the known boundaries between tissues, relative to what the sources show.

    In a Gaussian neighbourhood G the mean lightness of tissue t with fractions f_t is :math:`m_t = G*(f_t L) / G*f_t`,
    the contrast of t against u is :math:`c = |m_t - m_u|`, and the boundary between them weighs
    :math:`w = (G*f_t)(G*f_u)`:

    .. math:: \mathrm{anatomy} = \sum w \min(c, c_0) \Big/ \sum w\, c_0

    where :math:`c_0 = \max(c_a, c_b)` is what the better source offers. A boundary is as good in either polarity: fluid
    is bright in T2 and dark in every other image, and one lightness cannot be both. Boundaries within the brain make up
    two thirds of the score, those of skull and scalp one.

    Parameters
    ----------
    tissue : ndarray, shape (len(TISSUES), H, W)
        Fractions.
    a, b : ndarray, shape (H, W)
        Perceived lightness of the noise-free sources.
    """

    def __init__(self, tissue: Array, a: Array, b: Array) -> None:
        self._fractions, self._sums = tissue, pool(tissue, ACROSS)
        pairs = np.array(list(combinations(range(len(tissue)), 2)))
        one, other = self._sums[pairs[:, 0]], self._sums[pairs[:, 1]]
        weight = np.where(np.minimum(one, other) > TOUCHING, one * other, 0.0).reshape(len(pairs), -1)
        where, self._pixel = np.nonzero(weight)
        self._t, self._u = pairs[where].T
        self._offered = np.maximum(self._contrast(a), self._contrast(b))
        self._weight = weight[where, self._pixel]
        inside = np.isin(self._t, list(BRAIN)) & np.isin(self._u, list(BRAIN))
        for group, share in ((inside, BRAIN_SHARE), (~inside, 1 - BRAIN_SHARE)):
            self._weight[group] *= share / max(np.sum(self._weight[group] * self._offered[group]), 1e-12)

    def score(self, lightness: Array) -> float:
        """Share of the offered contrast that perceived `lightness` keeps, 0..1."""
        return float(np.sum(self._weight * np.minimum(self._contrast(lightness), self._offered)))

    def _contrast(self, lightness: Array) -> Array:
        means = pool(self._fractions * lightness, ACROSS) / np.maximum(self._sums, 1e-6)
        flat = means.reshape(len(means), -1)
        return np.asarray(np.abs(flat[self._t, self._pixel] - flat[self._u, self._pixel]))


class ColourBar:
    r"""Activity read off the colour bar.

    The reader looks at a spot, finds the colour of the bar for which :math:`\Delta L^2 / 2 + \Delta a^2 + \Delta b^2`
    is least, and reads its value :math:`\hat x`. With the true values x, both over spots in the brain,

    .. math:: \mathrm{function} = \max\left(0,\ 1 - \frac{\sum (\hat x - x)^2}{\sum (x - \bar x)^2}\right)

    Parameters
    ----------
    scale : str
        Name of the colour scale.
    values : ndarray, shape (H, W)
        True display values of the functional image.
    brain : ndarray of bool, shape (H, W)
    """

    def __init__(self, scale: str, values: Array, brain: Mask) -> None:
        self._brain = brain
        self._true = pool(np.clip(values, 0, 1), SPOT)[brain]
        self._levels = np.linspace(0, 1, 101)
        self._weights = np.sqrt([LIGHTNESS, 1.0, 1.0])
        self._bar = rgb2lab(colourise(self._levels[None], scale))[0] * self._weights

    def score(self, seen: Array) -> float:
        """Share of the variance of the true values that is read, 0..1, in an image as perceived."""
        spots = pool(seen, SPOT)[:, self._brain].T * self._weights
        squared = np.sum(self._bar**2, axis=1) - 2 * spots @ self._bar.T  # less what is the same for every level
        error = np.mean((self._levels[np.argmin(squared, axis=1)] - self._true) ** 2)
        return float(max(0.0, 1 - error / self._true.var()))


class GreyLevels:
    r"""How far the grey levels of a fused image follow those of two grey sources; no image can fully follow both.

    With :math:`r_a, r_b` the correlations of its lightness with those of the sources, negative ones counted as 0, and
    :math:`r_{ab}` that between them,

    .. math:: \mathrm{function} = (r_a^2 + r_b^2) / (1 + \max(0, r_{ab}))

    which is at most 1.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Perceived lightness of the noise-free sources.
    head : ndarray of bool, shape (H, W)
    """

    def __init__(self, a: Array, b: Array, head: Mask) -> None:
        self._head = head
        self._a, self._b = self._spots(a), self._spots(b)
        self._most = 1 + max(0.0, float(np.mean(self._a * self._b)))

    def score(self, seen: Array) -> float:
        """Share of what a single image could follow, 0..1, in an image as perceived."""
        spots = self._spots(seen[0])
        r = np.array([np.mean(spots * self._a), np.mean(spots * self._b)])
        return float(np.sum(np.maximum(r, 0) ** 2) / self._most)

    def _spots(self, lightness: Array) -> Array:
        spots = pool(lightness, SPOT)[self._head]
        return np.asarray((spots - spots.mean()) / max(float(spots.std()), 1e-9))
