"""Which metric, in which variant, printed a column of numbers.

A table in a paper says "SSIM" or "PSNR" and not which script printed it. Given the images and the printed values, every
metric in every variant is held against every column. No scale, sum or offset is fitted: a column is a variant that is
declared, or it is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from benchmark.csv_files import cell, write_csv
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.identify.printed import Printed
from benchmark.scoring.rows import ScoreRow
from benchmark.tables import Cell, Table
from fusion_metrics.image import Array
from fusion_metrics.spec import DEFAULT_VARIANT

Verdict: TypeAlias = Literal["exact", "to the printed digits", "nearest", "nothing fits"]

#: Relative error up to which two numbers are the same one, computed by different programs, and the size below which a
#: printed number may be the rounding error of a zero.
EXACT, ROUNDING = 1e-6, 1e-10
#: Relative error up to which variants are the same formula on these images, and are named together.
COINCIDENT = 1e-9
#: Median relative error from which on the nearest variant is not worth the name.
FAR = 0.01


@dataclass(frozen=True)
class Candidate:
    """How a variant compares with a column.

    Attributes
    ----------
    metric, variant : str
    equal, fitting : int
        Values that agree to `EXACT`; and those that do so, or to the printed digits.
    without : int
        Printed numbers for which the variant has no value.
    error, relative, median : float
        Largest absolute, largest relative and median relative error; infinity where a value is lacking.
    """

    metric: str
    variant: str
    equal: int
    fitting: int
    without: int
    error: float
    relative: float
    median: float

    @property
    def id(self) -> str:
        """Name as `create` understands it."""
        return self.metric if self.variant == DEFAULT_VARIANT else f"{self.metric}:{self.variant}"


@dataclass(frozen=True)
class Identified:
    """What was found for a column: the variants that fit it, or those that come nearest."""

    column: str
    n: int
    verdict: Verdict
    candidates: tuple[Candidate, ...]


def identify(printed: Sequence[Printed], rows: Iterable[ScoreRow]) -> list[Identified]:
    """Find the variants that reproduce each column.

    Parameters
    ----------
    printed : sequence of Printed
    rows : iterable of ScoreRow
        Scores of the images by every variant that may be meant.

    Returns
    -------
    list of Identified
        In the order of the columns. `exact`: all values agree to `EXACT`. `to the printed digits`: all agree to half a
        unit of the last digit. Then every variant of which this is true is named, best first. Otherwise the one of
        least median relative error is, with those that coincide with it; `nothing fits` if that error is above `FAR`.
    """
    scores: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        value = math.nan if row.value is None else row.value
        scores.setdefault((row.metric, row.variant), {})[row.image] = value
    columns: dict[str, list[Printed]] = {}
    for number in printed:
        columns.setdefault(number.column, []).append(number)
    return [_identify(name, column, scores) for name, column in columns.items()]


def _identify(
    name: str, column: Sequence[Printed], scores: Mapping[tuple[str, str], Mapping[str, float]]
) -> Identified:
    target, half_unit = (np.array([getattr(number, field) for number in column]) for field in ("value", "half_unit"))
    ours = {
        key: np.array([of_image.get(number.image, math.nan) for number in column]) for key, of_image in scores.items()
    }
    ranked = sorted(
        (_compare(*key, x, target, half_unit) for key, x in ours.items()),
        key=lambda candidate: (candidate.fitting < len(column), candidate.median, candidate.relative),
    )
    if not ranked:
        raise BenchmarkError("no metric to compare with")
    if exact := tuple(candidate for candidate in ranked if candidate.equal == len(column)):
        return Identified(name, len(column), "exact", exact)
    if fitting := tuple(candidate for candidate in ranked if candidate.fitting == len(column)):
        return Identified(name, len(column), "to the printed digits", fitting)
    best = ranked[0]
    reference = ours[best.metric, best.variant]
    alike = [
        candidate
        for candidate in ranked
        if np.allclose(ours[candidate.metric, candidate.variant], reference, rtol=COINCIDENT, atol=0.0, equal_nan=True)
    ]
    return Identified(name, len(column), "nearest" if best.median <= FAR else "nothing fits", tuple(alike))


def _compare(metric: str, variant: str, ours: Array, target: Array, half_unit: Array) -> Candidate:
    wanted, without = np.isfinite(target), np.isnan(ours)
    both = wanted & ~without
    error = np.where(wanted != without, 0.0, math.inf)  # no number on either side agrees, a number on one does not
    error[both] = np.abs(ours[both] - target[both])
    scale = np.where(wanted, np.maximum(np.abs(target), ROUNDING), 1.0)
    relative = error / np.maximum(scale, half_unit)
    equal = error <= EXACT * scale
    # Half a unit of a printed digit is no binary number: a hair more must do.
    fits = equal | (error <= half_unit * (1.0 + COINCIDENT))
    return Candidate(
        metric,
        variant,
        equal=int(equal.sum()),
        fitting=int(fits.sum()),
        without=int((wanted & without).sum()),
        error=float(error.max()),
        relative=float(relative.max()),
        median=float(np.median(relative)),
    )


def identity_table(database: Database, found: Sequence[Identified]) -> Table:
    """Show one line per column."""
    rows = tuple(
        (
            Cell(column.column),
            Cell(", ".join(candidate.id for candidate in column.candidates)),
            Cell(f"{best.error:.1e}"),
            Cell(f"{best.relative:.1e}"),
            Cell(f"{best.fitting}/{column.n}"),
            Cell(column.verdict),
        )
        for column in found
        for best in column.candidates[:1]
    )
    notes = (
        f"exact: equal to {EXACT:g} relative in every image; to the printed digits: equal to half a unit of the last "
        "one; errors are the largest",
        f"otherwise the variant of least median relative error, nothing fits where that is above {FAR:.0%}",
    )
    header = ("column", "variant", "error", "relative", "fit", "verdict")
    return Table(f"{database.title}: what printed these columns", header, rows, notes)


def write_identified(path: Path, found: Sequence[Identified]) -> None:
    """Write one line per column and variant named, with all digits."""
    header = ("column", "metric", "variant", "verdict", "n", "fitting", "without", "error", "relative", "median")
    lines = (
        [cell(value) for value in (column.column, c.metric, c.variant, column.verdict, column.n, c.fitting, c.without)]
        + [cell(value) for value in (c.error, c.relative, c.median)]
        for column in found
        for c in column.candidates
    )
    write_csv(path, header, lines)
