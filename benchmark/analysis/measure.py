"""All the numbers of one metric against the opinion scores of one database, with their intervals."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import ClassVar, Literal

import numpy as np

from benchmark.analysis.entries import Entry, Scores
from benchmark.analysis.opinions import Opinions
from benchmark.errors import BenchmarkError
from benchmark.scoring.splits import deal
from benchmark.statistics.agreement import predictions
from benchmark.statistics.bootstrap import interval
from benchmark.statistics.krasula import krasula
from benchmark.statistics.levels import Level, at_level
from benchmark.statistics.logistic import Parameters, fit_logistic
from benchmark.statistics.resampled import Statistic
from fusion_metrics import MetricSpec
from fusion_metrics.image import Array

#: Raised whenever the numbers of an analysis change, so that stored ones are made again.
VERSION = 1
#: With fewer votes an image, their spread says too little to call two images different.
VOTES_TO_TELL_APART = 5
LEVELS: tuple[Level, ...] = ("global", "pair", "algorithm")
CORRELATIONS: tuple[Statistic, ...] = ("plcc", "srcc", "krcc")


@dataclass(frozen=True)
class Options:
    """How metrics are held against opinion scores.

    Attributes
    ----------
    replicates : int
        Bootstrap samples behind an interval.
    permutations : int
        Least number of exchanges behind a test between two metrics; more where many metrics are compared.
    parameters : {4, 5}
        Parameters of the logistic that is fitted.
    folds : int
        Folds in which the scale of an unbounded metric is set on other source pairs than it is tested on.
    confidence : float
        Probability with which an interval holds the true value.
    alpha : float
        Level at which a difference between two metrics is significant.
    seed : int
        Seed of everything that is drawn at random.
    by : {"global", "pair", "algorithm"}
        The level by whose SRCC tables and figures are sorted; it changes no number.
    """

    replicates: int = 1000
    permutations: int = 9999
    parameters: Parameters = 4
    folds: int = 5
    confidence: float = 0.95
    alpha: float = 0.05
    seed: int = 0
    by: Level = "global"

    @property
    def numbers(self) -> tuple[object, ...]:
        """What of the options changes numbers: all but the last."""
        return astuple(self)[:-1]


@dataclass(frozen=True)
class Estimate:
    """One number; the fields are columns of ``estimates.csv``.

    Attributes
    ----------
    level : str
        ``global``, ``pair`` or ``algorithm``; see `benchmark.statistics.levels`.
    statistic : str
        ``plcc``, ``srcc``, ``krcc``, ``rmse``, the first and last also ``mapped_`` (after a fitted logistic), and of
        Krasula's analysis ``auc_different``, ``auc_better``, ``correct``.
    value, low, high : float or None
        With the ends of its interval, where it has one.
    n : int
        Images, source pairs, algorithms, or pairs of images.
    note : str
        Why there is no value, what was left out, and what speaks against leaning on the interval.
    """

    level: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    note: str


@dataclass(frozen=True)
class Curve:
    """The fitted logistic: its parameters in units of the oriented score, and whether it rises or falls."""

    parameters: tuple[float, ...]
    direction: str
    reason: str


@dataclass(frozen=True)
class Measured:
    """Everything about one metric; numbers are means over its repeats, the curve is that of the first."""

    estimates: tuple[Estimate, ...]
    curve: Curve
    NOTHING: ClassVar[Measured]

    def find(self, statistic: str, level: str = "global") -> Estimate:
        """Return one estimate; without a value if it was not made."""
        for estimate in self.estimates:
            if (estimate.level, estimate.statistic) == (level, statistic):
                return estimate
        return Estimate(level, statistic, None, None, None, 0, "")


Measured.NOTHING = Measured((), Curve((), "", ""))


def measure(entry: Entry, opinions: Opinions, options: Options) -> Measured:
    """Compute all numbers of an entry that has scores."""
    measured = [_measure(entry.spec, scores, opinions.part(scores.used), options) for scores in entry.repeats]
    estimates = (_mean(same) for same in zip(*(found.estimates for found in measured), strict=True))
    return Measured(tuple(estimates), measured[0].curve)


def digest(entry: Entry, opinions: Opinions, options: Options) -> str:
    """Hash all that `measure` depends on."""
    found = hashlib.sha256(
        f"{VERSION} {options.numbers} {entry.spec.predicts_opinions} {scale_of(entry.spec)}".encode()
    )
    for scores in entry.repeats:
        found.update(scores.used.tobytes() + scores.x.tobytes())
    found.update(opinions.q.tobytes() + opinions.whole_votes.tobytes())
    found.update("\0".join((*opinions.images, *opinions.pairs, *opinions.algorithms)).encode())
    if opinions.votes is None:
        found.update(b"no votes")
    return found.hexdigest()


def to_json(measured: Measured) -> str:
    """Write as text; numbers keep all their digits."""
    return json.dumps(asdict(measured))


def from_json(text: str) -> Measured:
    """Read what `to_json` wrote."""
    found = json.loads(text)
    curve = found["curve"]
    return Measured(
        tuple(Estimate(**estimate) for estimate in found["estimates"]),
        Curve(tuple(curve["parameters"]), curve["direction"], curve["reason"]),
    )


def on_scale(spec: MetricSpec, scores: Scores, opinions: Opinions, options: Options) -> Array:
    """Bring oriented scores to the scale of q, for a raw RMSE: what a user could do who knows other images.

    A metric that learns predicts q already; one with two bounds is stretched from those to 0..1; any other is
    stretched, in folds of source pairs, by its least and greatest score on the other folds.
    """
    ends = scale_of(spec)
    if spec.predicts_opinions:
        return scores.x
    if ends is not None:
        return (scores.x - ends[0]) / (ends[1] - ends[0])
    try:
        split = deal(opinions.images, opinions.pairs, "pair", folds=options.folds, seed=options.seed)
    except BenchmarkError:
        return predictions(scores.x)
    found = np.empty_like(scores.x)
    for fold in range(split.n_folds):
        held = split.folds == fold
        found[held] = predictions(scores.x[held], train=scores.x[~held])
    return found


def scale_of(spec: MetricSpec) -> tuple[float, float] | None:
    """Return the ends of the oriented score, if both are finite."""
    low, high = spec.bounds
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    ends = [spec.orient(low), spec.orient(high), *([spec.orient(spec.ideal)] if spec.ideal is not None else [])]
    return min(ends), max(ends)


def _measure(spec: MetricSpec, scores: Scores, opinions: Opinions, options: Options) -> Measured:
    fit = None
    reason = ""
    try:
        fit = fit_logistic(scores.x, opinions.q, options.parameters)
        reason = fit.reason
    except ValueError as error:
        reason = str(error)
    n = len(scores.x)
    estimates = list(_levels(spec, scores, opinions, options))
    estimates += [
        Estimate("global", f"mapped_{name}", value, None, None, n, reason)
        for name, value in (("plcc", fit.plcc if fit else None), ("rmse", fit.rmse if fit else None))
    ]
    estimates += _krasula(scores.x, opinions, options)
    curve = Curve(fit.parameters, fit.direction or "", reason) if fit else Curve((), "", reason)
    return Measured(tuple(estimates), curve)


def _levels(spec: MetricSpec, scores: Scores, opinions: Opinions, options: Options) -> Iterator[Estimate]:
    for level in LEVELS:
        for statistic in CORRELATIONS:
            yield _estimate(scores.x, opinions, statistic, level, options)
    try:
        predicted = on_scale(spec, scores, opinions, options)
    except ValueError as error:
        yield Estimate("global", "rmse", None, None, None, len(scores.x), str(error))
    else:
        yield _estimate(predicted, opinions, "rmse", "global", options)


def _estimate(x: Array, opinions: Opinions, statistic: Statistic, level: Level, options: Options) -> Estimate:
    try:
        found = interval(
            x,
            opinions.judged,
            statistic=statistic,
            level=level,
            confidence=options.confidence,
            replicates=options.replicates,
            seed=options.seed,
        )
    except ValueError as error:
        return _without_interval(x, opinions, statistic, level, str(error))
    note = _joined(found.note, found.warning)
    return Estimate(level, statistic, found.value, found.low, found.high, found.n, note)


def _without_interval(x: Array, opinions: Opinions, statistic: Statistic, level: Level, why: str) -> Estimate:
    """Make an estimate of which an interval cannot be had, and perhaps no value either."""
    try:
        here = at_level(x, opinions.judged, statistic=statistic, level=level)
    except ValueError as error:
        return Estimate(level, statistic, None, None, None, len(x), str(error))
    return Estimate(level, statistic, here.value, None, None, here.n, _joined(here.note, why))


def _krasula(x: Array, opinions: Opinions, options: Options) -> list[Estimate]:
    names: tuple[Literal["auc_different", "auc_better", "correct"], ...] = ("auc_different", "auc_better", "correct")
    votes = opinions.whole_votes
    if votes.shape[1] < VOTES_TO_TELL_APART:
        why = f"{opinions.whole}: too few to say which images differ"
        return [Estimate("global", name, None, None, None, 0, why) for name in names]
    deviations, raters = votes.std(axis=1, ddof=1), np.full(len(votes), votes.shape[1])
    found = krasula(x, votes.mean(axis=1), deviations, raters, alpha=options.alpha)
    counts = (found.n_different + found.n_similar, found.n_different, found.n_different)
    return [
        Estimate("global", name, getattr(found, name), None, None, n, "") for name, n in zip(names, counts, strict=True)
    ]


def _mean(same: Sequence[Estimate]) -> Estimate:
    """Average one number over repeats; one repeat without it leaves none."""
    if len(same) == 1:
        return same[0]
    numbers = []
    for field in ("value", "low", "high"):
        known = [value for estimate in same if (value := getattr(estimate, field)) is not None]
        numbers.append(float(np.mean(known)) if len(known) == len(same) else None)
    first, notes = same[0], dict.fromkeys(estimate.note for estimate in same)
    value, low, high = numbers
    return Estimate(first.level, first.statistic, value, low, high, first.n, _joined(*notes))


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
