"""The report as a browser reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.analysis.outcome import Outcome
from benchmark.cli import main
from benchmark.report import page, write_report
from tests.databases import write_database
from tests.markup import Page, assert_needs_no_other_file, assert_runs_only_its_own_script
from tests.outcomes import small_outcome


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes longest."""
    monkeypatch.setattr("benchmark.report.chapter.draw_inline", lambda *arguments, **options: {})


def report(path: Path, *outcomes: Outcome, pictures: bool = True) -> str:
    write_report(path, outcomes, command="fmbench report here", pictures=pictures)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Of three metrics with scores and one without."""
    return small_outcome(tmp_path_factory.mktemp("human"), without=["mi"])


@pytest.fixture(scope="module")
def html(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report on that, and on simulated scores."""
    simulated = small_outcome(tmp_path_factory.mktemp("simulated"), skill={"qabf": 0.9}, scores="simulated")
    path = tmp_path_factory.mktemp("out") / "deep" / "report.html"
    text = report(path, outcome, simulated)
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]
    return text


def test_one_file_that_needs_no_other(html: str) -> None:
    assert_needs_no_other_file(html)


def test_only_the_script_of_the_page_may_run(html: str) -> None:
    assert_runs_only_its_own_script(html)


def test_the_result_comes_before_everything_else(outcome: Outcome, html: str) -> None:
    first, second = re.findall(r'<p class="lead">(.*?)</p>', html, flags=re.DOTALL)
    assert outcome.analysis.best_first[0].label in first
    assert ">human scores</span>" in first
    assert ">simulated scores</span>" in second
    order = ['class="lead"', "<table", "How good the scores are", "About the database", "<dt>citation"]
    assert [html.index(part) for part in order] == sorted(html.index(part) for part in order)


def test_metrics_that_do_not_differ_stand_in_one_group(outcome: Outcome, html: str) -> None:
    [overall, *_] = re.findall(r'<ol class="clusters">(.*?)</ol>', html, flags=re.DOTALL)
    groups = [re.findall(r"<b>(.*?)</b> ", group) for group in re.findall(r"<li>(.*?)</li>", overall, flags=re.DOTALL)]
    clusters = {item.label: item.clusters["global"] for item in outcome.analysis.best_first if item.srcc is not None}
    assert [label for group in groups for label in group] == list(clusters)
    assert [[clusters[label] for label in group] for group in groups] == [
        [number] * len(group) for number, group in enumerate(groups, start=1)
    ]


def test_there_is_no_matrix_of_small_numbers(html: str) -> None:
    described = [one["aria-label"] or "" for one in Page(html).all("svg", role="img")]
    assert any(text.startswith("SRCC of 4 metrics with intervals") for text in described)
    assert not [text for text in described if text.startswith(("Matrix", "Ranks of"))]
    widths = [int(found) for found in re.findall(r"--natural: (\d+)px", html)]
    assert widths
    assert max(widths) <= 390


def test_algorithms_are_shaded_by_how_far_a_metric_ranks_them_from_opinion(tmp_path: Path) -> None:
    agreeing = small_outcome(tmp_path / "agree", skill={"qabf": 1.0})
    reverse = small_outcome(tmp_path / "reverse", skill={"qcv": -1.0})
    pages = [report(tmp_path / f"{one.database.root.name}.html", one) for one in (agreeing, reverse)]
    assert "--tint: var(--" not in pages[0]
    assert "--tint: var(--better)" in pages[1]
    assert "--tint: var(--worse)" in pages[1]


def test_tables_have_a_key_to_sort_by_in_every_cell(outcome: Outcome, html: str) -> None:
    tables = re.findall(r'<table class="sortable">.*?</table>', html, flags=re.DOTALL)
    assert len(tables) == 2 * 3
    for table in tables:
        found = Page(table)
        heads = [one for one in found.all("th") if one.get("scope") == "col"]
        assert sum(one["aria-sort"] != "none" for one in heads) <= 1
        assert {one["data-first"] for one in heads} <= {"ascending", "descending"}
        assert len(found.all("button")) == len(heads)
        rows = [one for one in found.all("th") if one.get("scope") == "row"]
        assert len(rows) == len(found.all("tr")) - 1 > 0
        assert len(found.all("td")) == len(rows) * (len(heads) - 1)
        for cell in (*rows, *found.all("td")):
            assert "data-sort" in cell
    srcc = {item.label: item.srcc for item in outcome.analysis.correlations}
    for label, value in srcc.items():
        row = next(
            row for row in re.findall(r"<tr>.*?</tr>", tables[0], flags=re.DOTALL) if f'data-sort="{label}"' in row
        )
        assert Page(row).all("td")[1]["data-sort"] == ("" if value is None else repr(value))


def test_every_metric_is_shown(html: str) -> None:
    found = Page(html)
    articles = [one for one in found.all("article") if one["class"] == "metric"]
    assert len(articles) == len(found.all("option")) == 4 + 1
    assert [one["value"] for one in found.all("option")] == [one["id"] for one in articles]
    text = " ".join(found.texts)
    for label in ("qabf", "qcv", "rsfe", "mi"):
        assert label in text
    assert "no score for 16 of 16 images: no GPU" in text


def test_where_the_scores_come_from_is_said_and_never_mixed(html: str) -> None:
    chapters = re.findall(r'<section id="d\d" class="chapter">.*?</section>', html, flags=re.DOTALL)
    for chapter, scores, other in zip(chapters, ("human", "simulated"), ("simulated", "human"), strict=True):
        assert f">{scores} scores</span>" in chapter
        assert f"{other} score" not in chapter
        assert ("No person looked at these images" in chapter) == (scores == "simulated")


def test_text_of_a_database_stays_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} ' &amp;"
    about = dict.fromkeys(("title", "citation", "licence", "note", "name"), f"'''{evil}'''")
    outcome = small_outcome(tmp_path / "db", skill={"qabf": 1.0}, about=about)
    assert outcome.database.title == evil
    html = report(tmp_path / "report.html", outcome)
    found = Page(html)
    assert len(found.all("script")) == 1
    assert found.all("img") == []
    assert evil in "".join(found.texts)
    assert "onerror" not in {name for _, attributes in found.elements for name in attributes}


@pytest.mark.usefixtures("without_figures")
def test_a_database_without_votes_has_no_ceiling(tmp_path: Path) -> None:
    outcome = small_outcome(tmp_path / "db", skill={"qabf": 1.0}, votes=False)
    text = " ".join(Page(report(tmp_path / "report.html", outcome)).texts)
    assert "No noise ceiling: no single votes" in text
    assert "no raw votes" in text
    assert "No screening" in text


@pytest.mark.usefixtures("without_figures")
def test_a_report_on_nothing_but_failures(tmp_path: Path) -> None:
    text = " ".join(
        Page(report(tmp_path / "report.html", small_outcome(tmp_path / "db", skill={}, without=["mi"]))).texts
    )
    assert "no GPU" in text


@pytest.mark.usefixtures("without_figures")
def test_disagreements_are_shown_with_pictures_and_ranks(tmp_path: Path) -> None:
    outcome = small_outcome(tmp_path / "db", skill={"qabf": 0.0})
    found = Page(report(tmp_path / "report.html", outcome))
    strips = [one for one in found.all("figure") if one["class"] == "strip"]
    pictures = [one for one in found.all("svg") if (one.get("aria-label") or "").startswith(("source", "p"))]
    assert len(pictures) == 3 * len(strips) > 0
    embedded = [one for one in found.all("image") if (one["href"] or "").startswith("data:image/jpeg")]
    assert 0 < len(embedded) < len(pictures)
    assert all(one.get("aria-label") or one.get("aria-hidden") for one in found.all("svg"))
    assert "of 16" in " ".join(found.texts)


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize(("licence", "kept"), [("'CC BY 4.0'", False), ("'never redistribute'", True), ("''", True)])
def test_pictures_that_must_stay_here_are_announced(tmp_path: Path, licence: str, kept: bool) -> None:
    outcome = small_outcome(tmp_path / "db", skill={"qabf": 0.3}, about={"licence": licence})
    path = tmp_path / "report.html"
    assert write_report(path, [outcome], command="") == (["small"] if kept else [])
    html = path.read_text(encoding="utf-8")
    assert "data:image/jpeg" in html
    assert ("Do not pass this file on" in html) == kept
    assert write_report(path, [outcome], command="", pictures=False) == []
    html = path.read_text(encoding="utf-8")
    assert "data:image/jpeg" not in html
    assert "Do not pass this file on" not in html
    assert 'class="strip"' in html


@pytest.mark.usefixtures("without_figures")
def test_pictures_stop_at_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = small_outcome(tmp_path / "db", skill={"qabf": 0.0, "qcv": 0.0})
    path = tmp_path / "report.html"
    whole = report(path, outcome).count('class="three"')
    monkeypatch.setattr(page, "PICTURES", 6_000)
    html = report(path, outcome)
    assert 0 < html.count('class="three"') < whole == html.count('class="strip"')


def test_provenance(html: str) -> None:
    text = " ".join(Page(html).texts)
    assert "fmbench report here" in text
    assert "replicates 50, permutations 99" in text
    assert re.search(r"database, SHA-256\s+[0-9a-f]{64}", text)


def test_the_command(tmp_path: Path) -> None:
    folder, out = write_database(tmp_path / "db"), tmp_path / "deep" / "report.html"
    arguments = ["report", str(folder), "--metrics", "mi,qabf", "--jobs", "1", "--out", str(out)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert str(out) in result.stdout
    assert "must not be passed on" in result.stderr
    assert "qabf" in out.read_text(encoding="utf-8")
    assert "must not be passed on" not in CliRunner().invoke(main, [*arguments, "--no-pictures"]).stderr
