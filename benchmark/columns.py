"""From rows of scores to columns that statistics can take: oriented, complete, in the order of the opinion scores."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmark.csv_files import parse_number, read_csv
from benchmark.databases import Database
from benchmark.databases.folder import VOTE_COLUMNS
from benchmark.errors import BenchmarkError
from benchmark.scores import ScoreRow
from fusion_metrics import FusionMetricsError, Metric, MetricSpec
from fusion_metrics.image import Array
from fusion_metrics.spec import DEFAULT_VARIANT

#: Status of an image on which a metric was fitted: it takes no part in that metric's agreement.
TRAINING = "training"
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Opinions:
    """The opinion scores of a database, image by image.

    Attributes
    ----------
    images, pairs, algorithms : tuple of str, length n
        Of the fused images that have a score.
    q : ndarray, shape (n,)
        (MOS - min) / (max - min).
    votes : ndarray, shape (n, raters), or None
        Raw votes in the units of the database, NaN where a rater did not vote; None where there are none.
    raters : tuple of str
    """

    images: tuple[str, ...]
    pairs: tuple[str, ...]
    algorithms: tuple[str, ...]
    q: Array
    votes: Array | None
    raters: tuple[str, ...]

    @classmethod
    def of(cls, database: Database) -> Opinions:
        """Collect the opinion scores of a database."""
        scored = [image for image in database.fused if image.mos is not None]
        images = tuple(image.image for image in scored)
        q = np.array([database.q(image.mos) for image in scored if image.mos is not None])
        votes, raters = _votes(database, images)
        return cls(images, tuple(i.pair for i in scored), tuple(i.algorithm for i in scored), q, votes, raters)

    @cached_property
    def whole_votes(self) -> Array:
        """Votes of the raters who scored every image, shape (n, raters)."""
        if self.votes is None:
            return np.empty((len(self.images), 0))
        whole: Array = self.votes[:, np.isfinite(self.votes).all(axis=0)]
        return whole

    def part(self, used: Index) -> Opinions:
        """Keep the opinion scores of some of the images."""
        names = ([values[i] for i in used] for values in (self.images, self.pairs, self.algorithms))
        images, pairs, algorithms = map(tuple, names)
        votes = None if self.votes is None else self.votes[used]
        return Opinions(images, pairs, algorithms, self.q[used], votes, self.raters)


class Scores(NamedTuple):
    """Oriented scores `x` (more is better) of the images at the places `used` among the opinion scores."""

    used: Index
    x: Array


@dataclass(frozen=True)
class Column:
    """The scores of one metric, as one line of a table.

    Attributes
    ----------
    spec : MetricSpec
    variant : str
        Of a metric that learns with its protocol, such as ``paper@pair``.
    repeats : tuple of Scores
        One, or several where a metric that learns was fitted under several deals. Images that it was fitted to, and
        that no other fold holds out, are not in `used`.
    reason : str
        Why there are no scores; then `repeats` is empty.
    """

    spec: MetricSpec
    variant: str
    repeats: tuple[Scores, ...]
    reason: str = ""

    @property
    def label(self) -> str:
        """Name of the line: ``qabf``, ``te:nava``, ``bmpri@pair``."""
        return label(self.spec.name, self.variant)

    @property
    def notes(self) -> str:
        """What a metric with a network wants said about its numbers."""
        try:
            return Metric(self.spec).notes
        except FusionMetricsError as error:
            return f"{self.spec.id}: {error}"

    @property
    def n(self) -> int:
        """Images that the metric is judged on."""
        return len(self.repeats[0].used) if self.repeats else 0


def columns_of(opinions: Opinions, rows: Iterable[ScoreRow], specs: Sequence[MetricSpec]) -> list[Column]:
    """Arrange rows of one database, in the order of `specs`; metrics that learn once per protocol."""
    by_variant: dict[tuple[str, str], dict[str, ScoreRow]] = {}
    for row in rows:
        by_variant.setdefault((row.metric, row.variant), {})[row.image] = row
    found = []
    for spec in specs:
        for variant, repeats in _variants(spec, by_variant).items():
            cells = [by_variant.get((spec.name, repeat), {}) for repeat in repeats]
            found.append(_column(spec, variant, opinions, cells))
    return found


def _variants(spec: MetricSpec, columns: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Name the columns of a metric: one, or for a metric that learns one per protocol, with its repeats."""
    if not spec.learns:
        return {spec.variant: [spec.variant]}
    found: dict[str, list[str]] = {}
    for metric, variant in columns:
        if metric == spec.name and variant.startswith(f"{spec.variant}@"):
            found.setdefault(variant.partition("#")[0], []).append(variant)
    return found


def _column(spec: MetricSpec, variant: str, opinions: Opinions, repeats: Sequence[dict[str, ScoreRow]]) -> Column:
    """Leave out the images a metric was fitted to; refuse a metric that lacks any other."""
    scores = []
    for cells in repeats:
        rows = [cells.get(image) for image in opinions.images]
        used = [i for i, row in enumerate(rows) if row is None or row.status != TRAINING]
        present = [(i, row.value) for i in used if (row := rows[i]) is not None and row.value is not None]
        if len(present) < len(used):
            have = {i for i, _ in present}
            lacking = next(rows[i] for i in used if i not in have)
            why = "not scored" if lacking is None else lacking.reason
            return Column(spec, variant, (), f"no score for {len(used) - len(present)} of {len(used)} images: {why}")
        x = np.array([spec.orient(value) for _, value in present])
        scores.append(Scores(np.array(used, dtype=np.intp), x))
    return Column(spec, variant, tuple(scores))


def _votes(database: Database, images: Sequence[str]) -> tuple[Array | None, tuple[str, ...]]:
    if database.votes is None:
        return None, ()
    given: dict[tuple[str, str], float] = {}
    for line, row in read_csv(database.votes, VOTE_COLUMNS):
        try:
            given[row["image"], row["rater"]] = parse_number(row["score"])
        except BenchmarkError as error:
            raise BenchmarkError(f"{line}: score {error}") from None
    raters = tuple(dict.fromkeys(rater for _, rater in given))
    votes = [[given.get((image, rater), math.nan) for rater in raters] for image in images]
    return np.array(votes).reshape(len(images), len(raters)), raters


def label(metric: str, variant: str) -> str:
    """Name a line of a table: the variant is left out where it is the published definition."""
    base, at, protocol = variant.partition("@")
    return metric + (f":{base}" if base != DEFAULT_VARIANT else "") + at + protocol
