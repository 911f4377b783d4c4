"""What a metric that learns is fitted to and tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.parallel import run_tasks
from benchmark.scoring.plan import OnProgress, Plan, run_task
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Image, Metric
from fusion_metrics.digests import example_digest
from fusion_metrics.image import Array

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Material:
    """What a metric can be fitted to, and tested on: the prepared images of a database that have opinion scores.

    Attributes
    ----------
    places : ndarray of int, shape (n,)
        Of the images among the fused images of the database.
    names, pairs : tuple of str, length n
    inputs : tuple of ndarray
    q : ndarray, shape (n,)
    masks : tuple of ndarray or None
        Of lesions, shape (H, W), where the database knows them.
    """

    places: Index
    names: tuple[str, ...]
    pairs: tuple[str, ...]
    inputs: tuple[Array, ...]
    q: Array
    masks: tuple[Mask | None, ...]

    @classmethod
    def of(cls, database: Database, prepared: Sequence[Array | None]) -> Material:
        """Collect what is usable.

        Parameters
        ----------
        database : Database
            With opinion scores.
        prepared : sequence of ndarray or None
            What the metric prepared of each fused image, in their order; None where it could not.
        """
        found = [
            (i, image, array, database.q(image.mos))
            for i, (image, array) in enumerate(zip(database.fused, prepared, strict=True))
            if image.mos is not None and array is not None
        ]
        masks = {name: _mask(database, name) for name in {image.pair for _, image, *_ in found}}
        return cls(
            np.array([i for i, *_ in found], dtype=np.intp),
            tuple(image.image for _, image, *_ in found),
            tuple(image.pair for _, image, *_ in found),
            tuple(array for _, _, array, _ in found),
            np.array([q for *_, q in found]),
            tuple(masks[image.pair] for _, image, *_ in found),
        )

    @cached_property
    def digests(self) -> tuple[bytes, ...]:
        """Of each image all that a fit depends on."""
        return tuple(
            example_digest(array, q, pair, mask)
            for array, q, pair, mask in zip(self.inputs, self.q, self.pairs, self.masks, strict=True)
        )

    def part(self, chosen: Mask) -> Material:
        """Take the images where `chosen` is true, shape (n,)."""
        rows = np.flatnonzero(chosen)
        return Material(
            self.places[rows],
            tuple(self.names[i] for i in rows),
            tuple(self.pairs[i] for i in rows),
            tuple(self.inputs[i] for i in rows),
            self.q[rows],
            tuple(self.masks[i] for i in rows),
        )

    def fit(self, metric: Metric, seed: int, judge: Material | None = None) -> Metric:
        """Fit a metric to all of it; `judge` is what the best epoch is chosen on, see `fusion_metrics.Learner.fit`."""
        masks = self.masks if any(mask is not None for mask in self.masks) else None
        other = None if judge is None else (judge.inputs, judge.q)
        return metric.fit_prepared(self.inputs, self.q, self.pairs, seed=seed, masks=masks, judge=other)


def _mask(database: Database, pair: str) -> Mask | None:
    path = database.pairs[pair].mask
    return None if path is None else np.asarray(Image.open(path).luminance > 0)


def gather(
    database: Database,
    metric: Metric,
    *,
    store: ScoreStore,
    jobs: int = 1,
    on_progress: OnProgress = lambda known, stored: None,
) -> Material:
    """Prepare all scored images of a database for a metric that learns.

    Raises
    ------
    BenchmarkError
        The metric does not learn, or none of the images can be learnt from.
    """
    if not metric.learns:
        raise BenchmarkError(f"{metric.spec.id} does not learn, so there is nothing to train")
    plan = Plan(database, (metric,), store, on_progress, False)
    for cells in run_tasks(run_task, plan.tasks(), jobs=jobs):
        plan.add(cells)
    cells_in_order = [plan.cells[i, 0] for i in range(len(database.fused))]
    material = Material.of(database, [computed.prepared for computed in cells_in_order])
    if len(material.q) == 0:
        reasons = {computed.score.reason for computed in cells_in_order if computed.prepared is None}
        why = min(reasons) if reasons else "no image has an opinion score"
        raise BenchmarkError(f"{database.name}: nothing to train on, {why}")
    return material
