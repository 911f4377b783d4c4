"""Trained metrics: fitted to a whole database, measured, and kept under a name, each with its model card."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.errors import BenchmarkError
from benchmark.runs.measuring import Measuring, called
from benchmark.runs.request import Computing, Named, open_scored
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.material import Material
from benchmark.scoring.signing import data_digest
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric, __version__
from fusion_metrics.cache import cache_folder
from fusion_metrics.trained.card import Card
from fusion_metrics.trained.familiar import Familiar
from fusion_metrics.trained.model import CARD, FAMILIAR
from fusion_metrics.trained.places import PLUS, own_path

#: Packages whose versions a card has.
_PACKAGES = ("numpy", "scipy", "scikit-learn", "scikit-image", "pillow", "torch", "lightning-fabric")
#: The most that a prediction may change, on 0..1, when what was learnt is kept in a smaller type: a hundredth of the
#: RMSE at which the best of them predicts, and what half precision of the shipped networks needs.
ROUNDING = 2e-3
#: Types in which shipped models are kept: the first that is precise enough.
SMALL: tuple[npt.DTypeLike, ...] = (np.float16, np.float32, np.float64)


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
        measuring = Measuring(store, where, watch)
        material = measuring.prepared(metric, opened)
        fitted = metric.fit_prepared(material, seed=seed)
        held_out = measuring.held_out(metric, opened, material, seed=seed) if kept.folds else None
        precision, rounding = _precision(fitted, material) if kept.small else (None, 0.0)
        used = fitted if precision is None else fitted.rounded(precision)
        familiar = Familiar.of(measuring.described(opened, material), material.groups)
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
            measuring.elsewhere(used, familiar, other, command=_command(metric, kept, named))
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


def _command(metric: Metric, kept: Kept, named: Named) -> str:
    return f"fmbench run {called(named)} --metrics {metric.spec.id}{PLUS}{kept.name}" if kept.name else ""


def _precision(fitted: Metric, material: Material) -> tuple[npt.DTypeLike, float]:
    """Choose the smallest type that changes no prediction of a training picture by `ROUNDING`, and say by how much."""
    whole = fitted.predict_prepared(material.inputs)
    for kind in SMALL:
        changed = float(np.abs(fitted.rounded(kind).predict_prepared(material.inputs) - whole).max())
        if changed < ROUNDING:
            return kind, changed
    raise BenchmarkError(f"{fitted.spec.id}: does not predict the same after it was kept and read again")


def _versions() -> dict[str, str]:
    found = {"fmbench": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
