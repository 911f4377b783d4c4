"""Both kinds of pages in a real browser: what a reader does with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import benchmark
from benchmark.comparison.asked import Asked
from benchmark.report import write_comparison, write_report
from benchmark.runs.comparison import Comparison
from benchmark.runs.request import Computing
from tests.databases import write_database
from tests.outcomes import small_outcome

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

#: Of telephones.
WIDTHS = (390, 420)
METRICS = "en,sd,sf,ssim,qcv"
LONG = "a-method-with-a-name-that-is-much-longer-than-a-telephone-is-wide"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = write_database(tmp_path_factory.mktemp("methods") / "db", pairs=10, scores="none", size=64)
    (folder / "fused/blur3/p2.png").unlink()  # blur3 has no means
    asked = Asked(permutations=99, names={"blur2": LONG})
    return benchmark.compare(str(folder), metrics=METRICS, asked=asked, computing=Computing(jobs=1))


@pytest.fixture(scope="module")
def methods(found: Comparison, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page of a comparison is."""
    path = tmp_path_factory.mktemp("pages") / "methods.html"
    write_comparison(path, found, command="fmbench report " + "/a/long/path" * 20)
    return path.as_uri()


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the report on a database with opinion scores is."""
    outcome = small_outcome(tmp_path_factory.mktemp("human"), without=["mi"])
    path = tmp_path_factory.mktemp("pages") / "metrics.html"
    write_report(path, [outcome], command="fmbench report here")
    return path.as_uri()


@pytest.fixture(params=["methods", "metrics"])
def either(request: pytest.FixtureRequest) -> str:
    """Each of the two pages."""
    return str(request.getfixturevalue(request.param))


def names(table: Locator) -> list[str]:
    """Read the first cells of the rows that are shown, from the top."""
    return [row.strip() for row in table.locator("tbody tr:visible th").all_inner_texts()]


def at(page: Page) -> str:
    """Say where the two pictures meet."""
    return str(page.locator(".slider:visible").evaluate("slider => getComputedStyle(slider).getPropertyValue('--at')"))


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_the_order(
    page: Page, faults: list[str], methods: str, found: Comparison
) -> None:
    page.goto(methods)
    table = page.locator("table.methods")
    before = names(table)
    means = found.means["en"].dropna()
    heading = table.get_by_role("button", name="en")
    heading.click()
    assert names(table) == [*means.sort_values(ascending=False).index, "blur3"]
    assert table.locator("th[aria-sort=descending]").inner_text().startswith("en")
    heading.click()
    assert names(table) == [*means.sort_values().index, "blur3"]  # what has no value is last in either order
    assert names(table) != before
    assert faults == []


def test_a_column_is_sorted_with_the_keyboard_alone(page: Page, faults: list[str], methods: str) -> None:
    page.goto(methods)
    table = page.locator("table.methods")
    table.get_by_role("button", name="method").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert table.locator("th[aria-sort=descending]").count() == 1
    before = names(table)
    page.keyboard.press("Space")
    assert names(table)[:-1] == before[:-1][::-1]
    assert faults == []


def test_text_filters_methods_and_a_family_filters_metrics(page: Page, faults: list[str], methods: str) -> None:
    page.goto(methods)
    table = page.locator("table.methods")
    told = page.locator(".tools output")
    assert told.inner_text() == "4 methods, 5 metrics"
    page.get_by_role("searchbox", name="Methods").fill("BLUR")
    assert sorted(names(table)) == ["blur0", "blur1", "blur3"]
    page.locator(".tools select").select_option("activity")
    shown = table.locator("thead th:visible").all_inner_texts()
    assert [text.split()[0] for text in shown] == ["method", "en", "sd", "sf", "mean"][: len(shown)]
    assert "ssim" not in " ".join(shown)
    assert told.inner_text() == "3 of 4 methods, 3 of 5 metrics"
    page.get_by_role("searchbox", name="Methods").fill("")
    page.locator(".tools select").select_option("")
    assert len(names(table)) == 4
    assert faults == []


def test_the_slider_follows_keys_and_pointer(page: Page, faults: list[str], methods: str) -> None:
    page.goto(methods)
    slider = page.locator(".slider:visible input")
    assert at(page) == "50%"
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert at(page) == "49%"
    page.keyboard.press("Home")
    assert at(page) == "0%"
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 0.3 * box["height"])
    assert abs(float(at(page).rstrip("%")) - 80) <= 2
    edge = page.locator(".slider:visible .over").evaluate("over => getComputedStyle(over).clipPath")
    assert edge == f"inset(0px {100 - float(at(page).rstrip('%')):g}% 0px 0px)"  # what is left of the left picture
    assert faults == []


def test_a_finger_moves_the_slider_on_a_telephone(browser: Browser, methods: str) -> None:
    visitor = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = visitor.new_page()
    page.goto(methods)
    slider = page.locator(".slider:visible")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    assert abs(float(at(page).rstrip("%")) - 25) <= 3
    visitor.close()


def test_any_two_pictures_can_be_laid_on_each_other(page: Page, faults: list[str], methods: str) -> None:
    page.goto(methods)
    tags = page.locator(".slider:visible .tag")
    page.get_by_role("combobox", name="Left").select_option(label="source A")
    page.get_by_role("combobox", name="Right").select_option(label="source B")
    assert tags.all_inner_texts() == ["source A", "source B"]
    over = page.locator(".slider:visible .over")
    assert over.get_attribute("aria-label") == "source A"
    assert (over.locator("use").get_attribute("href") or "").endswith("-p0")
    page.get_by_role("button", name="Swap left and right").click()
    assert tags.all_inner_texts() == ["source B", "source A"]
    assert (over.locator("use").get_attribute("href") or "").endswith("-p1")
    assert faults == []


def test_arrow_keys_go_from_one_source_pair_to_the_next(page: Page, faults: list[str], methods: str) -> None:
    page.goto(methods)
    radios = page.locator(".scenes input")
    assert radios.count() > 1
    shown = page.locator(".scene:visible")
    assert shown.count() == 1
    first = shown.get_attribute("id")
    radios.first.focus()
    page.keyboard.press("ArrowRight")
    assert shown.count() == 1
    assert shown.get_attribute("id") not in (first, None)
    assert faults == []


@pytest.mark.parametrize("ending", ["csv", "tex"])
def test_a_download_is_what_the_command_writes(
    page: Page, methods: str, found: Comparison, tmp_path: Path, ending: str
) -> None:
    page.goto(methods)
    found.write(tmp_path / f"expected.{ending}")
    with page.expect_download() as started:
        page.locator(f"a[download$='.{ending}']").click()
    download = started.value
    assert download.suggested_filename == f"comparison.{ending}"
    download.save_as(tmp_path / download.suggested_filename)
    assert (tmp_path / f"comparison.{ending}").read_bytes() == (tmp_path / f"expected.{ending}").read_bytes()


def test_a_metric_is_chosen_by_its_name(page: Page, faults: list[str], either: str) -> None:
    page.goto(either)
    articles = page.locator("article.metric:visible")
    assert articles.count() == 1
    chooser = page.locator(".chooser select")
    chooser.select_option(index=2)
    assert articles.count() == 1
    assert articles.get_attribute("id") == chooser.input_value()
    assert faults == []


def test_the_name_of_a_metric_in_the_table_leads_to_its_plot(page: Page, faults: list[str], metrics: str) -> None:
    page.goto(metrics)
    link = page.locator("table a").nth(1)
    link.click()
    page.locator(f"article.metric{link.get_attribute('href')}").wait_for(state="visible")  # a moment after the click
    assert page.locator("article.metric:visible").count() == 1
    assert faults == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_on_a_telephone(page: Page, faults: list[str], either: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(either)
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    beyond = page.evaluate(
        """() => [...document.querySelectorAll("main *, header *")].filter((one) => {
          const box = one.getBoundingClientRect();
          const own = one.parentElement.closest(".scroll, .scenes, .slider, svg, .hidden");
          return box.width > 1 && !own && (box.right > innerWidth + 0.5 || box.left < -0.5);
        }).map((one) => `${one.tagName} ${one.className}`)"""
    )
    assert beyond == []
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".plot svg")].filter((one) => one.checkVisibility()).flatMap((one) => {
          const scale = one.getBoundingClientRect().width / one.viewBox.baseVal.width;
          return [...one.querySelectorAll("text")].map((text) => scale * parseFloat(getComputedStyle(text).fontSize));
        })"""
    )
    assert sizes
    assert min(sizes) > 6.5
    assert faults == []


def test_the_first_column_stays_when_a_table_is_scrolled(page: Page, methods: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(methods)
    box = page.locator(".scroll:has(table.methods)")
    first = page.locator("table.methods tbody th").first
    before = first.bounding_box()
    assert box.evaluate("box => { box.scrollLeft = 200; return box.scrollLeft; }") > 0
    after = first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == before["x"]
    assert after["width"] < 200  # and leaves room for numbers


def test_colours_follow_the_system_until_the_button_is_used(browser: Browser, either: str) -> None:
    visitor = browser.new_context(color_scheme="dark")
    page = visitor.new_page()
    page.goto(either)
    dark = background(page)
    page.get_by_role("button", name="Light", exact=True).click()
    light = background(page)
    assert light != dark
    page.emulate_media(color_scheme="light")
    assert background(page) == light
    page.get_by_role("button", name="Dark", exact=True).click()
    assert background(page) == dark
    visitor.close()


def test_nothing_moves_while_a_page_loads(page: Page, either: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(either)
    moved = page.evaluate(
        """() => new Promise((done) => {
          let moved = 0;
          const seen = (list) => list.getEntries().forEach((entry) => { moved += entry.value; });
          new PerformanceObserver(seen).observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(moved), 50)));
        })"""
    )
    assert moved < 0.02


def test_without_scripts_everything_is_there(browser: Browser, either: str) -> None:
    visitor = browser.new_context(java_script_enabled=False)
    page = visitor.new_page()
    page.goto(either)
    articles = page.locator("article.metric")
    assert articles.count() > 3
    assert all(article.is_visible() for article in articles.all())
    assert not page.locator(".chooser").is_visible()
    visitor.close()
