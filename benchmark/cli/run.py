"""`fmbench run`: metrics against opinion scores."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import click

from benchmark.cli.group import jobs_option, main
from benchmark.cli.score import fresh_option, metrics_option, scheduler_option
from benchmark.cli.screen import choose_metrics, output_console, print_table, report_errors
from benchmark.databases import EMBEDDED
from benchmark.errors import BenchmarkError
from benchmark.splits import EXTERNAL, PROTOCOLS, parse_protocol

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


_LEARNING_OPTIONS = (
    click.option(
        "--protocols",
        callback=_protocols,
        metavar="NAMES",
        help="How metrics that learn are tested: image, pair, image20 (trained on 20 %), ..., external. "
        "[default: image,pair, and external with --train-on]",
    ),
    click.option("--folds", default=5, show_default=True, type=click.IntRange(min=2), help="Folds they are fitted in."),
    click.option(
        "--repeats", default=1, show_default=True, type=click.IntRange(min=1), help="Times the images are dealt out."
    ),
    click.option("--seed", default=0, show_default=True, help="Of the first deal; each repeat adds one."),
)


@main.command("run")
@click.argument("databases", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every embedded database and every metric.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=RESULTS,
    show_default=True,
    help="Folder for tables and figures.",
)
@click.option("--train-on", metavar="DATABASE", help="Fit metrics that learn to all of this database.")
@click.option("--test-on", multiple=True, metavar="DATABASE", help="The same as naming it as an argument.")
@click.option(
    "--algorithms", metavar="PATTERNS", help="Only fused images of these, such as 'nsct*,csr'; '!*+*' leaves out."
)
@click.option("--logistic", type=click.Choice(["4", "5"]), default="4", show_default=True, help="Parameters fitted.")
@click.option(
    "--subsets",
    default=0,
    metavar="N",
    type=click.IntRange(min=0),
    help="Also agreement on N random fifths of the images, as papers print it (1000, say): subsets.csv.",
)
@click.option("--figures/--no-figures", default=True, show_default=True)
@metrics_option
@learning_options
@jobs_option
@scheduler_option
@fresh_option
def run_command(
    databases: tuple[str, ...],
    everything: bool,
    out: Path,
    train_on: str | None,
    test_on: tuple[str, ...],
    algorithms: str | None,
    logistic: str,
    subsets: int,
    figures: bool,
    metrics: str,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
    protocols: tuple[str, ...] | None,
    folds: int,
    repeats: int,
    seed: int,
) -> None:
    """Score DATABASES and hold every metric against their opinion scores.

    With no database named, an embedded one with simulated scores is used.
    """
    from benchmark.cli.work import open_scored, outcome_of, write_with_progress
    from benchmark.measuring import Options
    from benchmark.out_of_fold import Learning
    from benchmark.subsets import over_subsets, write_subsets

    chosen = choose_metrics("all" if everything else metrics)
    names = [*databases, *test_on, *(name for name in EMBEDDED if everything)] or [next(iter(EMBEDDED))]
    trained_on = open_scored(train_on) if train_on else None
    learning = Learning(protocols or ((EXTERNAL,) if trained_on else PROTOCOLS), folds, repeats, seed)
    options = Options(parameters=5 if logistic == "5" else 4, folds=folds, seed=seed)
    outcomes, problems = [], []
    for name in dict.fromkeys(names):
        try:
            outcome = outcome_of(
                open_scored(name, algorithms),
                chosen,
                learning=learning,
                options=options,
                trained_on=trained_on,
                jobs=jobs,
                scheduler=scheduler,
                fresh=fresh,
            )
        except BenchmarkError as error:
            problems.append(str(error))
            continue
        outcomes.append(outcome)
        problems += [row.reason for row in outcome.rows if row.status == "error"]
        print_table(outcome.table)
    if outcomes:
        write_with_progress(out, outcomes, figures=figures, jobs=jobs)
        if subsets:
            found = (over_subsets(one.database, one.analysis, subsets, seed) for one in outcomes)
            write_subsets(out / "subsets.csv", chain.from_iterable(found))
        output_console().print(f"tables{' and figures' if figures else ''}: {out}", style="dim", soft_wrap=True)
    sys.exit(report_errors(problems))
