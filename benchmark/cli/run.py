"""`fmbench run`: metrics against opinion scores."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from benchmark.cli.group import main
from benchmark.cli.options import request_of, run_options
from benchmark.cli.outputs import FORMATS, out_folder, out_table
from benchmark.cli.screen import print_table, report_errors, say_where, watch

RESULTS = Path("results/reproduced")


@main.command("run", short_help="Hold metrics against the opinion scores of databases.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    callback=out_folder,
    default=RESULTS,
    show_default=True,
    help="Folder for tables and figures.",
)
@click.option(
    "--subsets",
    default=0,
    metavar="N",
    type=click.IntRange(min=0),
    help="Also agreement on N random fifths of the images, as papers print it (1000, say): subsets.csv.",
)
@click.option("--figures/--no-figures", default=True, show_default=True)
@click.option(
    "--meta",
    is_flag=True,
    help="Also every metric over all databases (random effects), human and simulated scores apart.",
)
@click.option(
    "--meta-out",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_table,
    help=f"The same, and write it to this file: {FORMATS}; may be given again.",
)
@run_options
def run_command(
    out: Path, subsets: int, figures: bool, meta: bool, meta_out: tuple[Path, ...], jobs: int, **asked: Any
) -> None:
    """Score DATABASES and hold every metric against their opinion scores.

    With no database named, an embedded one with simulated scores is used.
    """
    from benchmark.cli.weights import offer_weights, with_weights
    from benchmark.runs.run import carry_out

    show = watch(found=lambda outcome: print_table(outcome.table))
    fetched = offer_weights("all" if asked["everything"] else asked["metrics"], asked["preset"])
    request = with_weights(request_of(**asked, jobs=jobs, watch=show), fetched)
    result = carry_out(request, watch=show)
    if result.outcomes:
        result.write(out, figures=figures, subsets=subsets, jobs=jobs, watch=show)
        say_where(f"tables{' and figures' if figures else ''}: {out}")
        if meta or meta_out:
            result.meta.write_all(out, figures=figures, jobs=jobs, watch=show)
            for path in meta_out:
                result.meta.write(path)
            for table in result.meta.tables:
                print_table(table)
    sys.exit(report_errors(result.problems))
