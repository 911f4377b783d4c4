"""`fmbench report`: the outcome of a run as one HTML file."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from benchmark.cli.group import main
from benchmark.cli.options import request_of, run_options
from benchmark.cli.outputs import out_file
from benchmark.cli.screen import report_errors, say_warning, say_where, show_progress, watch


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
    from benchmark.runs.run import carry_out

    show = watch()
    result = carry_out(request_of(**asked, jobs=jobs, watch=show), watch=show)
    if result.outcomes:
        command = shlex.join(["fmbench", *sys.argv[1:]])
        with show_progress("figures", None) as advance:
            confidential = write_report(
                out, result.outcomes, command=command, pictures=pictures, jobs=jobs, on_figure=lambda: advance(1)
            )
        say_where(f"report: {out}")
        if confidential:
            say_warning(
                f"{out} must not be passed on: it holds pictures of {', '.join(confidential)}, which may not be "
                "redistributed; --no-pictures leaves them out"
            )
    sys.exit(report_errors(result.problems))
