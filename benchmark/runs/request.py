"""What a run is asked for, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmark.analysis.measure import Options
from benchmark.databases import Database
from benchmark.databases.model import select_algorithms
from benchmark.errors import BenchmarkError
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning
from fusion_metrics import Metric
from fusion_metrics.selection import select

Metrics = str | Iterable[str | Metric]
#: A database, its folder, or the name of an embedded one.
Named = Database | str | Path


@dataclass(frozen=True)
class Computing:
    """Where a run computes, and whether it may use what is stored.

    Attributes
    ----------
    jobs : int
        Processes on this machine; -1 is one per core.
    scheduler : str or None
        Address of a dask scheduler whose workers compute instead, such as ``tcp://host:8786``.
    fresh : bool
        Compute again what is stored.
    """

    jobs: int = -1
    scheduler: str | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Request:
    """All that a run is asked for.

    Attributes
    ----------
    databases : tuple of Database, str or Path
        Those that are named are opened when it is their turn, so that one which cannot be read costs only itself.
    metrics : tuple of Metric
    learning : Learning
        How metrics that learn are fitted and tested.
    options : Options
        How metrics are held against opinion scores.
    trained_on : Database or None
        Another database to which metrics that learn are fitted, under the protocol ``external``.
    algorithms : str or None
        Patterns of the fusion algorithms whose images count; see `select_algorithms`.
    computing : Computing
    """

    databases: tuple[Named, ...]
    metrics: tuple[Metric, ...]
    learning: Learning = field(default_factory=Learning)
    options: Options = field(default_factory=Options)
    trained_on: Database | None = None
    algorithms: str | None = None
    computing: Computing = field(default_factory=Computing)


def open_scored(database: Named, algorithms: str | None = None, *, watch: Watch = SILENT) -> Database:
    """Open a database that has opinion scores, or a part of it.

    Raises
    ------
    BenchmarkError
        It has none.
    """
    opened = database if isinstance(database, Database) else watch.open_database(database)
    if opened.scores == "none":
        name = opened.name if isinstance(database, Database) else database
        raise BenchmarkError(f"{name}: has no opinion scores to compare with; use: fmbench score {name}")
    return select_algorithms(opened, algorithms) if algorithms else opened


def choose_metrics(metrics: Metrics, preset: str | None = None, *, watch: Watch = SILENT) -> tuple[Metric, ...]:
    """Select metrics that can be computed here, and tell which of all of them cannot.

    Parameters
    ----------
    metrics : str or iterable
        See `fusion_metrics.selection.select`.
    preset : str, optional
        How much of networks is trained, in place of each network's own.
    watch : Watch, optional
        It is told what is left out.

    Raises
    ------
    BenchmarkError
        A metric that was asked for by its name cannot be computed here.
    """
    selection = select(metrics)
    chosen = [with_preset(metric, preset) for metric in selection.metrics]
    obstacles = {metric.spec.id: metric.obstacle for metric in chosen if metric.obstacle}
    for name, why in obstacles.items():
        if name in selection.named:
            raise BenchmarkError(f"{name}: {why}")
    missing = {spec.id: f"needs {' and '.join(spec.missing)}" for spec in selection.missing}
    for name, why in (missing | obstacles).items():
        watch.warn(f"left out: {name}: {why}")
    return tuple(metric for metric in chosen if metric.spec.id not in obstacles)


def refusing_far(metrics: Metrics) -> list[Metric]:
    """Have trained metrics refuse pictures far from their training."""
    return [
        Metric(replace(metric.spec, params={**metric.params, "far": "refuse"})) if metric.spec.fitted else metric
        for metric in select(metrics).metrics
    ]


def with_preset(metric: Metric, preset: str | None) -> Metric:
    """Give a metric that has presets another one than its own."""
    if preset is None or "preset" not in metric.params:
        return metric
    return Metric(replace(metric.spec, params={**metric.params, "preset": preset}))
