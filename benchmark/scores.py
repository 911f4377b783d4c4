"""Score rows: one line per fused image, metric and variant, and the CSV file that holds them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

from fusion_metrics.files import whole


@dataclass(frozen=True)
class ScoreRow:
    """What one metric said about one fused image; the fields are the columns of ``scores.csv``.

    Attributes
    ----------
    value : float or None
        None unless `status` is ``ok``.
    status : {"ok", "undefined", "error"}
    reason : str
        Why there is no value.
    seconds : float
        Time of the computation (of the stored one, where a stored score is used).
    """

    database: str
    pair: str
    algorithm: str
    image: str
    metric: str
    variant: str
    value: float | None
    status: str
    reason: str
    seconds: float


SCORE_COLUMNS = tuple(field.name for field in fields(ScoreRow))


def write_scores(path: Path, rows: Iterable[ScoreRow]) -> None:
    """Write rows as CSV, values with all their digits."""
    columns = attrgetter(*SCORE_COLUMNS)  # `dataclasses.astuple` copies every value, which takes seconds
    cells = ([cell(value) for value in columns(row)] for row in rows)
    write_csv(path, SCORE_COLUMNS, cells)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file whole or not at all, so that an interrupted run leaves the old one."""
    with whole(path) as scratch, scratch.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def cell(value: object) -> object:
    """Form of a value in a CSV file: all digits of a float, nothing for None."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else value
