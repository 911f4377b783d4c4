from __future__ import annotations

from pathlib import Path

from benchmark.databases import open_database
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.table import score_table
from benchmark.tables import Cell, Table, heads, to_html, to_latex, to_markdown
from fusion_metrics import create
from tests.databases import write_database


def table_of(tmp_path: Path, metric: str, values: dict[str, list[float | None]]) -> dict[str, Cell]:
    database = open_database(str(write_database(tmp_path / "db", pairs=1)))
    rows = [
        ScoreRow("small", f"p{i}", algorithm, f"{algorithm}{i}", metric, "paper", value, "ok", "", 0.0)
        for algorithm, given in values.items()
        for i, value in enumerate(given)
    ]
    table = score_table(database, rows, [create(metric).spec])
    return {row[0].text: row[1] for row in table.rows}


def test_best_and_second_best_follow_the_direction(tmp_path: Path) -> None:
    values: dict[str, list[float | None]] = {"x": [0.2, 0.4], "y": [0.5, 0.5], "z": [0.1, 0.1]}
    up = table_of(tmp_path / "up", "qabf", values)
    assert (up["y"].mark, up["x"].mark, up["z"].mark) == ("best", "second", "")
    down = table_of(tmp_path / "down", "qcv", values)
    assert (down["z"].mark, down["x"].mark, down["y"].mark) == ("best", "second", "")
    assert up["x"].text == "0.3"


def test_nearest_to_the_ideal_is_best(tmp_path: Path) -> None:
    cells = table_of(tmp_path, "rsfe", {"x": [-0.3], "y": [0.1], "z": [-0.05]})
    assert (cells["z"].mark, cells["y"].mark) == ("best", "second")


def test_no_mean_over_what_happens_to_exist(tmp_path: Path) -> None:
    cells = table_of(tmp_path, "qabf", {"x": [0.9, None], "y": [0.5, 0.5], "z": [0.1, 0.1]})
    assert cells["x"] == Cell("n/a")
    assert cells["y"].mark == "best"


def test_equal_means_share_a_mark(tmp_path: Path) -> None:
    cells = table_of(tmp_path, "qabf", {"x": [0.5], "y": [0.5], "z": [0.1]})
    assert (cells["x"].mark, cells["y"].mark, cells["z"].mark) == ("best", "best", "second")


def test_special_characters_survive() -> None:
    table = Table("50 % of A_B", heads("metric", "x|y"), ((Cell("q^ab ↑"), Cell("1.0", "best")),))
    assert r"x\|y" in to_markdown(table)
    latex = to_latex(table)
    assert r"\caption{50 \% of A\_B}" in latex
    assert r"q\^{}ab $\uparrow$ & \textbf{1.0} \\" in latex


def test_what_was_found_comes_before_the_table_in_every_format() -> None:
    table = Table("Agreement", heads("metric", "rank"), ((Cell("qabf"), Cell("1†")),), (), "A < B_C.")
    assert to_markdown(table).splitlines()[:3] == ["A &lt; B_C.", "", "**Agreement**"]
    assert to_latex(table).startswith("% A \\textless{} B\\_C.\n% needs")
    assert r"qabf & 1$^{\dagger}$ \\" in to_latex(table)
    assert to_html(table).startswith("<p>A &lt; B_C.</p><table>")
    assert to_html(Table("Agreement", table.heads, table.rows)).startswith("<table>")


def test_nothing_is_marked_between_algorithms_that_fused_other_pairs(tmp_path: Path) -> None:
    cells = table_of(tmp_path, "qabf", {"x": [0.9, 0.9], "y": [0.5]})
    assert cells == {"x": Cell("0.9"), "y": Cell("0.5")}
