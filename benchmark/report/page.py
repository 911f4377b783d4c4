"""Pages as files: what was found, and where it came from, put into the templates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import fusion_metrics
from benchmark.analysis.outcome import Outcome
from benchmark.report.chapter import Chapter, chapter_of
from benchmark.report.downloads import downloads_of
from benchmark.report.methods import parts_of
from benchmark.report.provenance import machine, versions
from benchmark.runs.comparison import Comparison
from fusion_metrics.files import write_text

#: Width and height of an interval drawn in a cell, in CSS pixels.
BAR = (96, 14)
#: Bytes of pictures in a report, shared by its databases; figures take about as much again.
PICTURES = 3_500_000


def write_report(
    path: Path,
    outcomes: Sequence[Outcome],
    *,
    command: str,
    pictures: bool = True,
    jobs: int = 1,
    on_figure: Callable[[], None] = lambda: None,
) -> list[str]:
    """Write one HTML file, complete in itself, about what was found on databases.

    Parameters
    ----------
    path : Path
    outcomes : sequence of Outcome
    command : str
        What was typed, for the provenance.
    pictures : bool
        Whether to embed small copies of pictures.
    jobs : int
        Processes that draw.
    on_figure : callable, optional
        Called after each figure.

    Returns
    -------
    list of str
        Names of databases whose pictures are in the file although their licence does not allow to pass them on, so
        that the file must stay where it is. It says so itself.
    """
    budget = PICTURES // max(len(outcomes), 1) if pictures else 0
    chapters = [
        chapter_of(outcome, f"d{number}", budget=budget, jobs=jobs, on_figure=on_figure)
        for number, outcome in enumerate(outcomes)
    ]
    write_text(path, render(chapters, command, datetime.now().astimezone()))
    return [chapter.database.name for chapter in chapters if chapter.confidential]


def write_comparison(
    path: Path,
    found: Comparison,
    *,
    command: str,
    pictures: bool = True,
    jobs: int = 1,
    on_figure: Callable[[], None] = lambda: None,
) -> list[str]:
    """Write one HTML file, complete in itself, about a comparison of methods.

    Parameters
    ----------
    path : Path
    found : Comparison
    command : str
        What was typed, for the provenance.
    pictures : bool
        Whether to embed pictures of source pairs on which methods differ.
    jobs : int
        Processes that draw.
    on_figure : callable, optional
        Called after each figure.

    Returns
    -------
    list of str
        Names of databases whose pictures must stay where the file is; see `write_report`.
    """
    parts = parts_of(found, budget=PICTURES if pictures else 0, jobs=jobs, on_figure=on_figure)
    confidential = [part for part in parts if part.confidential]
    asked = vars(found.asked).items()
    content = {
        "parts": parts,
        "confidential": confidential,
        "downloads": downloads_of(found),
        "command": command,
        "tests": [(name, str(value)) for name, value in asked if name in ("groups", "alpha", "permutations", "seed")],
    }
    write_text(path, _page("methods", content, datetime.now().astimezone(), ("report", "methods")))
    return [part.name for part in confidential]


def render(chapters: Sequence[Chapter], command: str, now: datetime) -> str:
    """Fill the templates of a report on databases with opinion scores."""
    confidential = [chapter for chapter in chapters if chapter.confidential]
    content = {"chapters": chapters, "confidential": confidential, "command": command, "bar": BAR}
    return _page("report", content, now, ("report",))


def _page(template: str, content: Mapping[str, object], now: datetime, parts: Sequence[str]) -> str:
    """Fill a template; every text is escaped, as databases are anybody's.

    Parameters
    ----------
    template : str
    content : mapping
    now : datetime
    parts : sequence of str
        Names of the style sheets and scripts that go into the page.
    """
    environment = Environment(
        loader=PackageLoader("benchmark.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (Markup("\n").join(_own(f"{part}.{kind}") for part in parts) for kind in ("css", "js"))
    return environment.get_template(f"{template}.html").render(
        **content,
        date=now.strftime("%Y-%m-%d %H:%M %z"),
        version=fusion_metrics.__version__,
        versions=versions(),
        machine=machine(),
        style=style,
        script=script,
        # No other script may run, whatever a database calls itself.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _own(name: str) -> Markup:
    """Read a file of this package that goes into the page as it is."""
    text = files("benchmark.report").joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text.strip())  # noqa: S704 - a file of this package
