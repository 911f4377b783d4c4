"""`fmbench rerun`: compute a signed table again, and say whether it agrees."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from benchmark.cli.console import output_console, print_line
from benchmark.cli.group import main
from benchmark.cli.options import (
    fused_option,
    jobs_option,
    open_images,
    scheduler_options,
    source_a_option,
    source_b_option,
    source_option,
)
from benchmark.cli.outputs import FORMATS, out_table
from benchmark.cli.pictures import layout_options, read_as, reference_option
from benchmark.cli.screen import allow_outside_option, print_table, report_errors, watch
from benchmark.errors import BenchmarkError

#: Exit code where a number did not come out again, or could not be computed.
DIFFERS = 1


@main.command("rerun", short_help="Compute a signed table again, and say if it agrees.")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("databases", nargs=-1)
@source_a_option
@source_b_option
@source_option
@fused_option
@click.option(
    "--model",
    "models",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="What a metric that learns has learnt, where scores are signed with it; may be given again.",
)
@click.option(
    "--tolerance",
    default=1e-6,
    show_default=True,
    type=click.FloatRange(min=0),
    help="The relative difference up to which two numbers agree.",
)
@click.option("--stored", is_flag=True, help="Use scores that are stored, instead of computing all of them.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_table,
    help=f"Write every number beside the one computed again to this file: {FORMATS}.",
)
@layout_options
@reference_option
@jobs_option
@scheduler_options
@allow_outside_option
def rerun_command(
    table: Path,
    databases: tuple[str, ...],
    models: tuple[Path, ...],
    tolerance: float,
    stored: bool,
    out: Path | None,
    jobs: int,
    scheduler: str | None,
    shared_storage: bool,
    **images: Any,
) -> None:
    """Compute a signed TABLE again, and say metric by metric whether it agrees.

    TABLE is a file with all digits that `fmbench score` or `fmbench compare` wrote. DATABASES, or --a, --b and --fused
    (--source for more than two), say where its images are; embedded databases are found by their names, and folders of
    that name beside the table. Exits with 0 if all agrees, 1 if a number differs or a metric cannot be computed again,
    2 for input that is wrong.

    \b
    fmbench rerun scores.csv path/to/database
    fmbench rerun table.csv --a MR/ --b PET/ --fused results/
    """  # noqa: D301 - click needs the control character itself
    from benchmark.formats.files import write_table
    from benchmark.runs.recomputing import stated_reading
    from benchmark.runs.request import Computing
    from benchmark.runs.rerun import rerun
    from benchmark.signed.read import read_signed
    from fusion_metrics import load

    named = any(images.values())
    if named and databases:
        raise BenchmarkError("give databases or --a, --b and --fused, not both")
    if named and (reading := stated_reading(read_signed(table).rows)) is not None:
        read_as(reading)  # volumes are opened to find their slices, and must be known by then
    found = rerun(
        table,
        [open_images(None, **images)] if named else list(databases),
        models=[load(path) for path in models],
        tolerance=tolerance,
        computing=Computing(jobs, scheduler, not stored, shared_storage),
        watch=watch(),
    )
    if out is not None:
        write_table(out, found.numbers, [found.table])
    print_table(found.table)
    print_line(output_console(), str(found), "bold green" if found.agrees else "bold red")
    sys.exit(report_errors(list(found.problems)) or (0 if found.agrees else DIFFERS))
