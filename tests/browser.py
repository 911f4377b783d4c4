"""A real browser for tests of pages: Chromium, driven by playwright; without them such tests skip, and say why.

`tests/conftest.py` offers the fixtures to all tests. A test that takes `page` and `faults` ends with
`assert faults == []`: nothing was written to the console, and nothing was asked from another computer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Names under which Chromium is installed.
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: A browser that does only what the test asks it to do. The driver gives it an empty folder for its user.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Where a page may take something from: itself, its files, and a server on this computer.
OWN_SCHEMES = ("about", "blob", "data", "file")
OWN_HOSTS = ("127.0.0.1", "localhost", "::1")
#: Milliseconds that an action may take; a busy computer is slow.
PATIENCE = 30_000


def watch(page: Page) -> list[str]:
    """Make the list of what goes wrong on `page` from now on: errors, warnings, requests to other computers."""
    faults: list[str] = []

    def requested(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in OWN_SCHEMES and parts.hostname not in OWN_HOSTS:
            faults.append(f"asked for {address}")

    def said(kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            faults.append(f"{kind}: {text}")

    page.on("request", lambda request: requested(request.url))
    page.on("pageerror", lambda error: faults.append(f"raised {error}"))
    page.on("console", lambda message: said(message.type, message.text))
    return faults


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a module; `browser.new_context(...)` gives a visitor with cookies of its own."""
    # Only as long as a module: while the driver works, its event loop counts as running for everybody.
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install 'fmbench[test]'")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"needs a browser: no {' or '.join(NAMES)} is installed")
    with driver.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a visitor who has never been here, 1440 pixels wide."""
    visitor = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    visitor.set_default_timeout(PATIENCE)
    yield visitor.new_page()
    visitor.close()


@pytest.fixture
def faults(page: Page) -> list[str]:
    """What went wrong on `page` so far."""
    return watch(page)
