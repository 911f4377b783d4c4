"""What a study of pairs found: strengths of images within their scene, and how each rater compares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.errors import BenchmarkError
from benchmark.statistics.arrays import Index
from benchmark.statistics.preference import PRIOR, Comparisons, Strengths, fit_strengths
from benchmark.study.model import Study
from benchmark.study.ratings import last_votes
from benchmark.study.votes import Vote
from benchmark.tables import Cell, Head, Table, count, number
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Preferences:
    """What the comparisons say.

    Attributes
    ----------
    strengths : Strengths
        Of all items; only differences within a scene mean something.
    share, low, high : ndarray, shape (items,)
        The share of comparisons with the others of its scene that an image would win, with interval; NaN where an
        image was never compared.
    compared : ndarray of int
        How often each image was.
    votes : list of Vote
        The comparisons that count.
    repeats : list of Vote
    """

    strengths: Strengths
    share: Array
    low: Array
    high: Array
    compared: Index
    votes: list[Vote]
    repeats: list[Vote]


def preferences_of(study: Study, votes: Sequence[Vote], raters: Sequence[str]) -> Preferences:
    """Fit strengths to the comparisons of some raters.

    Raises
    ------
    BenchmarkError
        Nobody compared anything.
    """
    given = [vote for vote in last_votes(votes) if vote.rater in raters]
    first = [vote for vote in given if vote.slot.kind == "item"]
    if not first:
        raise BenchmarkError("nobody has compared anything yet")
    n = len(study.items)
    rows = [(vote.slot.item, vote.slot.other or 0, vote.value) for vote in first]
    fitted = fit_strengths(n, Comparisons.of(rows))
    compared = np.bincount([item for left, right, _ in rows for item in (left, right)], minlength=n)
    share, low, high = np.full((3, n), np.nan)
    for members in study.scene_items().values():
        met = [item for item in members if compared[item]]
        if len(met) > 1:
            share[met], low[met], high[met] = fitted.share(met)
    repeats = [vote for vote in given if vote.slot.kind == "repeat"]
    return Preferences(fitted, share, low, high, compared, first, repeats)


def comparing_table(study: Study, found: Preferences) -> Table:
    """Return a line a rater."""
    head = (
        Head("rater", numeric=False),
        Head("comparisons"),
        Head("ties", "share of comparisons without a preference"),
        Head("left", "share of the others in which the left image won"),
        Head("with the panel", "share of preferences for the image that is stronger in the fitted model"),
        Head("repeats"),
        Head("same", "share of repeated comparisons, sides exchanged, with the same answer"),
    )
    first: dict[tuple[str, frozenset[int]], Vote] = {}
    by_rater: dict[str, list[Vote]] = defaultdict(list)
    for vote in found.votes:
        by_rater[vote.rater].append(vote)
        first.setdefault((vote.rater, _both(vote)), vote)
    rows = []
    for name, mine in by_rater.items():
        sure = [vote for vote in mine if vote.value != 0.5]
        theta = found.strengths.theta
        agreed = [(theta[vote.slot.item] > theta[vote.slot.other or 0]) == (vote.value == 1.0) for vote in sure]
        again = [
            vote.value == 1.0 - before.value if before.slot.item != vote.slot.item else vote.value == before.value
            for vote in found.repeats
            if vote.rater == name and (before := first.get((name, _both(vote)))) is not None
        ]
        rows.append(
            (
                Cell(name),
                count(len(mine)),
                number(1.0 - len(sure) / len(mine), digits=2),
                number(float(np.mean([vote.value for vote in sure])) if sure else None, digits=2),
                number(float(np.mean(agreed)) if agreed else None, digits=2),
                count(len(again)),
                number(float(np.mean(again)) if again else None, digits=2),
            )
        )
    notes = (
        f"scores: the share of comparisons within its scene that an image would win, by Bradley and Terry's model with "
        f"Davidson's ties (nu = {found.strengths.tie:.2f}), normal prior of precision {PRIOR:g}; scenes cannot be "
        "compared with each other",
        "the share with the panel includes the rater's own comparisons, so that small panels flatter",
    )
    return Table(f"{study.title}: {study.scores} raters", head, tuple(rows), notes)


def _both(vote: Vote) -> frozenset[int]:
    return frozenset((vote.slot.item, vote.slot.other or 0))
