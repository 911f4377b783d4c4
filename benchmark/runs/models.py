"""Trained metrics: fitted to a whole database, measured, and kept under a name, each with its model card."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.databases import EMBEDDED, Database
from benchmark.errors import BenchmarkError
from benchmark.parallel import run_tasks
from benchmark.runs.request import Computing, Named, open_scored
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning, predict_out_of_fold
from benchmark.scoring.material import Material, gather
from benchmark.scoring.signing import data_digest
from benchmark.scoring.store import ScoreStore
from benchmark.statistics.agreement import agreement
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import within_pairs
from fusion_metrics import Image, Metric
from fusion_metrics.cache import cache_folder
from fusion_metrics.image import Array
from fusion_metrics.reading import Reading
from fusion_metrics.trained.card import Card, Held
from fusion_metrics.trained.familiar import Familiar, description
from fusion_metrics.trained.model import CARD, FAMILIAR
from fusion_metrics.trained.places import PLUS, own_path

#: Packages whose versions a card has.
_PACKAGES = ("numpy", "scipy", "scikit-learn", "scikit-image", "pillow", "torch", "lightning-fabric")
#: The most that a prediction may change, on 0..1, when what was learnt is kept in a smaller type: a hundredth of the
#: RMSE at which the best of them predicts, and what half precision of the shipped networks needs.
ROUNDING = 2e-3
#: Types in which shipped models are kept: the first that is precise enough.
SMALL: tuple[npt.DTypeLike, ...] = (np.float16, np.float32, np.float64)
PROTOCOL = "pair"
_FOLDS = 5
_TOGETHER = 32


@dataclass(frozen=True)
class Kept:
    """How a trained metric is kept, and what is measured of it.

    Attributes
    ----------
    name : str
        What it was trained as: ``phantom`` of ``bmpri+phantom``; empty for a file that is called after the metric.
    command : str
        Which makes the file again.
    folds : bool
        Whether it is also fitted in folds of source pairs, for the agreement that its card states.
    tests : tuple of Database, str or Path
        Other databases on which it is measured.
    small : bool
        Whether it is kept in the smallest type that changes no prediction by `ROUNDING`.
    """

    name: str = ""
    command: str = ""
    folds: bool = True
    tests: tuple[Named, ...] = ()
    small: bool = False


def keep(
    metric: Metric,
    database: Named,
    kept: Kept,
    path: Path,
    *,
    seed: int = 0,
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> Path:
    """Fit a metric to all scored images of a database, and write what it learnt with its card.

    Parameters
    ----------
    metric : Metric
        One that learns.
    database : Database, str or Path
        With opinion scores.
    kept : Kept
        What is measured and said of it.
    path : Path
        The file.
    seed : int
        Of everything random.
    computing : Computing, optional
        Processes, and whether what is stored may be used.
    watch : Watch, optional
        Who is told how far it is.

    Raises
    ------
    BenchmarkError
        The metric cannot be fitted here, or there is nothing to fit it to.
    """
    if metric.obstacle:
        raise BenchmarkError(f"{metric.spec.id}: {metric.obstacle}")
    where = computing or Computing()
    opened = open_scored(database, watch=watch)
    with ScoreStore(cache_folder() / "scores.sqlite", fresh=where.fresh) as store:
        material = _material(opened, metric, store, where, watch)
        fitted = metric.fit_prepared(material, seed=seed)
        held_out = _held_out(metric, opened, material, seed, store, where, kept, watch) if kept.folds else None
        precision, rounding = _precision(fitted, material) if kept.small else (None, 0.0)
        used = fitted if precision is None else fitted.rounded(precision)
        familiar = Familiar.of(_described(opened, material, where, watch), material.groups)
        card = Card(
            database=opened.name,
            title=opened.title,
            scores=opened.scores,
            images=len(material.q),
            pairs=len(set(material.groups)),
            data=data_digest(material),
            seed=seed,
            command=kept.command,
            versions=_versions(),
            precision="" if precision is None else np.dtype(precision).name,
            rounding=rounding,
            held_out=held_out,
        )
        others = [open_scored(named, watch=watch) for named in kept.tests]
        elsewhere = [
            _elsewhere(used, familiar, other, _command(metric, kept, named), store, where, watch)
            for other, named in zip(others, kept.tests, strict=True)
        ]
    card = replace(card, elsewhere=tuple(elsewhere))
    fitted.save(path, told={CARD: card.written(), FAMILIAR: familiar.written()}, precision=precision)
    return path


def train_as(
    metric: Metric,
    database: Named,
    name: str,
    *,
    seed: int = 0,
    tests: Sequence[Named] = (),
    command: str = "",
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> Path:
    """Fit a metric, and keep it among the user's own under a name: ``METRIC+NAME`` is then a metric everywhere.

    Parameters
    ----------
    metric, database, seed, computing, watch
        See `keep`.
    name : str
        Letters, digits, and ``.``, ``_`` and ``-`` behind the first.
    tests : sequence of Database, str or Path
        Other databases on which it is measured, for its card.
    command : str, optional
        What its card says makes it again.

    Raises
    ------
    BenchmarkError
        There is one of that name already, or the metric cannot be fitted here.
    """
    path = own_path(metric.spec.name, metric.spec.variant, name)
    if path.exists():
        called = f"{metric.spec.id}{PLUS}{name}"
        raise BenchmarkError(f"{called}: is there already; choose another name, or: fmbench models remove {called}")
    # A fit that takes long is not made five times more for its card.
    kept = Kept(name, command, not metric.fits_alone, tuple(tests))
    return keep(metric, database, kept, path, seed=seed, computing=computing, watch=watch)


def build(
    metrics: Iterable[Metric],
    database: Named,
    name: str,
    folder: Path,
    *,
    seed: int = 0,
    tests: Sequence[Named] = (),
    command: str = "",
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> list[Path]:
    """Fit metrics to a database and write them as a package ships them: ``FOLDER/NAME/METRIC.safetensors``."""
    found = []
    for metric in metrics:
        own = own_path(metric.spec.name, metric.spec.variant, name)
        kept = Kept(name, command, True, tuple(tests), small=True)
        path = folder / name / own.name
        found.append(keep(metric, database, kept, path, seed=seed, computing=computing, watch=watch))
    return found


def _material(opened: Database, metric: Metric, store: ScoreStore, where: Computing, watch: Watch) -> Material:
    with watch.progress(f"preparing {opened.name} for {metric.spec.id}", len(opened.fused)) as advance:
        return gather(opened, metric, store=store, jobs=where.jobs, on_progress=lambda known, stored: advance(known))


def _held_out(
    metric: Metric,
    opened: Database,
    material: Material,
    seed: int,
    store: ScoreStore,
    where: Computing,
    kept: Kept,
    watch: Watch,
) -> Held | None:
    """Fit in folds of source pairs, as `fmbench run` does, and hold what they predict against the scores."""
    folds = min(_FOLDS, len(set(material.groups)))
    if folds < 2:
        return None
    learning = Learning((PROTOCOL,), folds, seed=seed)
    with watch.progress(f"fitting {metric.spec.id} in {folds} folds", 1) as advance:
        [prediction] = predict_out_of_fold(metric, material, learning, store, where.jobs)
        advance(1)
    split = prediction.split
    parts = [] if split is None else [split.folds == fold for fold in range(split.n_folds)]
    by_fold = [_srcc(prediction.values[part], material.q[part]) for part in parts]
    preset = f" --preset {metric.params['preset']}" if "preset" in metric.params else ""
    command = f"fmbench run {called(opened)} --metrics {metric.spec.id}{preset} --protocols {PROTOCOL} --seed {seed}"
    return replace(_held(opened, material, prediction.values), folds=tuple(by_fold), command=command)


def _elsewhere(
    used: Metric,
    familiar: Familiar,
    other: Database,
    command: str,
    store: ScoreStore,
    where: Computing,
    watch: Watch,
) -> Held:
    material = _material(other, used, store, where, watch)
    distances = familiar.distance(_described(other, material, where, watch))
    held = _held(other, material, used.predict_prepared(material.inputs))
    return replace(held, far=int(np.count_nonzero(distances > familiar.threshold)), command=command)


def called(database: Named) -> str:
    """Name a database in a command that others may run: an embedded one, or a folder wherever that is."""
    name = database.name if isinstance(database, Database) else str(database)
    return name if name in EMBEDDED else f"path/to/{Path(name).name}"


def _command(metric: Metric, kept: Kept, named: Named) -> str:
    return f"fmbench run {called(named)} --metrics {metric.spec.id}{PLUS}{kept.name}" if kept.name else ""


def _held(database: Database, material: Material, predicted: Array) -> Held:
    try:
        found = agreement(predicted, material.q, on_scale=True)
    except ValueError:
        return Held(database.name, database.title, database.scores, len(material.q))
    algorithms = [database.fused[place].algorithm for place in material.places]
    within = within_pairs(predicted, Judged.of(material.q, material.groups, algorithms), "srcc")
    mean = float(np.nanmean(within)) if not np.isnan(within).all() else float("nan")
    numbers = (found.srcc, found.krcc, found.plcc, found.rmse, mean)
    return Held(database.name, database.title, database.scores, len(material.q), *numbers)


def _srcc(predicted: Array, q: Array) -> float:
    try:
        return agreement(predicted, q, on_scale=True).srcc
    except ValueError:
        return float("nan")


def _precision(fitted: Metric, material: Material) -> tuple[npt.DTypeLike, float]:
    """Choose the smallest type that changes no prediction of a training picture by `ROUNDING`, and say by how much."""
    whole = fitted.predict_prepared(material.inputs)
    for kind in SMALL:
        changed = float(np.abs(fitted.rounded(kind).predict_prepared(material.inputs) - whole).max())
        if changed < ROUNDING:
            return kind, changed
    raise BenchmarkError(f"{fitted.spec.id}: does not predict the same after it was kept and read again")


def _described(database: Database, material: Material, where: Computing, watch: Watch) -> Array:
    """Describe the fused images of a material, for the distance from a training."""
    paths = [database.fused[place].path for place in material.places]
    parts = [(tuple(paths[i : i + _TOGETHER]), database.reading) for i in range(0, len(paths), _TOGETHER)]
    with watch.progress(f"looking at {database.name}", len(parts)) as advance:
        found: dict[Path, Array] = {}
        for described in run_tasks(_look, iter(parts), jobs=where.jobs):
            found |= described
            advance(1)
    return np.stack([found[path] for path in paths])


def _look(part: tuple[tuple[Path, ...], Reading]) -> dict[Path, Array]:
    paths, reading = part
    return {path: description(Image.open(path, reading)) for path in paths}


def _versions() -> dict[str, str]:
    from fusion_metrics import __version__

    found = {"fmbench": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
