"""The signatures of a table in any format that is written here, and its numbers where it has all their digits."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark.csv_files import read_text
from benchmark.errors import BenchmarkError
from benchmark.escaping import plain_text
from fusion_metrics.opening import why_not_readable
from fusion_metrics.printable import printable
from fusion_metrics.signature import Signature, parse_signature

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["scores", "means", "other"]
#: The columns that make a table one of scores, or of means.
SCORES = ("database", "pair", "algorithm", "image", "metric", "variant", "value", "signature")
MEANS = ("dataset", "method", "metric", "mean", "sd", "median", "signature")
#: Where a signature begins in a line of anything; it goes on to the end.
_BEGIN = re.compile(r"[^|=:@\s`>\"']+:[^|\s]+\|v[0-9]+\|.*")
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class SignedTable:
    """What a file tells about how its numbers were computed.

    Attributes
    ----------
    path : Path
    signatures : tuple of Signature
        Each once, in their order.
    kind : {"scores", "means", "other"}
        What one of the `rows` is about: one fused image and metric, or one method and metric.
    rows : tuple of dict
        Its lines by column, with all digits; empty for other tables.
    compares : bool
        Whether methods were tested against each other.
    ranks : bool
        Whether ranks were, too, which needs three methods.
    """

    path: Path
    signatures: tuple[Signature, ...]
    kind: Kind = "other"
    rows: tuple[dict[str, Any], ...] = ()
    compares: bool = False
    ranks: bool = False


def read_signed(path: Path) -> SignedTable:
    """Read a signed table: CSV, Excel, JSON, Parquet, or LaTeX, Markdown, HTML and any other text.

    Raises
    ------
    BenchmarkError
        No such file, one that cannot be read, or one without signatures.
    """
    if cause := why_not_readable(path):
        raise BenchmarkError(f"{path}: {cause}")
    ending = path.suffix.lower()
    try:
        frame, texts = _READERS.get(ending, _of_text)(path)
    except BenchmarkError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged files make readers fail in any of a dozen ways
        raise BenchmarkError(f"{path}: cannot be read ({' '.join(printable(str(error)).split())[:200]})") from None
    lines = dict.fromkeys(line for text in texts for line in signatures_in(text))
    if not lines:
        raise BenchmarkError(
            f"{path}: has no signature, as tables of fmbench score, compare and run have; fmbench identify finds out "
            "what a table without one shows"
        )
    signatures = tuple(parse_signature(line) for line in lines)
    columns = set() if frame is None else set(frame.columns)
    kind: Kind = next((name for name, needed in _KINDS.items() if columns.issuperset(needed)), "other")
    rows = [] if frame is None or kind == "other" else frame.to_dict("records")
    # Printed tables say it in words: of three methods or more by the test of ranks, of two by the test of the pair.
    words = "\n".join(texts)
    compares = kind == "means" or "Friedman's test after Iman" in words or "significantly better than" in words
    ranks = "Friedman's test after Iman" in words or (kind == "means" and len({row["method"] for row in rows}) > 2)
    return SignedTable(path, signatures, kind, tuple(rows), compares, ranks)


_KINDS: dict[Kind, tuple[str, ...]] = {"scores": SCORES, "means": MEANS}


def signatures_in(text: str) -> Iterator[str]:
    """Find signatures in the lines of a text, behind a sign of a comment or of a list.

    >>> list(signatures_in("% en:paper|v1|grey=rgb2gray|fmbench=0.1.0"))
    ['en:paper|v1|grey=rgb2gray|fmbench=0.1.0']
    """
    for line in text.splitlines():
        if "|v" in line and (found := _BEGIN.search(line)):
            yield found[0].strip().rstrip("`").rstrip()


def _of_text(path: Path) -> tuple[None, list[str]]:
    return None, [read_text(path)]


def _of_html(path: Path) -> tuple[None, list[str]]:
    return None, [unescape(_TAG.sub("\n", read_text(path)))]


def _of_csv(path: Path) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    text = read_text(path)
    separator = max(",;\t", key=text.partition("\n")[0].count)  # spreadsheets write others than the comma
    frame = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
    frame = frame.set_axis(list(map(plain_text, map(str, frame.columns))), axis=1).map(plain_text)
    return frame, list(_cells(frame))


def _of_excel(path: Path) -> tuple[pd.DataFrame | None, list[str]]:
    import pandas as pd

    sheets = pd.read_excel(path, sheet_name=None, dtype=object, keep_default_na=False, na_values=[""])
    frame = sheets.get("table")
    if frame is not None:
        frame = frame.map(lambda cell: _finite(plain_text(cell)) if isinstance(cell, str) else cell)
    return frame, [text for sheet in sheets.values() for text in _cells(sheet)]


def _of_json(path: Path) -> tuple[pd.DataFrame | None, list[str]]:
    import pandas as pd

    content = json.loads(read_text(path))
    records = content.get("cells") if isinstance(content, dict) else content
    if not isinstance(records, list) or not all(isinstance(line, dict) for line in records):
        return None, list(_strings(content))
    return pd.DataFrame.from_records(records), list(_strings(content))


def _of_parquet(path: Path) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    frame = pd.read_parquet(path)
    return frame, list(_cells(frame))


def _finite(text: str) -> str:
    return {"∞": "inf", "-∞": "-inf"}.get(text, text)


def _cells(frame: pd.DataFrame) -> Iterable[str]:
    """Give each different text of a frame, and its header."""
    yield from map(str, frame.columns)
    for name in frame.columns:
        yield from (cell for cell in frame[name].drop_duplicates() if isinstance(cell, str))


def _strings(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list | dict):
        for part in content.values() if isinstance(content, dict) else content:
            yield from _strings(part)


_READERS: dict[str, Any] = {
    ".csv": _of_csv,
    ".tsv": _of_csv,
    ".xlsx": _of_excel,
    ".json": _of_json,
    ".parquet": _of_parquet,
    ".html": _of_html,
    ".htm": _of_html,
}
