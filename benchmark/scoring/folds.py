"""Metrics that learn, scored honestly: each prediction is for an image held out when the metric was fitted."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmark.parallel import run_tasks
from benchmark.scoring.identity import Identity
from benchmark.scoring.material import Material
from benchmark.scoring.splits import BEST, EXTERNAL, PROTOCOLS, Split, deal
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric
from fusion_metrics.digests import fit_digest
from fusion_metrics.execution import executing, execution
from fusion_metrics.image import Array
from fusion_metrics.learning import Mask

_LOG = logging.getLogger("fmbench.fitting")


@dataclass(frozen=True)
class Learning:
    """How metrics that learn are fitted and tested.

    Attributes
    ----------
    protocols : tuple of str
        See `benchmark.scoring.splits`.
    folds : int
        Parts into which images or pairs are dealt.
    repeats : int
        Deals of the images; repeat r uses the seed plus r.
    seed : int
        Seed of the first deal.
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

    def identity(self, metric: Metric) -> Identity:
        """Return under what the predictions of a metric are listed."""
        return Identity(metric.spec.name, metric.spec.variant, self.protocol, self.repeat)


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
        (protocol, repeat, deal(material.names, material.groups, protocol, folds=learning.folds, seed=seed))
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
        fitted = fit.metric.fit_prepared(fit.training, seed=fit.seed, judge=fit.held if fit.best else None)
    return fit.key, fitted.predict_prepared(fit.held.inputs)


@dataclass(frozen=True)
class FittedFold:
    """What one fold gave.

    Attributes
    ----------
    number : int
        From 0.
    metric : Metric
        Fitted to all images but those of the fold.
    held : ndarray of int
        The images of the fold, among those of the material.
    predicted : ndarray
        Their q.
    """

    number: int
    metric: Metric
    held: npt.NDArray[np.intp]
    predicted: Array


def fit_folds(metric: Metric, material: Material, protocol: str, *, folds: int, seed: int) -> Iterator[FittedFold]:
    """Fit to all but one fold, for every fold; the folds are those of `fmbench run` with the same seed."""
    split = deal(material.names, material.groups, protocol, folds=folds, seed=seed)
    for number in range(split.n_folds):
        chosen = split.folds == number
        held = material.part(chosen)
        judge = held if protocol.endswith(BEST) else None
        fitted = metric.fit_prepared(material.part(~chosen), seed=seed, judge=judge)
        yield FittedFold(number, fitted, np.flatnonzero(chosen), fitted.predict_prepared(held.inputs))
