"""How the values of a candidate compare with a printed column: to the last bit, to the printed digits, or nearly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from benchmark.identify.candidates import Candidate
from benchmark.identify.printed import Printed
from fusion_metrics.image import Array

Rounding: TypeAlias = Literal["", "rounded", "halves up", "halves to even", "cut off"]

#: Relative error up to which two numbers are the same one, computed by different programs, and the size below which a
#: printed number may be the rounding error of a zero.
EXACT, ROUNDING = 1e-6, 1e-10
#: Relative error up to which variants are the same formula on these images, and are named together.
COINCIDENT = 1e-9
#: Relative error from which on the nearest variant is not worth the name.
FAR = 0.01
#: Distance from a half, in units of the last digit, up to which it may be one that was rounded either way.
TIE = 1e-6


@dataclass(frozen=True)
class Match:
    """How a candidate compares with a column.

    Attributes
    ----------
    candidate : Candidate
    values : ndarray, shape (n,)
        Its numbers, NaN where it has none.
    n, equal, fitting : int
        Printed numbers; how many agree to `EXACT`; how many do so or to the printed digits.
    without : int
        Printed numbers for which the candidate has no value.
    error, relative, median : float
        Largest absolute, largest relative and median relative error; infinity where a value is lacking.
    rounding : str
        How the digits came about, as far as all of them agree to it: `halves up` and `halves to even` where some value
        is a half, `cut off` for digits that were not rounded at all. Empty for numbers with all their digits.
    """

    candidate: Candidate
    values: Array
    n: int
    equal: int
    fitting: int
    without: int
    error: float
    relative: float
    median: float
    rounding: Rounding

    @property
    def is_exact(self) -> bool:
        """Whether every number agrees to `EXACT`."""
        return self.equal == self.n

    @property
    def fits(self) -> bool:
        """Whether every number agrees to the printed digits."""
        return self.fitting == self.n

    def coincides(self, other: Match) -> bool:
        """Whether another candidate has the same numbers."""
        return np.allclose(self.values, other.values, rtol=COINCIDENT, atol=0.0, equal_nan=True)


def compare(candidate: Candidate, values: Array, printed: Sequence[Printed]) -> Match:
    """Compare a candidate's values with printed ones.

    Parameters
    ----------
    candidate : Candidate
    values : ndarray, shape (n,)
        NaN where the candidate has no value, which agrees with a printed number that is none.
    printed : sequence of Printed
    """
    target, unit = (np.array([getattr(number, field) for number in printed]) for field in ("value", "unit"))
    wanted, without = np.isfinite(target), np.isnan(values)
    both = wanted & ~without
    error = np.where(wanted != without, 0.0, math.inf)  # no number on either side agrees, a number on one does not
    error[both] = np.abs(values[both] - target[both])
    scale = np.where(wanted, np.maximum(np.abs(target), ROUNDING), 1.0)
    relative = error / np.maximum(scale, 0.5 * unit)
    equal = error <= EXACT * scale
    # Half a unit of a printed digit is no binary number: a hair more must do.
    rounded = equal | (error <= (0.5 + COINCIDENT) * unit)
    cut_off = equal.copy()
    cut_off[both] |= _cut_off(values[both], target[both], unit[both])
    rounding: Rounding = ""
    if not equal.all():
        rounding = "rounded" if rounded.sum() >= cut_off.sum() else "cut off"
        if rounding == "rounded":
            rounding = _halves(values[both], target[both], unit[both])
    fits = cut_off if rounding == "cut off" else rounded
    return Match(
        candidate,
        values,
        len(printed),
        equal=int(equal.sum()),
        fitting=int(fits.sum()),
        without=int((wanted & without).sum()),
        error=float(error.max()),
        relative=float(relative.max()),
        median=float(np.median(relative)),
        rounding=rounding,
    )


def may_fit(value: float, printed: Printed) -> bool:
    """Whether a value agrees with a printed one, rounded or cut off."""
    if not math.isfinite(printed.value) or math.isnan(value):
        return math.isnan(value) and not math.isfinite(printed.value)
    slack = max(EXACT * max(abs(printed.value), ROUNDING), (1.0 + COINCIDENT) * printed.unit)
    return abs(value - printed.value) <= slack


def _cut_off(values: Array, target: Array, unit: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the printed digits are those of the value, the rest left away."""
    beyond = (np.abs(values) - np.abs(target)) / unit
    same_sign = (np.sign(values) == np.sign(target)) | (target == 0.0)
    cut: np.ndarray[tuple[int], np.dtype[np.bool_]] = same_sign & (beyond >= -TIE) & (beyond < 1.0 + TIE)
    return cut


def _halves(values: Array, target: Array, unit: Array) -> Rounding:
    """Say how halves were rounded, if there are any and all were in one way."""
    steps = np.abs(values) / unit
    halves = np.abs(steps - np.floor(steps) - 0.5) <= TIE
    if not halves.any():
        return "rounded"
    below = np.floor(steps[halves])
    digits = np.rint(np.abs(target[halves]) / unit[halves])
    if (digits == below + 1.0).all():
        return "rounded" if ((below + 1.0) % 2.0 == 0.0).all() else "halves up"
    return "halves to even" if (digits == below + below % 2.0).all() else "rounded"
