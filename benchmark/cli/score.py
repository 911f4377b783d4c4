"""`fmbench score`: score the images of a database, files or folders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from benchmark.cli.foreign import foreign_options, read_given
from benchmark.cli.group import main
from benchmark.cli.options import (
    fresh_option,
    fused_option,
    jobs_option,
    metrics_option,
    open_images,
    scheduler_options,
    source_a_option,
    source_b_option,
    source_option,
)
from benchmark.cli.outputs import FORMATS, out_table
from benchmark.cli.pictures import layout_options, reference_option
from benchmark.cli.screen import allow_outside_option, print_lines, print_table, report_errors, watch


@main.command("score", short_help="Score fused images by metrics: files, folders or a database.")
@click.argument("database", required=False)
@source_a_option
@source_b_option
@source_option
@fused_option
@click.option(
    "--out",
    "outs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_table,
    help=f"Write every score to this file: {FORMATS}; may be given again.",
)
@click.option("--plan", is_flag=True, help="Only print what would be matched with what, and score nothing.")
@layout_options
@metrics_option
@reference_option
@foreign_options
@click.option(
    "--signature", is_flag=True, help="Print a line for each metric that says what was computed, for others to repeat."
)
@click.option(
    "--far",
    type=click.Choice(["warn", "refuse"]),
    default="warn",
    show_default=True,
    help="What a trained metric does with a picture far from its training: score it and say so, or not score it.",
)
@jobs_option
@scheduler_options
@allow_outside_option
@fresh_option
def score_command(
    outs: tuple[Path, ...],
    plan: bool,
    metrics: str,
    scores: tuple[Path, ...],
    signature: bool,
    far: str,
    **given: Any,
) -> None:
    """Score fused images: those of DATABASE, or files or folders matched by file name.

    \b
    fmbench score path/to/database
    fmbench score --a mr.png --b pet.png --fused mine.png --fused theirs.png
    fmbench score --a MR/ --b PET/ --fused results/      (each folder in results/ is an algorithm)
    fmbench score --a ir/ --b vi/ --fused out/ --match suffix:_ir,_vi,_fused --plan
    fmbench score --a t1.nii.gz --b pet.nii.gz --fused fused.nii.gz --axis axial --slices 10:90
    fmbench score --source e0/ --source e1/ --source e2/ --fused out/
    """  # noqa: D301 - click needs the control character itself
    from benchmark.databases.matching_table import matching_table
    from benchmark.formats.files import write_table
    from benchmark.runs.request import Computing, refusing_far
    from benchmark.runs.score import score

    foreign = read_given(scores)
    computing = Computing(**{name: given.pop(name) for name in ("jobs", "scheduler", "fresh", "shared_storage")})
    opened = open_images(**given)
    if plan:
        print_table(matching_table(opened))
        sys.exit(report_errors([image.problem for image in opened.fused if image.problem]))
    show = watch()
    result = score(
        opened,
        metrics=metrics if far == "warn" else refusing_far(metrics),
        computing=computing,
        watch=show,
        scores=foreign,
    )
    for out in outs:
        write_table(out, result.scores, result.tables)
    for table in result.tables:
        print_table(table)
    if signature:
        print_lines(result.signatures)
    sys.exit(report_errors(result.problems))
