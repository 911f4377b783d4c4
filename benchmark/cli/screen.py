"""What the command line shows: tables, progress on a terminal, errors of one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmark.cli.console import error_console, output_console, print_line, say
from benchmark.cli.pictures import as_asked
from benchmark.cli.signs import Lines
from benchmark.databases import Database, open_database
from benchmark.tables import Table, to_rich

if TYPE_CHECKING:
    from rich.console import Console

    from benchmark.analysis.outcome import Outcome
    from benchmark.runs.watch import Watch

BAD_INPUT = 2
INTERRUPTED = 130
#: Wider than any table.
UNBOUNDED = 100_000

#: Where a command keeps whether images may lie outside the folder of their database.
_OUTSIDE = "benchmark.allow_outside"

Advance: TypeAlias = Callable[..., None]


def _allow_outside(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta[_OUTSIDE] = value


allow_outside_option = click.option(
    "--allow-outside",
    is_flag=True,
    expose_value=False,
    callback=_allow_outside,
    help="Accept images that lie outside the folder of a database.",
)


def outside_allowed() -> bool:
    """Whether the command that runs was given ``--allow-outside``."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(_OUTSIDE))


def open_named(name: str | Path) -> Database:
    """Open a database, showing progress if it must be built, and print its warnings."""
    with show_progress(f"building {name}", None) as advance:
        database = open_database(name, lambda done, total: advance(1, total), allow_outside=outside_allowed())
    for warning in database.warnings:
        say_warning(f"warning: {warning}")
    return as_asked(database)


@contextmanager
def show_progress(what: str, total: int | None) -> Iterator[Advance]:
    """Show progress: as a bar on a terminal, as a line now and then in files and pipes."""
    console = error_console()
    if not console.is_terminal:
        with Lines(what, total) as lines:
            yield lines.advance
        return
    columns = (
        TextColumn("{task.description}", markup=False),
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


def watch(found: Callable[[Outcome], None] = lambda outcome: None) -> Watch:
    """Show progress, sentences and warnings of a run on standard error; `found` prints what is known early."""
    from benchmark.runs.watch import Watch

    return Watch(show_progress, say, say_warning, found, open_named)


def report_errors(reasons: list[str]) -> int:
    """Print each different reason once; return the exit code."""
    for reason in dict.fromkeys(reasons):
        say_error(reason)
    return BAD_INPUT if reasons else 0


def say_error(message: str) -> None:
    """Print one line to standard error."""
    say(f"error: {message}", "red")


def say_warning(message: str) -> None:
    """Print one line that is no error to standard error."""
    say(message, "yellow")


def say_where(message: str) -> None:
    """Print one line about where results are."""
    print_line(output_console(), message, "dim")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines to standard output that stay whole, for others to copy."""
    console = output_console()
    for line in lines:
        print_line(console, line, "")


def print_table(table: Table) -> None:
    """Print a table with what it shows, its title and notes."""
    console = output_console()
    if table.finding:
        print_line(console, table.finding, "bold green")
    print_line(console, table.title, "bold")
    shown, gone = _fitting(table, console)
    console.print(to_rich(shown))
    if gone:
        print_line(console, f"left out, as this terminal has no room for them: {', '.join(gone)}", "dim")
    for note in table.notes:
        print_line(console, note, "dim")


def _fitting(table: Table, console: Console) -> tuple[Table, list[str]]:
    """Leave out the columns that can be spared until the table fits; return their names, too."""
    shown, gone = table.narrow, []
    # What a table would like to have is cut to what there is, unless there is as much as it likes.
    unbounded = console.options.update(width=UNBOUNDED)
    while console.measure(to_rich(shown), options=unbounded).maximum > console.width:
        spare = max(shown.heads, key=lambda head: head.spare)
        if not spare.spare:
            break
        shown = shown.without([spare.text])
        gone.append(spare.text)
    return shown, gone
