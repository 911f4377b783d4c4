"""Metrics that learn, scored honestly: each prediction is for an image held out when the metric was fitted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmark.databases import Database
from benchmark.splits import PROTOCOLS, Protocol, Split, deal
from benchmark.store import ScoreStore
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
    database: Database,
    metric: Metric,
    prepared: Sequence[Array | None],
    learning: Learning,
    store: ScoreStore | None = None,
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
    store : ScoreStore, optional
        Folds whose predictions are found there are not fitted again.
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
                values[np.array(usable)[test]] = _predict(metric, inputs, q, pairs, train, test, split.seed, store)
            yield Prediction(split, repeat, values)


def _predict(
    metric: Metric,
    inputs: Sequence[Array],
    q: Array,
    pairs: Sequence[str],
    train: npt.NDArray[np.intp],
    test: npt.NDArray[np.intp],
    seed: int,
    store: ScoreStore | None,
) -> Array:
    """Fit to the images of one part and predict those of the other, unless just that is stored."""
    training = [inputs[i] for i in train], q[train], [pairs[i] for i in train]
    tested = [inputs[i] for i in test]
    fit = hashlib.sha256(f"{metric.spec.id} {metric.spec.version} {metric.parameters} {seed}".encode())
    for part in (*training[0], training[1], *tested):
        fit.update(f"{part.dtype}{part.shape}".encode() + part.tobytes())
    fit.update("\0".join(training[2]).encode())
    stored = store.get_prediction(fit.hexdigest()) if store else None
    if stored is not None:
        return stored
    predicted = metric.fit_prepared(*training, seed=seed).predict_prepared(tested)
    if store:
        store.put_prediction(fit.hexdigest(), predicted)
    return predicted
