"""Tables in files: the ending decides."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark.errors import BenchmarkError
from benchmark.formats import endings
from benchmark.formats.endings import ending_of
from benchmark.formats.excel import sheet_names, write_sheets
from benchmark.formats.files import write_table
from benchmark.tables import Cell, Table, heads

FRAME = pd.DataFrame({"name": ["=cmd()", "b"], "value": [0.1 + 0.2, np.nan], "count": [1, 2]})
TABLES = [Table("Title", heads("name", "value"), ((Cell("b"), Cell("0.3", "best")),))]


def test_formats_that_are_read_get_the_table(tmp_path: Path) -> None:
    for ending, sign in ((".tex", r"\textbf{0.3}"), (".md", "0.3¹"), (".html", "<b>0.3</b>")):
        path = tmp_path / f"t{ending}"
        write_table(path, FRAME, TABLES)
        assert sign in path.read_text(encoding="utf-8")


def test_formats_that_are_stored_get_all_digits(tmp_path: Path) -> None:
    for ending in (".csv", ".xlsx", ".json"):
        write_table(tmp_path / f"t{ending}", FRAME, TABLES)
    read = json.loads((tmp_path / "t.json").read_text())
    assert read == [{"name": "=cmd()", "value": 0.1 + 0.2, "count": 1}, {"name": "b", "value": None, "count": 2}]
    for frame in (pd.read_csv(tmp_path / "t.csv"), pd.read_excel(tmp_path / "t.xlsx")):
        assert frame["value"][0] == pytest.approx(0.1 + 0.2, rel=1e-15)
        assert np.isnan(frame["value"][1])
        assert frame["name"][0] == "'=cmd()"


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    write_sheets(tmp_path / "t.xlsx", {"a": pd.DataFrame({"=x": ["+1", "@y", "-0.5"]})})
    page = load_workbook(tmp_path / "t.xlsx")["a"]
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}


@pytest.mark.parametrize("name", ["t.txt", "t", "t.csv.gz", ".csv"])
def test_an_unknown_ending_is_refused_and_the_known_ones_are_named(name: str) -> None:
    with pytest.raises(BenchmarkError, match=r"endings are \.tex, \.md, \.html, \.csv"):
        ending_of(Path(name))


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "find_spec", lambda name: None)
    with pytest.raises(BenchmarkError, match="writing Parquet needs pyarrow"):
        ending_of(Path("t.parquet"))


def test_a_stream_gets_csv() -> None:
    assert ending_of(Path("/dev/stdout")) == ".csv"


def test_names_of_sheets_are_short_and_different() -> None:
    names = sheet_names(["a" * 40, "a" * 41, "x/y", "x:y", ""])
    assert len({name.casefold() for name in names}) == 5
    assert all(0 < len(name) <= 31 for name in names)
