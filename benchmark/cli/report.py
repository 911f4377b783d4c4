"""`fmbench report`: what was found as one HTML file, about metrics or, without opinion scores, about fusion methods."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from benchmark.cli.compare import ASKED, asked_of
from benchmark.cli.foreign import read_given
from benchmark.cli.group import main
from benchmark.cli.options import (
    fused_option,
    open_images,
    request_of,
    run_options,
    source_a_option,
    source_b_option,
    source_option,
)
from benchmark.cli.outputs import out_page
from benchmark.cli.pictures import match_option
from benchmark.cli.screen import open_named, report_errors, say_warning, say_where, show_progress, watch
from benchmark.databases import EMBEDDED, Database
from benchmark.errors import BenchmarkError

#: Options that belong to one of the two pages, by their names in Python.
_OF_METRICS = ("everything", "train_on", "logistic", "preset", "protocols", "folds", "repeats", "splits", "by")
_OF_METHODS = ("statistic", "third", "decimals", "common", "names", "ours", "groups", "alpha", "permutations")
_OF_FILES = ("source_a", "source_b", "fused", "sources")


def _asked_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed((source_a_option, source_b_option, source_option, fused_option, match_option, *ASKED)):
        command = option(command)
    return command


@main.command("report", short_help="Write a page, one HTML file, of what is found.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_page,
    default=Path("report.html"),
    show_default=True,
    help="The HTML file to write.",
)
@click.option(
    "--pictures/--no-pictures",
    default=True,
    show_default=True,
    help="Pictures on which metrics fail, or methods differ.",
)
@run_options
@_asked_options
def report_command(out: Path, pictures: bool, **given: Any) -> None:
    """Write what is found on DATABASES as one HTML file that needs no network and no other file.

    With opinion scores: what `fmbench run` finds, tables to sort, figures, and pictures on which metrics and readers
    disagree. Without, or from --a, --b and --fused: what `fmbench compare` finds, by --metrics @ivif if none are named,
    with a table to sort and filter, figures, and the pictures on which methods differ most, one laid on the other.
    With neither, an embedded database with simulated scores is used.
    """
    context = click.get_current_context()
    named: Sequence[Database | str] = (*given["databases"], *given["test_on"])
    if any(given[name] for name in _OF_FILES):
        if named:
            raise BenchmarkError("give databases or --a, --b and --fused, not both")
        named = [open_images(None, *(given[name] for name in _OF_FILES))]
    elif not given["everything"]:
        named = _opened(named)
    without = [one.name for one in named if isinstance(one, Database) and one.scores == "none"]
    if without and len(without) < len(named):
        raise BenchmarkError(
            f"{', '.join(without)}: has no opinion scores, the others do; they make two pages: run fmbench report twice"
        )
    kind = "without opinion scores" if without else "with opinion scores"
    for parameter in context.command.params:
        if parameter.name in (_OF_METRICS if without else _OF_METHODS) and _typed(context, parameter.name):
            raise BenchmarkError(f"{parameter.opts[0]}: has no meaning for databases {kind}")
    page = {"command": shlex.join(["fmbench", *sys.argv[1:]]), "pictures": pictures, "jobs": given["jobs"]}
    if without:
        metrics = given["metrics"] if _typed(context, "metrics") else None
        problems, confidential = _methods(named, metrics, given, out, page)
    else:
        problems, confidential = _metrics(named, given, out, page)
    if confidential:
        say_warning(
            f"{out} must not be passed on: it holds pictures of {', '.join(confidential)}, which may not be "
            "redistributed; --no-pictures leaves them out"
        )
    sys.exit(report_errors(problems))


def _typed(context: click.Context, name: str) -> bool:
    """Whether an option was typed."""
    return context.get_parameter_source(name) == ParameterSource.COMMANDLINE


def _metrics(
    named: Sequence[Database | str], given: dict[str, Any], out: Path, page: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """Write the page about metrics; return what was wrong, and databases whose pictures must stay here."""
    from benchmark.report import write_report
    from benchmark.runs.run import carry_out

    show = watch()
    result = carry_out(request_of(**{**given, "databases": tuple(named), "test_on": (), "watch": show}), watch=show)
    confidential: list[str] = []
    if result.outcomes:
        with show_progress("figures", None) as advance:
            confidential = write_report(out, result.outcomes, **page, on_figure=lambda: advance(1))
        say_where(f"report: {out}")
    return result.problems, confidential


def _methods(
    named: Sequence[Database | str], metrics: str | None, given: dict[str, Any], out: Path, page: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """Write the page about fusion methods; return the same."""
    from benchmark.report import write_comparison
    from benchmark.runs.compare import USUAL, compare
    from benchmark.runs.request import Computing

    if given["seed"] < 0:
        raise BenchmarkError(f"--seed: {given['seed']} is less than 0")
    show = watch()
    found = compare(
        named,
        metrics=metrics or USUAL,
        algorithms=given["algorithms"],
        asked=asked_of(**given),
        computing=Computing(given["jobs"], given["scheduler"], given["fresh"], given["shared_storage"]),
        watch=show,
        scores=read_given(given["scores"]),
    )
    with show_progress("figures", None) as advance:
        confidential = write_comparison(out, found, **page, on_figure=lambda: advance(1))
    say_where(f"report: {out}")
    return list(found.problems), confidential


def _opened(names: Sequence[Database | str]) -> list[Database | str]:
    """Open folders, to know which page they make; what cannot be opened, or must be built first, stays a name."""
    found: list[Database | str] = []
    for name in names:
        try:
            found.append(name if name in EMBEDDED else open_named(str(name)))
        except BenchmarkError:
            found.append(name)
    return found
