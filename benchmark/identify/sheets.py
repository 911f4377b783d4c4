"""Tables as people keep them, read into rows of cells: CSV and its relatives, Markdown, LaTeX, Excel."""

from __future__ import annotations

import csv
import re
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from benchmark.errors import BenchmarkError
from fusion_metrics.opening import why_not_readable

EXCEL = frozenset({".xlsx", ".xlsm"})

_BEGIN = re.compile(r"\\begin\{tabular[^}]*\}(?:[ \t]*\[[^\]]*\])?(?:[ \t]*\{(?:[^{}]|\{[^{}]*\})*\})*")
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_DRAWN = re.compile(
    r"\\(hline|toprule|midrule|bottomrule|noalign\{[^{}]*\}|c(?:mid)?(?:line|rule)(\([^)]*\))?\{[^{}]*\})"
)
_SPANNING = re.compile(r"\\multicolumn\{(\d+)\}\{[^{}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}")
_STYLED = re.compile(r"\\(?:[a-zA-Z]+)\s*\{([^{}]*)\}")
_SIGNS = {r"\pm": "±", r"\uparrow": "↑", r"\downarrow": "↓", r"\%": "%", r"\_": "_", r"\&": "&", r"\#": "#", "~": " "}


class Row(NamedTuple):
    """A row of a table, and where it stands, as an error names it."""

    place: str
    cells: tuple[str, ...]


def read_sheet(path: Path) -> list[Row]:
    """Read the rows of a table, the header among them; rows without any text are left out.

    Parameters
    ----------
    path : Path
        ``.xlsx``, or text: a LaTeX tabular, a Markdown table, or cells separated by tabs, semicolons, commas or
        spaces.

    Raises
    ------
    BenchmarkError
        No such file, no text, or no table in it.
    """
    if not path.is_file():
        raise BenchmarkError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}")
    if path.suffix.lower() in EXCEL:
        rows = _of_excel(path)
    else:
        text = _text_of(path)
        if r"\begin{tabular" in text or re.search(r"&.*\\\\", text):
            rows = _of_latex(path, text)
        elif any(_RULE.fullmatch(line) and "|" in line for line in text.splitlines()):
            rows = _of_markdown(path, text)
        else:
            rows = _of_separated(path, text)
    rows = [Row(place, tuple(re.sub(r"\s*[\r\n]+\s*", " ", cell) for cell in cells)) for place, cells in rows]
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise BenchmarkError(f"{path}: has no row of cells")
    return rows


def _text_of(path: Path) -> str:
    if cause := why_not_readable(path):
        raise BenchmarkError(f"{path}: {cause}")
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path}: is not UTF-8 text ({error.reason})") from None


def _of_excel(path: Path) -> list[Row]:
    try:
        import pandas as pd
    except ImportError:
        raise BenchmarkError(f"{path}: Excel needs pandas and openpyxl; save it as CSV, or install them") from None
    try:
        frame = pd.read_excel(path, header=None, dtype=str, keep_default_na=False)
    except ImportError:
        raise BenchmarkError(f"{path}: Excel needs openpyxl; save it as CSV, or install it") from None
    except Exception as error:  # noqa: BLE001 - a damaged file makes the reader fail in any of a dozen ways
        raise BenchmarkError(f"{path}: cannot be read as Excel ({error})") from None
    return [
        Row(f"{path}:{number}", tuple(str(cell).strip() for cell in cells))
        for number, cells in enumerate(frame.itertuples(index=False), start=1)
    ]


def _of_separated(path: Path, text: str) -> list[Row]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = next((mark for mark in "\t;," if mark in head), None)
    if separator is None:
        wide = re.search(r"\S\s{2,}\S", head)
        lines = enumerate(text.splitlines(), start=1)
        return [
            Row(f"{path}:{number}", tuple(re.split(r"\s{2,}" if wide else r"\s+", line.strip())))
            for number, line in lines
        ]
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, skipinitialspace=True)
    try:
        return [Row(f"{path}:{reader.line_num}", tuple(cell.strip() for cell in cells)) for cells in reader]
    except csv.Error as error:
        raise BenchmarkError(f"{path}: is not a CSV file ({error})") from None


def _of_markdown(path: Path, text: str) -> list[Row]:
    """Read the first table: the line above its rule, and those below as far as they have bars."""
    lines = text.splitlines()
    rule = next(number for number, line in enumerate(lines) if _RULE.fullmatch(line) and "|" in line)
    body = takewhile(lambda number: "|" in lines[number], range(rule + 1, len(lines)))
    rows = []
    for number in (*range(max(rule - 1, 0), rule), *body):
        inside = lines[number].strip().removeprefix("|")
        inside = inside if inside.endswith(r"\|") else inside.removesuffix("|")
        cells = re.split(r"(?<!\\)\|", inside)
        rows.append(Row(f"{path}:{number + 1}", tuple(_plain(cell.replace(r"\|", "|")) for cell in cells)))
    return rows


def _plain(cell: str) -> str:
    """Take Markdown's emphasis off a cell."""
    return re.sub(r"^(\*\*|__|\*|`)(.*)\1$", r"\2", cell.strip()).strip()


def _of_latex(path: Path, text: str) -> list[Row]:
    begin = _BEGIN.search(text)
    end = re.search(r"\\end\{tabular", text)
    start, stop = begin.end() if begin else 0, end.start() if end else len(text)
    rows, line = [], text.count("\n", 0, start) + 1
    for part in re.split(r"(?<!\\)\\\\(?:\[[^\]]*\])?", text[start:stop]):
        content = re.sub(r"(?<!\\)%.*", "", part)
        first = line + len(part[: len(part) - len(part.lstrip())].split("\n")) - 1
        line += part.count("\n")
        if "&" in content:
            rows.append(Row(f"{path}:{first}", _latex_cells(content)))
    return rows


def _latex_cells(row: str) -> tuple[str, ...]:
    row = _SPANNING.sub(lambda found: found[2] + "&" * (int(found[1]) - 1), _DRAWN.sub("", row))
    cells = re.split(r"(?<!\\)&", row)
    return tuple(_latex_text(cell) for cell in cells)


def _latex_text(cell: str) -> str:
    """Say in plain text what a cell of LaTeX shows."""
    for command, sign in _SIGNS.items():
        cell = cell.replace(command, sign)
    cell = re.sub(r"\\multirow(\[[^\]]*\])?\{[^{}]*\}(\[[^\]]*\])?\{[^{}]*\}", "", cell)
    cell = re.sub(r"\\(?:textcolor|colorbox)(\[[^\]]*\])?\{[^{}]*\}", "", cell)
    cell = re.sub(r"\\(?:cellcolor|color|cite[a-z]*|label|rowcolor)(\[[^\]]*\])?\{[^{}]*\}", "", cell)
    before = None
    while before != cell:
        before, cell = cell, _STYLED.sub(r"\1", cell)
    cell = re.sub(
        r"\\(?:bfseries|bf|it|em|small|tiny|centering|times)\b", lambda f: "×" if "times" in f[0] else "", cell
    )
    return re.sub(r"[${}]", "", cell).strip()
