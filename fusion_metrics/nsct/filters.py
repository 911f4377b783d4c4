"""The two-channel banks of the NSCT: polynomials of a mapping, which is why reconstruction is exact.

A one-dimensional pair of polynomials H(c), G(c) with ``H(c) G(c) + H(-c) G(-c) = 1`` stays a perfect pair when c is
replaced by any function of frequency, and so in two dimensions it needs no factorisation (da Cunha's mapping
approach). Analysis is H(c) and G(-c), synthesis G(c) and H(-c). What c is decides what the bank separates:

* a square low-pass, ``c = 2 p(a) p(b) - 1``, for the pyramid;
* a diamond, sheared and shifted by `directions`, for the wedges.

Angular frequencies are (a, b) = (row, column) in radians per sample throughout.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial

from fusion_metrics.image import Array

Mapping = Callable[[Array, Array], Array]


class TwoChannel(NamedTuple):
    """A pair of polynomials, coefficients in ascending order, with H(c) G(c) + H(-c) G(-c) = 1 and H(1) = G(1) = 1."""

    h: tuple[float, ...]
    g: tuple[float, ...]

    def analysis(self, c: Array) -> tuple[Array, Array]:
        """Return the low and high responses H(c), G(-c)."""
        return _horner(self.h, c), _horner(self.g, -c)

    def synthesis(self, c: Array) -> tuple[Array, Array]:
        """Return the low and high responses G(c), H(-c)."""
        return _horner(self.g, c), _horner(self.h, -c)


class PyramidFilter(NamedTuple):
    """A bank, and the polynomial p(x) of x = cos w in the mapping 2 p(cos a) p(cos b) - 1."""

    bank: TwoChannel
    p: tuple[float, ...]


class DirectionFilter(NamedTuple):
    """A bank, and its mapping c(u, v): +1 inside the diamond |u| + |v| < pi, -1 outside."""

    bank: TwoChannel
    diamond: Mapping


def _horner(coefficients: Sequence[float | Array], x: Array) -> Array:
    """Return sum_k coefficients[k] x^k."""
    result = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result *= x
        result += coefficient
    return result


def _normalised(h: Polynomial, g: Polynomial) -> TwoChannel:
    return TwoChannel(tuple((h / h(1.0)).coef.tolist()), tuple((g / g(1.0)).coef.tolist()))


def _ladder() -> TwoChannel:
    """Da Cunha's near-tight pair, three ladder steps k1, k2, k3 with k1 = k3 = 1 - sqrt 2 and k2 = 1 / sqrt 2."""
    k1 = k3 = 1 - 2**0.5
    k2 = 2**-0.5
    return _normalised(Polynomial([1, k2, k2 * k3]), Polynomial([1, -(k1 + k3), k1 * k2, -k1 * k2 * k3]))


def _cdf97() -> TwoChannel:
    """Cohen, Daubechies and Feauveau's 9/7 pair, the two factors of the maximally flat product.

    With y = (1 - c) / 2 the product H G is (1 - y)^4 (1 + 4y + 10y^2 + 20y^3); its only real root goes to G (7 taps),
    the conjugate pair to H (9 taps), and each takes (1 - y)^2.
    """
    roots = Polynomial([1, 4, 10, 20]).roots()
    real = float(roots[np.argmin(np.abs(roots.imag))].real)
    y = Polynomial([0.5, -0.5])
    flat = (1 - y) ** 2
    return _normalised(flat * (1 + (4 + 1 / real) * y - 20 * real * y**2), flat * (1 - y / real))


def _pkva() -> TwoChannel:
    """Phoong, Kim, Vaidyanathan and Ansari's ladder of two steps."""
    return TwoChannel((0.5, 0.5), (1.0, 0.5, -0.5))


# Row j, column k: coefficient of x^(2j) y^(2k+1) in 2048 B(u, v), x = cos u, y = cos v; B is symmetric in x and y.
# In powers of the cosines the 15 x 15 maximally flat diamond kernel is these sixteen integers.
_DMAXFLAT7 = ((3003, -1155, 189, -5), (-4851, 6615, -2205, 105), (2205, -6125, 3675, -315), (-245, 1225, -1323, 231))
_PKVA_TAPS = (0.6300, -0.1930, 0.0972, -0.0526, 0.0272, -0.0144)


def _dmaxflat7(u: Array, v: Array) -> Array:
    x, y = np.cos(u), np.cos(v)
    xx, yy = x * x, y * y
    in_x = _horner([_horner(row, yy) for row in _DMAXFLAT7], xx)
    in_y = _horner([_horner(row, xx) for row in _DMAXFLAT7], yy)
    return (y * in_x + x * in_y) / 2048


def _pkva_diamond(u: Array, v: Array) -> Array:
    """Return beta(u + v) beta(u - v), beta(w) = 2 sum_k taps_k cos((k - 1/2) w) the half-sample all-pass."""

    def beta(w: Array) -> Array:
        cosines: Iterable[Array] = (2 * tap * np.cos((k + 0.5) * w) for k, tap in enumerate(_PKVA_TAPS))
        return functools.reduce(np.add, cosines)

    return beta(u + v) * beta(u - v)


PYRAMIDS: dict[str, PyramidFilter] = {
    "maxflat": PyramidFilter(_ladder(), (0.5, 0.75, 0.0, -0.25)),  # p = (1 + x)^2 (2 - x) / 4, half-band
    "pyr": PyramidFilter(_ladder(), (0.5, 0.5)),  # p = (1 + x) / 2: McClellan's transformation
    "9-7": PyramidFilter(_cdf97(), (0.5, 0.5)),
}
DIRECTIONS: dict[str, DirectionFilter] = {
    "dmaxflat7": DirectionFilter(_ladder(), _dmaxflat7),
    "pkva": DirectionFilter(_pkva(), _pkva_diamond),
}


def pyramid_responses(name: str, depth: int, a: Array, b: Array, *, synthesis: bool = False) -> tuple[Array, Array]:
    """Return the low and high responses of one pyramid level.

    ``c = 2 p(2^i a) p(2^i b) - 1`` in the polynomials of the bank: the filters of the finest level with 2^i - 1 zeros
    between their taps.

    Parameters
    ----------
    name : str
        Key of `PYRAMIDS`.
    depth : int
        i: 0 is the finest level.
    a, b : ndarray
        Angular frequencies of the rows (as a column) and of the columns (as a row).
    synthesis : bool
        The filters of the inverse instead.

    Returns
    -------
    low, high : ndarray
        One response each, real, on the grid that `a` and `b` span.
    """
    bank, p = PYRAMIDS[name]
    c = 2 * _horner(p, np.cos(2**depth * a)) * _horner(p, np.cos(2**depth * b)) - 1
    return bank.synthesis(c) if synthesis else bank.analysis(c)
