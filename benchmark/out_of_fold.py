"""Metrics that learn, scored honestly: each prediction is for an image held out when the metric was fitted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from benchmark.databases import Database
from benchmark.splits import EXTERNAL, PROTOCOLS, Split, deal
from benchmark.store import ScoreStore
from fusion_metrics import Image, Metric
from fusion_metrics.image import Array

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Learning:
    """How metrics that learn are fitted and tested.

    Attributes
    ----------
    protocols : tuple of str
        See `benchmark.splits`.
    folds : int
    repeats : int
        Deals of the images; repeat r uses the seed plus r.
    seed : int
    """

    protocols: tuple[str, ...] = PROTOCOLS
    folds: int = 5
    repeats: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Prediction:
    """Predicted q of every held-out image; NaN for images that take no part.

    Attributes
    ----------
    values : ndarray, shape (n,)
    protocol : str
    repeat : int
    split : Split or None
        None where the metric was fitted to another database.
    """

    values: Array
    protocol: str
    repeat: int = 0
    split: Split | None = None

    def variant(self, base: str) -> str:
        """Name the variant under which the predictions are listed: ``paper@pair``, ``paper@pair#2`` for a repeat."""
        return f"{base}@{self.protocol}" + (f"#{self.repeat + 1}" if self.repeat else "")


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
            hashlib.sha256(
                f"{array.dtype}{array.shape} {float(q)!r} {pair}".encode()
                + array.tobytes()
                + (b"" if mask is None else mask.tobytes())
            ).digest()
            for array, q, pair, mask in zip(self.inputs, self.q, self.pairs, self.masks, strict=True)
        )

    def fit(self, metric: Metric, part: Index, seed: int) -> Metric:
        """Fit a metric to some of the images."""
        masks = [self.masks[i] for i in part]
        return metric.fit_prepared(
            [self.inputs[i] for i in part],
            self.q[part],
            [self.pairs[i] for i in part],
            seed=seed,
            masks=masks if any(mask is not None for mask in masks) else None,
        )


def predict_out_of_fold(
    metric: Metric, material: Material, learning: Learning, store: ScoreStore | None = None
) -> Iterator[Prediction]:
    """Fit in every fold of every deal and predict what it holds out.

    Parameters
    ----------
    metric : Metric
        One that learns.
    material : Material
    learning : Learning
    store : ScoreStore, optional
        Folds whose predictions are found there are not fitted again.
    """
    for protocol in learning.protocols:
        for repeat in range(learning.repeats if protocol != EXTERNAL else 0):
            seed = learning.seed + repeat
            split = deal(material.names, material.pairs, protocol, folds=learning.folds, seed=seed)
            values = np.full(len(material.q), np.nan)
            for fold in range(split.n_folds):
                train, test = (np.flatnonzero(side) for side in (split.folds != fold, split.folds == fold))
                values[test] = _predict(metric, (material, train), (material, test), seed, store)
            yield Prediction(values, protocol, repeat, split)


def predict_external(
    metric: Metric, training: Material, tested: Material, learning: Learning, store: ScoreStore | None = None
) -> Prediction:
    """Fit to one database and predict another."""
    fitted, held = (np.arange(len(material.q)) for material in (training, tested))
    return Prediction(_predict(metric, (training, fitted), (tested, held), learning.seed, store), EXTERNAL)


def _predict(
    metric: Metric,
    training: tuple[Material, Index],
    tested: tuple[Material, Index],
    seed: int,
    store: ScoreStore | None,
) -> Array:
    """Fit to the images of one part and predict those of the other, unless just that is stored."""
    key = hashlib.sha256(f"{metric.spec.id} {metric.spec.version} {metric.parameters} {seed}".encode())
    for material, part in (training, tested):
        key.update(b"".join(material.digests[i] for i in part) + b"\0")
    stored = store.get_prediction(key.hexdigest()) if store else None
    if stored is not None:
        return stored
    (material, part), (others, held) = training, tested
    predicted = material.fit(metric, part, seed).predict_prepared([others.inputs[i] for i in held])
    if store:
        store.put_prediction(key.hexdigest(), predicted)
    return predicted


def _mask(database: Database, pair: str) -> Mask | None:
    path = database.pairs[pair].mask
    return None if path is None else np.asarray(Image.open(path).luminance > 0)
