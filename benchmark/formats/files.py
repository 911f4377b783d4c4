"""One way from what was found to a file, for every command that writes one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.csv_files import write_frame
from benchmark.formats.endings import READ, ending_of
from benchmark.formats.excel import write_sheets
from benchmark.tables import Table, to_html, to_latex, to_markdown
from fusion_metrics.files import whole, write_text

if TYPE_CHECKING:
    import pandas as pd

PRINTERS = {".tex": to_latex, ".md": to_markdown, ".html": to_html}
PAGE = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n{body}\n</html>\n'


def write_table(path: Path, frame: pd.DataFrame, tables: Sequence[Table]) -> None:
    """Write what was found in the format of the ending.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.xlsx``, ``.json`` and ``.parquet`` get the frame with all digits; ``.tex``, ``.md`` and ``.html``
        get the tables.
    frame : DataFrame
    tables : sequence of Table

    Raises
    ------
    BenchmarkError
        No format belongs to the ending, or what writes it is not installed.
    """
    ending = ending_of(path)
    if ending in READ:
        write_text(path, printed(ending, tables))
    elif ending == ".xlsx":
        signed = signatures_frame(line for table in tables for line in table.signatures)
        write_sheets(path, {"table": frame} | ({"signatures": signed} if len(signed) else {}))
    else:
        write_stored(path, frame)


def signatures_frame(signatures: Iterable[str]) -> pd.DataFrame:
    """Arrange signatures as a sheet of their own: metric with variant, and its line; each once."""
    import pandas as pd

    lines = list(dict.fromkeys(signatures))
    return pd.DataFrame({"metric": [line.partition("|")[0] for line in lines], "signature": lines})


def printed(ending: str, tables: Sequence[Table]) -> str:
    """Print tables in a format that is read."""
    body = "\n".join(map(PRINTERS[ending], tables))
    return as_page(body, tables[0].title if tables else "") if ending == ".html" else body


def as_page(body: str, title: str) -> str:
    """Put a piece of HTML into a page that a browser shows in the right letters."""
    from html import escape

    return PAGE.format(title=escape(title), body=body)


def write_stored(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame with all digits: CSV, Excel, JSON or Parquet."""
    ending = ending_of(path)
    if ending == ".csv":
        write_frame(path, frame)
    elif ending == ".xlsx":
        write_sheets(path, {"table": frame})
    elif ending == ".json":
        write_text(path, as_json(records_of(frame)))
    else:
        with whole(path) as scratch:
            frame.to_parquet(scratch, index=False)


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as JSON has them: nothing where a value is missing or not finite."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): _plain(value) for name, value in row.items()} for row in plain.to_dict("records")]


def as_json(content: object) -> str:
    """Write JSON with all digits of every number."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """Turn numbers of numpy into those of Python; infinity, which JSON has no number for, into a word."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value
