"""Which pictures are far from what a trained metric was trained on: what a table says of its scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmark.scoring.rows import ScoreRow
from fusion_metrics import MetricSpec
from fusion_metrics.trained.model import FAR


def far_notes(rows: Iterable[ScoreRow], specs: Sequence[MetricSpec]) -> list[str]:
    """Say of each trained metric how many pictures are far from its training.

    Parameters
    ----------
    rows : iterable of ScoreRow
        Their column ``reason`` tells it, beside the value or in its place.
    specs : sequence of MetricSpec
        The metrics of the table.
    """
    trained = {spec.id for spec in specs if spec.fitted}
    counts = {name: [0, 0, 0] for name in trained}
    for row in rows if trained else ():
        if (name := row.identity.id) in trained:
            counts[name][0] += FAR in row.reason
            counts[name][1] += row.value is not None or FAR in row.reason
            counts[name][2] += row.value is not None and FAR in row.reason
    return [
        f"{name}: {far} of {count} images are far from what it was trained on"
        + (", and their scores may say little" if scored else "")
        for spec in specs
        if (name := spec.id) in counts
        for far, count, scored in [counts[name]]
        if far
    ]
