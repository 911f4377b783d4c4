"""What a run is asked for, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TypedDict

from benchmark.analysis.measure import Options
from benchmark.cluster import Cluster
from benchmark.databases import Database
from benchmark.databases.fitting import FITS
from benchmark.databases.from_files import from_files
from benchmark.databases.matching import Match
from benchmark.databases.model import select_algorithms
from benchmark.databases.references import with_references
from benchmark.databases.slicing import Slicing
from benchmark.errors import BenchmarkError
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning
from benchmark.scoring.foreign import ForeignScores
from benchmark.scoring.foreign_file import read_foreign
from fusion_metrics import Metric
from fusion_metrics.errors import nearest
from fusion_metrics.reading import STRICT, Reading, as_reading
from fusion_metrics.selection import select

Metrics = str | Iterable[str | Metric]
#: A database, its folder, or the name of an embedded one.
Named = Database | str | Path
Paths = str | Path | Sequence[str | Path]


class Reads(TypedDict, total=False):
    """What is read besides a database, and how, as Python calls take it.

    Attributes
    ----------
    reading : Reading or str
        What is done with pictures that can be read in more than one way, such as ``"alpha=over-black"``; without it
        what the database says, or they are refused.
    fit : str
        What is done with a fused image of another size than its sources, one of `benchmark.databases.fitting.FITS`.
    reference : path
        A folder of ground truths that have the names of the pairs, or one file for the only pair.
    scores : sequence of path or ForeignScores
        Numbers that other programs computed; see `read_foreign`. They stand beside the metrics everywhere.
    """

    reading: Reading | str | None
    fit: str | None
    reference: str | Path | None
    scores: Sequence[str | Path | ForeignScores]


class Layout(Reads, total=False):
    """The same for files and folders.

    Attributes
    ----------
    match : Match or str
        Which files of folders belong together, such as ``"suffix:_fused"``; by default those of equal stems.
    """

    match: Match | str


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
    shared_storage : bool
        Whether those workers see the files of this machine under the same paths, and read the pictures themselves.
    """

    jobs: int = -1
    scheduler: str | None = None
    fresh: bool = False
    shared_storage: bool = False

    def __post_init__(self) -> None:
        if self.shared_storage and not self.scheduler:
            raise BenchmarkError(
                "--shared-storage says how workers of a cluster get the pictures: name it by --scheduler"
            )

    @property
    def cluster(self) -> Cluster | None:
        """The cluster, if there is one."""
        return Cluster(self.scheduler, self.shared_storage) if self.scheduler else None


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
    scores : tuple of ForeignScores
        What other programs computed.
    named : frozenset of str
        Metrics that were asked for by their own names: where a database has no ground truth, those of the others that
        compare with it are left out.
    """

    databases: tuple[Named, ...]
    metrics: tuple[Metric, ...]
    learning: Learning = field(default_factory=Learning)
    options: Options = field(default_factory=Options)
    trained_on: Database | None = None
    algorithms: str | None = None
    computing: Computing = field(default_factory=Computing)
    scores: tuple[ForeignScores, ...] = ()
    named: frozenset[str] = frozenset()


def refuse_unknown(call: str, given: Mapping[str, object], known: type, **values: type) -> None:
    """Refuse a keyword that a call does not have, and say into which of its values it goes.

    Parameters
    ----------
    call : str
        The function.
    given : mapping
        Its further keywords, which Python itself does not check.
    known : type
        A TypedDict with those that there are.
    **values : type
        Data classes that the call takes, by the name of their parameter.

    Raises
    ------
    TypeError
        As for any function.
    """
    names = known.__annotations__
    for name in given:
        if name not in names:
            homes = (
                f"{parameter}=benchmark.{kind.__name__}({name}=...)"
                for parameter, kind in values.items()
                if name in (each.name for each in fields(kind))
            )
            hint = next((f"; it goes into {home}" for home in homes), nearest(name, names))
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}{hint}")


def as_read(database: Database, how: Reads, match: Match | None = None) -> Database:
    """Return a database whose pictures are read and fitted as asked, with references; otherwise, as it says itself.

    Raises
    ------
    BenchmarkError
        There is no such fit, or no reference belongs to any pair.
    """
    reading, fit = how.get("reading"), how.get("fit")
    if fit is not None and fit not in FITS:
        raise BenchmarkError(f"no fit {fit!r}; there are {', '.join(FITS)}")
    reference = how.get("reference")
    if reference is not None:
        database = with_references(database, Path(reference), match)
    return replace(
        database,
        reading=database.reading if reading is None else as_reading(reading),
        fit=database.fit if fit is None else fit,
    )


def files_as_database(sources: Sequence[Path], fused: Paths, how: Layout) -> Database:
    """Make a database of two or more source images and of fused ones, or of folders of them, that a call names."""
    files = [Path(fused)] if isinstance(fused, str | Path) else [Path(path) for path in fused]
    slicing = Slicing(reading=as_reading(how.get("reading") or STRICT))
    return from_files(sources[0], sources[-1], files, match_of(how), between=sources[1:-1], slicing=slicing)


def match_of(how: Layout) -> Match:
    """Return the rule by which a call matches files."""
    match = how.get("match", "stem")
    return Match.parse(match) if isinstance(match, str) else match


def foreign_of(how: Reads) -> tuple[ForeignScores, ...]:
    """Read the scores of other programs that a call names, unless they were read before."""
    given = how.get("scores", ())
    files = [given] if isinstance(given, str | Path | ForeignScores) else list(given)
    read = iter(read_foreign(one for one in files if not isinstance(one, ForeignScores)))
    return tuple(one if isinstance(one, ForeignScores) else next(read) for one in files)


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
