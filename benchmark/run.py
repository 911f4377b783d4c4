"""One run: score databases, analyse the scores, write what was found; whoever calls says how progress is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmark.analysis.analyse import Analysis, analyse
from benchmark.analysis.measure import Options
from benchmark.analysis.outcome import Outcome, write_results
from benchmark.databases import EMBEDDED, Database, open_database
from benchmark.databases.model import select_algorithms
from benchmark.errors import BenchmarkError
from benchmark.figures.gallery import draw_all
from benchmark.scoring.folds import Learning
from benchmark.scoring.score import Scored, score_database
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS, read_split
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric
from fusion_metrics.cache import cache_folder

Advance: TypeAlias = Callable[..., None]


@contextmanager
def show_nothing(what: str, total: int | None) -> Iterator[Advance]:
    """Show no progress."""
    yield lambda steps, of=None: None


@dataclass(frozen=True)
class Watch:
    """What is shown while a run goes on; by default nothing.

    Attributes
    ----------
    progress : callable
        ``with progress(what, total) as advance`` stands around work of `total` steps (None: unknown);
        ``advance(steps)`` says that some are done, ``advance(steps, of)`` that there are `of` of them.
    say : callable
        It is given a sentence.
    open_database : callable
        It opens a database by its name, and may show its warnings.
    """

    progress: Callable[[str, int | None], AbstractContextManager[Advance]] = show_nothing
    say: Callable[[str], None] = lambda sentence: None
    open_database: Callable[[str], Database] = open_database


SILENT = Watch()


def open_scored(name: str, algorithms: str | None = None, *, watch: Watch = SILENT) -> Database:
    """Open a database that has opinion scores, or a part of it.

    Raises
    ------
    BenchmarkError
        It has none.
    """
    database = watch.open_database(name)
    if database.scores == "none":
        raise BenchmarkError(f"{name}: has no opinion scores to compare with; use: fmbench score {name}")
    return select_algorithms(database, algorithms) if algorithms else database


def outcome_of(
    database: Database,
    metrics: list[Metric],
    *,
    learning: Learning,
    options: Options,
    trained_on: Database | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    fresh: bool = False,
    watch: Watch = SILENT,
) -> Outcome:
    """Score a database and analyse the scores."""
    for split in learning.splits:
        split.check(database)
    scored = score_with_progress(
        database,
        metrics,
        jobs=jobs,
        scheduler=scheduler,
        fresh=fresh,
        learning=learning,
        trained_on=trained_on,
        watch=watch,
    )
    specs = [metric.spec for metric in metrics]
    with (
        ScoreStore(cache_folder() / "scores.sqlite", fresh=fresh) as store,
        watch.progress(f"comparing metrics on {database.name}", None) as advance,
    ):
        analysis: Analysis = analyse(
            database, scored.rows, specs, options=options, store=store, jobs=jobs, on_entry=lambda: advance(1)
        )
    return Outcome(database, scored.rows, specs, analysis, scored.splits)


def outcomes_of(
    *,
    databases: Sequence[str],
    everything: bool,
    train_on: str | None,
    test_on: Sequence[str],
    algorithms: str | None,
    logistic: str,
    metrics: list[Metric],
    protocols: tuple[str, ...] | None,
    splits: Sequence[Path],
    folds: int,
    repeats: int,
    seed: int,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
    watch: Watch = SILENT,
) -> tuple[list[Outcome], list[str]]:
    """Run what `fmbench run` is asked for by its options; return outcomes, and what went wrong."""
    names = [*databases, *test_on, *(name for name in EMBEDDED if everything)] or [next(iter(EMBEDDED))]
    trained_on = open_scored(train_on, watch=watch) if train_on else None
    if splits and protocols:
        raise BenchmarkError("give --protocols or --split, not both: a split says how images are dealt out")
    usual = (EXTERNAL,) if trained_on else () if splits else PROTOCOLS
    stored = tuple(read_split(path, seed) for path in splits)
    learning = Learning(protocols or usual, folds, repeats, seed, stored)
    options = Options(parameters=5 if logistic == "5" else 4, folds=folds, seed=seed)
    outcomes, problems = [], []
    for name in dict.fromkeys(names):
        try:
            outcome = outcome_of(
                open_scored(name, algorithms, watch=watch),
                metrics,
                learning=learning,
                options=options,
                trained_on=trained_on,
                jobs=jobs,
                scheduler=scheduler,
                fresh=fresh,
                watch=watch,
            )
        except BenchmarkError as error:
            problems.append(str(error))
            continue
        outcomes.append(outcome)
        problems += [row.reason for row in outcome.rows if row.status == "error"]
        on_outcome(outcome)
    return outcomes, problems


def write_with_progress(
    folder: Path, outcomes: Sequence[Outcome], *, figures: bool, jobs: int, watch: Watch = SILENT
) -> None:
    """Write tables, and draw figures."""
    write_results(folder, outcomes)
    if figures:
        with watch.progress("figures", None) as advance:
            draw_all(folder, outcomes, jobs=jobs, on_figure=lambda: advance(1))


def score_with_progress(
    database: Database,
    metrics: list[Metric],
    *,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
    learning: Learning | None = None,
    trained_on: Database | None = None,
    watch: Watch = SILENT,
) -> Scored:
    """Score a database, showing progress, and say how much was stored before."""
    stored_in_all = 0
    total = len(database.fused) * len(metrics)
    if trained_on is not None:
        total += len(trained_on.fused) * sum(metric.learns for metric in metrics)
    with (
        ScoreStore(cache_folder() / "scores.sqlite") as store,
        watch.progress(f"scoring {database.name}", total) as advance,
    ):

        def on_progress(known: int, stored: int) -> None:
            nonlocal stored_in_all
            stored_in_all += stored
            advance(known)

        scored = score_database(
            database,
            metrics,
            store=store,
            jobs=jobs,
            scheduler=scheduler,
            fresh=fresh,
            learning=learning,
            trained_on=trained_on,
            on_progress=on_progress,
        )
    watch.say(f"{database.name}: {total} scores, {stored_in_all} of them stored before")
    return scored
