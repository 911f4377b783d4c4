"""HTML as tests read it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """All elements of a page with their attributes; wrong nesting is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """List the elements of a tag; `wanted` are attributes that they must have, `class_` among others."""
        given = {name.rstrip("_"): value for name, value in wanted.items()}
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key) == value for key, value in given.items())
        ]

    @property
    def text(self) -> str:
        """All text, with single spaces."""
        return " ".join(" ".join(self.texts).split())


def assert_needs_no_other_file(html: str) -> None:
    """Everything that is linked is within the page, once."""
    found = Page(html)
    links = [value for _, attributes in found.elements for name, value in attributes.items() if name in ("href", "src")]
    ids = Counter(value for _, attributes in found.elements for name, value in attributes.items() if name == "id")
    assert links
    for link in links:
        assert link is not None
        assert link.startswith(("data:image/", "data:text/csv;", "data:application/x-tex;")) or (
            ids[link.removeprefix("#")] == 1
        )
    assert set(ids.values()) == {1}
    assert "http:" not in html
    assert "https:" not in html
    for target in re.findall(r"url\(([^)]*)\)", html):
        assert ids[target.removeprefix("#")] == 1
    assert not {"link", "iframe", "object", "embed"} & {tag for tag, _ in found.elements}


def assert_runs_only_its_own_script(html: str) -> None:
    """The policy of the page names the hash of its one script, and allows nothing else."""
    policy = next(one["content"] for one in Page(html).all("meta") if one.get("http-equiv"))
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    assert len(scripts) == len(Page(html).all("script")) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert policy == (f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'")
