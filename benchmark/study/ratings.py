"""What counts of the votes: the last answer at each place, in tables of images and raters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.study.model import Study
from benchmark.study.votes import Vote
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Ratings:
    """The votes of a study of ratings.

    Attributes
    ----------
    raters : tuple of str
        Those who rated anything that counts.
    table : ndarray, shape (items, raters)
        NaN where somebody did not vote. What was said of an image the second time is not in it.
    again : mapping of str to list of (float, float)
        First and second answers of each rater.
    """

    raters: tuple[str, ...]
    table: Array
    again: Mapping[str, list[tuple[float, float]]]

    @property
    def complete(self) -> Array:
        """The rows of images that all of these raters rated."""
        return self.table[np.isfinite(self.table).all(axis=1)]


def last_votes(votes: Sequence[Vote]) -> list[Vote]:
    """Return the last attempt at each place, in the order in which places were first answered; no training."""
    last: dict[tuple[str, int], Vote] = {}
    for vote in votes:
        if vote.slot.kind != "training":
            last[vote.rater, vote.position] = vote
    return list(last.values())


def ratings_of(study: Study, votes: Sequence[Vote], raters: Sequence[str]) -> Ratings:
    """Arrange the votes of some raters."""
    given = [vote for vote in last_votes(votes) if vote.rater in raters]
    who = tuple(name for name in raters if any(vote.rater == name and vote.slot.kind == "item" for vote in given))
    table = np.full((len(study.items), len(who)), np.nan)
    for vote in given:
        if vote.slot.kind == "item":
            table[vote.slot.item, who.index(vote.rater)] = vote.value
    again: dict[str, list[tuple[float, float]]] = {name: [] for name in who}
    for vote in given:
        if vote.slot.kind == "repeat" and vote.rater in again:
            first = float(table[vote.slot.item, who.index(vote.rater)])
            if np.isfinite(first):
                again[vote.rater].append((first, vote.value))
    return Ratings(who, table, again)
