"""What was found, as a table on the screen and as a frame."""

from __future__ import annotations

import pandas as pd

from benchmark.identify.match import EXACT, FAR
from benchmark.identify.verdict import Judged, Judgement
from benchmark.tables import Cell, Table, heads

#: Expected number of chance fits from which on a column is not told apart by its digits.
UNSAFE = 0.05
FILE_COLUMNS = (
    "column", "metric", "variant", "prepared", "role", "verdict", "rounding", "n", "fitting", "without", "error",
    "relative", "median", "tried", "by_chance",
)  # fmt: skip


def identity_table(title: str, judgement: Judgement) -> Table:
    """Show one line per column."""
    notes = (
        f"exact: equal to {EXACT:g} relative in every image; to the printed digits: equal to all of these; "
        "errors are the largest",
        f"otherwise the variant of least median relative error, nothing fits where that is above {FAR:.0%}",
        "by chance: how many of the candidates that were tried would agree by accident, about",
    )
    header = heads(
        "column",
        "variant",
        "the same number as",
        "error",
        "relative",
        "fit",
        "by chance",
        "verdict",
        numbers=("error", "relative"),
    )
    rows = tuple(_line(column) for column in judgement.columns)
    return Table(f"{title}: what printed these columns", header, rows, notes)


def _line(column: Judged) -> tuple[Cell, ...]:
    found, meant = column.found, column.meant
    if meant is None:
        return tuple(map(Cell, (found.column, "", "", "", "", f"0/{found.n}", "", "nothing fits")))
    same = [match.candidate.id for match in column.same]
    also = [match.candidate.id for match in column.also]
    rounding = f" ({meant.rounding})" if meant.rounding not in ("", "rounded") and column.is_found else ""
    return (
        Cell(found.column),
        Cell(meant.candidate.id),
        Cell("; ".join(part for part in (_some(same), f"fits too: {_some(also)}" if also else "") if part)),
        Cell(f"{meant.error:.1e}"),
        Cell(f"{meant.relative:.1e}"),
        Cell(f"{meant.fitting}/{found.n}"),
        Cell(_chance(found.by_chance) if column.is_found else ""),
        Cell(f"{found.verdict}{rounding}"),
    )


def _some(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _chance(expected: float) -> str:
    """Print an expected number, small ones by their size alone."""
    if expected >= UNSAFE:
        return f"{expected:.1f}"
    return "<1e-9" if expected < 1e-9 else f"{expected:.0e}"


def identified_frame(judgement: Judgement) -> pd.DataFrame:
    """One line per column and candidate named, with all digits."""
    lines = []
    for column in judgement.columns:
        found = column.found
        for match in found.matches:
            spec = match.candidate.metric.spec
            role = "meant" if match is column.meant else "same number" if match in column.same else "fits too"
            about = (spec.name, spec.variant, match.candidate.preparation.label, role, found.verdict, match.rounding)
            counts = (match.n, match.fitting, match.without)
            errors = (match.error, match.relative, match.median, found.tried, found.by_chance)
            lines.append((found.column, *about, *counts, *errors))
    return pd.DataFrame(lines, columns=list(FILE_COLUMNS))
