from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmark.analysis.frames import CORRELATION_COLUMNS, correlations_frame
from benchmark.databases.model import Database, FusedImage, ScoreOrigin
from benchmark.errors import BenchmarkError
from benchmark.papers.published import PAPERS, PublishedTable, load_published
from benchmark.papers.reproduce import compare, needed_beyond, needed_metrics, pair_up
from benchmark.tables import Table, to_latex, to_markdown

Line = dict[str, object]
G2NPAN_1 = load_published("g2npan", "1")


def database(scores: ScoreOrigin = "simulated") -> Database:
    images = tuple(FusedImage(f"{i}.png", Path(f"{i}.png"), "p", "x", mos=float(i)) for i in range(1, 6))
    unscored = FusedImage("6.png", Path("6.png"), "p", "x")
    return Database("small", "A small database", scores, 1, 5, Path(), {}, (*images, unscored))


def ours(metric: str, variant: str = "paper", *numbers: float, reason: str = "", on: str = "small") -> Line:
    plcc, srcc, krcc, rmse = numbers or (None,) * 4
    return {
        "database": on, "metric": metric, "variant": variant, "n": 5, "reason": reason,
        "plcc": plcc, "srcc": srcc, "krcc": krcc, "rmse": rmse, "scores": "simulated",
    }  # fmt: skip


def frame(*lines: Line) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=CORRELATION_COLUMNS) if lines else correlations_frame([])


def only(method: str, **changes: str) -> PublishedTable:
    """Table 1 of G2NPAN cut down to one row."""
    [row] = [row for row in G2NPAN_1.rows if row.method == method]
    return replace(G2NPAN_1, rows=(replace(row, **changes),))  # type: ignore[arg-type]


def lines(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def test_ours_and_the_difference_stand_under_the_published_numbers() -> None:
    table = compare(only("OEFP"), frame(ours("qabf", "paper", 0.4064, -0.0633, 0.2342, 0.25)), database())
    assert table.header == ("method", "numbers", "PLCC", "SRCC", "KRCC", "RMSE")
    assert lines(table) == [
        ["OEFP", "published", "0.3064", "0.3367", "0.2342", "0.2810"],
        ["", "qabf", "0.4064", "-0.0633", "0.2342", "0.2500"],
        ["", "difference", "+0.1000", "-0.4000", "+0.0000", "-0.0310"],
    ]


def test_differences_are_not_rounded_before_they_are_printed() -> None:
    [found] = pair_up(only("OEFP"), frame(ours("qabf", "paper", 0.31234567, 0.3, 0.2, 0.3)))
    assert found.difference[0] == pytest.approx(0.31234567 - 0.3064, abs=1e-15)


def test_rows_come_in_the_order_of_the_paper() -> None:
    shuffled = frame(*(ours(metric, "paper", 0.1, 0.1, 0.1, 0.1) for metric in ("rsfe", "qabf", "te")))
    methods = [line[0] for line in lines(compare(G2NPAN_1, shuffled, database())) if line[0]]
    assert methods == ["BMPRI", "TEIA", "Hossny", "OEFP", "rSFe", "Tang", "G2NPAN"]


def test_a_metric_that_learns_is_shown_under_both_protocols() -> None:
    correlations = frame(*(ours("bmpri", f"paper@{protocol}", 0.5, 0.5, 0.5, 0.2) for protocol in ("image", "pair")))
    table = compare(only("BMPRI"), correlations, database())
    assert [line[1] for line in lines(table)] == ["published", "bmpri@image", "difference", "bmpri@pair", "difference"]
    assert any("@pair keeps those of a pair together" in note for note in table.notes)


def test_a_row_that_asks_for_a_protocol_gets_no_other() -> None:
    correlations = frame(*(ours("bmpri", f"paper@{protocol}", 0.5, 0.5, 0.5, 0.2) for protocol in ("image", "pair")))
    assert [item.label for item in pair_up(only("BMPRI", variant="paper@pair"), correlations)] == ["bmpri@pair"]
    [absent] = pair_up(only("BMPRI", variant="paper@image20"), correlations)
    assert (absent.label, absent.reason) == ("bmpri@image20", "it was not run on this database")


def test_a_row_that_asks_for_no_protocol_gets_the_usual_ones() -> None:
    correlations = frame(
        *(ours("bmpri", f"paper@{name}", 0.5, 0.5, 0.5, 0.2) for name in ("pair", "image20", "external"))
    )
    assert [item.label for item in pair_up(only("BMPRI"), correlations)] == ["bmpri@pair"]


def test_a_row_that_asks_for_another_database_gets_it() -> None:
    published = only("BMPRI", variant="paper@external")
    other = replace(database(), name="other", title="Another database")
    correlations = frame(
        ours("bmpri", "paper@external", 0.5, 0.5, 0.5, 0.2, on="other"),
        ours("bmpri", "paper@pair", 0.7, 0.7, 0.7, 0.2),
    )
    table = compare(published, correlations, database(), other)
    assert lines(table)[1][:3] == ["", "bmpri@external", "0.5000"]
    [about] = [note for note in table.notes if "@external" in note]
    assert "fitted to all of small and tested on Another database (other), simulated scores" in about


def test_a_protocol_is_asked_for_by_some_metrics_only() -> None:
    rows = only("BMPRI", variant="paper@image20")
    assert needed_beyond([G2NPAN_1, rows, rows]) == {"image20": ["bmpri"]}
    assert needed_beyond([G2NPAN_1]) == {}


def test_a_table_says_what_its_networks_start_from_once() -> None:
    correlations = frame(*(ours("bmpri", f"paper@{protocol}", 0.5, 0.5, 0.5, 0.2) for protocol in ("image", "pair")))
    said = {"bmpri": "started from nothing", "qabf": "not in this table"}
    notes = compare(only("BMPRI"), correlations, database(), said=said).notes
    assert notes.count("started from nothing") == 1
    assert "not in this table" not in notes


def test_the_protocol_of_the_papers_is_shown_where_it_was_asked_for() -> None:
    correlations = frame(*(ours("bmpri", f"paper@{name}", 0.5, 0.5, 0.5, 0.2) for name in ("pair", "image-best")))
    table = compare(only("BMPRI"), correlations, database(), protocols=("image-best",))
    assert [line[1] for line in lines(table)] == ["published", "bmpri@image-best", "difference"]
    assert any("@image-best keeps" in note for note in table.notes)


@pytest.mark.parametrize(
    ("metric", "variant", "reason"),
    [
        ("nobodys", "paper", "this metric is not part of the project yet"),
        ("qabf", "nobodys", "this variant is not part of the project yet"),
        ("qabf", "paper@external", "it was not run on this database"),
        ("qabf", "paper", "it was not run on this database"),
    ],
)
def test_a_row_without_ours_says_why(metric: str, variant: str, reason: str) -> None:
    table = compare(only("OEFP", metric=metric, variant=variant), frame(), database())
    [_, absent] = lines(table)
    assert absent[2:] == ["n/a"] * 4
    assert f"{absent[1]}: not available: {reason}" in table.notes


def test_a_metric_without_a_value_says_why_and_reasons_are_said_once() -> None:
    correlations = frame(*(ours(metric, reason="no score for 1 of 5 images: flat") for metric in ("te", "nmi")))
    table = compare(G2NPAN_1, correlations, database())
    assert "te, nmi: not available: no score for 1 of 5 images: flat" in table.notes


def test_numbers_of_other_databases_and_variants_are_not_taken_for_ours() -> None:
    others = frame(ours("qabf", "paper", 0.5, 0.5, 0.5, 0.2, on="other"), ours("qabf", "liu2012", 0.5, 0.5, 0.5, 0.2))
    assert lines(compare(only("OEFP"), others, database()))[1] == ["", "qabf", *["n/a"] * 4]
    chosen = compare(only("OEFP", variant="liu2012"), others, database())
    assert lines(chosen)[1][:3] == ["", "qabf:liu2012", "0.5000"]


def test_what_the_paper_does_not_show_is_not_compared() -> None:
    published = load_published("ms-aan", "1")
    table = compare(published, frame(ours("qabf", "paper", 0.5, 0.5, 0.5, 0.2)), database())
    shown = lines(table)
    start = next(i for i, line in enumerate(shown) if line[0] == "OEFP")
    assert shown[start] == ["OEFP", "published", *["unreadable"] * 4]
    assert shown[start + 1][:3] == ["", "qabf", "0.5000"]
    assert shown[start + 2][0] == "RSFE"
    assert any(note.startswith("unreadable: ") for note in table.notes)


def test_ranges_and_computed_numbers_are_told_from_printed_ones() -> None:
    table = compare(load_published("g2npan", "fig6"), frame(), database())
    shown = {line[0]: line[1:] for line in lines(table) if line[0]}
    assert shown["G2N"][:2] == ["computed", "0.8541"]
    assert shown["G2NN"] == ["published", "bound", "0.8610", "0.8014", "bound"]
    assert any("0.8541 < PLCC < 0.9044" in note for note in table.notes)


def test_a_number_beside_a_range_is_still_compared() -> None:
    published = load_published("g2npan", "fig6")
    row = replace(next(row for row in published.rows if row.method == "G2NN"), metric="qabf", variant="paper")
    [found] = pair_up(replace(published, rows=(row,)), frame(ours("qabf", "paper", 0.5, 0.5, 0.5, 0.2)))
    assert found.difference == (None, pytest.approx(0.5 - 0.8610), pytest.approx(0.5 - 0.8014), None)


@pytest.mark.parametrize(("scores", "other"), [("simulated", "human"), ("human", "simulated")])
def test_notes_name_the_database_and_where_its_scores_come_from(scores: ScoreOrigin, other: str) -> None:
    notes = compare(G2NPAN_1, frame(), database(scores)).notes
    [about] = [note for note in notes if note.startswith("ours: A small database (small), 5 fused images")]
    assert f"{scores} scores" in about
    assert other not in about
    assert any(note.startswith("published: ") and "human scores" in note for note in notes)


def test_a_database_without_scores_is_refused() -> None:
    with pytest.raises(BenchmarkError, match="small: has no opinion scores"):
        compare(G2NPAN_1, frame(), database("none"))


def test_needed_metrics_are_those_that_exist() -> None:
    assert needed_metrics(G2NPAN_1)[:6] == ["bmpri", "te", "nmi", "qabf", "rsfe", "nsct_pcnn"]
    assert needed_metrics(only("TEIA", variant="nava")) == ["te:nava"]
    for missing in ({"metric": "nobodys"}, {"variant": "nobodys"}):
        assert needed_metrics(only("OEFP", **missing)) == []


@pytest.mark.parametrize(("paper", "table"), [(paper.name, name) for paper in PAPERS.values() for name in paper.tables])
def test_every_table_can_be_printed(paper: str, table: str) -> None:
    published = load_published(paper, table)
    printed = compare(published, frame(), database())
    assert published.label in printed.title
    for text in (to_markdown(printed), to_latex(printed)):
        assert all(row.method in text for row in published.rows)
