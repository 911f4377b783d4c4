"""`fmbench list`, `fmbench score` and `fmbench run`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import fusion_metrics
from benchmark.cli.group import jobs_option, main
from benchmark.cli.screen import error_console, open_named, output_console, print_table, report_errors, show_progress
from benchmark.databases import EMBEDDED, Database
from benchmark.databases.embedded import cache_folder
from benchmark.errors import BenchmarkError
from benchmark.out_of_fold import Learning
from benchmark.runner import Scored, score_database
from benchmark.store import ScoreStore
from fusion_metrics import Metric
from fusion_metrics.scoring import select_metrics

metrics_option = click.option(
    "--metrics",
    default="all",
    show_default=True,
    metavar="NAMES",
    help="Names such as qabf,te:nava; 'all'; or 'all-variants'.",
)
scheduler_option = click.option(
    "--scheduler", metavar="tcp://HOST:PORT", help="Use the workers of this dask scheduler instead."
)
fresh_option = click.option("--fresh", is_flag=True, help="Compute again what is stored.")


@main.command("list")
@click.option("--variants", is_flag=True, help="Every variant, not only the published definitions.")
def list_command(variants: bool) -> None:
    """List the metrics: name, direction, bounds and what each computes."""
    from benchmark.tables import metric_table

    print_table(metric_table(fusion_metrics.list_metrics(variants=variants)))


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
        opened = open_named(database)
    elif source_a and source_b and fused:
        opened = from_files(source_a, source_b, fused)
    else:
        raise BenchmarkError("nothing to score: give a database, or --a, --b and --fused")
    rows = score_with_progress(opened, chosen, jobs=jobs, scheduler=scheduler, fresh=fresh).rows
    if out is not None:
        write_scores(out, rows)
    print_table(score_table(opened, rows, [metric.spec for metric in chosen]))
    sys.exit(report_errors([row.reason for row in rows if row.status == "error"]))


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
            opened = open_named(name)
            if opened.scores == "none":
                raise BenchmarkError(f"{name}: has no opinion scores to compare with; use: fmbench score {name}")
            learning = Learning(folds=folds, repeats=repeats, seed=seed)
            scored = score_with_progress(opened, chosen, jobs=jobs, scheduler=scheduler, fresh=fresh, learning=learning)
        except BenchmarkError as error:
            problems.append(str(error))
            continue
        outcome = Outcome.of(opened, scored, [metric.spec for metric in chosen])
        outcomes.append(outcome)
        problems += [row.reason for row in scored.rows if row.status == "error"]
        print_table(outcome.table)
    if outcomes:
        with show_progress("figures", sum(len(outcome.correlations) for outcome in outcomes)) as advance:
            write_results(out, outcomes, on_figure=lambda: advance(1))
        output_console().print(f"tables and figures: {out}", style="dim", soft_wrap=True)
    sys.exit(report_errors(problems))


def score_with_progress(
    database: Database,
    metrics: list[Metric],
    *,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
    learning: Learning | None = None,
) -> Scored:
    """Score a database, showing progress, and say how much was stored before."""
    stored_in_all = 0
    total = len(database.fused) * len(metrics)
    with (
        ScoreStore(cache_folder() / "scores.sqlite") as store,
        show_progress(f"scoring {database.name}", total) as advance,
    ):

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
    error_console().print(f"{database.name}: {total} scores, {stored_in_all} of them stored before", style="dim")
    return scored
