"""`fmbench report`: the outcome of a run as one HTML file."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from benchmark.cli.console import error_console, output_console
from benchmark.cli.group import main
from benchmark.cli.options import outcomes_asked_for, run_options
from benchmark.cli.outputs import out_file
from benchmark.cli.screen import report_errors, show_progress


@main.command("report")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_file,
    default=Path("report.html"),
    show_default=True,
    help="The file to write.",
)
@click.option(
    "--pictures/--no-pictures", default=True, show_default=True, help="Small copies of pictures on which metrics fail."
)
@run_options
def report_command(out: Path, pictures: bool, jobs: int, **asked: Any) -> None:
    """Run as `fmbench run` does, and write what is found on DATABASES as one HTML file.

    It needs no network and no other file: tables to sort, figures, pictures on which metrics and readers disagree,
    and where the numbers come from.
    """
    from benchmark.report import write_report

    outcomes, problems = outcomes_asked_for(**asked, jobs=jobs)
    if outcomes:
        command = shlex.join(["fmbench", *sys.argv[1:]])
        with show_progress("figures", None) as advance:
            confidential = write_report(
                out, outcomes, command=command, pictures=pictures, jobs=jobs, on_figure=lambda: advance(1)
            )
        output_console().print(f"report: {out}", style="dim", soft_wrap=True)
        if confidential:
            error_console().print(
                f"{out} must not be passed on: it holds pictures of {', '.join(confidential)}, which may not be "
                "redistributed; --no-pictures leaves them out",
                style="yellow",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
    sys.exit(report_errors(problems))
