"""Metrics that learn, scored honestly: each prediction is for an image held out when the metric was fitted."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmark.backends import run_tasks
from benchmark.databases import Database
from benchmark.splits import BEST, EXTERNAL, PROTOCOLS, Split, deal
from benchmark.store import ScoreStore
from fusion_metrics import Image, Metric
from fusion_metrics.digests import example_digest, fit_digest
from fusion_metrics.execution import executing, execution
from fusion_metrics.image import Array

_LOG = logging.getLogger("fmbench.fitting")
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
    splits : tuple of Split
        Stored splits, which are fitted and tested like a deal; several of one protocol are its repeats.
    """

    protocols: tuple[str, ...] = PROTOCOLS
    folds: int = 5
    repeats: int = 1
    seed: int = 0
    splits: tuple[Split, ...] = ()


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


class Fit(NamedTuple):
    """One fit and what is to be predicted with it: all that another process needs.

    Attributes
    ----------
    key : str
        Hash of everything that the prediction depends on.
    best : bool
        Whether the best epoch is chosen on `held`.
    since : float or None
        See `fusion_metrics.execution.Execution`.
    """

    key: str
    metric: Metric
    training: Material
    held: Material
    seed: int
    best: bool = False
    since: float | None = None


def predict_out_of_fold(
    metric: Metric,
    material: Material,
    learning: Learning,
    store: ScoreStore | None = None,
    jobs: int = 1,
    since: float | None = None,
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
    jobs : int
        Folds that are fitted at a time, each in a process of its own; -1 for one per core.
    since : float, optional
        Moment as of `time.time`: what was fitted before it is fitted again, whatever is stored.
    """
    deals = [
        (protocol, repeat, deal(material.names, material.pairs, protocol, folds=learning.folds, seed=seed))
        for protocol in learning.protocols
        if protocol != EXTERNAL
        for repeat, seed in enumerate(range(learning.seed, learning.seed + learning.repeats))
    ]
    for number, split in enumerate(learning.splits):
        repeat = sum(before.protocol == split.protocol for before in learning.splits[:number])
        deals.append((split.protocol, repeat, split.of(material.names)))
    fits = [
        _fit(metric, (material, split.folds != fold), (material, split.folds == fold), split.seed, protocol)
        for protocol, _, split in deals
        for fold in range(split.n_folds)
    ]
    found = iter(_predictions(fits, store, jobs, since))
    for protocol, repeat, split in deals:
        values = np.full(len(material.q), np.nan)
        for fold in range(split.n_folds):
            values[split.folds == fold] = next(found)
        yield Prediction(values, protocol, repeat, split)


def predict_external(
    metric: Metric,
    training: Material,
    tested: Material,
    learning: Learning,
    store: ScoreStore | None = None,
    since: float | None = None,
) -> Prediction:
    """Fit to one database and predict another."""
    fitted, held = ((material, np.ones(len(material.q), dtype=np.bool_)) for material in (training, tested))
    [values] = _predictions([_fit(metric, fitted, held, learning.seed)], store, since=since)
    return Prediction(values, EXTERNAL)


def _fit(
    metric: Metric,
    training: tuple[Material, Mask],
    tested: tuple[Material, Mask],
    seed: int,
    protocol: str = EXTERNAL,
) -> Fit:
    best = protocol.endswith(BEST)
    examples, asked = ([of.digests[i] for i in np.flatnonzero(part)] for of, part in (training, tested))
    about = f"{metric.spec.id} {metric.spec.version} {metric.parameters} {seed}"
    fit = fit_digest(about, examples, asked if best else None)
    (material, part), (others, held) = training, tested
    return Fit(fit_digest(f"prediction of {fit}", asked), metric, material.part(part), others.part(held), seed, best)


def _predictions(
    fits: Sequence[Fit], store: ScoreStore | None, jobs: int = 1, since: float | None = None
) -> list[Array]:
    """Fit and predict, unless just that is stored; what is predicted is stored at once."""
    found = {fit.key: store.get_prediction(fit.key) if store and since is None else None for fit in fits}
    pending = [fit._replace(since=since) for fit in fits if found[fit.key] is None]
    alone = len(pending) < 2 or pending[0].metric.fits_alone
    for done, (key, predicted) in enumerate(run_tasks(_predict, iter(pending), jobs=1 if alone else jobs), start=1):
        found[key] = predicted
        _LOG.info(
            "%s: fit %d of %d, %d stored before",
            pending[0].metric.spec.id,
            done,
            len(pending),
            len(fits) - len(pending),
        )
        if store:
            store.put_prediction(key, predicted)
    return [values for fit in fits if (values := found[fit.key]) is not None]


def _predict(fit: Fit) -> tuple[str, Array]:
    with executing(replace(execution(), since=fit.since)), warnings.catch_warnings():
        # It stands under every table.
        warnings.filterwarnings("ignore", ".* from random weights", UserWarning)
        fitted = fit.training.fit(fit.metric, fit.seed, fit.held if fit.best else None)
    return fit.key, fitted.predict_prepared(fit.held.inputs)


def _mask(database: Database, pair: str) -> Mask | None:
    path = database.pairs[pair].mask
    return None if path is None else np.asarray(Image.open(path).luminance > 0)
