"""Score fused images, of a database or of files: what `fmbench score` does, as a Python call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.forked import start_workers
from benchmark.numbers import counted
from benchmark.runs.request import (
    Computing,
    Layout,
    Metrics,
    Named,
    Paths,
    as_read,
    choose_metrics,
    files_as_database,
    foreign_of,
    match_of,
    refuse_unknown,
)
from benchmark.runs.results import ScoreResult
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning
from benchmark.scoring.foreign import foreign_to
from benchmark.scoring.score import Scored, score_database
from benchmark.scoring.sources import without_unreferenced
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric
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
    refuse_unknown("score", how, Layout, computing=Computing)
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
