from __future__ import annotations

from pathlib import Path

from benchmark.databases import open_database
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.table import score_table
from benchmark.tables import Cell, Table, heads, to_html, to_latex, to_markdown
from fusion_metrics import create
from tests.databases import write_database


def whole_table(
    tmp_path: Path, metric: str, values: dict[str, list[float | None]], *, status: str = "undefined", reading: str = ""
) -> Table:
    database = open_database(str(write_database(tmp_path / "db", pairs=1)))
    rows = [
        ScoreRow(
            "small", f"p{i}", algorithm, f"{algorithm}{i}", *(metric, "paper", value),
            "ok" if value is not None else status, "", 0.0, create(metric).signature, reading,
        )
        for algorithm, given in values.items()
        for i, value in enumerate(given)
    ]  # fmt: skip
    return score_table(database, rows, [create(metric).spec])


def table_of(tmp_path: Path, metric: str, values: dict[str, list[float | None]]) -> dict[str, Cell]:
    return {row[0].text: row[1] for row in whole_table(tmp_path, metric, values).rows}


def test_best_and_second_best_follow_the_direction(tmp_path: Path) -> None:
    values: dict[str, list[float | None]] = {"x": [0.2, 0.4], "y": [0.5, 0.5], "z": [0.1, 0.1]}
    up = table_of(tmp_path / "up", "qabf", values)
    assert (up["y"].mark, up["x"].mark, up["z"].mark) == ("best", "second", "")
    down = table_of(tmp_path / "down", "qcv", values)
    assert (down["z"].mark, down["x"].mark, down["y"].mark) == ("best", "second", "")
    assert up["x"].text == "0.3000"


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
    table = Table("Agreement", heads("metric", "rank"), ((Cell("qabf"), Cell("1†")),), (), finding="A < B_C.")
    assert to_markdown(table).splitlines()[:3] == ["A &lt; B_C.", "", "**Agreement**"]
    assert to_latex(table).startswith("% A \\textless{} B\\_C.\n% needs")
    assert r"qabf & 1$^{\dagger}$ \\" in to_latex(table)
    assert to_html(table).startswith("<p>A &lt; B_C.</p><table>")
    assert to_html(Table("Agreement", table.heads, table.rows)).startswith("<table>")


def test_nothing_is_marked_between_algorithms_that_fused_other_pairs(tmp_path: Path) -> None:
    cells = table_of(tmp_path, "qabf", {"x": [0.9, 0.9], "y": [0.5]})
    assert cells == {"x": Cell("0.9000"), "y": Cell("0.5000")}


def test_numbers_of_one_column_have_the_same_digits(tmp_path: Path) -> None:
    cells = table_of(tmp_path, "qcv", {"x": [66.5], "y": [4.0], "z": [123.456]})
    assert [cells[name].text for name in "xyz"] == ["66.5", "4.0", "123.5"]


def test_what_is_not_marked_is_not_explained(tmp_path: Path) -> None:
    single = whole_table(tmp_path / "single", "qabf", {"x": [0.5]})
    assert single.notes == ("↑ higher is better",)
    equal = whole_table(tmp_path / "equal", "qcv", {"x": [0.5], "y": [0.5]})
    assert equal.notes == ("↓ lower is better",)
    two = whole_table(tmp_path / "two", "rsfe", {"x": [0.5], "y": [0.4]})
    assert two.notes == ("¹ best, ² second best; →x nearer to x is better",)


def test_one_pair_is_no_pairs(tmp_path: Path) -> None:
    assert whole_table(tmp_path / "one", "qabf", {"x": [0.5]}).title == "A small database: score of 1 pair"
    assert whole_table(tmp_path / "two", "qabf", {"x": [0.5, 0.7]}).title == "A small database: mean score of 2 pairs"


def test_a_source_that_cannot_be_read_costs_its_pair_and_no_mean(tmp_path: Path) -> None:
    values: dict[str, list[float | None]] = {"x": [0.4, None, 0.6], "y": [0.1, None, 0.3]}
    table = whole_table(tmp_path / "error", "qabf", values, status="error")
    assert [row[1].text for row in table.rows] == ["0.5000", "0.2000"]
    assert "mean score of 2 pairs" in table.title
    assert "left out, because no image of it could be scored: p1" in table.notes
    undefined = whole_table(tmp_path / "undefined", "qabf", values)
    assert [row[1].text for row in undefined.rows] == ["n/a", "n/a"]


def test_a_colour_picture_that_is_scored_on_its_luminance_is_told(tmp_path: Path) -> None:
    def said(metric: str, reading: str) -> list[str]:
        notes = whole_table(
            tmp_path / f"{metric}{reading}".replace("/", ""), metric, {"x": [0.5]}, reading=reading
        ).notes
        return [note for note in notes if "luminance" in note]

    assert said("qabf", "strict; b, fused: colour") == [
        "colour pictures were scored on their luminance (rgb2gray) by qabf"
    ]
    assert said("qabf", "grey=opencv; a: page 1 of 2, colour")[0].endswith("(opencv) by qabf")
    assert said("qabf", "strict") == []
    assert said("en", "strict; a, b: colour") == []  # the fused image is grey, and it looks at nothing else


def test_every_format_that_is_read_has_the_signatures_as_they_are() -> None:
    line = "en:paper|v1|grey=rgb2gray|reading=a & b<c|fmbench=0.1.0"
    table = Table("t", heads("metric", "x"), ((Cell("en"), Cell("1")),), (), (line,))
    assert f"\n- `{line}`\n" in to_markdown(table)
    assert f"\n% {line}\n" in to_latex(table)
    assert "reading=a &amp; b&lt;c" in to_html(table)
