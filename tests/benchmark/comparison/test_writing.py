"""Comparisons as files: LaTeX, Excel, JSON, CSV, Markdown and HTML."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmark.comparison.asked import Asked
from benchmark.comparison.latex import Float, to_latex
from benchmark.comparison.table import grid_of
from benchmark.comparison.tested import examine
from benchmark.comparison.values import gather
from tests.comparisons import IMAGES, compared, rows


def test_latex_spans_two_columns_and_explains_its_marks() -> None:
    asked = Asked(permutations=999, names={"near": "A_&_B"}, ours="good", third=True)
    [values] = gather(rows(), asked, {})
    grid = grid_of(examine(values, asked), asked)
    text = to_latex([grid], asked, Float("My caption.", "tab:mine"))
    assert r"\begin{table*}" in text
    assert r"\caption{My caption. Best in bold, second best underlined, third best in italics." in text
    assert r"\label{tab:mine}" in text
    assert r"A\_\&\_B & \underline{0." in text
    assert r"\rlap{$^{\dagger}$}" in text
    assert "$Q^{AB/F}$ $\\uparrow$" in text
    body = text.split(r"\midrule")
    assert body[-1].lstrip().startswith("good (ours) & \\textbf{")
    assert r"\begin{table}" in to_latex([grid], asked, Float(one_column=True))


@pytest.mark.parametrize("statistic", ["mean", "mean-sd"])
def test_excel_has_a_sheet_of_means_and_one_a_metric(tmp_path: Path, statistic: str) -> None:
    found = compared(Asked(permutations=99, statistic=statistic, names={"bad": "=1+1"}))  # type: ignore[arg-type]
    found.write(tmp_path / "t.xlsx")
    sheets = pd.read_excel(tmp_path / "t.xlsx", sheet_name=None, index_col=0)
    assert sheets["mean"].loc["good", "qabf ↑"] == pytest.approx(found.means.loc["good", "qabf"])
    assert sheets["qabf"].shape == (IMAGES, 3)
    expected = found.scores.query("metric == 'qabf' and method == 'near'")["value"]
    assert sheets["qabf"]["near"].to_numpy() == pytest.approx(expected.to_numpy())
    assert ("sd" in sheets) == (statistic == "mean-sd")
    assert "'=1+1" in sheets["mean"].index
    assert len(sheets["pairs"]) == 9


def test_excel_marks_the_best(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    compared(Asked(permutations=99)).write(tmp_path / "t.xlsx")
    page = load_workbook(tmp_path / "t.xlsx")["mean"]
    fonts = {row[0].value: (row[1].font.b, row[1].font.u) for row in page.iter_rows(min_row=2)}
    assert fonts == {"good": (True, None), "near": (False, "single"), "bad": (False, None)}
    assert page["B2"].number_format == "0.0000"


def test_json_and_csv_have_all_digits(tmp_path: Path) -> None:
    found = compared()
    found.write(tmp_path / "t.json")
    found.write(tmp_path / "t.csv")
    content = json.loads((tmp_path / "t.json").read_text())
    assert [line["mean"] for line in content["cells"]] == found.cells["mean"].tolist()
    assert content["datasets"]["small"]["notes"]
    read = pd.read_csv(tmp_path / "t.csv")["mean"].tolist()  # pandas before 3 rounds when it reads
    assert read == pytest.approx(found.cells["mean"].tolist(), rel=1e-15)


def test_markdown_and_html_have_methods_as_lines(tmp_path: Path) -> None:
    found = compared()
    found.write(tmp_path / "t.md")
    found.write(tmp_path / "t.html")
    lines = (tmp_path / "t.md").read_text().splitlines()
    assert [line.split("|")[1].strip() for line in lines if line.startswith("|")][2:] == ["good", "near", "bad"]
    page = (tmp_path / "t.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "†" in page
    assert found._repr_html_() in page
