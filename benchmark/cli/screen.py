"""What the command line shows: tables, progress on a terminal, errors of one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmark.databases import Database, open_database
from benchmark.errors import BenchmarkError
from benchmark.tables import Table, to_rich
from fusion_metrics import Metric, list_metrics
from fusion_metrics.scoring import select_metrics

if TYPE_CHECKING:
    from benchmark.run import Watch

BAD_INPUT = 2
INTERRUPTED = 130
#: Width of tables that go into a file or a pipe.
PIPE_WIDTH = 200

Advance: TypeAlias = Callable[..., None]


def open_named(name: str) -> Database:
    """Open a database, showing progress if it must be built, and print its warnings."""
    with show_progress(f"building {name}", None) as advance:
        database = open_database(name, lambda done, total: advance(1, total))
    for warning in database.warnings:
        error_console().print(f"warning: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True)
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
    """Show progress on a terminal; print nothing into files and pipes."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = error_console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)

        def advance(steps: int, of: int | None = None) -> None:
            progress.update(task, advance=steps, total=total if of is None else of)

        yield advance


def watch() -> Watch:
    """Show progress, sentences and warnings of a run on standard error."""
    from benchmark.run import Watch

    return Watch(show_progress, lambda sentence: error_console().print(sentence, style="dim"), open_named)


def report_errors(reasons: list[str]) -> int:
    """Print each different reason once; return the exit code."""
    for reason in dict.fromkeys(reasons):
        say_error(reason)
    return BAD_INPUT if reasons else 0


def say_error(message: str) -> None:
    """Print one line to standard error."""
    error_console().print(f"error: {message}", style="red", markup=False, highlight=False, soft_wrap=True)


def error_console() -> Console:
    """Where errors and progress go."""
    return Console(stderr=True)


def output_console() -> Console:
    """Where results go."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def print_table(table: Table) -> None:
    """Print a table with its title and notes."""
    console = output_console()
    console.print(table.title, style="bold", markup=False, highlight=False, soft_wrap=True)
    console.print(to_rich(table))
    for note in table.notes:
        console.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)
