"""Excel: the means with their marks, the tests, and a sheet a metric with images and methods, as scripts write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmark.comparison.frames import pivoted, sheet
from benchmark.comparison.table import Grid
from benchmark.comparison.values import ALL, Values
from benchmark.formats.excel import fill, sheet_names
from benchmark.formats.files import signatures_frame
from fusion_metrics.files import whole

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

#: As `Printed.place` has it.
FONTS: Mapping[int, Mapping[str, Any]] = {1: {"bold": True}, 2: {"underline": "single"}, 3: {"italic": True}}


def write_workbook(
    path: Path,
    grids: Sequence[Grid],
    parts: Sequence[Values],
    cells: pd.DataFrame,
    statistics: Sequence[str],
    others: Mapping[str, pd.DataFrame],
) -> None:
    """Write a workbook, whole or not at all.

    Parameters
    ----------
    path : Path
    grids : sequence of Grid
        One a data set: which cells are marked, and the notes.
    parts : sequence of Values
        The same data sets.
    cells : DataFrame
        As `benchmark.comparison.frames.cells_frame` has them.
    statistics : sequence of str
        Its columns that get a sheet of methods and metrics each.
    others : mapping of str to DataFrame
        More sheets, by name.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    sheets: list[tuple[str, pd.DataFrame, Grid | None]] = []
    several = len(grids) > 1
    for grid in grids:
        labels = [column.label for column in grid.columns]
        headings = {column.label: column.heading for column in grid.columns}
        for statistic in statistics:
            frame = pivoted(cells, grid.name, statistic, labels).rename(columns=headings).reset_index()
            sheets.append((f"{grid.name} {statistic}" if several else statistic, frame, grid))
    # Data sets follow each other in the joint one, which therefore has no sheets of its own.
    for part in parts:
        if part.name == ALL:
            continue
        for k, column in enumerate(part.columns):
            name = f"{part.name} {column.label}" if several else column.label
            sheets.append((name, sheet(part, k).reset_index(), None))
    sheets += [(name, frame, None) for name, frame in others.items()]
    notes = [note for grid in grids for note in (grid.title, *grid.notes, *grid.findings)]
    sheets.append(("notes", pd.DataFrame({"note": notes}), None))
    sheets.append(("signatures", signatures_frame(line for grid in grids for line in grid.signatures), None))
    for name, (_, frame, marked) in zip(sheet_names([name for name, _, _ in sheets]), sheets, strict=True):
        page = book.create_sheet(name)
        fill(page, frame)
        if marked is not None:
            _mark(page, marked)
    with whole(path) as scratch:
        book.save(scratch)


def _mark(page: Worksheet, grid: Grid) -> None:
    """Print the best in bold, the second underlined, the third in italics; Excel shows the digits of the table."""
    from openpyxl.styles import Font

    for row, line in enumerate(grid.cells, start=2):
        for column, printed in enumerate(line, start=2):
            cell = page.cell(row, column)
            if printed.place:
                cell.font = Font(**FONTS[printed.place])
            whole_part, point, behind = printed.text.partition(".")
            if whole_part.lstrip("-").isdigit() and "e" not in behind:
                cell.number_format = f"0{point}{'0' * len(behind)}"
