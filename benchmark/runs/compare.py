"""Compare fusion methods: what `fmbench compare` does, as a Python call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import pandas as pd

from benchmark.comparison.asked import Asked
from benchmark.comparison.tested import examine
from benchmark.comparison.values import ALL, Column, chosen_columns, columns_of, gather
from benchmark.databases import Database
from benchmark.databases.model import algorithms_that_match, select_algorithms
from benchmark.errors import BenchmarkError
from benchmark.runs.comparison import Comparison
from benchmark.runs.request import (
    Computing,
    Layout,
    Metrics,
    Paths,
    as_read,
    choose_metrics,
    files_as_database,
    foreign_of,
    match_of,
    refuse_unknown,
)
from benchmark.runs.score import score_watched
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.foreign import Foreign, ForeignScores, foreign_to
from benchmark.scoring.frames import rows_of
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.sources import without_unreferenced
from fusion_metrics import Metric
from fusion_metrics.scripts import column_names
from fusion_metrics.selection import select

#: What is compared by where nothing else is asked for.
USUAL = "@ivif"


def compare(
    databases: Database | str | Sequence[Database | str] = (),
    *,
    a: str | Path | None = None,
    b: str | Path | None = None,
    fused: Paths = (),
    metrics: Metrics = USUAL,
    algorithms: str | None = None,
    asked: Asked | None = None,
    computing: Computing | None = None,
    watch: Watch = SILENT,
    **how: Unpack[Layout],
) -> Comparison:
    """Score what methods made of the same source images, and say which differences are more than luck.

    Parameters
    ----------
    databases : Database, str or sequence of them
        With opinion scores or without; opinions have no part in it.
    a, b, fused : path, optional
        In place of databases: two folders of source images, and one of fused images with a folder a method.
    metrics : str or iterable
        Names in the order in which they are printed, or a set of them such as ``"@medical"``.
    algorithms : str, optional
        Patterns of the methods that are compared, such as ``"gff,nsct*"``.
    asked : Asked, optional
        What is printed, how methods are called, and how they are tested.
    computing : Computing, optional
        Processes, and whether stored scores may be used.
    watch : Watch, optional
        Who is told how far it is.
    **how
        ``match``, ``reading``, ``fit``, ``reference`` and ``scores``, as in `benchmark.score`: methods are compared by
        the numbers of other programs as by metrics.

    Returns
    -------
    Comparison
        Input that could not be scored is named in ``problems``.

    Examples
    --------
    >>> import benchmark
    >>> found = benchmark.compare(a="MR", b="PET", fused="results", metrics="@medical")  # doctest: +SKIP
    >>> found.write("table.tex")  # doctest: +SKIP
    """
    refuse_unknown("compare", how, Layout, asked=Asked, computing=Computing)
    named = [databases] if isinstance(databases, Database | str) else list(databases)
    if named and (a or b or fused):
        raise BenchmarkError("give databases or a, b and fused, not both")
    if not named:
        if not (a and b and fused):
            raise BenchmarkError("nothing to compare: give a database, or a, b and fused, or stored scores")
        named = [files_as_database([Path(a), Path(b)], fused, how)]
    elif "match" in how:
        raise BenchmarkError("match says which files belong together; a database says that itself")
    metrics = metrics if isinstance(metrics, str) else tuple(metrics)
    chosen = _unfitted(metrics, watch)
    match = match_of(how)
    opened = [as_read(watch.open_database(one) if isinstance(one, str) else one, how, match) for one in named]
    names = [database.name for database in opened]
    for database in opened:
        if names.count(database.name) > 1:
            raise BenchmarkError(f"{database.root}: another data set is called {database.name!r}, too")
    parts = [select_algorithms(database, algorithms) if algorithms else database for database in opened]
    asked = asked or Asked()
    asked.printed(tuple(dict.fromkeys(image.algorithm for part in parts for image in part.fused)))
    files = foreign_of(how)
    foreign = [
        foreign_to(files, whole.name, whole.fused, watch.warn).part(part.name, part.fused)
        for part, whole in zip(parts, opened, strict=True)
    ]
    rows: list[ScoreRow] = []
    kept = [without_unreferenced(part, chosen, select(metrics).named, watch.warn) for part in parts]
    chosen = [metric for metric in chosen if any(metric in those for those in kept)]
    for part, those, others in zip(parts, kept, foreign, strict=True):
        scored = [*score_watched(part, those, computing=computing or Computing(), watch=watch).rows, *others.rows]
        # Slices of one volume are no independent cases: the volume is what methods are compared over.
        of = {} if part.volumes is None else part.volumes.of
        rows += [replace(row, pair=of[row.pair]) for row in scored] if of else scored
    problems = tuple(row.reason for row in rows if row.status == "error")
    identifiers = [metric.spec.id for metric in chosen]
    scripts = column_names(identifiers) or [""] * len(chosen)
    columns = [Column(metric.spec.id, metric.spec, name) for metric, name in zip(chosen, scripts, strict=True)]
    columns += _columns(foreign)
    titles = {database.name: _title(database) for database in parts}
    return _compared(rows, asked, titles, columns, tuple(parts), problems, watch)


def compare_scores(
    scores: pd.DataFrame,
    *,
    metrics: Metrics | None = None,
    algorithms: str | None = None,
    asked: Asked | None = None,
    foreign: Sequence[str | Path | ForeignScores] = (),
    watch: Watch = SILENT,
) -> Comparison:
    """Compare methods by scores that are there already.

    Parameters
    ----------
    scores : DataFrame
        Rows such as those of `ScoreResult.scores`, or ``scores.csv`` read by pandas, of one or of several databases.
    metrics : str or iterable, optional
        Which of them, in which order; all by default.
    algorithms : str, optional
        Patterns of the methods that are compared, such as ``"gff,nsct*"``.
    asked : Asked, optional
        What is printed, how methods are called, and how they are tested.
    foreign : sequence of path or ForeignScores, optional
        CSV files of numbers that other programs computed of the same images, or what `read_foreign` read of them.
    watch : Watch, optional
        Who is told how far it is.

    Returns
    -------
    Comparison
        Without figures of the images, which the scores do not hold.

    Raises
    ------
    BenchmarkError
        A column or a metric is missing.
    """
    matching = algorithms_that_match(algorithms or "*")
    stored = rows_of(scores)
    rows = [row for row in stored if matching(row.algorithm)]
    if not rows:
        raise BenchmarkError("there are no scores to compare" + (f" of {algorithms}" if algorithms else ""))
    if metrics is None:
        columns = columns_of(rows)
    else:
        columns = chosen_columns(rows, [metric.spec for metric in choose_metrics(metrics, watch=watch)])
    files = foreign_of({"scores": foreign})
    databases = dict.fromkeys(row.database for row in stored)
    others = [foreign_to(files, name, _images_of(stored, name), watch.warn) for name in databases]
    rows += (row for other in others for row in other.rows if matching(row.algorithm))
    together = {column.label: column for column in (*columns, *_columns(others))}
    return _compared(rows, asked or Asked(), {}, tuple(together.values()), (), (), watch)


def _images_of(rows: Sequence[ScoreRow], database: str) -> list[ScoreRow]:
    """Select one row of each image of a database."""
    return list({row.image: row for row in rows if row.database == database}.values())


def _columns(foreign: Sequence[Foreign]) -> list[Column]:
    specs = {spec.id: spec for each in foreign for spec in each.specs}
    return [Column(name, spec) for name, spec in specs.items()]


def _unfitted(metrics: Metrics, watch: Watch) -> list[Metric]:
    """Choose metrics, without those that must be fitted first."""
    asked_for = metrics if isinstance(metrics, str) else tuple(metrics)
    named = select(asked_for).named
    found = []
    for metric in choose_metrics(asked_for, watch=watch):
        if not metric.learns:
            found.append(metric)
        elif metric.spec.id in named:
            raise BenchmarkError(f"{metric.spec.id}: is fitted to opinion scores; run it, and compare its scores.csv")
        else:
            watch.warn(f"left out: {metric.spec.id}: is fitted to opinion scores")
    if not found:
        raise BenchmarkError("no metric is left that needs no fit")
    return found


def _title(database: Database) -> str:
    return "Fused images" if database.name.removesuffix("-part") in ("files", "volumes") else database.title


def _compared(
    rows: Sequence[ScoreRow],
    asked: Asked,
    titles: dict[str, str],
    columns: Sequence[Column],
    databases: tuple[Database, ...],
    problems: tuple[str, ...],
    watch: Watch,
) -> Comparison:
    values = gather(rows, asked, titles, columns)
    if len(values) > 1 and values[-1].name != ALL:
        watch.warn("no table of all data sets together: fewer than two methods are in each of them")
    with watch.progress("comparing methods", len(values)) as advance:
        parts = []
        for part in values:
            parts.append(examine(part, asked))
            advance(1)
    return Comparison(asked, tuple(parts), databases, problems)
