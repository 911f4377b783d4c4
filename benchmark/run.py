"""What several commands do: score, analyse and draw, showing progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.analysis.analyse import Analysis, analyse
from benchmark.analysis.measure import Options
from benchmark.analysis.outcome import Outcome, write_results
from benchmark.cli.screen import choose_metrics, error_console, open_named, show_progress
from benchmark.databases import EMBEDDED, Database
from benchmark.databases.model import select_algorithms
from benchmark.errors import BenchmarkError
from benchmark.figures.gallery import draw_all
from benchmark.scoring.folds import Learning
from benchmark.scoring.score import Scored, score_database
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric
from fusion_metrics.cache import cache_folder


def open_scored(name: str, algorithms: str | None = None) -> Database:
    """Open a database that has opinion scores, or a part of it.

    Raises
    ------
    BenchmarkError
        It has none.
    """
    database = open_named(name)
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
) -> Outcome:
    """Score a database and analyse the scores."""
    scored = score_with_progress(
        database, metrics, jobs=jobs, scheduler=scheduler, fresh=fresh, learning=learning, trained_on=trained_on
    )
    specs = [metric.spec for metric in metrics]
    with (
        ScoreStore(cache_folder() / "scores.sqlite") as store,
        show_progress(f"comparing metrics on {database.name}", None) as advance,
    ):
        analysis: Analysis = analyse(
            database, scored.rows, specs, options=options, store=store, jobs=jobs, on_column=lambda: advance(1)
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
    metrics: str,
    preset: str | None,
    protocols: tuple[str, ...] | None,
    folds: int,
    repeats: int,
    seed: int,
    jobs: int,
    scheduler: str | None,
    fresh: bool,
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
) -> tuple[list[Outcome], list[str]]:
    """Run what was asked for by `benchmark.cli.options.run_options`; return outcomes, and what went wrong."""
    chosen = choose_metrics("all" if everything else metrics, preset)
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
        on_outcome(outcome)
    return outcomes, problems


def write_with_progress(folder: Path, outcomes: Sequence[Outcome], *, figures: bool, jobs: int) -> None:
    """Write tables, and draw figures."""
    write_results(folder, outcomes)
    if figures:
        with show_progress("figures", None) as advance:
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
) -> Scored:
    """Score a database, showing progress, and say how much was stored before."""
    stored_in_all = 0
    total = len(database.fused) * len(metrics)
    if trained_on is not None:
        total += len(trained_on.fused) * sum(metric.learns for metric in metrics)
    with (
        ScoreStore(cache_folder() / "scores.sqlite") as store,
        show_progress(f"scoring {database.name}", total) as advance,
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
    error_console().print(f"{database.name}: {total} scores, {stored_in_all} of them stored before", style="dim")
    return scored
