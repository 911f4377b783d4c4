"""Files that a page carries: what `fmbench compare --out` writes, byte by byte."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmark.runs.comparison import Comparison

#: Media types of the files, by their endings.
TYPES = {".csv": "text/csv", ".tex": "application/x-tex"}


@dataclass(frozen=True)
class Download:
    """A file within a page.

    Attributes
    ----------
    name, what : str
        Its name when it is saved, and what it is.
    uri : str
        The whole content.
    """

    name: str
    what: str
    uri: str


def downloads_of(found: Comparison) -> tuple[Download, ...]:
    """Write a comparison as CSV and LaTeX, and carry both along."""
    files = []
    with tempfile.TemporaryDirectory(prefix="fmbench-") as folder:
        for ending, what in ((".csv", "CSV"), (".tex", "LaTeX")):
            path = Path(folder) / f"comparison{ending}"
            found.write(path)
            content = base64.b64encode(path.read_bytes()).decode()
            files.append(Download(path.name, what, f"data:{TYPES[ending]};charset=utf-8;base64,{content}"))
    return tuple(files)
