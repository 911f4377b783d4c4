"""What a metric that learns is fitted to and tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmark.databases import Database, SourcePair
from benchmark.errors import BenchmarkError
from benchmark.parallel import run_tasks
from benchmark.scoring.plan import OnProgress, Plan
from benchmark.scoring.store import ScoreStore
from benchmark.scoring.tasks import run_task
from fusion_metrics import Image, Metric
from fusion_metrics.image import Array
from fusion_metrics.learning import Examples, Mask

Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Material(Examples):
    """What a metric can be fitted to, and tested on: the prepared images of a database that have opinion scores.

    Attributes
    ----------
    places : ndarray of int, shape (n,)
        Of the images among the fused images of the database.
    names : tuple of str, length n
    """

    places: Index = field(kw_only=True)
    names: tuple[str, ...] = field(kw_only=True)

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
        masks = {name: lesion_mask(database.pairs[name]) for name in {image.pair for _, image, *_ in found}}
        return cls(
            inputs=tuple(array for _, _, array, _ in found),
            q=np.array([q for *_, q in found]),
            groups=tuple(image.pair for _, image, *_ in found),
            masks=tuple(masks[image.pair] for _, image, *_ in found),
            places=np.array([i for i, *_ in found], dtype=np.intp),
            names=tuple(image.image for _, image, *_ in found),
        )


def lesion_mask(pair: SourcePair) -> Mask | None:
    """Read where the lesions of a pair are, which is wherever its mask is not black; None if it has no mask."""
    return None if pair.mask is None else np.asarray(Image.open(pair.mask).luminance > 0)


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
