"""From rows of scores to entries that statistics can take: oriented, complete, in the order of the opinion scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmark.analysis.opinions import Opinions
from benchmark.scoring.frames import scores_frame
from benchmark.scoring.identity import Identity, qualified
from benchmark.scoring.rows import TRAINING, ScoreRow
from benchmark.statistics.arrays import Index
from fusion_metrics import FusionMetricsError, Metric, MetricSpec
from fusion_metrics.image import Array
from fusion_metrics.signature import common_signature


class Scores(NamedTuple):
    """Scores of the images at the places `used` among the opinion scores.

    Attributes
    ----------
    used : ndarray of int
    x : ndarray
        Oriented: more is better.
    own : ndarray
        As the metric gives them.
    """

    used: Index
    x: Array
    own: Array


@dataclass(frozen=True)
class Entry:
    """The scores of one metric, as one line of a table.

    Attributes
    ----------
    spec : MetricSpec
    identity : Identity
        Of the first repeat.
    repeats : tuple of Scores
        One, or several where a metric that learns was fitted under several deals. Images that it was fitted to, and
        that no other fold holds out, are not in `used`.
    reason : str
        Why there are no scores; then `repeats` is empty.
    signature : str
        What was computed, see `fusion_metrics.signature`; empty for scores that are not signed.
    """

    spec: MetricSpec
    identity: Identity
    repeats: tuple[Scores, ...]
    reason: str = ""
    signature: str = ""

    @property
    def label(self) -> str:
        """Name of the line: ``qabf``, ``te:nava``, ``bmpri@pair``."""
        return self.identity.label

    @property
    def qualifier(self) -> str:
        """In what the network departs from the published one, such as ``quick``; empty where it does not."""
        try:
            return Metric(self.spec).qualifier
        except FusionMetricsError:
            return ""

    @property
    def printed_label(self) -> str:
        """What tables print: the name, what the network is not, and the direction in which the metric is better."""
        return f"{qualified(self.label, self.qualifier)} {self.spec.arrow}"

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
    images = list(opinions.images)
    scores = scores_frame(rows).drop_duplicates(["metric", "variant", "image"], keep="last").set_index("image")
    cells = {
        Identity.parse(str(metric), str(variant)): part.reindex(images)
        for (metric, variant), part in scores.groupby(["metric", "variant"], sort=False)
    }
    unscored = scores.iloc[:0].reindex(images)
    return [
        _entry(spec, identity, [cells.get(repeat, unscored) for repeat in repeats])
        for spec in specs
        for identity, repeats in _repeats(spec, cells).items()
    ]


def _repeats(spec: MetricSpec, scored: Mapping[Identity, object]) -> dict[Identity, list[Identity]]:
    """Name the entries of a metric: one, or for a metric that learns one per protocol, with its repeats."""
    definition = Identity(spec.name, spec.variant)
    if not spec.learns:
        return {definition: [definition]}
    found: dict[Identity, list[Identity]] = {}
    for identity in scored:
        if identity.protocol and identity.definition == definition:
            found.setdefault(identity.first, []).append(identity)
    return found


def _entry(spec: MetricSpec, identity: Identity, repeats: Sequence[pd.DataFrame]) -> Entry:
    """Leave out the images a metric was fitted to; refuse a metric that lacks any other."""
    signature = common_signature(text for cells in repeats for text in cells["signature"] if isinstance(text, str))
    scores = []
    for cells in repeats:
        used = np.flatnonzero(cells["status"] != TRAINING)
        own = cells["value"].to_numpy(np.float64)[used]
        if len(lacking := used[np.isnan(own)]):
            reason = cells["reason"].iloc[lacking[0]]
            why = reason if isinstance(reason, str) else "not scored"
            return Entry(
                spec,
                identity,
                (),
                signature=signature,
                reason=f"no score for {len(lacking)} of {len(used)} images: {why}",
            )
        scores.append(Scores(used, np.array([spec.orient(value) for value in own.tolist()]), own))
    return Entry(spec, identity, tuple(scores), signature=signature)
