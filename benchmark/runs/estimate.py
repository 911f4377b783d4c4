"""How long `fmbench train` would take: a few pictures are prepared and a few steps made, and nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from joblib import effective_n_jobs

from benchmark.databases import Database, FusedImage
from benchmark.errors import BenchmarkError
from benchmark.numbers import counted, lasting
from benchmark.runs.request import Computing, Named, open_scored
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.material import gather
from benchmark.scoring.splits import BEST, deal
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric
from fusion_metrics.estimating import FitTime, Stage

#: Source pairs of the sample, and images of each.
PAIRS, OF_PAIR = 4, 4
#: Share of a core below which a machine counts as busy.
BUSY = 0.7


@dataclass(frozen=True)
class Estimated:
    """How long a training would take.

    Attributes
    ----------
    name : str
        The metric, with its preset.
    database : str
    pictures : int
        Scored images of it.
    preparing : float
        Seconds in which all of them are prepared, on `processes` of this machine.
    processes : int
    fit : FitTime
        One fit.
    fits : int
        How many there are, one after another.
    notes : str
        What is trained, and from which weights.
    share : float
        Seconds of the processor in a second of what was measured: under 1 where other programs ran beside it.
    """

    name: str
    database: str
    pictures: int
    preparing: float
    processes: int
    fit: FitTime
    fits: int
    notes: str
    share: float

    @property
    def seconds(self) -> float:
        """All together."""
        return self.preparing + self.fits * self.fit.seconds

    def lines(self) -> list[str]:
        """Say it in a few lines."""
        fit = self.fit
        aside = f", {fit.aside} to choose the epoch by" if fit.aside else ""
        compiled = "compiled" if fit.compiled else "not compiled"
        where = f"on {fit.device}, {fit.precision}, {compiled}"
        cores = "one process" if self.processes == 1 else f"{self.processes} processes"
        busy = f"the machine was busy, so that measuring got {self.share:.0%} of a core: a quiet one is faster"
        many = f", {counted(self.fits, 'fit')} one after another" if self.fits > 1 else ""
        return [
            self.notes,
            f"{self.name} on {self.database}: {counted(self.pictures, 'scored image')}; a fit learns from "
            f"{fit.learnt} of them{aside}, in {counted(fit.epochs, 'epoch')}, {where}",
            *(f"measured: {_measured(stage)}" for stage in fit.stages),
            f"preparing all images, once: {lasting(self.preparing)}, in {cores}; less where they are stored",
            f"a fit: {lasting(fit.seconds)}"
            + (f", {lasting(fit.inputs)} of it before the first step" * (fit.inputs > 1)),
            f"all together: {lasting(self.seconds)}{many}",
            *([busy] if self.share < BUSY and fit.device.startswith("the processor") else []),
        ]


def estimate(
    metric: Metric,
    database: Named,
    *,
    split: str | None = None,
    folds: int = 5,
    seed: int = 0,
    card: bool = False,
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> Estimated:
    """Measure a few steps of a training, and say how long all of it would take.

    Parameters
    ----------
    metric, database, split, folds, seed, computing, watch
        See `benchmark.runs.train.train`.
    card : bool
        Whether it would be kept under a name, with a card; see `benchmark.runs.models.train_as`.

    Raises
    ------
    BenchmarkError
        The metric cannot be fitted here, or there is nothing to fit it to.
    """
    if metric.obstacle:
        raise BenchmarkError(f"{metric.spec.id}: {metric.obstacle}")
    if not metric.learns:
        raise BenchmarkError(f"{metric.spec.id} does not learn, so there is nothing to train")
    opened = open_scored(database, watch=watch)
    scored = [image for image in opened.fused if image.mos is not None]
    if not scored:
        raise BenchmarkError(f"{opened.name}: nothing to train on, no image has an opinion score")
    groups, fits, tested = [image.pair for image in scored], 1, 0
    if split is not None:
        dealt = deal([image.image for image in scored], groups, split, folds=folds, seed=seed)
        fits = dealt.n_folds
        groups = [group for group, fold in zip(groups, dealt.folds, strict=True) if fold != 0]
        tested = len(scored) - len(groups) if split.endswith(BEST) else 0
    elif card and not metric.fits_alone:
        fits += min(folds, len(set(groups)))
    sample = _sample(scored)
    with TemporaryDirectory() as folder, ScoreStore(Path(folder) / "scores.sqlite") as store:
        # The first picture waits for what is made once in a process.
        gather(_part(opened, sample[:1]), metric, store=store)
        start = time.perf_counter()
        material = gather(_part(opened, sample), metric, store=store)
        each = (time.perf_counter() - start) / max(1, len(sample) - 1)
    watch.say(f"measuring a few steps of {metric.spec.id}, a minute or two on a processor")
    start, computed = time.perf_counter(), time.process_time()
    fit = metric.estimate_prepared(material, groups, seed=seed, tested=tested)
    share = (time.process_time() - computed) / (time.perf_counter() - start)
    processes = effective_n_jobs((computing or Computing()).jobs)
    qualified = f"{metric.spec.id} ({metric.qualifier})" if metric.qualifier else metric.spec.id
    name = qualified if split is None else f"{qualified} under {split}"
    preparing = each * len(scored) / processes
    return Estimated(name, opened.name, len(scored), preparing, processes, fit, fits, metric.notes, share)


def _sample(scored: Sequence[FusedImage]) -> list[FusedImage]:
    """Take a few images of a few pairs, from all over the database."""
    pairs = sorted({image.pair for image in scored})
    found = []
    for place in np.unique(np.linspace(0, len(pairs) - 1, PAIRS).round().astype(int)):
        members = [image for image in scored if image.pair == pairs[place]]
        found += [members[i] for i in np.unique(np.linspace(0, len(members) - 1, OF_PAIR).round().astype(int))]
    return found


def _part(database: Database, images: Sequence[FusedImage]) -> Database:
    return replace(database, fused=tuple(images))


def _measured(stage: Stage) -> str:
    whole = "" if stage.images == stage.batch else f" of the {stage.batch} of a whole one"
    made = f"{counted(stage.measured, 'step')} of {counted(stage.images, 'image')}{whole}"
    return (
        f"{made}, {stage.step:.2g} s for a whole one; {counted(stage.steps, 'step')} an epoch, "
        f"{counted(stage.epochs, 'epoch')}"
    )
