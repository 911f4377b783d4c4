"""CSV files: read with file and line in every error, written whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.errors import BenchmarkError

if TYPE_CHECKING:  # pandas takes a second to load, and listing metrics needs none of it
    import pandas as pd


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file whole or not at all, so that an interrupted run leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".part")
    with scratch.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    scratch.replace(path)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a DataFrame as CSV, floats with all their digits and nothing where a value is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".part")
    frame.to_csv(scratch, index=False, lineterminator="\n", encoding="utf-8")
    scratch.replace(path)


def cell(value: object) -> object:
    """Form of a value in a CSV file: all digits of a float, nothing for None."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else value


def read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``(file:line, row)`` of a CSV file that must have these columns (others are ignored)."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                found = ",".join(reader.fieldnames or ()) or "nothing"
                raise BenchmarkError(f"{path}: column {', '.join(missing)} missing; found {found}")
            for row in reader:
                line = f"{path}:{reader.line_num}"
                if any(row[column] is None for column in columns):
                    raise BenchmarkError(f"{line}: fewer cells than columns")
                yield line, {column: row[column].strip() for column in columns}
    except FileNotFoundError:
        raise BenchmarkError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path}: is not UTF-8 text ({error.reason})") from None
    except csv.Error as error:
        raise BenchmarkError(f"{path}: is not a CSV file ({error})") from None
