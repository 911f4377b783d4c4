"""The pages about scripts: one each, as the registry and the words beside it have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.cli import main
from benchmark.errors import BenchmarkError
from benchmark.pages.scripts import index_page, page_of, script_page, words
from fusion_metrics import UnknownMetric, list_metrics
from fusion_metrics.scripts import Script, find_script, list_scripts

DOCS = Path(__file__).parents[3] / "docs"
NAMES = [script.name for script in list_scripts()]


@pytest.mark.parametrize("name", ["scripts", *(f"scripts/{name}" for name in NAMES)])
def test_page_is_current(name: str) -> None:
    path = DOCS / ("scripts/index.md" if name == "scripts" else f"{name}.md")
    result = CliRunner().invoke(main, ["list", "--page", name])
    assert result.exit_code == 0
    how = f"run: fmbench list --page {name} > docs/{path.relative_to(DOCS)}"
    assert result.stdout == path.read_text(encoding="utf-8"), how


def test_every_script_has_a_page_in_the_menu_and_no_page_is_left_over() -> None:
    pages = {path.stem for path in (DOCS / "scripts").glob("*.md")} - {"index"}
    menu = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    assert pages == set(NAMES) == set(words())
    assert re.findall(r"scripts/([\w-]+)\.md", menu) == ["index", *NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_the_columns_of_its_script_in_order_and_the_command_that_gives_them(name: str) -> None:
    page = script_page(find_script(name))
    table = page.split("## What it computes\n")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    assert [(row[0].removeprefix("| "), row[1].strip("`")) for row in rows] == list(find_script(name).columns.items())
    assert f"fmbench score path/to/database --metrics {name}\n" in page


@pytest.mark.parametrize("name", NAMES)
def test_what_is_recommended_instead_are_published_definitions(name: str) -> None:
    command = script_page(find_script(name)).split("## What we recommend instead\n")[1].split("--metrics ")[1]
    recommended = command.split()[0].split(",")
    assert set(recommended) <= {spec.id for spec in list_metrics()}
    assert len(recommended) == len(set(recommended))


def test_variants_that_the_words_name_exist() -> None:
    known = {spec.id for spec in list_metrics(variants=True)}
    for name, about in words().items():
        text = " ".join((about.reads, *about.differs, about.tables, about.recognised, about.instead))
        for identifier in re.findall(r"`([a-z_]+:[\w-]+)`", text):
            assert identifier in known, f"{name}: {identifier}"


def test_of_an_alias_the_page_says_what_it_is_computed_as() -> None:
    page = page_of("scripts/cddfuse")
    assert "| EN | `en:cddfuse` | [`en`](../metrics.md#en) | As published: the same as `en`. |" in page
    assert "| SF | `sf:cddfuse` | [`sf`](../metrics.md#sf) | The same as `sf:tang`. Tang's scripts: sums of" in page


def test_a_signature_on_a_page_has_no_version_that_would_age() -> None:
    assert "\nssim:cddfuse|v1|grey=opencv-float|fmbench=...\n" in page_of("scripts/cddfuse")


def test_other_pages_are_refused_by_name() -> None:
    result = CliRunner().invoke(main, ["list", "--page", "scriptz"])
    assert result.exit_code == 2
    assert "no page 'scriptz'; there are metrics, which-script, scripts and scripts/NAME" in result.stderr
    for name in ("scripts/cddfus", "scripts/"):
        with pytest.raises(UnknownMetric, match="unknown script"):
            page_of(name)


def test_a_script_of_another_package_is_listed_but_has_no_page_here() -> None:
    other = Script("mine", "a script", "https://example.org", "today", "tang2022", "rgb2gray", {"EN": "en"}, "")
    assert "| `mine` | a script | today | EN |" in index_page([other])
    with pytest.raises(BenchmarkError, match="no page about mine"):
        script_page(other)
