"""Score databases, and hold the scores against opinions: what `fmbench score` and `fmbench run` do, as Python calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from benchmark.analysis.analyse import analyse as analyse_rows
from benchmark.analysis.measure import Options
from benchmark.analysis.outcome import Outcome
from benchmark.databases import EMBEDDED, Database
from benchmark.databases.from_files import from_files
from benchmark.databases.slicing import Slicing
from benchmark.errors import BenchmarkError
from benchmark.numbers import counted
from benchmark.runs.request import Computing, Metrics, Named, Request, choose_metrics, open_scored
from benchmark.runs.results import RunResult, ScoreResult
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning
from benchmark.scoring.frames import rows_of
from benchmark.scoring.score import Scored, score_database
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric, create
from fusion_metrics.cache import cache_folder
from fusion_metrics.reading import STRICT, Reading, as_reading

Paths = str | Path | Sequence[str | Path]


def score(
    database: Named | None = None,
    *,
    a: str | Path | None = None,
    b: str | Path | None = None,
    sources: Sequence[str | Path] = (),
    fused: Paths = (),
    metrics: Metrics = "all",
    reading: Reading | str | None = None,
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> ScoreResult:
    """Score fused images: those of a database, or files or folders that are matched by file stem.

    Parameters
    ----------
    database : Database, str or Path, optional
        A database, its folder, or the name of an embedded one.
    a, b : path, optional
        In place of a database: the two source images, or two folders of them.
    sources : sequence of path, optional
        In place of `a` and `b`: any number of source images, or of folders of them.
    fused : path or sequence of path
        Fused files if the sources are files; otherwise folders, each of one algorithm or of one folder an algorithm.
    metrics : str or iterable
        Names such as ``"qabf,te:nava"``, ``"all"``, ``"all-variants"``, or metrics themselves.
    reading : Reading or str, optional
        What is done with pictures that can be read in more than one way, such as ``"alpha=over-black"``; without it
        what the database says, or they are refused.
    computing : Computing, optional
        Processes, and whether stored scores may be used.
    watch : Watch, optional
        Who is told how far it is.

    Returns
    -------
    ScoreResult
        A score that does not exist says why in its row; what is wrong with the input is in ``problems``.

    Raises
    ------
    BenchmarkError
        There is nothing to score, or it cannot be read.
    """
    if database is None:
        if sources and (a or b):
            raise BenchmarkError("give a and b, or sources, not both")
        named = [Path(path) for path in sources or (a, b) if path]
        if len(named) < 2 or not fused:
            raise BenchmarkError(
                "nothing to score: give a database, or a, b and fused, or two or more sources and fused"
            )
        files = [Path(fused)] if isinstance(fused, str | Path) else [Path(path) for path in fused]
        slicing = Slicing(reading=as_reading(reading or STRICT))
        opened = from_files(named[0], named[-1], files, between=named[1:-1], slicing=slicing)
    elif a or b or fused or sources:
        raise BenchmarkError("give a database or a, b and fused, not both")
    else:
        opened = database if isinstance(database, Database) else watch.open_database(database)
    if reading is not None:
        opened = replace(opened, reading=as_reading(reading))
    chosen = choose_metrics(metrics, watch=watch)
    scored = score_watched(opened, chosen, computing=computing or Computing(), watch=watch)
    return ScoreResult(opened, tuple(scored.rows), tuple(metric.spec for metric in chosen))


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
    named = (databases,) if isinstance(databases, Named) else tuple(databases)
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
    identifiers = dict.fromkeys(row.identity.id for row in rows)
    found = _analysed(
        opened,
        Scored(rows, []),
        [create(identifier) for identifier in identifiers],
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
            opened = open_scored(database, request.algorithms, watch=watch)
            _refuse_second(opened, outcomes)
            outcome = outcome_of(opened, request, watch=watch)
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


def outcome_of(database: Database, request: Request, *, watch: Watch = SILENT) -> Outcome:
    """Score one database as a request asks for, and analyse the scores."""
    for split in request.learning.splits:
        split.check(database)
    scored = score_watched(
        database,
        request.metrics,
        learning=request.learning,
        trained_on=request.trained_on,
        computing=request.computing,
        watch=watch,
    )
    return _analysed(database, scored, request.metrics, request.options, request.computing, watch)


def _analysed(
    database: Database,
    scored: Scored,
    metrics: Sequence[Metric],
    options: Options,
    computing: Computing,
    watch: Watch,
) -> Outcome:
    specs = [metric.spec for metric in metrics]
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


def score_watched(
    database: Database,
    metrics: Sequence[Metric],
    *,
    learning: Learning | None = None,
    trained_on: Database | None = None,
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> Scored:
    """Score a database with the store of this machine, and say how much was stored before."""
    where = computing or Computing()
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
            jobs=where.jobs,
            scheduler=where.scheduler,
            fresh=where.fresh,
            learning=learning,
            trained_on=trained_on,
            on_progress=on_progress,
        )
    watch.say(f"{database.name}: {counted(total, 'score')}, {stored_in_all} of them stored before")
    return scored
