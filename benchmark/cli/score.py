"""`fmbench list` and `fmbench score`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import fusion_metrics
from benchmark.cli.group import jobs_option, main
from benchmark.cli.outputs import out_file
from benchmark.cli.screen import (
    allow_outside_option,
    choose_metrics,
    open_named,
    print_table,
    report_errors,
    show_progress,
)
from benchmark.databases import Database
from benchmark.errors import BenchmarkError

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
source_a_option = click.option(
    "--a", "source_a", type=click.Path(path_type=Path), help="First source image, or a folder of them."
)
source_b_option = click.option(
    "--b", "source_b", type=click.Path(path_type=Path), help="Second source image, or a folder of them."
)
fused_option = click.option(
    "--fused", multiple=True, type=click.Path(path_type=Path), help="Fused image or folder; may be given again."
)


def open_images(
    database: str | None, source_a: Path | None, source_b: Path | None, fused: tuple[Path, ...]
) -> Database:
    """Open the database that was named, or make one of the files that were."""
    from benchmark.databases.files import from_files

    if database is not None:
        if source_a or source_b or fused:
            raise BenchmarkError("give a database or --a, --b and --fused, not both")
        return open_named(database)
    if source_a and source_b and fused:
        return from_files(source_a, source_b, fused)
    raise BenchmarkError("nothing to score: give a database, or --a, --b and --fused")


@main.command("list")
@click.option("--variants", is_flag=True, help="Every variant, not only the published definitions.")
@click.option(
    "--page", type=click.Choice(["metrics", "which-script"]), help="Write that page of the documentation instead."
)
def list_command(variants: bool, page: str | None) -> None:
    """List the metrics: name, direction, bounds and what each computes."""
    from benchmark.catalogue import metrics_page
    from benchmark.tables import metric_table
    from benchmark.which_script import which_script_page

    if page is not None:
        specs = fusion_metrics.list_metrics(variants=True)
        with show_progress("trying out", len(specs)) as advance:
            write = metrics_page if page == "metrics" else which_script_page
            click.echo(write(specs, lambda: advance(1)), nl=False)
        return
    print_table(metric_table(fusion_metrics.list_metrics(variants=variants)))


@main.command("score")
@click.argument("database", required=False)
@source_a_option
@source_b_option
@fused_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_file,
    help="Write every score to this CSV file.",
)
@metrics_option
@jobs_option
@scheduler_option
@allow_outside_option
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
    """Score fused images: those of DATABASE, or files or folders matched by file stem.

    \b
    fmbench score path/to/database
    fmbench score --a mr.png --b pet.png --fused mine.png --fused theirs.png
    fmbench score --a MR/ --b PET/ --fused results/      (each folder in results/ is an algorithm)
    """  # noqa: D301 - click needs the control character itself
    from benchmark.cli.work import score_with_progress
    from benchmark.scores import write_scores
    from benchmark.tables import score_table

    chosen = choose_metrics(metrics)
    opened = open_images(database, source_a, source_b, fused)
    rows = score_with_progress(opened, chosen, jobs=jobs, scheduler=scheduler, fresh=fresh).rows
    if out is not None:
        write_scores(out, rows)
    print_table(score_table(opened, rows, [metric.spec for metric in chosen]))
    sys.exit(report_errors([row.reason for row in rows if row.status == "error"]))
