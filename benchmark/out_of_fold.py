"""Metrics that learn, scored honestly: each prediction is for an image held out when the metric was fitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.databases import Database
from benchmark.splits import PROTOCOLS, Protocol, Split, deal
from fusion_metrics import Metric
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Learning:
    """How metrics that learn are fitted and tested.

    Attributes
    ----------
    protocols : tuple of {"image", "pair"}
        See `benchmark.splits`.
    folds : int
    repeats : int
        Deals of the images; repeat r uses the seed plus r.
    seed : int
    """

    protocols: tuple[Protocol, ...] = PROTOCOLS
    folds: int = 5
    repeats: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Prediction:
    """Predicted q of every held-out image under one split; NaN for images that take no part."""

    split: Split
    repeat: int
    values: Array

    def variant(self, base: str) -> str:
        """Name the variant under which the predictions are listed: ``paper@pair``, ``paper@pair#2`` for a repeat."""
        return f"{base}@{self.split.protocol}" + (f"#{self.repeat + 1}" if self.repeat else "")


def predict_out_of_fold(
    database: Database, metric: Metric, prepared: Sequence[Array | None], learning: Learning
) -> Iterator[Prediction]:
    """Fit in every fold and predict what it holds out.

    Parameters
    ----------
    database : Database
        With opinion scores.
    metric : Metric
        One that learns.
    prepared : sequence of ndarray or None
        What the metric prepared of each fused image, in their order; None where it could not.
    learning : Learning
    """
    usable = [i for i, image in enumerate(database.fused) if image.mos is not None and prepared[i] is not None]
    names = [database.fused[i].image for i in usable]
    pairs = [database.fused[i].pair for i in usable]
    inputs = [array for i in usable for array in [prepared[i]] if array is not None]
    q = np.array([database.q(mos) for i in usable for mos in [database.fused[i].mos] if mos is not None])
    for protocol in learning.protocols:
        for repeat in range(learning.repeats):
            split = deal(names, pairs, protocol, folds=learning.folds, seed=learning.seed + repeat)
            values = np.full(len(database.fused), np.nan)
            for fold in range(split.n_folds):
                train, test = (np.flatnonzero(side) for side in (split.folds != fold, split.folds == fold))
                fitted = metric.fit_prepared(
                    [inputs[i] for i in train], q[train], [pairs[i] for i in train], seed=split.seed
                )
                values[np.array(usable)[test]] = fitted.predict_prepared([inputs[i] for i in test])
            yield Prediction(split, repeat, values)
