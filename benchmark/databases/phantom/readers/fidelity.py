"""Whether anatomy is as visible, and function as legible, in a fused image as the sources would let them be."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from benchmark.databases.phantom import TISSUES
from benchmark.databases.phantom.colour import colourise
from benchmark.databases.phantom.readers.eye import pool

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
    r"""Grey levels of a grey pair, in the order in which the source to ask shows them.

    No image follows two sources that contradict each other, as CT and T2 do in fluid and in bone. In either region,
    brain (weight 2/3) and skull with scalp (1/3), the reader asks the source whose lightness varies more there, and r
    is the correlation of the fused image's lightness with it over spots in that region:

    .. math:: \mathrm{function} = \tfrac23 \max(0, r_\mathrm{brain}) + \tfrac13 \max(0, r_\mathrm{skull})

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Perceived lightness of the noise-free sources.
    brain, skull : ndarray of bool, shape (H, W)
    """

    def __init__(self, a: Array, b: Array, brain: Mask, skull: Mask) -> None:
        self._asked = []
        for share, region in ((BRAIN_SHARE, brain), (1 - BRAIN_SHARE, skull)):
            values = max(_spots(a, region), _spots(b, region), key=np.var)
            self._asked.append((share, region, values))

    def score(self, seen: Array) -> float:
        """Weighted correlation, 0..1, of an image as perceived."""
        parts = (share * _correlation(_spots(seen[0], region), values) for share, region, values in self._asked)
        return float(sum(parts))


def _spots(lightness: Array, region: Mask) -> Array:
    return np.asarray(pool(lightness, SPOT)[region])


def _correlation(x: Array, y: Array) -> float:
    """Return Pearson's correlation, or 0 if it is negative or either is flat."""
    x, y = x - x.mean(), y - y.mean()
    return max(0.0, float(np.sum(x * y) / max(np.sqrt(np.sum(x**2) * np.sum(y**2)), 1e-9)))
