"""Score databases, and hold the scores against opinions: what `fmbench score` and `fmbench run` do, as Python calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import pandas as pd

from benchmark.analysis.analyse import analyse as analyse_rows
from benchmark.analysis.measure import Options
from benchmark.analysis.outcome import Outcome
from benchmark.databases import EMBEDDED, Database
from benchmark.databases.model import select_algorithms
from benchmark.errors import BenchmarkError
from benchmark.forked import start_workers
from benchmark.numbers import counted
from benchmark.runs.request import (
    Computing,
    Layout,
    Metrics,
    Named,
    Paths,
    Reads,
    Request,
    as_read,
    choose_metrics,
    files_as_database,
    foreign_of,
    match_of,
    open_scored,
)
from benchmark.runs.results import RunResult, ScoreResult
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning
from benchmark.scoring.foreign import NOTHING, Foreign, foreign_to, spec_of
from benchmark.scoring.frames import rows_of
from benchmark.scoring.score import Scored, score_database
from benchmark.scoring.sources import without_unreferenced
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric, MetricSpec
from fusion_metrics.cache import cache_folder
from fusion_metrics.selection import select


def score(
    database: Named | None = None,
    *,
    a: str | Path | None = None,
    b: str | Path | None = None,
    sources: Sequence[str | Path] = (),
    fused: Paths = (),
    metrics: Metrics = "all",
    computing: Computing | None = None,
    watch: Watch = SILENT,
    **how: Unpack[Layout],
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
    computing : Computing, optional
        Processes, and whether stored scores may be used.
    watch : Watch, optional
        Who is told how far it is.
    **how
        ``match``, which files of folders belong together, such as ``"suffix:_fused"``; ``reading``, how pictures are
        read that can be read in more than one way, such as ``"alpha=over-black"``; ``fit``, what is done with a fused
        image of another size than its sources, such as ``"crop"``; ``reference``, the ground truth, a file or a folder
        of files that have the names of the pairs, for metrics such as ``psnr:reference``; ``scores``, CSV files of
        numbers that other programs computed, or what `read_foreign` read of them.

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
        opened = files_as_database(named, fused, how)
    elif a or b or fused or sources:
        raise BenchmarkError("give a database or a, b and fused, not both")
    elif "match" in how:
        raise BenchmarkError("match says which files belong together; a database says that itself")
    else:
        opened = database if isinstance(database, Database) else watch.open_database(database)
    opened = as_read(opened, how, match_of(how))
    metrics = metrics if isinstance(metrics, str) else tuple(metrics)
    chosen = without_unreferenced(opened, choose_metrics(metrics, watch=watch), select(metrics).named, watch.warn)
    foreign = foreign_to(foreign_of(how), opened.name, opened.fused, watch.warn)
    scored = score_watched(opened, chosen, computing=computing or Computing(), watch=watch)
    return ScoreResult(opened, (*scored.rows, *foreign.rows), (*(metric.spec for metric in chosen), *foreign.specs))


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
    if where.cluster is None:
        start_workers(where.jobs)  # before the progress, which has a thread
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
            cluster=where.cluster,
            fresh=where.fresh,
            learning=learning,
            trained_on=trained_on,
            on_progress=on_progress,
        )
    watch.say(f"{database.name}: {counted(total, 'score')}, {stored_in_all} of them stored before")
    return scored
