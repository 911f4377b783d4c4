"""A study served by the command itself, as a process that tests may kill, and raters who are scripts in a browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Scripts for a page: whether another item, or none, has come since; and zoom, place and window of the pictures.
CHANGED = (
    """before => document.querySelector(".page") || document.querySelector("#screen").dataset.position != before"""
)
STATE = """() => {
    const viewer = document.querySelector(".pane.fused canvas").pane.viewer;
    return [viewer.zoom, viewer.x, viewer.y, viewer.width];
}"""
#: What a scripted rater says about where it sits.
CONDITIONS = {"room": "dark", "display": "a desktop monitor", "sight": "not needed", "dark": "4", "bright": "251"}


def command(*words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run ``fmbench study``."""
    made = subprocess.run(
        [sys.executable, "-m", "benchmark", "study", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )
    assert not check or made.returncode == 0, made.stderr
    return made


def links(printed: str) -> dict[str, str]:
    """Read the tokens of raters from what ``create`` or ``links`` printed."""
    return dict(re.findall(r"^([\w-]+)\s+\S+/#(\S+)$", printed, re.MULTILINE))


class Served:
    """The process that serves a study."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        words = [sys.executable, "-m", "benchmark", "study", "serve", str(folder), "--port", str(port)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"on (http://\S+)", line):
                self.url = found[1]
                break
        else:
            raise AssertionError("the server did not start")

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """Kill it without a word, as a power failure would."""
        self.process.kill()
        self._reap()

    def end(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self._reap()

    def _reap(self) -> int:
        code = self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@contextmanager
def served(folder: Path, port: int = 0) -> Iterator[Served]:
    """Serve a study; whatever happens, the process is gone in the end."""
    server = Served(folder, port)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def enter(page: Page, url: str, token: str) -> None:
    """Open a link and go through what comes before the items."""
    page.goto(f"{url}/#{token}")
    page.get_by_role("button", name=re.compile("Begin|Go on")).click()
    page.wait_for_selector(".work, .ramp, h1:has-text('examples are over')")
    if page.locator(".ramp").count():
        for answer in CONDITIONS.values():
            page.locator(f'.choice [data-value="{answer}"], .patches [data-value="{answer}"]').first.click()
        colours = page.locator('[data-value="normally"]')
        if colours.count():
            colours.click()
        page.get_by_role("button", name="Continue").click()


def at(page: Page) -> int:
    """Return the position of the item on the screen, or -1 at the end; breaks and the end of training are passed."""
    pages = [f"h1:has-text('{text}')" for text in ("examples are over", "break", "Thank you")]
    page.wait_for_selector(", ".join([*pages, "#screen[data-position] .work"]))
    go_on = page.get_by_role("button", name="Go on")
    if go_on.count():
        go_on.click()
        page.wait_for_selector("#screen[data-position] .work")
    if page.get_by_text("Thank you").count():
        return -1
    return int(page.locator("#screen").get_attribute("data-position") or 0)


def rate(page: Page, answer: Callable[[int], str], most: int = 10_000) -> int:
    """Press keys until the end, or so many times; return how many votes were given."""
    given = 0
    while given < most and (position := at(page)) >= 0:
        page.wait_for_timeout(260)  # the page takes a second press within a quarter of a second for a slip
        page.keyboard.press(answer(position))
        page.wait_for_function(CHANGED, arg=str(position))
        given += 1
    return given
