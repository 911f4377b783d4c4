"""Source pairs of which nothing could be scored, for want of a source, say: they cost no mean of any algorithm."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.numbers import listed
from benchmark.scoring.rows import ScoreRow

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
