"""The page of a comparison of methods, as a browser reads it."""

from __future__ import annotations

import base64
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.comparison.asked import Asked
from benchmark.comparison.headline import headline
from benchmark.report import page, write_comparison
from benchmark.runs.comparison import Comparison
from benchmark.runs.request import Computing
from tests.command import fmbench
from tests.databases import save, write_database
from tests.markup import Page, assert_needs_no_other_file, assert_runs_only_its_own_script

METRICS = "en,ssim,qcv,psnr:vifb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("methods") / "db", pairs=8, scores="none", size=64)


@pytest.fixture(scope="module")
def found(folder: Path) -> Comparison:
    asked = Asked(permutations=99, ours="blur1", third=True, names={"blur0": "Sharp"})
    return benchmark.compare(str(folder), metrics=METRICS, asked=asked, computing=Computing(jobs=1))


@pytest.fixture(scope="module")
def html(found: Comparison, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("out") / "page.html"
    write_comparison(path, found, command="fmbench report here")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes longest."""
    monkeypatch.setattr("benchmark.report.methods.draw_inline", lambda *arguments, **options: {})


def content(uri: str | None) -> bytes:
    assert uri is not None
    return base64.b64decode(uri.partition("base64,")[2])


def test_one_file_that_needs_no_other(html: str) -> None:
    assert_needs_no_other_file(html)
    assert_runs_only_its_own_script(html)


def test_the_first_sentence_is_what_was_found(found: Comparison, html: str) -> None:
    text = Page(html).text
    assert text.index(headline(found.parts[0])) < text.index("mean of 8 pairs") < text.index("What the tests found")
    assert "on 8 source pairs." in headline(found.parts[0])


def test_the_table_has_the_marks_and_the_numbers_of_the_comparison(found: Comparison, html: str) -> None:
    [table] = re.findall(r"<table.*?</table>", html, flags=re.DOTALL)
    [grid] = found.grids
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, flags=re.DOTALL)[1:]
    exact = found.cells.pivot(index="method", columns="metric", values="mean")
    for name, line, row in zip(grid.methods, grid.cells, rows, strict=True):
        assert Page(row).all("th", scope="row")[0]["data-sort"] == grid.called(name)
        cells = re.findall(r"<td.*?</td>", row, flags=re.DOTALL)[:-1]
        for column, printed, cell in zip(grid.columns, line, cells, strict=True):
            [attributes] = Page(cell).all("td")
            assert float(attributes["data-sort"] or "nan") == exact.loc[name, column.label]
            assert Page(cell).text.replace(" †", "").strip() == printed.text
            assert [tag for tag, _ in Page(cell).elements if tag in "bui"] == ["bui"[printed.place - 1]][
                : bool(printed.place)
            ]
            assert ("†" in cell) == printed.near
            assert ("near" in (attributes["class"] or "")) == (printed.near or printed.place == 1)
    assert rows[-1].count("blur1 (ours)") == 2  # what it is sorted by, and what is read


def test_columns_say_which_way_is_better_and_what_they_measure(html: str) -> None:
    heads = {one["data-family"]: one for one in Page(html).all("th", scope="col") if one.get("data-family")}
    assert heads.keys() == {"activity", "structure", "contrast", "difference"}
    assert heads["contrast"]["data-first"] == "ascending"
    assert heads["activity"]["data-first"] == "descending"
    assert "qcv ↓" in Page(html).text
    options = [one["value"] for one in Page(html).all("option")]
    assert {"", *heads} <= set(options)


def test_every_metric_is_signed_and_has_its_figures(found: Comparison, html: str) -> None:
    articles = re.findall(r'<article class="metric".*?</article>', html, flags=re.DOTALL)
    assert len(articles) == 4
    for column, article in zip(found.grids[0].columns, articles, strict=True):
        [variant] = {column.spec.variant}
        assert f"<code>{column.spec.name}:{variant}|v" in article
        described = [one["aria-label"] or "" for one in Page(article).all("svg", role="img")]
        assert [text.split()[0] for text in described[:3]] == ["Mean", "Values", "Boxes"]
        assert len(described) == 4
    over_all = [one["aria-label"] or "" for one in Page(html).all("svg", role="img")]
    for beginning in ("4 methods by 4 metrics", "Radar chart", "Tree of 4 metrics"):
        assert any(text.startswith(beginning) for text in over_all)


def test_downloads_are_what_the_command_writes(found: Comparison, html: str, tmp_path: Path) -> None:
    links = {one["download"]: one["href"] for one in Page(html).all("a", class_="button")}
    assert list(links) == ["comparison.csv", "comparison.tex"]
    for name, uri in links.items():
        assert name is not None
        found.write(tmp_path / name)
        assert content(uri) == (tmp_path / name).read_bytes()


def test_the_gallery_shows_where_methods_differ_most(found: Comparison, html: str) -> None:
    pictures = Page(html).all("image")
    labels = ["source A", "source B", "Sharp", "blur2", "blur3", "blur1"]
    scenes = Page(html).all("div", class_="scene")
    assert 0 < len(scenes) <= 6
    assert len(pictures) == len(scenes) * len(labels)
    assert all((one["href"] or "").startswith("data:image/png") for one in pictures)  # small ones lose nothing
    assert [one.get("hidden", "shown") for one in scenes] == ["shown", *[None] * (len(scenes) - 1)]
    [left, right] = re.findall(r'<select class="(?:left|right)">(.*?)</select>', html, flags=re.DOTALL)
    assert re.findall(r">([^<]+)</option>", left) == re.findall(r">([^<]+)</option>", right) == labels
    assert re.findall(r"selected>([^<]+)<", left) == ["blur1"]  # the own method
    assert re.findall(r"selected>([^<]+)<", right) != ["blur1"]
    framed = {
        tuple(one[key] for key in ("x", "y", "width", "height")) for one in Page(html).all("rect", class_="frame")
    }
    squares = {tuple((one["viewbox"] or "").split()) for one in Page(html).all("svg", class_="square")}
    assert framed == squares
    assert all(one.get("aria-label") or one.get("aria-hidden") for one in Page(html).all("svg"))


@pytest.mark.usefixtures("without_figures")
def test_pictures_that_are_too_many_or_not_wanted_stay_out(
    found: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    assert write_comparison(path, found, command="") == ["small"]
    whole = path.read_text()
    assert "Do not pass this file on" in whole
    monkeypatch.setattr(page, "PICTURES", len("".join(re.findall(r'href="(data:image[^"]*)"', whole))) // 2)
    write_comparison(path, found, command="")
    assert 0 < path.read_text().count('class="scene"') < whole.count('class="scene"')
    monkeypatch.setattr(page, "PICTURES", 100)
    assert write_comparison(path, found, command="") == []
    assert "the pictures are too large for a page" in path.read_text()
    assert write_comparison(path, found, command="", pictures=False) == []
    assert "data:image" not in path.read_text()
    assert "Do not pass this file on" not in path.read_text()
    free = replace(found, databases=tuple(replace(one, licence="CC BY 4.0") for one in found.databases))
    assert write_comparison(path, free, command="") == []


@pytest.mark.usefixtures("without_figures")
def test_large_pictures_are_reduced_and_the_square_with_them(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=1, scores="none", size=64)
    rng = np.random.default_rng(0)
    for path in folder.rglob("*.png"):
        save(path, rng.integers(0, 255, (480, 1440), dtype=np.uint8))
    found = benchmark.compare(str(folder), metrics="en", asked=Asked(permutations=9), computing=Computing(jobs=1))
    path = tmp_path / "page.html"
    write_comparison(path, found, command="")
    html = Page(path.read_text())
    assert {(one["width"], one["height"]) for one in html.all("image")} == {("720", "240")}
    [frame] = {tuple(float(one[key] or 0) for key in ("x", "width")) for one in html.all("rect", class_="frame")}
    assert frame[1] == 480 * 0.2 / 2
    assert frame[0] + frame[1] <= 720
    assert "Large pictures are reduced" in html.text


@pytest.mark.usefixtures("without_figures")
def test_several_data_sets_come_behind_what_they_say_together(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    toml = other / "database.toml"
    toml.write_text(toml.read_text().replace('"small"', '"another"'))
    path = tmp_path / "page.html"
    result = fmbench("report", folder, other, "--metrics", "en,ssim", "--jobs", 1, "--permutations", 99, "--out", path)
    assert result.exit_code == 0
    html = path.read_text()
    assert re.findall(r'<section id="d\d" class="chapter" aria-label="(.*?)">', html) == [
        "all data sets",
        "small",
        "another",
    ]
    assert html.count('class="gallery"') == 2
    assert html.count('class="downloads"') == 1
    assert len(re.findall(r'<p class="lead">.*?on 16 source pairs', html)) == 1
    assert_needs_no_other_file(html)


@pytest.mark.usefixtures("without_figures")
def test_data_sets_of_different_methods_have_a_sentence_each(folder: Path, tmp_path: Path) -> None:
    other = write_database(tmp_path / "other", pairs=3, scores="none", size=24)
    toml = other / "database.toml"
    toml.write_text(toml.read_text().replace('"small"', '"another"'))
    table = other / "fused.csv"
    table.write_text(table.read_text().replace(",blur", ",smooth"))
    path = tmp_path / "page.html"
    assert fmbench("report", folder, other, "--metrics", "en", "--jobs", 1, "--out", path).exit_code == 0
    assert re.findall(r'<p class="lead"><b>(.*?)</b>', path.read_text()) == ["small", "another"]


@pytest.mark.usefixtures("without_figures")
def test_a_method_that_lacks_an_image_has_no_number_to_sort_by(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "db"
    shutil.copytree(folder, copy)
    (copy / "fused/blur3/p2.png").unlink()
    path = tmp_path / "page.html"
    result = fmbench("report", copy, "--metrics", "en", "--jobs", 1, "--out", path)
    assert result.exit_code == 2
    assert "p2" in result.stderr
    html = path.read_text()
    assert re.search(r'<td data-sort="" class="number">n/a', html)
    assert "blur3 has no value for 1 image (p2)" in Page(html).text


@pytest.mark.usefixtures("without_figures")
def test_text_of_a_database_stays_text(folder: Path, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}\"' &amp;"
    copy = tmp_path / "db"
    shutil.copytree(folder, copy)
    toml = copy / "database.toml"
    toml.write_text(toml.read_text().replace('"A small database"', f"'''{evil}'''"))
    asked = Asked(permutations=9, names={"blur0": evil})
    found = benchmark.compare(str(copy), metrics="en", asked=asked, computing=Computing(jobs=1))
    path = tmp_path / "page.html"
    write_comparison(path, found, command=evil)
    html = Page(path.read_text())
    assert len(html.all("script")) == 1
    assert html.all("img") == []
    assert "onerror" not in {name for _, attributes in html.elements for name in attributes}
    assert evil in "".join(html.texts)
    assert evil in [one["data-sort"] for one in html.all("th", scope="row")]


@pytest.mark.usefixtures("without_figures")
def test_three_folders_make_the_same_page(folder: Path, tmp_path: Path) -> None:
    for side in "ab":
        (tmp_path / side).mkdir()
        for source in (folder / "sources").glob(f"*_{side}.png"):
            shutil.copy(source, tmp_path / side / f"{source.stem[:-2]}.png")
    path = tmp_path / "page.html"
    files = ("--a", tmp_path / "a", "--b", tmp_path / "b", "--fused", folder / "fused")
    result = fmbench("report", *files, "--metrics", "en", "--jobs", 1, "--ours", "blur1", "--out", path)
    assert result.exit_code == 0
    assert str(path) in result.stdout
    assert "must not be passed on" in result.stderr
    assert "blur1 (ours)" in path.read_text()
    assert "Fused images: mean of 8 pairs" in path.read_text()


def test_the_table_of_the_other_command_stays_plain(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "table.html"
    assert fmbench("compare", folder, "--metrics", "en", "--jobs", 1, "--out", path).exit_code == 0
    assert "<table>" in path.read_text()
    assert "<script" not in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{none}", "{human}"], "they make two pages"),
        (["{none}", "--a", "x"], "not both"),
        (["{none}", "--train-on", "phantom"], "--train-on: has no meaning for databases without opinion scores"),
        (["{none}", "--protocols", "pair"], "--protocols: has no meaning for databases without opinion scores"),
        (["{human}", "--ours", "blur0"], "--ours: has no meaning for databases with opinion scores"),
        (["{none}", "--metrics", "en", "--ours", "nobody"], "no method 'nobody'"),
        (["{none}", "--seed", "-1"], "--seed"),
        (["--a", "{none}"], "nothing to score"),
        (["{none}/nothing"], "no such folder"),
    ],
)
def test_bad_requests_are_one_line_and_nothing_is_written(
    folder: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    human = write_database(tmp_path / "human", pairs=2, size=24)
    out = tmp_path / "page.html"
    named = [argument.format(none=folder, human=human) for argument in arguments]
    result = fmbench("report", *named, "--jobs", 1, "--out", out)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len([line for line in result.stderr.splitlines() if line.startswith("error:")]) == 1
    assert not out.exists()
