"""`fmbench run`: metrics against opinion scores."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import Any

import click

from benchmark.cli.group import main
from benchmark.cli.options import outcomes_asked_for, run_options
from benchmark.cli.outputs import out_folder
from benchmark.cli.screen import print_table, report_errors, say_where, watch

RESULTS = Path("results/reproduced")


@main.command("run")
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
@run_options
def run_command(out: Path, subsets: int, figures: bool, jobs: int, seed: int, **asked: Any) -> None:
    """Score DATABASES and hold every metric against their opinion scores.

    With no database named, an embedded one with simulated scores is used.
    """
    from benchmark.analysis.subsets import over_subsets, write_subsets
    from benchmark.run import write_with_progress

    outcomes, problems = outcomes_asked_for(
        **asked, jobs=jobs, seed=seed, on_outcome=lambda one: print_table(one.table)
    )
    if outcomes:
        write_with_progress(out, outcomes, figures=figures, jobs=jobs, watch=watch())
        if subsets:
            found = (over_subsets(one.database, one.analysis, subsets, seed) for one in outcomes)
            write_subsets(out / "subsets.csv", chain.from_iterable(found))
        say_where(f"tables{' and figures' if figures else ''}: {out}")
    sys.exit(report_errors(problems))
