"""The numbers that papers print, read from ``results/published``; what is uncertain about them comes along."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from benchmark.csv_files import read_csv
from benchmark.errors import BenchmarkError
from benchmark.scoring.identity import Identity
from fusion_metrics.errors import nearest

Certainty = Literal["printed", "computed", "bound", "unreadable"]
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)
STATISTICS = ("plcc", "srcc", "krcc", "rmse")
COLUMNS = ("method", "reference", *STATISTICS, "certainty", "note", "metric", "variant")
#: Beside the package, in the repository and where it is installed.
FOLDER = Path(__file__).parents[2] / "results" / "published"


@dataclass(frozen=True)
class Contents:
    """What a table shows, in our words.

    Attributes
    ----------
    title : str
    data : str
        The images and scores behind its numbers.
    caption : str
        What else there is to know.
    """

    title: str
    data: str
    caption: str


@dataclass(frozen=True)
class Paper:
    """A paper with numbers to compare with.

    Attributes
    ----------
    name, title, citation, doi : str
        `name` is that of the files, `title` that of the paper's method.
    protocol : str
        What the paper says about training and testing.
    tables : mapping of str to Contents
        By ``1``, ``2``, ... for tables and ``fig6`` for figures.
    attention : str
        Name of the figure of attention maps, which has no numbers; empty if there is none.
    """

    name: str
    title: str
    citation: str
    doi: str
    protocol: str
    tables: Mapping[str, Contents]
    attention: str = ""


@dataclass(frozen=True)
class PublishedNumber:
    """A printed or computed value, or None where there is only a range (``bound``) or a picture (``unreadable``)."""

    value: float | None
    certainty: Certainty


@dataclass(frozen=True)
class PublishedRow:
    """One row of a published table.

    Attributes
    ----------
    method, reference : str
    plcc, srcc, krcc, rmse : PublishedNumber
    note : str
        What is uncertain; empty if nothing is.
    metric, variant : str
        Ours that stands for the row, whether or not it exists already. ``paper@external`` asks for one protocol;
        without ``@`` any protocol will do.
    """

    method: str
    reference: str
    plcc: PublishedNumber
    srcc: PublishedNumber
    krcc: PublishedNumber
    rmse: PublishedNumber
    note: str
    metric: str
    variant: str

    @property
    def identity(self) -> Identity:
        """Ours that stands for the row."""
        return Identity.parse(self.metric, self.variant)

    @property
    def numbers(self) -> tuple[PublishedNumber, ...]:
        """PLCC, SRCC, KRCC and RMSE."""
        return (self.plcc, self.srcc, self.krcc, self.rmse)


@dataclass(frozen=True)
class PublishedTable:
    """A published table or figure, rows in the paper's order."""

    paper: Paper
    name: str
    rows: tuple[PublishedRow, ...]

    @property
    def contents(self) -> Contents:
        """What the table shows."""
        return self.paper.tables[self.name]

    @property
    def label(self) -> str:
        """``Table 1`` or ``Figure 6``."""
        return f"Figure {self.name.removeprefix('fig')}" if self.name.startswith("fig") else f"Table {self.name}"


def load_published(paper: str, table: str) -> PublishedTable:
    """Read one table of a paper.

    Parameters
    ----------
    paper : str
        A name in `PAPERS`.
    table : str
        A name in its `Paper.tables`.

    Returns
    -------
    PublishedTable

    Raises
    ------
    BenchmarkError
        No such paper or table, or a file that contradicts itself.

    Examples
    --------
    >>> load_published("g2npan", "1").rows[3].plcc
    PublishedNumber(value=0.3064, certainty='printed')
    """
    if paper not in PAPERS:
        raise BenchmarkError(f"no paper {paper!r}{nearest(paper, PAPERS)}")
    tables = PAPERS[paper].tables
    if table not in tables:
        raise BenchmarkError(f"{paper}: no table {table!r}{nearest(table, tables)}")
    path = FOLDER / f"{paper}-{table if table.startswith('fig') else f'table{table}'}.csv"
    return PublishedTable(PAPERS[paper], table, tuple(_row(line, cells) for line, cells in read_csv(path, COLUMNS)))


def _row(line: str, cells: Mapping[str, str]) -> PublishedRow:
    words = cells["certainty"].split()
    words *= len(STATISTICS) if len(words) == 1 else 1
    if len(words) != len(STATISTICS):
        raise BenchmarkError(f"{line}: certainty has {len(words)} words; it needs one, or one for each number")
    plcc, srcc, krcc, rmse = (
        _number(f"{line}: {name}", cells[name], word) for name, word in zip(STATISTICS, words, strict=True)
    )
    return PublishedRow(
        cells["method"], cells["reference"], plcc, srcc, krcc, rmse, cells["note"], cells["metric"], cells["variant"]
    )


def _number(where: str, text: str, word: str) -> PublishedNumber:
    certainty = next((known for known in CERTAINTIES if known == word), None)
    if certainty is None:
        raise BenchmarkError(f"{where}: certainty {word!r}; it must be {', '.join(CERTAINTIES)}")
    if (text == "") != (certainty in ("bound", "unreadable")):
        raise BenchmarkError(f"{where}: is {certainty}, so it must {'be a number' if text == '' else 'be empty'}")
    try:
        return PublishedNumber(float(text) if text else None, certainty)
    except ValueError:
        raise BenchmarkError(f"{where}: {text!r} is not a number") from None


def _load_paper(name: str) -> Paper:
    about = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    tables = {table: Contents(**contents) for table, contents in about.pop("tables").items()}
    return Paper(name=name, tables=tables, **about)


#: The papers and their tables.
PAPERS: dict[str, Paper] = {name: _load_paper(name) for name in ("ms-aan", "g2npan")}
