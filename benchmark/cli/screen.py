"""What the command line shows: tables, progress on a terminal, errors of one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeAlias

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmark.cli.console import error_console, output_console, say
from benchmark.cli.signs import Lines
from benchmark.databases import Database, open_database
from benchmark.errors import BenchmarkError
from benchmark.tables import Table, to_rich
from fusion_metrics import Metric, list_metrics
from fusion_metrics.scoring import select_metrics

BAD_INPUT = 2
INTERRUPTED = 130

Advance: TypeAlias = Callable[..., None]


def open_named(name: str) -> Database:
    """Open a database, showing progress if it must be built, and print its warnings."""
    with show_progress(f"building {name}", None) as advance:
        database = open_database(name, lambda done, total: advance(1, total))
    for warning in database.warnings:
        say(f"warning: {warning}", "yellow")
    return database


def choose_metrics(metrics: str, preset: str | None = None) -> list[Metric]:
    """Select metrics, and say which of all of them cannot be computed here; `preset` is that of networks.

    Raises
    ------
    BenchmarkError
        A metric that was named cannot be computed here.
    """
    chosen = with_preset(select_metrics(metrics), preset)
    obstacles = {metric.spec.id: metric.obstacle for metric in chosen if metric.obstacle}
    if metrics.startswith("all"):
        left_out = {spec.name: f"needs {' and '.join(spec.missing)}" for spec in list_metrics() if spec.missing}
        for name, why in (left_out | obstacles).items():
            error_console().print(f"left out: {name}: {why}", style="yellow", soft_wrap=True)
    elif obstacles:
        raise BenchmarkError(next(f"{name}: {why}" for name, why in obstacles.items()))
    return [metric for metric in chosen if metric.spec.id not in obstacles]


def with_preset(metrics: list[Metric], preset: str | None) -> list[Metric]:
    """Give metrics that have presets another one than their own."""
    return [
        Metric(replace(metric.spec, params={**metric.params, "preset": preset}))
        if preset is not None and "preset" in metric.params
        else metric
        for metric in metrics
    ]


@contextmanager
def show_progress(what: str, total: int | None) -> Iterator[Advance]:
    """Show progress: as a bar on a terminal, as a line now and then in files and pipes."""
    console = error_console()
    if not console.is_terminal:
        with Lines(what, total) as lines:
            yield lines.advance
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)

        def advance(steps: int, of: int | None = None) -> None:
            progress.update(task, advance=steps, total=total if of is None else of)

        yield advance


def report_errors(reasons: list[str]) -> int:
    """Print each different reason once; return the exit code."""
    for reason in dict.fromkeys(reasons):
        say_error(reason)
    return BAD_INPUT if reasons else 0


def say_error(message: str) -> None:
    """Print one line to standard error."""
    say(f"error: {message}", "red")


def print_table(table: Table) -> None:
    """Print a table with its title and notes."""
    console = output_console()
    console.print(table.title, style="bold", markup=False, highlight=False, soft_wrap=True)
    console.print(to_rich(table))
    for note in table.notes:
        console.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)
