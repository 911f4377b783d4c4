"""The study in a real browser, its server a process of its own: rated, left, resumed, killed, exported, analysed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("starlette", reason="needs starlette: pip install 'fmbench[study]'")

import benchmark
from benchmark.databases import open_database
from benchmark.study.create import Plan, create_study
from fusion_metrics import Image
from tests.browser import PATIENCE, watch
from tests.databases import write_database
from tests.study.served import CHANGED, STATE, at, command, enter, rate, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Faults of a page that was told on purpose that its server is away, or that it may not come in.
EXPECTED = ("ERR_CONNECTION", "status of 401")


def make(tmp_path: Path, **plan: Any) -> tuple[Path, dict[str, str]]:
    """Make a study of twelve fused images, for three raters who are scripts."""
    images = write_database(tmp_path / "fused", pairs=3, steps=4, scores="none", size=64)
    asked = {"design": "rating", "training": 2, "repeat": 0.1, "simulated": True, **plan}
    raters = ("rater-01", "rater-02", "rater-03")
    _, tokens = create_study(open_database(images), tmp_path / "study", Plan(raters=raters, **asked))
    return tmp_path / "study", dict(tokens)


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Any]:
    """Make pages of different visitors; each has cookies of its own."""
    contexts = []

    def visitor(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield visitor
    for context in contexts:
        context.close()


def rows(folder: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "votes.sqlite") as file:
        return file.execute("SELECT rater, position, attempt, value FROM votes ORDER BY id").fetchall()


def test_a_whole_study_is_rated_left_resumed_killed_exported_and_analysed(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path)
    pages: dict[str, Page] = {}
    faults: list[list[str]] = []
    given = 0
    with served(folder) as server:
        for name, token in tokens.items():
            pages[name] = visitors()
            faults.append(watch(pages[name]))
            enter(pages[name], server.url, token)
        # Two raters at once, in turn.
        for _ in range(4):
            for name in ("rater-01", "rater-02"):
                given += rate(pages[name], lambda position: str(1 + position % 5), 1)
        # One goes away and comes back without the link; the others' windows stay open.
        pages["rater-01"].reload()
        pages["rater-01"].get_by_role("button", name="Go on").click()
        assert at(pages["rater-01"]) == 4
        # The server dies in the middle; a rater presses a key before it is back.
        server.kill()
        pages["rater-02"].wait_for_timeout(300)
        pages["rater-02"].keyboard.press("4")
        pages["rater-02"].wait_for_selector("#notice.shown")
        assert at(pages["rater-02"]) == 4
        assert len(rows(folder)) == given
        with served(folder, server.port) as again:
            pages["rater-02"].wait_for_function("() => document.querySelector('#screen').dataset.position == '5'")
            given += 1
            for page in pages.values():
                given += rate(page, lambda position: str(1 + position % 5))
                assert page.get_by_text("Thank you").count() == 1
            assert again.end() == 130  # as every command that is interrupted
    assert given == 3 * (2 + 12 + 1)
    assert len(rows(folder)) == given
    assert [line for lines in faults for line in lines if not any(word in line for word in EXPECTED)] == []
    command("export", folder, tmp_path / "rated")
    database = open_database(tmp_path / "rated")
    assert database.scores == "simulated"
    assert [image.n_votes for image in database.fused] == [3] * 12
    found = benchmark.run(tmp_path / "rated", metrics="ssim,sd", computing=benchmark.Computing(jobs=1))
    assert {outcome.database.scores for outcome in found.outcomes} == {"simulated"}


def test_a_wrong_and_an_old_link_open_nothing(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path)
    with served(folder) as server:
        page, thief = visitors(), visitors()
        faults = watch(page)
        page.goto(f"{server.url}/#wrong")
        page.wait_for_selector("text=Please use your link")
        assert page.url == f"{server.url}/"  # the token stands neither in the address nor in the history
        assert [line for line in faults if not any(word in line for word in EXPECTED)] == []
        enter(thief, server.url, tokens["rater-01"])
        assert rate(thief, lambda position: "1", 1) == 1
        command("links", folder, "--raters", "rater-01")
        thief.wait_for_timeout(300)
        thief.keyboard.press("1")
        thief.wait_for_selector("text=Please use your link")
    assert len(rows(folder)) == 1


def test_the_next_item_is_there_before_the_last_one_is_rated(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path)
    with served(folder) as server:
        page = visitors()
        enter(page, server.url, tokens["rater-01"])
        at(page)
        page.wait_for_function("() => document.querySelector('#screen').dataset.ready == '1'")
        # From now on no picture and no item can be loaded.
        page.route("**/picture/**", lambda route: route.abort())
        page.route("**/api/slot/**", lambda route: route.abort())
        assert rate(page, lambda position: "3", 1) == 1
        assert at(page) == 1
        assert page.evaluate(DRAWN) > 1000


#: How many pixels of the large canvas are not black.
DRAWN = """() => {
    const canvas = document.querySelector(".pane.fused canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let k = 0; k < pixels.length; k += 4) found += pixels[k] > 0;
    return found;
}"""
#: The pixels of a picture as the canvas shows it at one screen pixel per pixel, in its middle.
SHOWN = """size => {
    const canvas = document.querySelector(".pane.fused canvas");
    const x = Math.round(canvas.width / 2 - size / 2), y = Math.round(canvas.height / 2 - size / 2);
    const pixels = canvas.getContext("2d").getImageData(x, y, size, size).data;
    return Array.from(pixels).filter((_, k) => k % 4 == 0);
}"""


def test_one_to_one_shows_every_pixel_as_it_is(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path, zoom="exact", training=0)
    pictures = [Image.open(path).pixels for path in (tmp_path / "fused" / "fused").rglob("*.png")]
    with served(folder) as server:
        for ratio, token in zip((1, 2), tokens.values(), strict=False):
            page = visitors(device_scale_factor=ratio)
            enter(page, server.url, token)
            at(page)
            page.wait_for_timeout(200)
            shown = page.evaluate(SHOWN, 64)
            width = page.evaluate("() => document.querySelector('.pane.fused canvas').width")
            box = page.locator(".pane.fused canvas").bounding_box()
            assert box is not None
            assert width == pytest.approx(ratio * box["width"], abs=1)
            assert any(shown == pixels.ravel().astype(int).tolist() for pixels in pictures)


def test_zoom_place_window_and_flicker_act_on_all_pictures(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path)
    with served(folder) as server:
        page = visitors()
        enter(page, server.url, tokens["rater-01"])
        at(page)
        page.wait_for_timeout(200)
        zoom, x, y, width = page.evaluate(STATE)
        source = page.locator(".pane.source canvas").first
        source.hover()
        page.mouse.wheel(0, -240)
        closer = page.evaluate(STATE)
        assert closer[0] > zoom
        page.mouse.down()
        page.mouse.move(600, 300, steps=4)
        page.mouse.up()
        assert page.evaluate(STATE)[1:3] != closer[1:3]
        page.keyboard.press("f")
        assert page.evaluate(STATE) == [zoom, x, y, width]
        source.hover()
        page.mouse.down(button="right")
        page.mouse.move(300, 300, steps=4)
        page.mouse.up(button="right")
        assert page.evaluate(STATE)[3] < width
        page.keyboard.press("w")
        assert page.evaluate(STATE)[3] == width
        label = page.locator(".pane.fused figcaption")
        page.keyboard.down("b")
        assert label.text_content() == "Source B"
        page.keyboard.up("b")
        assert label.text_content() == "Fused"


def test_a_vote_can_be_corrected_and_a_note_is_kept(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path, notes=True, training=0)
    with served(folder) as server:
        page = visitors()
        enter(page, server.url, tokens["rater-01"])
        at(page)
        page.get_by_label("Note").fill("1 lesion is lost")
        page.wait_for_timeout(300)
        page.get_by_role("button", name="Poor").click()
        page.wait_for_function("() => document.querySelector('#screen').dataset.position == '1'")
        page.wait_for_timeout(300)
        page.get_by_role("button", name="Back").click()
        page.wait_for_function("() => document.querySelector('#screen').dataset.position == '0'")
        assert page.get_by_role("button", name="Poor").get_attribute("aria-pressed") == "true"
        assert page.get_by_label("Note").input_value() == "1 lesion is lost"
        page.wait_for_timeout(300)
        page.keyboard.press("5")
        page.wait_for_function("() => document.querySelector('#screen').dataset.position == '1'")
    assert rows(folder) == [(1, 0, 1, 2.0), (1, 0, 2, 5.0)]


def test_a_slider_is_answered_by_keys_alone_and_not_before_it_was_moved(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path, scale="slider", training=0)
    with served(folder) as server:
        page = visitors()
        enter(page, server.url, tokens["rater-01"])
        at(page)
        page.wait_for_timeout(300)
        page.keyboard.press("Enter")
        for key in ("PageUp", "PageUp", "ArrowLeft", "Enter"):
            page.keyboard.press(key)
        page.wait_for_function(CHANGED, arg="0")
        page.wait_for_timeout(300)
        page.get_by_role("slider").focus()
        for key in ("ArrowRight", "Enter"):
            page.keyboard.press(key)
        page.wait_for_function(CHANGED, arg="1")
    assert [row[1:] for row in rows(folder)] == [(0, 1, 69.0), (1, 1, 51.0)]


def test_two_windows_of_one_rater_end_at_the_same_item(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path, training=0)
    with served(folder) as server:
        first = visitors()
        enter(first, server.url, tokens["rater-01"])
        second = first.context.new_page()
        second.goto(server.url)
        second.get_by_role("button", name="Begin").click()
        at(second)
        assert rate(first, lambda position: "3", 2) == 2
        second.wait_for_timeout(300)
        second.keyboard.press("5")
        second.wait_for_selector("#notice.shown >> text=another window")
        second.wait_for_function(CHANGED, arg="0")
        assert at(second) == 2
    assert [row[3] for row in rows(folder)] == [3.0, 3.0]


def test_pairs_are_compared_on_a_phone_by_touch(tmp_path: Path, visitors: Any) -> None:
    folder, tokens = make(tmp_path, comparisons=4, design="pairs")
    with served(folder) as server:
        page = visitors(viewport={"width": 390, "height": 844}, device_scale_factor=3, has_touch=True, is_mobile=True)
        faults = watch(page)
        enter(page, server.url, tokens["rater-01"])
        for _ in range(6):
            position = at(page)
            page.wait_for_timeout(300)
            answer = page.get_by_role("button", name="No difference")
            box = answer.bounding_box()
            assert box is not None
            assert box["height"] >= 44  # as large as a finger
            assert box["y"] + box["height"] <= 844
            answer.tap()
            page.wait_for_function(CHANGED, arg=str(position))
        page.wait_for_selector("text=Thank you")
        assert faults == []
    assert [row[3] for row in rows(folder)] == [0.5] * 6


def test_a_browser_that_is_driven_by_a_program_takes_no_part_in_a_study_for_people(
    tmp_path: Path, visitors: Any
) -> None:
    folder, tokens = make(tmp_path, simulated=False)
    with served(folder) as server:
        page = visitors()
        page.goto(f"{server.url}/#{tokens['rater-01']}")
        page.wait_for_selector("text=this study is for people")
    assert rows(folder) == []
