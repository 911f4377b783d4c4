"""The report as a file: chapters and provenance, put into the templates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import fusion_metrics
from benchmark.analysis.outcome import Outcome
from benchmark.report.chapter import Chapter, chapter_of
from benchmark.report.provenance import machine, versions
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


def render(chapters: Sequence[Chapter], command: str, now: datetime) -> str:
    """Fill the templates; every text is escaped, as databases are anybody's."""
    environment = Environment(
        loader=PackageLoader("benchmark.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_own(name) for name in ("report.css", "report.js"))
    return environment.get_template("report.html").render(
        chapters=chapters,
        confidential=[chapter for chapter in chapters if chapter.confidential],
        command=command,
        date=now.strftime("%Y-%m-%d %H:%M %z"),
        version=fusion_metrics.__version__,
        versions=versions(),
        machine=machine(),
        bar=BAR,
        style=style,
        script=script,
        # No other script may run, whatever a database calls itself.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _own(name: str) -> Markup:
    """Read a file of this package that goes into the page as it is."""
    text = files("benchmark.report").joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text.strip())  # noqa: S704 - a file of this package
