"""Score databases, and hold the scores against opinions: what `fmbench run` does, as Python calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

import pandas as pd

from benchmark.analysis.analyse import analyse as analyse_rows
from benchmark.analysis.measure import Options
from benchmark.analysis.outcome import Outcome
from benchmark.databases import EMBEDDED, Database
from benchmark.databases.model import select_algorithms
from benchmark.errors import BenchmarkError
from benchmark.runs.request import (
    Computing,
    Metrics,
    Named,
    Reads,
    Request,
    as_read,
    choose_metrics,
    foreign_of,
    open_scored,
    refuse_unknown,
)
from benchmark.runs.results import RunResult
from benchmark.runs.score import score_watched
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning
from benchmark.scoring.foreign import NOTHING, Foreign, foreign_to, spec_of
from benchmark.scoring.frames import rows_of
from benchmark.scoring.score import Scored
from benchmark.scoring.sources import without_unreferenced
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS
from benchmark.scoring.store import ScoreStore
from fusion_metrics import MetricSpec
from fusion_metrics.cache import cache_folder
from fusion_metrics.selection import select


def run(
    databases: Named | Sequence[Named] = (),
    *,
    metrics: Metrics = "all",
    preset: str | None = None,
    learning: Learning | None = None,
    options: Options | None = None,
    train_on: Named | None = None,
    algorithms: str | None = None,
    computing: Computing | None = None,
    watch: Watch = SILENT,
    **how: Unpack[Reads],
) -> RunResult:
    """Score databases and hold every metric against their opinion scores.

    Parameters
    ----------
    databases : Database, str, Path or sequence of them
        With opinion scores; without any, the first embedded one, whose readers are simulated.
    metrics : str or iterable
        Names such as ``"qabf,te:nava"``, ``"all"``, ``"all-variants"``, or metrics themselves.
    preset : {"quick", "compact", "standard", "paper"}, optional
        How much of networks is trained, in place of each network's own.
    learning : Learning, optional
        How metrics that learn are fitted and tested.
    options : Options, optional
        How metrics are held against opinion scores.
    train_on : Database, str or Path, optional
        Another database to which metrics that learn are fitted.
    algorithms : str, optional
        Patterns of the fusion algorithms whose images count, such as ``"nsct*,csr"`` or ``"!*+*"``.
    computing : Computing, optional
        Processes, and whether what is stored may be used.
    watch : Watch, optional
        Who is told how far it is; by default nobody.
    **how
        ``reading``, ``fit`` and ``reference``, as in `score`; ``scores``, CSV files of numbers that other programs
        computed, or what `read_foreign` read of them: they are held against the opinions as metrics are.

    Returns
    -------
    RunResult
        A database that cannot be read costs only itself and is named in ``failures``.

    Examples
    --------
    >>> import benchmark
    >>> found = benchmark.run("phantom-external", metrics="qabf,ssim")  # doctest: +SKIP
    >>> found.correlations[["metric", "srcc", "srcc_low", "srcc_high"]]  # doctest: +SKIP
    """
    refuse_unknown("run", how, Reads, learning=Learning, options=Options, computing=Computing)
    named = (databases,) if isinstance(databases, Named) else tuple(databases)
    metrics = metrics if isinstance(metrics, str) else tuple(metrics)
    named = tuple(as_read(one, how) if isinstance(one, Database) else one for one in named)
    given, watch = watch, replace(watch, open_database=lambda name: as_read(given.open_database(name), how))
    trained_on = None if train_on is None else open_scored(train_on, watch=watch)
    if learning is None:
        learning = Learning((EXTERNAL,) if trained_on is not None else PROTOCOLS)
    request = Request(
        databases=named or (next(iter(EMBEDDED)),),
        metrics=choose_metrics(metrics, preset, watch=watch),
        learning=learning,
        options=options or Options(folds=learning.folds, seed=learning.seed),
        trained_on=trained_on,
        algorithms=algorithms,
        computing=computing or Computing(),
        scores=foreign_of(how),
        named=select(metrics).named,
    )
    return carry_out(request, watch=watch)


def analyse(
    database: Named,
    scores: pd.DataFrame,
    *,
    options: Options | None = None,
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> RunResult:
    """Hold scores that are there already against the opinion scores of their database.

    Parameters
    ----------
    database : Database, str or Path
        With opinion scores.
    scores : DataFrame
        Rows such as those of `ScoreResult.scores`, or ``scores.csv`` read by pandas: of each image and metric one.
    options : Options, optional
        How metrics are held against opinion scores.
    computing : Computing, optional
        Processes, and whether what is stored may be used.
    watch : Watch, optional
        Who is told how far it is; by default nobody.

    Raises
    ------
    BenchmarkError
        The database has no opinion scores, or the frame lacks a column.
    """
    opened = open_scored(database, watch=watch)
    rows = [row for row in rows_of(scores) if row.database == opened.name]
    if not rows:
        raise BenchmarkError(f"none of the scores is of the database {opened.name}")
    definitions = dict.fromkeys(row.identity.definition for row in rows)
    found = _analysed(
        opened,
        Scored(rows, []),
        [spec_of(definition) for definition in definitions],
        options or Options(),
        computing or Computing(),
        watch,
    )
    return RunResult((found,))


def carry_out(request: Request, *, watch: Watch = SILENT) -> RunResult:
    """Do what a request asks for, database by database."""
    outcomes: list[Outcome] = []
    failures: list[str] = []
    distinct = {one if isinstance(one, str) else one.name: one for one in request.databases}
    for database in distinct.values():
        try:
            whole = open_scored(database, watch=watch)
            foreign = foreign_to(request.scores, whole.name, whole.fused, watch.warn)
            opened = select_algorithms(whole, request.algorithms) if request.algorithms else whole
            _refuse_second(opened, outcomes)
            outcome = outcome_of(opened, request, foreign.part(opened.name, opened.fused), watch=watch)
        except BenchmarkError as error:
            failures.append(str(error))
            continue
        outcomes.append(outcome)
        watch.found(outcome)
    return RunResult(tuple(outcomes), tuple(failures))


def _refuse_second(database: Database, outcomes: Sequence[Outcome]) -> None:
    """Refuse a database of the same name as one before it, as no table could tell their rows apart."""
    for before in outcomes:
        if before.database.name == database.name:
            raise BenchmarkError(
                f"{database.root}: is called {database.name}, as is {before.database.root}; name = in database.toml "
                "tells them apart"
            )


def outcome_of(database: Database, request: Request, foreign: Foreign = NOTHING, *, watch: Watch = SILENT) -> Outcome:
    """Score one database as a request asks for, and analyse these scores with those of other programs."""
    for split in request.learning.splits:
        split.check(database)
    metrics = without_unreferenced(database, request.metrics, request.named, watch.warn)
    scored = score_watched(
        database,
        metrics,
        learning=request.learning,
        trained_on=request.trained_on,
        computing=request.computing,
        watch=watch,
    )
    specs = [*(metric.spec for metric in metrics), *foreign.specs]
    together = Scored([*scored.rows, *foreign.rows], scored.splits)
    return _analysed(database, together, specs, request.options, request.computing, watch)


def _analysed(
    database: Database,
    scored: Scored,
    specs: Sequence[MetricSpec],
    options: Options,
    computing: Computing,
    watch: Watch,
) -> Outcome:
    with (
        ScoreStore(cache_folder() / "scores.sqlite", fresh=computing.fresh) as store,
        watch.progress(f"comparing metrics on {database.name}", None) as advance,
    ):
        analysis = analyse_rows(
            database,
            scored.rows,
            specs,
            options=options,
            store=store,
            jobs=computing.jobs,
            on_entry=lambda: advance(1),
        )
    return Outcome(database, scored.rows, specs, analysis, scored.splits)
