"""`fmbench identify`: find out which metric, in which variant, printed a table."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from benchmark.cli.group import main
from benchmark.cli.options import fresh_option, fused_option, jobs_option, open_images, source_a_option, source_b_option
from benchmark.cli.screen import choose_metrics, print_table, report_errors, watch


@main.command("identify")
@click.argument("printed", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("database", required=False)
@source_a_option
@source_b_option
@fused_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write what was found to this CSV file.")
@click.option(
    "--metrics",
    default="all-variants",
    show_default=True,
    metavar="NAMES",
    help="What may be meant: names such as qabf,te:nava; 'all'; or 'all-variants'.",
)
@jobs_option
@fresh_option
def identify_command(
    printed: Path,
    database: str | None,
    source_a: Path | None,
    source_b: Path | None,
    fused: tuple[Path, ...],
    out: Path | None,
    metrics: str,
    jobs: int,
    fresh: bool,
) -> None:
    """Find the metric and the variant behind each column of a printed table.

    PRINTED is a CSV file with the columns image, metric, value: the fused image by its path in the database or by its
    file name, what the table calls the metric, and the number with the digits that were printed. The images are given
    as for `fmbench score`.

    \b
    fmbench identify table2.csv path/to/database
    fmbench identify table2.csv --a MR/ --b PET/ --fused results/
    """  # noqa: D301 - click needs the control character itself
    from benchmark.identify.match import identify, identity_table, write_identified
    from benchmark.identify.printed import part_of, read_printed
    from benchmark.run import score_with_progress

    chosen = [metric for metric in choose_metrics(metrics) if not metric.learns]
    opened = open_images(database, source_a, source_b, fused)
    values, problems = read_printed(printed, opened.fused)
    part = replace(opened, fused=part_of(opened, values))
    rows = score_with_progress(part, chosen, jobs=jobs, scheduler=None, fresh=fresh, watch=watch()).rows
    found = identify(values, rows)
    if out is not None:
        write_identified(out, found)
    print_table(identity_table(opened, found))
    sys.exit(report_errors([*problems, *(row.reason for row in rows if row.status == "error")]))
