"""`fmbench run`: metrics against opinion scores."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import click

from benchmark.cli.group import jobs_option, main
from benchmark.cli.outputs import out_folder
from benchmark.cli.score import fresh_option, metrics_option, scheduler_option
from benchmark.cli.screen import allow_outside_option, print_table, report_errors, say_where
from benchmark.splits import EXTERNAL, parse_protocol

RESULTS = Path("results/reproduced")


def _protocols(context: click.Context, parameter: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name != EXTERNAL:
            parse_protocol(name)
    return names


def learning_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how metrics that learn are fitted."""
    for option in reversed(_LEARNING_OPTIONS):
        command = option(command)
    return command


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what is run: databases, metrics, how they are fitted and where."""
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


protocols_option = click.option(
    "--protocols",
    callback=_protocols,
    metavar="NAMES",
    help="How metrics that learn are tested: image, pair, image20 (trained on 20 %), ..., image-best (the best epoch "
    "chosen on the test part, as papers do), ..., external.  [default: image,pair, and external with --train-on]",
)

_LEARNING_OPTIONS = (
    protocols_option,
    click.option("--folds", default=5, show_default=True, type=click.IntRange(min=2), help="Folds they are fitted in."),
    click.option(
        "--repeats", default=1, show_default=True, type=click.IntRange(min=1), help="Times the images are dealt out."
    ),
    click.option("--seed", default=0, show_default=True, help="Of the first deal; each repeat adds one."),
)

preset_option = click.option(
    "--preset",
    type=click.Choice(["quick", "standard", "paper"]),
    help="How much of networks is trained.  [default: quick]",
)

_RUN_OPTIONS = (
    click.argument("databases", nargs=-1),
    click.option("--all", "everything", is_flag=True, help="Every embedded database and every metric."),
    click.option("--train-on", metavar="DATABASE", help="Fit metrics that learn to all of this database."),
    click.option("--test-on", multiple=True, metavar="DATABASE", help="The same as naming it as an argument."),
    click.option(
        "--algorithms", metavar="PATTERNS", help="Only fused images of these, such as 'nsct*,csr'; '!*+*' leaves out."
    ),
    click.option(
        "--logistic", type=click.Choice(["4", "5"]), default="4", show_default=True, help="Parameters fitted."
    ),
    metrics_option,
    preset_option,
    learning_options,
    click.option(
        "--split",
        "splits",
        multiple=True,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Fit and test under this split (image,pair,fold), such as a run wrote it; may be given again.",
    ),
    allow_outside_option,
    jobs_option,
    scheduler_option,
    fresh_option,
)


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
    from benchmark.cli.work import outcomes_of, write_with_progress
    from benchmark.subsets import over_subsets, write_subsets

    outcomes, problems = outcomes_of(**asked, jobs=jobs, seed=seed, on_outcome=lambda one: print_table(one.table))
    if outcomes:
        write_with_progress(out, outcomes, figures=figures, jobs=jobs)
        if subsets:
            found = (over_subsets(one.database, one.analysis, subsets, seed) for one in outcomes)
            write_subsets(out / "subsets.csv", chain.from_iterable(found))
        say_where(f"tables{' and figures' if figures else ''}: {out}")
    sys.exit(report_errors(problems))
