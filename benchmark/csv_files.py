"""CSV files: read with file and line in every error, written whole or not at all; and the numbers in their cells.

Cells are separated by commas. A file separated by semicolons or tabs, as spreadsheets write it, is read too if its
header has the columns that are asked for; a decimal comma is not read but refused by name, since it might as well
separate two cells.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import BenchmarkError
from benchmark.escaping import csv_text, plain_text
from fusion_metrics.files import whole
from fusion_metrics.opening import why_not_readable

_SEPARATORS = (",", ";", "\t")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def read_text(path: Path) -> str:
    """Read a text file: UTF-8, with or without the mark that some editors put before it.

    Raises
    ------
    BenchmarkError
        Not a regular file, or not UTF-8 text.
    """
    if cause := why_not_readable(path):
        raise BenchmarkError(f"{path}: {cause}")
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BenchmarkError(f"{path}: is not UTF-8 but UTF-16 text; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise BenchmarkError(
            f"{path}:{line}: is not UTF-8 text (byte 0x{byte:02x}, Latin-1 perhaps); save it as UTF-8"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BenchmarkError(f"{path}:{line}: has a NUL character, so it is not text")
    return text


def read_csv(
    path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``(file:line, row)`` of a CSV file that must have these columns (others are ignored).

    A column of `optional` that the file has not got is empty in every row.

    Raises
    ------
    BenchmarkError
        Naming the file, the line where there is one, and the cause.
    """
    text = read_text(path)
    separator = _separator(text, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [plain_text(cell.strip()) for cell in next(reader, [])]
        _check_header(path, header, columns)
        present = [column for column in (*columns, *optional) if column in header]
        places = [(column, header.index(column)) for column in present]
        absent = dict.fromkeys(set(optional) - set(present), "")
        for cells in reader:
            if not cells:
                continue
            line = f"{path}:{reader.line_num}"
            if len(cells) != len(header):
                hint = " (a decimal comma, or a comma in a name without quotation marks?)" if separator == "," else ""
                more = "more" if len(cells) > len(header) else "fewer"
                raise BenchmarkError(
                    f"{line}: {more} cells than columns, {len(cells)} and {len(header)}{hint if more == 'more' else ''}"
                )
            yield line, absent | {column: plain_text(cells[place].strip()) for column, place in places}
    except csv.Error as error:
        raise BenchmarkError(f"{path}:{reader.line_num}: is not a CSV file ({error})") from None


def read_header(path: Path, columns: Sequence[str]) -> list[str]:
    """Return all columns of a CSV file; its cells are separated by what finds these columns, as in `read_csv`.

    Raises
    ------
    BenchmarkError
        Not a regular file, not UTF-8 text, or not CSV.
    """
    text = read_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text, columns), strict=True)
    try:
        return [plain_text(cell.strip()) for cell in next(reader, [])]
    except csv.Error as error:
        raise BenchmarkError(f"{path}:{reader.line_num}: is not a CSV file ({error})") from None


def _separator(text: str, columns: Sequence[str]) -> str:
    """Choose what separates cells: the only one that finds the columns in the header, or else the comma."""
    header = text.partition("\n")[0].rstrip("\r")
    fitting = [
        separator
        for separator in _SEPARATORS
        if set(columns) <= {cell.strip().strip('"').strip() for cell in header.split(separator)}
    ]
    return fitting[0] if fitting else ","


def _check_header(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    if not any(header):
        raise BenchmarkError(f"{path}: is empty, or begins with an empty line; expected {','.join(columns)}")
    if missing := [column for column in columns if column not in header]:
        found = ",".join(header)
        found = found if len(found) <= 200 else found[:200] + "..."
        raise BenchmarkError(f"{path}: column {', '.join(missing)} missing; found {found}")
    if twice := [column for column in columns if header.count(column) > 1]:
        raise BenchmarkError(f"{path}: column {', '.join(twice)} is there twice")


def parse_number(text: str) -> float:
    """Read a decimal number as it is written in every script: ASCII digits and a decimal point.

    `float` would also take ``1_000``, ``nan`` and digits of any alphabet, which in a table of scores are mistakes.

    Raises
    ------
    BenchmarkError
        Saying what the text is instead.

    Examples
    --------
    >>> parse_number("-0.5e1")
    -5.0
    """
    if not _NUMBER.fullmatch(text):
        raise BenchmarkError(f"{text!r} {_what_instead(text)}")
    value = float(text)
    if not math.isfinite(value):
        raise BenchmarkError(f"{text!r} is not a finite number")
    return value


def _what_instead(text: str) -> str:
    if re.fullmatch(r"[+-]?\d+,\d+", text, re.ASCII):
        return "is not a number: it has a decimal comma, write a point"
    if not text.isascii() and any(character.isdigit() for character in text):
        return "is not a number: it has digits that are not 0 to 9"
    if re.fullmatch(r"[+-]?(?:nan|inf|infinity)", text, re.IGNORECASE):
        return "is not a finite number; leave the cell empty where there is none"
    if re.fullmatch(r"[+-]?[\d_.]+", text, re.ASCII) and "_" in text:
        return "is not a number: leave out the underscore"
    return "is not a number"


if TYPE_CHECKING:  # pandas takes a second to load, and listing metrics needs none of it
    import pandas as pd


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file whole or not at all, so that an interrupted run leaves the old one.

    Text that a spreadsheet would run as a formula is written with an apostrophe before it, which `read_csv` takes away.
    """
    with whole(path) as scratch, scratch.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_harmless(column) for column in columns])
        writer.writerows([_harmless(value) for value in row] for row in rows)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a DataFrame as `write_csv` writes rows: floats with all their digits, nothing where a value is missing."""
    from pandas.api.types import is_numeric_dtype

    harmless = frame.copy(deep=False)
    for name in frame.columns:
        if not is_numeric_dtype(frame[name]):
            harmless[name] = frame[name].map(_harmless, na_action="ignore")
    with whole(path) as scratch:
        harmless.to_csv(scratch, index=False, lineterminator="\n", encoding="utf-8")


def cell(value: object) -> object:
    """Form of a value in a CSV file: all digits of a float, nothing for None."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else value


def _harmless(value: object) -> object:
    return csv_text(value) if isinstance(value, str) else value
