"""Sheets of an Excel workbook: text that Excel would run as a formula stays text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.escaping import csv_text
from fusion_metrics.files import whole

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

#: What Excel allows in the name of a sheet, and how long it may be.
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
LONGEST = 31
WIDEST = 40


def write_sheets(path: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Write frames as the sheets of one workbook, whole or not at all; the first row of each is its header.

    Parameters
    ----------
    path : Path
    sheets : mapping of str to DataFrame
        By name; a name that Excel does not allow is changed.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, frame in zip(sheet_names(list(sheets)), sheets.values(), strict=True):
        fill(book.create_sheet(name), frame)
    with whole(path) as scratch:
        book.save(scratch)


def fill(sheet: Worksheet, frame: pd.DataFrame) -> None:
    """Write one frame, its header in bold and kept in view."""
    from openpyxl.styles import Font

    sheet.append([_plain(str(name)) for name in frame.columns])
    known = frame.astype(object).where(frame.notna(), None)  # columns that count hold a missing value of pandas' own
    for row in known.itertuples(index=False, name=None):
        sheet.append([_plain(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        longest = max(
            [len(str(cell.value or ""))] + [len(str(below.value or "")) for below in sheet[cell.column_letter]]
        )
        sheet.column_dimensions[cell.column_letter].width = min(longest, WIDEST) + 2
    sheet.freeze_panes = "B2"


def sheet_names(names: Sequence[str]) -> list[str]:
    """Make names that Excel allows: short, without some signs, and different even in small letters.

    >>> sheet_names(["psnr:vifb", "PSNR-vifb", "means"])
    ['psnr-vifb', 'PSNR-vifb 2', 'means']
    """
    found: list[str] = []
    for name in names:
        plain = _FORBIDDEN.sub("-", name).strip("'")[:LONGEST] or "sheet"
        number, given = 2, plain
        while given.casefold() in {other.casefold() for other in found}:
            ending = f" {number}"
            given, number = plain[: LONGEST - len(ending)] + ending, number + 1
        found.append(given)
    return found


def _plain(value: object) -> object:
    """Return what a cell holds: nothing for a missing value, and no formula that came in with a name."""
    if value is None or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return None if value is None or np.isnan(value) else ("∞" if value > 0 else "-∞")
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str):
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        return ILLEGAL_CHARACTERS_RE.sub("?", csv_text(value))
    return value
