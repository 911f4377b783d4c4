"""Numbers of a table beside the same numbers computed again: how far apart they are, and where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmark.numbers import counted, listed
from benchmark.tables import ABSENT, Cell, Table, heads

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["agrees", "differs", "not computed again"]
#: Places that a sentence names.
SHOWN = 3


@dataclass(frozen=True)
class Number:
    """One number of a table, and the same computed again.

    Attributes
    ----------
    place : str
        What it is about: a fused image, or a method.
    stated, found : float or None
        None where there is no value.
    scale : float
        Differences are relative to the greatest of both numbers and this.
    """

    place: str
    stated: float | None
    found: float | None
    scale: float = 0.0

    @property
    def relative(self) -> float:
        """How far apart the two are; infinite where only one of them is there, 0 where both are missing."""
        if self.stated is None or self.found is None:
            return 0.0 if self.stated is self.found else math.inf
        if self.stated == self.found:
            return 0.0
        if math.isinf(self.stated) or math.isinf(self.found):
            return math.inf
        return abs(self.found - self.stated) / max(abs(self.stated), abs(self.found), self.scale)


@dataclass(frozen=True)
class Again:
    """One metric of a table, computed again.

    Attributes
    ----------
    metric : str
    numbers : tuple of Number
        Empty where it was not computed again.
    tolerance : float
        The relative difference up to which two numbers agree.
    reason : str
        Why it was not computed again.
    """

    metric: str
    numbers: tuple[Number, ...] = ()
    tolerance: float = 0.0
    reason: str = ""

    @property
    def largest(self) -> float:
        """The greatest relative difference."""
        return max((number.relative for number in self.numbers), default=0.0)

    @property
    def verdict(self) -> Verdict:
        """Whether all its numbers came out again."""
        if self.reason:
            return "not computed again"
        return "agrees" if self.largest <= self.tolerance else "differs"

    @property
    def differing(self) -> tuple[Number, ...]:
        """The numbers that did not come out again, those that are furthest apart first."""
        found = [number for number in self.numbers if number.relative > self.tolerance]
        return tuple(sorted(found, key=lambda number: -number.relative))


def again_table(name: str, found: Sequence[Again]) -> Table:
    """Show one line a metric, and below it where numbers differ."""
    rows = tuple(
        (
            Cell(one.metric),
            Cell(str(len(one.numbers)) if not one.reason else ABSENT),
            Cell(_relative(one.largest) if not one.reason else ABSENT),
            Cell(one.verdict),
        )
        for one in found
    )
    notes = [
        "largest: the largest relative difference; a metric agrees where that is at most "
        f"{max((one.tolerance for one in found), default=0.0):g}",
        *(f"{one.metric}: {_where(one)}" for one in found if one.verdict == "differs"),
        *(f"{one.metric}: {one.reason}" for one in found if one.reason),
    ]
    head = heads("metric", "numbers", "largest", "verdict", numbers=("numbers", "largest"))
    return Table(f"{name}, computed again", head, rows, tuple(notes))


def sentence(found: Sequence[Again]) -> str:
    """Say of the whole table whether it came out again.

    >>> sentence([Again("en", (Number("a.png", 1.0, 1.0),)), Again("sd", reason="of another version")])
    '1 metric agrees (en), 1 metric was not computed again (sd)'
    """
    parts = []
    for verdict, one, several in (
        ("agrees", "agrees", "agree"),
        ("differs", "differs", "differ"),
        ("not computed again", "was not computed again", "were not computed again"),
    ):
        names = [each.metric for each in found if each.verdict == verdict]
        if len(names) == len(found) and len(names) > 1 and verdict == "agrees":
            return f"all {len(names)} metrics agree"
        if names:
            parts.append(f"{counted(len(names), 'metric')} {one if len(names) == 1 else several} ({listed(names, 5)})")
    return ", ".join(parts)


def again_frame(found: Sequence[Again]) -> pd.DataFrame:
    """One row a number: what the table states, what was found, and how far apart they are."""
    import pandas as pd

    lines = [
        (one.metric, number.place, number.stated, number.found, number.relative, one.verdict, one.reason)
        for one in found
        for number in one.numbers or (Number("", None, None),)
    ]
    names = ["metric", "place", "stated", "found", "relative", "verdict", "reason"]
    return pd.DataFrame(lines, columns=names).astype({"stated": "float64", "found": "float64"})


def _relative(value: float) -> str:
    return "0" if value == 0 else "∞" if math.isinf(value) else f"{value:.1e}"


def _where(one: Again) -> str:
    places = [f"{number.place} ({_shown(number.stated)}, now {_shown(number.found)})" for number in one.differing]
    return f"{counted(len(places), 'number')} of {len(one.numbers)} not as stated: {listed(places, SHOWN)}"


def _shown(value: float | None) -> str:
    return "no value" if value is None else f"{value:.7g}"
