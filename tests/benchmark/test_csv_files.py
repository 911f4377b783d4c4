"""CSV files: what is written comes back, and what is odd is refused by line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmark.csv_files import parse_number, read_csv, write_csv
from benchmark.errors import BenchmarkError
from benchmark.escaping import file_name, latex, markdown

NAMES = ["=cmd()", "-x", "+1+2", "@sum", "'=quoted", "''=twice", "'tis", "a,b", 'a "b"', "plain", "-0.5", "＝full"]


def test_names_survive_and_none_begins_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    write_csv(path, ("name", "value"), [(name, -0.25) for name in NAMES])
    assert [row["name"] for _, row in read_csv(path, ("name", "value"))] == NAMES
    with path.open(newline="") as file:
        cells = [row["name"] for row in csv.DictReader(file)]
    assert [cell for cell in cells if cell[0] in "=+-@＝"] == ["-0.5"]
    assert path.read_text().count(",-0.25\n") == len(NAMES)


def test_bytes_of_a_name_that_is_no_text_are_written_as_escapes(tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", ("name",), [("Gr\udcfcn",)])
    assert (tmp_path / "x.csv").read_text() == "name\nGr\\xfcn\n"


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "٣", "３", "1,5", "", "0x10", "1e999", " 1"])
def test_what_only_python_takes_for_a_number_is_refused(text: str) -> None:
    with pytest.raises(BenchmarkError, match="number"):
        parse_number(text)


def test_semicolons_are_read_where_they_alone_find_the_columns(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a;b\n1;x,y\n")
    assert [row for _, row in read_csv(tmp_path / "x.csv", ("a", "b"))] == [{"a": "1", "b": "x,y"}]


def test_names_are_harmless_in_latex_markdown_and_as_files() -> None:
    assert latex("\\input{x}~^\n%") == r"\textbackslash{}input\{x\}\textasciitilde{}\^{} \%"
    assert markdown("a|b\n`c` <b>") == r"a\|b \`c\` &lt;b&gt;"
    assert file_name("../../x") == "-..-x"
    assert "/" not in file_name("a/b\0c")
