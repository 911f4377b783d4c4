"""Compute a signed table again: what `fmbench rerun` does, as a Python call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from benchmark.comparison.values import ALL
from benchmark.databases import EMBEDDED, Database
from benchmark.databases.folder import is_database
from benchmark.errors import BenchmarkError
from benchmark.runs.recomputing import Recomputing
from benchmark.runs.request import Computing
from benchmark.runs.watch import SILENT, Watch
from benchmark.signed.again import Again, again_frame, again_table, sentence
from benchmark.signed.read import SignedTable, read_signed
from benchmark.tables import Table, to_html
from fusion_metrics import Metric

#: The relative difference up to which numbers agree: other processors and libraries round differently.
TOLERANCE = 1e-6
#: Data sets of files that were named, as tables call them.
FILES = ("files", "volumes")


@dataclass(frozen=True, repr=False)
class Rerun:
    """A signed table beside the same table computed again.

    Attributes
    ----------
    path : Path
        The table.
    metrics : tuple of Again
        One a metric: its numbers, and whether they agree.
    problems : tuple of str
        What was wrong with the input; everything else was computed.
    """

    path: Path
    metrics: tuple[Again, ...]
    problems: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every metric was computed again and every number came out."""
        return all(one.verdict == "agrees" for one in self.metrics)

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """One row a number: what the table states, what was found, and the relative difference."""
        return again_frame(self.metrics)

    @property
    def table(self) -> Table:
        """A line a metric: how many numbers, the largest relative difference, and whether it agrees."""
        return again_table(self.path.name, self.metrics)

    def __str__(self) -> str:
        return f"{self.path}: {sentence(self.metrics)}"

    def _repr_html_(self) -> str:
        return to_html(self.table)


def rerun(
    table: str | Path,
    databases: Database | str | Path | Sequence[Database | str | Path] = (),
    *,
    models: Iterable[Metric] = (),
    tolerance: float = TOLERANCE,
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> Rerun:
    """Compute the numbers of a signed table again, and say whether they agree.

    Parameters
    ----------
    table : path
        Scores or means with all their digits, as `fmbench score` and `fmbench compare` write them: CSV, JSON or
        Parquet, or scores as Excel.
    databases : Database, str, Path or sequence of them
        Where the images are, where the table does not say it: embedded databases, and folders that lie beside it under
        the name of their database, are found.
    models : iterable of Metric
        Fitted metrics, as `fusion_metrics.load` reads them, for scores that are signed with what was learnt.
    tolerance : float
        The relative difference up to which two numbers agree.
    computing : Computing, optional
        Processes, and whether stored scores may be used; by default everything is computed anew.
    watch : Watch, optional
        Who is told how far it is.

    Returns
    -------
    Rerun

    Raises
    ------
    BenchmarkError
        The table is not signed or has not all digits, or it is not known where its images are.
    """
    read = read_signed(Path(table))
    named = [databases] if isinstance(databases, Database | str | Path) else list(databases)
    if not read.rows:
        raise BenchmarkError(
            f"{read.path}: has no table with all its digits; fmbench rerun takes what fmbench score or compare writes "
            "as .csv, .json or .parquet, and fmbench identify holds printed digits against metrics"
        )
    again = Recomputing(read.rows, tolerance, computing or Computing(fresh=True), watch, tuple(models))
    opened = _opened(read, named, watch)
    found = again.scores(opened) if read.kind == "scores" else again.means(opened)
    return Rerun(read.path, tuple(found), tuple(again.problems))


def _opened(read: SignedTable, named: Sequence[Database | str | Path], watch: Watch) -> dict[str, Database]:
    """Find the database of every data set of a table, of which that of all together is none."""
    column = "database" if read.kind == "scores" else "dataset"
    datasets = [name for name in dict.fromkeys(str(row[column]) for row in read.rows) if name != ALL]
    given = [one if isinstance(one, Database) else watch.open_database(one) for one in named]
    found: dict[str, Database] = {}
    for name in datasets:
        whole = name.removesuffix("-part")
        fitting = [one for one in given if one.name in (name, whole)]
        if not fitting and len(given) == len(datasets) == 1:
            fitting = given
        if not fitting and not given and (place := _place(whole, read.path)):
            fitting = [one for one in (watch.open_database(place),) if one.name == whole]
        if not fitting:
            what = "give --a, --b and --fused" if whole in FILES else "name the folder of that database"
            raise BenchmarkError(f"{read.path}: does not say where the images of {name!r} are: {what}")
        found[name] = fitting[0]
    return found


def _place(name: str, table: Path) -> str | Path | None:
    """Find a database by its name alone."""
    if name in EMBEDDED:
        return name
    return next((folder for folder in (Path(name), table.parent / name) if is_database(folder)), None)
