"""The command line: parses and prints; everything it says is computed elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

import fusion_metrics
from benchmark.databases import EMBEDDED, Database, open_database
from benchmark.databases.embedded import cache_folder
from benchmark.errors import BenchmarkError
from benchmark.out_of_fold import Learning
from benchmark.runner import Scored, score_database
from benchmark.store import ScoreStore
from benchmark.tables import Table, to_rich
from fusion_metrics import FusionMetricsError, Metric
from fusion_metrics.scoring import select_metrics

BAD_INPUT = 2
INTERRUPTED = 130
#: Width of tables that go into a file or a pipe.
PIPE_WIDTH = 200

Advance: TypeAlias = Callable[..., None]

metrics_option = click.option(
    "--metrics",
    default="all",
    show_default=True,
    metavar="NAMES",
    help="Names such as qabf,te:nava; 'all'; or 'all-variants'.",
)
jobs_option = click.option(
    "--jobs", default=-1, show_default=True, metavar="N", help="Processes on this machine; -1: one per core."
)
scheduler_option = click.option(
    "--scheduler", metavar="tcp://HOST:PORT", help="Use the workers of this dask scheduler instead."
)
fresh_option = click.option("--fresh", is_flag=True, help="Compute again what is stored.")


class _Commands(click.Group):
    """Turn the project's errors into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (BenchmarkError, FusionMetricsError) as error:
            _say_error(str(error))
            ctx.exit(BAD_INPUT)
        except KeyboardInterrupt:
            _say_error("interrupted; what was scored is stored, the same command goes on from there")
            ctx.exit(INTERRUPTED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(fusion_metrics.__version__, prog_name="fmbench")
def main() -> None:
    """Image-fusion quality metrics, measured against human judgement."""


@main.command("list")
@click.option("--variants", is_flag=True, help="Every variant, not only the published definitions.")
def list_command(variants: bool) -> None:
    """List the metrics: name, direction, bounds and what each computes."""
    from benchmark.tables import metric_table

    _print(metric_table(fusion_metrics.list_metrics(variants=variants)))


@main.command("score")
@click.argument("database", required=False)
@click.option("--a", "source_a", type=click.Path(path_type=Path), help="First source image, or a folder of them.")
@click.option("--b", "source_b", type=click.Path(path_type=Path), help="Second source image, or a folder of them.")
@click.option(
    "--fused", multiple=True, type=click.Path(path_type=Path), help="Fused image or folder; may be given again."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write every score to this CSV file.")
@metrics_option
@jobs_option
@scheduler_option
@fresh_option
def score_command(
    database: str | None,
    source_a: Path | None,
    source_b: Path | None,
    fused: tuple[Path, ...],
    out: Path | None,
    metrics: str,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
) -> None:
    r"""Score fused images: those of DATABASE, or files or folders matched by file stem.

    \b
    fmbench score path/to/database
    fmbench score --a mr.png --b pet.png --fused mine.png --fused theirs.png
    fmbench score --a MR/ --b PET/ --fused results/      (each folder in results/ is an algorithm)
    """
    from benchmark.databases.files import from_files
    from benchmark.scores import write_scores
    from benchmark.tables import score_table

    chosen = select_metrics(metrics)
    if database is not None:
        if source_a or source_b or fused:
            raise BenchmarkError("give a database or --a, --b and --fused, not both")
        opened = _open(database)
    elif source_a and source_b and fused:
        opened = from_files(source_a, source_b, fused)
    else:
        raise BenchmarkError("nothing to score: give a database, or --a, --b and --fused")
    rows = _scores(opened, chosen, jobs=jobs, scheduler=scheduler, fresh=fresh).rows
    if out is not None:
        write_scores(out, rows)
    _print(score_table(opened, rows, [metric.spec for metric in chosen]))
    sys.exit(_report_errors([row.reason for row in rows if row.status == "error"]))


@main.command("run")
@click.argument("databases", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every embedded database and every metric.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results/reproduced"),
    show_default=True,
    help="Folder for tables and figures.",
)
@metrics_option
@click.option(
    "--folds",
    default=5,
    show_default=True,
    type=click.IntRange(min=2),
    help="Folds in which metrics that learn are fitted.",
)
@click.option(
    "--repeats",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Times the images are dealt out into folds.",
)
@click.option("--seed", default=0, show_default=True, help="Of the first deal; each repeat adds one.")
@jobs_option
@scheduler_option
@fresh_option
def run_command(
    databases: tuple[str, ...],
    everything: bool,
    out: Path,
    metrics: str,
    folds: int,
    repeats: int,
    seed: int,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
) -> None:
    """Score DATABASES and hold every metric against their opinion scores.

    With no database named, an embedded one with simulated scores is used.
    """
    from benchmark.results import Outcome, write_results

    chosen = select_metrics("all" if everything else metrics)
    names = [*databases, *(name for name in EMBEDDED if everything)] or [next(iter(EMBEDDED))]
    outcomes, problems = [], []
    for name in dict.fromkeys(names):
        try:
            opened = _open(name)
            if opened.scores == "none":
                raise BenchmarkError(f"{name}: has no opinion scores to compare with; use: fmbench score {name}")
            learning = Learning(folds=folds, repeats=repeats, seed=seed)
            scored = _scores(opened, chosen, jobs=jobs, scheduler=scheduler, fresh=fresh, learning=learning)
        except BenchmarkError as error:
            problems.append(str(error))
            continue
        outcome = Outcome.of(opened, scored, [metric.spec for metric in chosen])
        outcomes.append(outcome)
        problems += [row.reason for row in scored.rows if row.status == "error"]
        _print(outcome.table)
    if outcomes:
        with _progress("figures", sum(len(outcome.correlations) for outcome in outcomes)) as advance:
            write_results(out, outcomes, on_figure=lambda: advance(1))
        _console().print(f"tables and figures: {out}", style="dim", soft_wrap=True)
    sys.exit(_report_errors(problems))


@main.group("data")
def data_group() -> None:
    """Look after databases."""


@data_group.command("list")
def data_list_command() -> None:
    """List the embedded databases."""
    for database in EMBEDDED.values():
        click.echo(f"{database.name}\t{database.title}")


@data_group.command("check")
@click.argument("database")
def data_check_command(database: str) -> None:
    """Say everything that is wrong with DATABASE, one line each."""
    from benchmark.check import check_database

    opened = _open(database)
    with _progress(f"checking {opened.name}", len(opened.fused)) as advance:
        problems = list(check_database(opened, on_image=lambda: advance(1)))
    for problem in problems:
        _say_error(problem)
    summary = f"{opened.name}: {len(opened.pairs)} pairs, {len(opened.fused)} fused images, scores: {opened.scores}"
    click.echo(f"{summary}; {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}")
    sys.exit(BAD_INPUT if problems else 0)


def _open(name: str) -> Database:
    with _progress(f"building {name}", None) as advance:
        database = open_database(name, lambda done, total: advance(1, total))
    for warning in database.warnings:
        _errors().print(f"warning: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    return database


def _scores(
    database: Database,
    metrics: list[Metric],
    *,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
    learning: Learning | None = None,
) -> Scored:
    stored_in_all = 0
    total = len(database.fused) * len(metrics)
    with ScoreStore(cache_folder() / "scores.sqlite") as store, _progress(f"scoring {database.name}", total) as advance:

        def on_progress(known: int, stored: int) -> None:
            nonlocal stored_in_all
            stored_in_all += stored
            advance(known)

        scored = score_database(
            database,
            metrics,
            store=store,
            jobs=jobs,
            scheduler=scheduler,
            fresh=fresh,
            learning=learning,
            on_progress=on_progress,
        )
    _errors().print(f"{database.name}: {total} scores, {stored_in_all} of them stored before", style="dim")
    return scored


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Advance]:
    """Show progress on a terminal; print nothing into files and pipes."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = _errors()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)

        def advance(steps: int, of: int | None = None) -> None:
            progress.update(task, advance=steps, total=total if of is None else of)

        yield advance


def _report_errors(reasons: list[str]) -> int:
    """Print each different reason once; return the exit code."""
    for reason in dict.fromkeys(reasons):
        _say_error(reason)
    return BAD_INPUT if reasons else 0


def _say_error(message: str) -> None:
    _errors().print(f"error: {message}", style="red", markup=False, highlight=False, soft_wrap=True)


def _errors() -> Console:
    return Console(stderr=True)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def _print(table: Table) -> None:
    console = _console()
    console.print(table.title, style="bold", markup=False, highlight=False, soft_wrap=True)
    console.print(to_rich(table))
    for note in table.notes:
        console.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
