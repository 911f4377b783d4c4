"""Options that several commands share, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.foreign import foreign_options, read_given
from benchmark.cli.pictures import (
    as_asked,
    asked_match,
    fit_option,
    reading_option,
    reference_option,
    two_sources_option,
)
from benchmark.cli.screen import allow_outside_option, open_named, show_progress
from benchmark.cli.volumes import asked_slicing
from benchmark.databases import EMBEDDED, Database
from benchmark.errors import BenchmarkError
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS, parse_protocol, read_split

if TYPE_CHECKING:
    from benchmark.runs.request import Request
    from benchmark.runs.watch import Watch
    from benchmark.scoring.folds import Learning
    from benchmark.statistics.logistic import Parameters


def _processes(ctx: click.Context, parameter: click.Parameter, value: int) -> int:
    if value == 0 or value < -1:
        raise click.BadParameter("is neither -1 nor a number of processes")
    return value


jobs_option = click.option(
    "--jobs",
    default=-1,
    show_default=True,
    metavar="N",
    callback=_processes,
    help="Processes on this machine; -1: one per core.",
)

metrics_option = click.option(
    "--metrics",
    default="all",
    show_default=True,
    metavar="NAMES",
    help="Names such as qabf,te:nava; a set such as @medical; 'all'; or 'all-variants'.",
)


def scheduler_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say on which cluster is computed."""
    shared = click.option(
        "--shared-storage",
        is_flag=True,
        help="Workers of --scheduler see the same files under the same paths, and read the pictures themselves.",
    )
    scheduler = click.option(
        "--scheduler", metavar="tcp://HOST:PORT", help="Use the workers of this dask scheduler instead."
    )
    return scheduler(shared(command))


fresh_option = click.option("--fresh", is_flag=True, help="Compute again what is stored.")
source_a_option = click.option(
    "--a", "source_a", type=click.Path(path_type=Path), help="First source image, or a folder of them."
)
source_b_option = click.option(
    "--b", "source_b", type=click.Path(path_type=Path), help="Second source image, or a folder of them."
)
source_option = click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path),
    help="In place of --a and --b: a source image or folder; given again for each of any number of sources.",
)
fused_option = click.option(
    "--fused", multiple=True, type=click.Path(path_type=Path), help="Fused image or folder; may be given again."
)


def open_images(
    database: str | None,
    source_a: Path | None,
    source_b: Path | None,
    fused: tuple[Path, ...],
    sources: tuple[Path, ...] = (),
) -> Database:
    """Open the database that was named, or make one of the files that were."""
    from benchmark.databases.from_files import from_files

    if database is not None:
        if source_a or source_b or fused or sources:
            raise BenchmarkError(
                f"{database}: give a database or --a, --b and --fused, not both; of several files, an option takes the "
                "folder"
            )
        if asked_slicing().is_asked:
            raise BenchmarkError("--axis, --slices and --series are about volumes named by --a, --b and --fused")
        return open_named(database)
    named = [path for path in (source_a, source_b) if path]
    if sources and named:
        raise BenchmarkError("give --a and --b, or --source for each of any number of sources, not both")
    if len(sources) == 1:
        raise BenchmarkError(f"{sources[0]}: is the only --source; a fused image has two or more")
    if fused and len(sources or named) >= 2:
        first, *between, last = sources or named
        with show_progress("reading volumes", None) as advance:
            opened = from_files(
                *(first, last, fused, asked_match(), between, asked_slicing()),
                progress=lambda done, total: advance(1, total),
            )
        return as_asked(opened)
    raise BenchmarkError("nothing to score: give a database, or --a, --b and --fused, or --source for more")


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
    type=click.Choice(["quick", "compact", "standard", "paper"]),
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
        "--by",
        type=click.Choice(["global", "pair", "algorithm"]),
        default="global",
        show_default=True,
        help="What the table is sorted by: SRCC over all images, within source pairs, or of the algorithms' means.",
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
    reading_option,
    fit_option,
    reference_option,
    foreign_options,
    two_sources_option,
    jobs_option,
    scheduler_options,
    fresh_option,
)


def request_of(
    *,
    databases: tuple[str, ...],
    test_on: tuple[str, ...],
    everything: bool,
    train_on: str | None,
    algorithms: str | None,
    metrics: str,
    preset: str | None,
    scores: tuple[Path, ...],
    watch: Watch,
    **how: Any,
) -> Request:
    """Build the request of a run from what `run_options` were given."""
    from benchmark.analysis.measure import Options
    from benchmark.runs.request import Computing, Request, choose_metrics, open_scored
    from fusion_metrics.selection import select

    foreign = read_given(scores)
    chosen = choose_metrics("all" if everything else metrics, preset, watch=watch)
    names = (*databases, *test_on, *(EMBEDDED if everything else ())) or (next(iter(EMBEDDED)),)
    trained_on = open_scored(train_on, watch=watch) if train_on else None
    learning = _learning(external=trained_on is not None, **{name: how[name] for name in _LEARNING})
    parameters: Parameters = 5 if how["logistic"] == "5" else 4
    options = Options(parameters=parameters, folds=learning.folds, seed=learning.seed, by=how["by"])
    computing = Computing(how["jobs"], how["scheduler"], how["fresh"], how["shared_storage"])
    named = select("all" if everything else metrics).named
    return Request(names, chosen, learning, options, trained_on, algorithms, computing, foreign, named)


_LEARNING = ("protocols", "splits", "folds", "repeats", "seed")


def _learning(
    *, external: bool, protocols: tuple[str, ...] | None, splits: Sequence[Path], folds: int, repeats: int, seed: int
) -> Learning:
    from benchmark.scoring.folds import Learning

    if splits and protocols:
        raise BenchmarkError("give --protocols or --split, not both: a split says how images are dealt out")
    usual = (EXTERNAL,) if external else () if splits else PROTOCOLS
    return Learning(protocols or usual, folds, repeats, seed, tuple(read_split(path, seed) for path in splits))
