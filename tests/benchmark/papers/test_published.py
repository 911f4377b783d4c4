from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from benchmark.errors import BenchmarkError
from benchmark.papers import published
from benchmark.papers.published import COLUMNS, FOLDER, PAPERS, STATISTICS, PublishedRow, load_published
from fusion_metrics import list_metrics

TABLES = [(paper.name, table) for paper in PAPERS.values() for table in paper.tables]
each_table = pytest.mark.parametrize(("paper", "table"), TABLES)


def file_of(paper: str, table: str) -> Path:
    return FOLDER / f"{paper}-{table if table.startswith('fig') else f'table{table}'}.csv"


def row_of(paper: str, table: str, method: str) -> PublishedRow:
    return next(row for row in load_published(paper, table).rows if row.method == method)


def values(row: PublishedRow) -> list[float | None]:
    return [number.value for number in row.numbers]


def test_every_file_is_a_table_and_every_table_a_file() -> None:
    assert {path.name for path in FOLDER.glob("*.csv")} == {file_of(*table).name for table in TABLES}


@each_table
def test_rows_are_complete_and_numbers_possible(paper: str, table: str) -> None:
    loaded = load_published(paper, table)
    assert loaded.rows
    assert len({row.method for row in loaded.rows}) == len(loaded.rows)
    assert len({(row.metric, row.variant) for row in loaded.rows}) == len(loaded.rows)
    for row in loaded.rows:
        assert row.reference
        assert row.metric.isidentifier()
        assert row.variant
        if any(number.certainty != "printed" for number in row.numbers):
            assert row.note, f"{row.method}: does not say what is uncertain"
        for name, number in zip(STATISTICS, row.numbers, strict=True):
            assert (number.value is None) == (number.certainty in ("bound", "unreadable"))
            if number.value is not None:
                assert (0 if name == "rmse" else -1) <= number.value <= 1


@each_table
def test_files_have_the_documented_columns_and_four_digits(paper: str, table: str) -> None:
    with file_of(paper, table).open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == list(COLUMNS)
        for row in reader:
            assert all(re.fullmatch(r"0\.\d{4}|", row[name]) for name in STATISTICS)


@each_table
def test_printed_numbers_stand_in_the_paper(paper: str, table: str, shared: Path) -> None:
    text = shared / "reference" / f"{paper}-paper.txt"
    if not text.is_file():
        pytest.skip("needs the papers' texts beside the project (../shared/reference)")
    numbers = set(re.findall(r"0\.\d{4}", text.read_text(encoding="utf-8")))
    for row in load_published(paper, table).rows:
        for number in row.numbers:
            if number.certainty == "printed":
                assert f"{number.value:.4f}" in numbers, row.method


@pytest.mark.parametrize(
    ("paper", "table", "method", "expected"),
    [
        ("ms-aan", "1", "PNQC (RIQA)", [0.8106, 0.8016, 0.7681, 0.2119]),
        ("ms-aan", "1", "MS-AAN", [0.9131, 0.9061, 0.8560, 0.1166]),
        ("ms-aan", "1", "MPRI", [None] * 4),
        ("ms-aan", "2", "Baseline", [0.7971, 0.8022, 0.7199, 0.2936]),
        ("ms-aan", "3", "MS-AAN", [0.8591, 0.8388, 0.7916, 0.1721]),
        ("g2npan", "1", "Tang", [0.6252, 0.6420, 0.4166, 0.2480]),
        ("g2npan", "2", "VGG19", [0.7530, 0.7358, 0.6696, 0.1601]),
        ("g2npan", "3", "5:5", [0.8621, 0.8617, 0.8044, 0.1206]),
        ("g2npan", "fig6", "G2NPN", [None, 0.8955, 0.8396, None]),
    ],
)
def test_known_values(paper: str, table: str, method: str, expected: list[float | None]) -> None:
    assert values(row_of(paper, table, method)) == expected


@pytest.mark.parametrize(
    ("better", "worse", "points"),
    [
        # improvements that the papers print, as percent; all are differences in points, RMSE falls
        (("g2npan", "1", "G2NPAN"), ("g2npan", "1", "Tang"), [27.92, 25.87, 43.36, -14.51]),
        (("g2npan", "2", "VGG11"), ("g2npan", "2", "VGG19"), [3.64, 5.47, 4.36, -1.07]),
        (("g2npan", "fig6", "G2N"), ("g2npan", "fig6", "VGG11"), [6.47, 5.86, 7.18, -2.61]),
        (
            ("ms-aan", "2", "Baseline + Pre + multi-scale"),
            ("ms-aan", "2", "Baseline + Pre"),
            [2.83, 2.40, 4.95, -3.95],
        ),
    ],
)
def test_rows_differ_by_the_improvements_that_the_papers_print(
    better: tuple[str, str, str], worse: tuple[str, str, str], points: list[float]
) -> None:
    pairs = zip(values(row_of(*better)), values(row_of(*worse)), strict=True)
    found = [100 * (x - y) for x, y in pairs if x is not None and y is not None]
    assert found == pytest.approx(points, abs=1e-9)


@pytest.mark.parametrize(
    "same",
    [
        [("g2npan", "1", "G2NPAN"), ("g2npan", "3", "8:2"), ("g2npan", "fig6", "G2NPAN")],
        [("g2npan", "2", "VGG11"), ("g2npan", "fig6", "VGG11")],
        [("ms-aan", "1", "MS-AAN"), ("ms-aan", "2", "Baseline + Pre + multi-scale + CAM")],
    ],
)
def test_a_method_has_the_same_numbers_and_stands_for_the_same_in_all_tables(same: list[tuple[str, str, str]]) -> None:
    rows = [row_of(*place) for place in same]
    assert len({(row.numbers, row.metric, row.variant) for row in rows}) == 1


def test_notes_show_the_arithmetic_of_computed_numbers() -> None:
    row = row_of("g2npan", "fig6", "G2N")
    sums = re.findall(r"(\d\.\d{4}) ([+-]) (\d\.\d{4}) = (\d\.\d{4})", row.note)
    results = [float(x) + (float(y) if sign == "+" else -float(y)) for x, sign, y, _ in sums]
    assert results == pytest.approx([float(total) for *_, total in sums], abs=1e-9)
    assert [float(total) for *_, total in sums] == values(row)
    assert {number.certainty for number in row.numbers} == {"computed"}


def test_unreadable_rows_stay_empty() -> None:
    rows = [row for row in load_published("ms-aan", "1").rows if row.plcc.certainty == "unreadable"]
    assert [row.method for row in rows] == ["MPRI", "TE", "MI", "OEFP", "RSFE", "NSCT-PCNN", "AGA", "SBA"]
    assert {value for row in rows for value in values(row)} == {None}


def test_metrics_of_this_project_stand_for_the_published_ones() -> None:
    ours = {"BMPRI": "bmpri", "TEIA": "te", "Hossny": "nmi", "OEFP": "qabf", "rSFe": "rsfe", "Tang": "nsct_pcnn"}
    rows = {row.method: row.metric for row in load_published("g2npan", "1").rows}
    assert ours.items() <= rows.items()
    assert set(ours.values()) <= {spec.name for spec in list_metrics()}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("0.5,0.5,0.5,,printed", "rmse: is printed, so it must be a number"),
        ("0.5,,,,unreadable", "plcc: is unreadable, so it must be empty"),
        ("0.5,0.5,0.5,0.5,bound printed printed printed", "plcc: is bound, so it must be empty"),
        ("0.5,0.5,0.5,0.5,guessed", "certainty 'guessed'"),
        ("0.5,0.5,0.5,0.5,printed printed", "certainty has 2 words"),
        ("0.5,0.5,0.5,0.5,", "certainty has 0 words"),
        ("0.5,O.5,0.5,0.5,printed", "'O.5' is not a number"),
    ],
)
def test_a_file_that_contradicts_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: str, message: str
) -> None:
    monkeypatch.setattr(published, "FOLDER", tmp_path)
    (tmp_path / "ms-aan-table1.csv").write_text(f"{','.join(COLUMNS)}\nX,Me 2026,{cells},,qabf,paper\n")
    with pytest.raises(BenchmarkError, match=re.escape(message)):
        load_published("ms-aan", "1")


def test_unknown_names_are_told_the_known_ones() -> None:
    with pytest.raises(BenchmarkError, match=r"no paper 'msaan'; did you mean 'ms-aan'\?"):
        load_published("msaan", "1")
    with pytest.raises(BenchmarkError, match="g2npan: no table '6'"):
        load_published("g2npan", "6")
