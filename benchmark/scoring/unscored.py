"""Why there is no mean: pairs of which nothing could be scored, and images for which a metric has no value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmark.numbers import listed
from benchmark.scoring.rows import ScoreRow
from fusion_metrics import MetricSpec

#: Pairs that a sentence names before it only counts.
NAMED = 3


def without_unscored(rows: Sequence[ScoreRow]) -> tuple[list[ScoreRow], tuple[str, ...]]:
    """Leave out source pairs of one database of which every score is an error, and name them.

    A mean over the other pairs is fair to every algorithm. Nothing is left out where nothing would remain, and a score
    that a metric's definition does not have is no error.
    """
    kept = {row.pair for row in rows if row.status != "error"}
    left_out = tuple(dict.fromkeys(row.pair for row in rows if row.pair not in kept))
    if not kept or not left_out:
        return list(rows), ()
    return [row for row in rows if row.pair in kept], left_out


def unscored_note(left_out: Sequence[str]) -> list[str]:
    """Say which pairs were left out."""
    return [f"left out, because no image of it could be scored: {listed(left_out, NAMED)}"] if left_out else []


def undefined_notes(rows: Sequence[ScoreRow], specs: Sequence[MetricSpec]) -> list[str]:
    """Say of each metric without value for some images how many there are, and of the first of them why.

    Errors are said elsewhere, once each, and so is what a metric that learns was not fitted to.
    """
    undefined: dict[str, list[ScoreRow]] = {}
    for row in rows:
        if row.status == "undefined":
            undefined.setdefault(row.identity.id, []).append(row)
    counts = Counter(row.identity.id for row in rows) if undefined else Counter()
    notes = []
    for spec in specs:
        if (without := undefined.get(spec.id)) and not spec.learns:
            first = "; the first of them" if len({row.reason for row in without}) > 1 else ""
            reason = without[0].reason.removeprefix(f"{spec.id}: ")
            notes.append(f"{spec.id}: no value for {len(without)} of {counts[spec.id]} images{first}: {reason}")
    return notes
