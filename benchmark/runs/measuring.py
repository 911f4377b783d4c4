"""Measure a trained metric for its card: on source pairs that its fit leaves out, and on other databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmark.databases import EMBEDDED, Database
from benchmark.parallel import run_tasks
from benchmark.runs.request import Computing, Named
from benchmark.runs.watch import Watch
from benchmark.scoring.folds import Learning, predict_out_of_fold
from benchmark.scoring.material import Material, gather
from benchmark.scoring.store import ScoreStore
from benchmark.statistics.agreement import agreement
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import within_pairs
from fusion_metrics import Image, Metric
from fusion_metrics.image import Array
from fusion_metrics.reading import Reading
from fusion_metrics.trained.card import Held
from fusion_metrics.trained.familiar import Familiar, description

#: The protocol under which a card states agreement, and its folds.
PROTOCOL, FOLDS = "pair", 5
#: Pictures that are described together, by one process.
TOGETHER = 32


def called(database: Named) -> str:
    """Name a database in a command that others may run: an embedded one, or a folder wherever that is."""
    name = database.name if isinstance(database, Database) else str(database)
    return name if name in EMBEDDED else f"path/to/{Path(name).name}"


class Measuring(NamedTuple):
    """With what a trained metric is measured.

    Attributes
    ----------
    store : ScoreStore
    computing : Computing
        Processes, and whether what is stored may be used.
    watch : Watch
        Who is told how far it is.
    """

    store: ScoreStore
    computing: Computing
    watch: Watch

    def prepared(self, metric: Metric, database: Database) -> Material:
        """Prepare the scored images of a database for a metric."""
        with self.watch.progress(f"preparing {database.name} for {metric.spec.id}", len(database.fused)) as advance:
            return gather(
                database,
                metric,
                store=self.store,
                jobs=self.computing.jobs,
                on_progress=lambda known, stored: advance(known),
            )

    def described(self, database: Database, material: Material) -> Array:
        """Describe the fused images of a material, for their distance from a training."""
        paths = [database.fused[place].path for place in material.places]
        parts = [(tuple(paths[i : i + TOGETHER]), database.reading) for i in range(0, len(paths), TOGETHER)]
        with self.watch.progress(f"looking at {database.name}", len(parts)) as advance:
            found: dict[Path, Array] = {}
            for described in run_tasks(_look, iter(parts), jobs=self.computing.jobs):
                found |= described
                advance(1)
        return np.stack([found[path] for path in paths])

    def held_out(self, metric: Metric, database: Database, material: Material, *, seed: int) -> Held | None:
        """Fit in folds of source pairs, as `fmbench run` does, and hold what they predict against the scores.

        Returns
        -------
        Held or None
            None where there are too few source pairs to hold any out.
        """
        folds = min(FOLDS, len(set(material.groups)))
        if folds < 2:
            return None
        learning = Learning((PROTOCOL,), folds, seed=seed)
        with self.watch.progress(f"fitting {metric.spec.id} in {folds} folds", 1) as advance:
            [prediction] = predict_out_of_fold(metric, material, learning, self.store, self.computing.jobs)
            advance(1)
        split = prediction.split
        parts = [] if split is None else [split.folds == fold for fold in range(split.n_folds)]
        by_fold = [_srcc(prediction.values[part], material.q[part]) for part in parts]
        preset = f" --preset {metric.params['preset']}" if "preset" in metric.params else ""
        asked = f"{called(database)} --metrics {metric.spec.id}{preset} --protocols {PROTOCOL} --seed {seed}"
        found = _held(database, material, prediction.values)
        return replace(found, folds=tuple(by_fold), command=f"fmbench run {asked}")

    def elsewhere(self, fitted: Metric, familiar: Familiar, database: Database, *, command: str) -> Held:
        """Hold what a fitted metric predicts on another database against the scores there.

        Parameters
        ----------
        fitted : Metric
        familiar : Familiar
            What its training looked like.
        database : Database
        command : str
            Which measures it again.
        """
        material = self.prepared(fitted, database)
        distances = familiar.distance(self.described(database, material))
        held = _held(database, material, fitted.predict_prepared(material.inputs))
        return replace(held, far=int(np.count_nonzero(distances > familiar.threshold)), command=command)


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


def _look(part: tuple[tuple[Path, ...], Reading]) -> dict[Path, Array]:
    paths, reading = part
    return {path: description(Image.open(path, reading)) for path in paths}
