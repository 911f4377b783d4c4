"""From rows of scores to entries that statistics can take: oriented, complete, in the order of the opinion scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from benchmark.analysis.opinions import Index, Opinions
from benchmark.scoring.rows import TRAINING, ScoreRow, label, qualified
from fusion_metrics import FusionMetricsError, Metric, MetricSpec
from fusion_metrics.image import Array
from fusion_metrics.signature import common_signature


class Scores(NamedTuple):
    """Oriented scores `x` (more is better) of the images at the places `used` among the opinion scores."""

    used: Index
    x: Array


@dataclass(frozen=True)
class Entry:
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
    signature : str
        What was computed, see `fusion_metrics.signature`; empty for scores that are not signed.
    """

    spec: MetricSpec
    variant: str
    repeats: tuple[Scores, ...]
    reason: str = ""
    signature: str = ""

    @property
    def label(self) -> str:
        """Name of the line: ``qabf``, ``te:nava``, ``bmpri@pair``."""
        return label(self.spec.name, self.variant)

    @property
    def qualifier(self) -> str:
        """In what the network departs from the published one, such as ``quick``; empty where it does not."""
        try:
            return Metric(self.spec).qualifier
        except FusionMetricsError:
            return ""

    @property
    def label_printed(self) -> str:
        """Name of the line as tables print it: ``qabf``, ``ms_aan@pair (quick)``."""
        return qualified(self.label, self.qualifier)

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


def entries_of(opinions: Opinions, rows: Iterable[ScoreRow], specs: Sequence[MetricSpec]) -> list[Entry]:
    """Arrange rows of one database, in the order of `specs`; metrics that learn once per protocol."""
    by_variant: dict[tuple[str, str], dict[str, ScoreRow]] = {}
    for row in rows:
        by_variant.setdefault((row.metric, row.variant), {})[row.image] = row
    found = []
    for spec in specs:
        for variant, repeats in _variants(spec, by_variant).items():
            cells = [by_variant.get((spec.name, repeat), {}) for repeat in repeats]
            signature = common_signature(row.signature for of_repeat in cells for row in of_repeat.values())
            found.append(replace(_entry(spec, variant, opinions, cells), signature=signature))
    return found


def _variants(spec: MetricSpec, entries: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Name the entries of a metric: one, or for a metric that learns one per protocol, with its repeats."""
    if not spec.learns:
        return {spec.variant: [spec.variant]}
    found: dict[str, list[str]] = {}
    for metric, variant in entries:
        if metric == spec.name and variant.startswith(f"{spec.variant}@"):
            found.setdefault(variant.partition("#")[0], []).append(variant)
    return found


def _entry(spec: MetricSpec, variant: str, opinions: Opinions, repeats: Sequence[dict[str, ScoreRow]]) -> Entry:
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
            return Entry(spec, variant, (), f"no score for {len(used) - len(present)} of {len(used)} images: {why}")
        x = np.array([spec.orient(value) for _, value in present])
        scores.append(Scores(np.array(used, dtype=np.intp), x))
    return Entry(spec, variant, tuple(scores))


def own_scores(entries: Sequence[Entry], rows: Iterable[ScoreRow], opinions: Opinions) -> list[Array]:
    """Find the scores behind entries, before they were turned so that more is better.

    Returns
    -------
    list of ndarray
        For each entry the scores in the order of the first of its `repeats`; empty where it has none.
    """
    values: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        if row.value is not None:
            values.setdefault((row.metric, row.variant), {})[row.image] = row.value
    found = []
    for entry in entries:
        # The first repeat of a metric that learns has the name of the entry.
        of = values.get((entry.spec.name, entry.variant), {})
        used = map(int, entry.repeats[0].used) if entry.repeats else ()
        found.append(np.array([of[opinions.images[i]] for i in used]))
    return found
